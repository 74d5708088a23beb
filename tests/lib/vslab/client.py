# SPDX-License-Identifier: LGPL-2.1-or-later
"""A D-Bus client of virtstopd by GDBus, another implementation than virtstopd's own."""

import json
from typing import Any, NamedTuple

from gi.repository import Gio, GLib

from .bus import iterate_until, main_context
from .daemon import BUS_NAME

ROOT = "/org/virtstop1"
NOTHING = "/"  # the path of no object
MANAGER, DOMAIN, STOP, HOST_STOP = (f"{BUS_NAME}.{name}" for name in
                                    ("Manager", "Domain", "Stop", "HostStop"))
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"

DENIED = "org.freedesktop.DBus.Error.AccessDenied"
INVALID = "org.freedesktop.DBus.Error.InvalidArgs"
IO_ERROR = "org.freedesktop.DBus.Error.IOError"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
NO_DOMAIN, AMBIGUOUS, NO_STOP = (f"{BUS_NAME}.Error.{name}" for name in
                                 ("NoSuchDomain", "AmbiguousDomain", "NoStopInFlight"))
TIMEOUT = 60


class Signal(NamedTuple):
    path: str
    interface: str
    name: str
    args: Any


class CallError(Exception):
    """A method's error: its @name and @message."""

    def __init__(self, error):
        super().__init__(error.message)
        self.name = Gio.DBusError.get_remote_error(error)
        Gio.DBusError.strip_remote_error(error)
        self.message = error.message


def variant(value):
    """A text as s, a number as t, and what is a variant already as it is."""
    if isinstance(value, GLib.Variant):
        return value
    return GLib.Variant("t" if isinstance(value, int) else "s", value)


def options(values):
    """An a{sv}."""
    return {key: variant(value) for key, value in values.items()}


def stop_id(path):
    """The id of the stop at that object path."""
    return path.rpartition("/")[2].replace("_", "-")


def check_fails(name, words, function, *args, **kwargs):
    """The call fails with that error, whose message has all of @words."""
    try:
        result = function(*args, **kwargs)
    except CallError as error:
        assert error.name == name, f"{args} {kwargs}: {error.name}: {error.message}"
        missing = [word for word in words if word not in error.message]
        assert not missing, f"{args} {kwargs}: no {missing} in: {error.message}"
    else:
        raise AssertionError(f"{args} {kwargs} gave {result}, not {name}")


class Client:
    """A connection to @bus of its own, and all @signals that it heard of virtstopd, in order."""

    def __init__(self, bus):
        self.connection = bus.connect()
        self.signals = []
        self.connection.signal_subscribe(None, None, None, None, None, Gio.DBusSignalFlags.NONE,
                                         self._hear)
        bus.reach(self.connection)  # what is told from now on is heard

    def _hear(self, connection, sender, path, interface, name, args):
        if path.startswith(ROOT):
            self.signals.append(Signal(path, interface, name, args.unpack()))

    # Methods

    def call(self, method, signature=None, *args, path=ROOT, interface=MANAGER):
        """Returns the reply's only value, all of them if there are more, or None."""
        parameters = GLib.Variant(signature, args) if signature else None
        try:
            reply = self.connection.call_sync(
                BUS_NAME, path, interface, method, parameters, None,
                Gio.DBusCallFlags.NO_AUTO_START, TIMEOUT * 1000, None).unpack()
        except GLib.Error as error:
            if not Gio.DBusError.is_remote_error(error):
                raise
            raise CallError(error) from None
        return reply[0] if len(reply) == 1 else reply or None

    def stop(self, domain, **values):
        """Asks for a stop; returns its path."""
        return self.call("Stop", "(sa{sv})", domain, options(values))

    def domain(self, name, **values):
        """A domain's path."""
        return self.call("GetDomain", "(sa{sv})", name, options(values))

    def steer(self, method, domain, **values):
        """Cancel or Escalate."""
        return self.call(method, "(sa{sv})", domain, options(values))

    def extend(self, domain, usec):
        return self.call("Extend", "(sta{sv})", domain, usec, {})

    def history(self, domain="", limit=0):
        return self.call("GetHistory", "(su)", domain, limit)

    def list_records(self, **values):
        """A page of records, and its mark."""
        return self.call("ListRecords", "(a{sv})", options(values))

    def get(self, path, interface, name):
        """A property."""
        return self.call("Get", "(ss)", interface, name, path=path, interface=PROPERTIES)

    def introspect(self, path):
        return self.call("Introspect", path=path, interface="org.freedesktop.DBus.Introspectable")

    def objects(self):
        """{path: {interface: {property: value}}}, the standard interfaces left out."""
        managed = self.call("GetManagedObjects", interface=OBJECTS)
        return {path: {name: values for name, values in interfaces.items()
                       if name.startswith(BUS_NAME)}
                for path, interfaces in managed.items()}

    # Signals

    def catch_up(self):
        """Takes in all that virtstopd has told before now."""
        self.call("Ping", interface="org.freedesktop.DBus.Peer")
        while main_context().pending():
            main_context().iteration(False)

    def heard(self, name, *first):
        """The signals of that name whose arguments begin with @first."""
        return [signal for signal in self.signals
                if signal.name == name and signal.args[:len(first)] == first]

    def wait(self, name, *first, timeout=TIMEOUT):
        """Waits for the first such signal, and returns it."""
        iterate_until(lambda: self.heard(name, *first), timeout, f"the signal {name}{first}")
        return self.heard(name, *first)[0]

    def wait_domain(self, name, timeout=TIMEOUT):
        """Waits until a domain of that name came; returns its path."""
        def path():
            for signal in self.heard("InterfacesAdded"):
                if signal.args[1].get(DOMAIN, {}).get("Name") == name:
                    return signal.args[0]
            return None

        iterate_until(path, timeout, f"the object of {name}")
        return path()

    def records(self, domain=None):
        """The records that were told of; @domain: a name, for these alone."""
        records = [json.loads(signal.args[0]) for signal in self.heard("StopRecorded")]
        return [record for record in records if domain in (None, record["domain"]["name"])]

    def wait_record(self, domain, timeout=TIMEOUT):
        """Waits for the first record of a domain of that name, and returns it."""
        iterate_until(lambda: self.records(domain), timeout, f"the record of {domain}")
        return self.records(domain)[0]

    def values(self, path, name):
        """The values of a property that PropertiesChanged told of, each once in a row."""
        values = []
        for signal in self.heard("PropertiesChanged"):
            if signal.path == path and name in signal.args[1]:
                value = signal.args[1][name]
                if values[-1:] != [value]:
                    values.append(value)
        return values

    def wait_value(self, path, name, value, timeout=TIMEOUT):
        """Waits until PropertiesChanged said that the property has that value now."""
        iterate_until(lambda: self.values(path, name)[-1:] == [value], timeout,
                      f"{name}={value!r} of {path}")
