# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's own system bus, and buses of users' sessions."""

import os
import subprocess
import time

from gi.repository import Gio, GLib

from .errors import Timeout
from .images import SOURCE_ROOT
from .process import Process

START_TIMEOUT = 20

# Who may own our name, as it is shipped.
POLICY = os.path.join(SOURCE_ROOT, "data", "org.virtstop1.conf")

# As the machine's: nobody owns a name and nobody is called, but where a policy allows it. Root may
# stand in for logind and the like.
CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.virtstop1"/>
  </policy>
  <policy user="root">
    <allow own="*"/>
    <allow send_type="method_call"/>
  </policy>
  <include ignore_missing="yes">/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf</include>
  <include>{policy}</include>
</busconfig>
"""

# As a session's: for its user, who may do everything there, and for the lab's own client.
SESSION_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="root"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Bus:
    """@user: a pwd entry, for that user's session; else it is a system bus."""

    def __init__(self, directory, user=None):
        self._user = user
        self._config = os.path.join(directory, "bus.conf")
        self.log_path = os.path.join(directory, "bus.log")
        self.address = "unix:path=" + os.path.join(directory, "bus")
        self._process = None
        self.process = None  # a Process, also when it has ended
        self.connection = None
        with open(self._config, "w", encoding="utf-8") as file:
            file.write((SESSION_CONFIG if user else CONFIG).format(socket=os.path.join(directory, "bus"), policy=POLICY))

    def start(self):
        read, write = os.pipe()
        with open(read, "rb") as ready, open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                ["dbus-daemon", "--config-file", self._config, "--nofork", "--nopidfile",
                 "--nosyslog", f"--print-address={write}"],
                pass_fds=[write], stdin=subprocess.DEVNULL, stderr=log, start_new_session=True,
                **as_user(self._user))
            self.process = Process(self._process.pid)
            os.close(write)
            if not ready.readline():  # it says its address when it listens, and ends when it can't
                raise RuntimeError(f"dbus-daemon ended with {self._process.wait(START_TIMEOUT)}")
        self.connection = self.connect()

    def read_users(self):
        """Has it look once more who the users of its configuration are."""
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig")

    def connect(self):
        """A client of its own on this bus."""
        main_context()  # what it hears is told there
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        return Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)

    @staticmethod
    def reach(connection):
        """Waits until the bus has what that client sent it before, a subscription say."""
        connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "GetId", None, None,
                             Gio.DBusCallFlags.NONE, -1, None)

    def stop(self):
        """Ends it. It can be started again, at the same address."""
        if self.connection:
            self.connection.set_exit_on_close(False)
            if not self.connection.is_closed():
                self.connection.close_sync(None)
            self.connection = None
        if self._process:
            Process(self._process.pid).end()
            self._process.wait()
            self._process = None

    def kill(self):
        """Ends it with SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._process = None
        self.stop()

    @staticmethod
    def variant(signature, value):
        return GLib.Variant(signature, value)

    def call(self, destination, path, interface, method, parameters=None, timeout=30):
        """A method call by the lab's own client; returns the reply, unpacked."""
        reply = self.connection.call_sync(
            destination, path, interface, method, parameters, None,
            Gio.DBusCallFlags.NO_AUTO_START, int(timeout * 1000), None)
        return reply.unpack()

    def wait_owned(self, name, timeout, unless_ends=None):
        """Waits until somebody owns @name, or the process @unless_ends has ended. Returns whether
        it is owned."""
        owner, process = [], unless_ends and Process(unless_ends)
        watch = Gio.bus_watch_name_on_connection(
            self.connection, name, Gio.BusNameWatcherFlags.NONE,
            lambda _connection, _name, who, *_: owner.append(who), None)
        try:
            iterate_until(lambda: owner or (process and not process.running), timeout,
                          f"the bus name {name}", every=process and 0.1)
        finally:
            Gio.bus_unwatch_name(watch)
        return bool(owner)


def as_user(user):
    """The arguments that have subprocess run a program as that user (a pwd entry; None: as we are)."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"} if user else {}


def main_context():
    """This thread's. It isn't the default one: libvirt's event loop takes that for its own, on
    another thread."""
    context = GLib.MainContext.get_thread_default()
    if not context:
        context = GLib.MainContext.new()
        context.push_thread_default()
    return context


def iterate_until(done, timeout, what, every=None):
    """Runs the main context until @done() or the time is up. @every: seconds after which to look
    again where nothing tells of the change."""
    context = main_context()
    deadline = time.monotonic() + timeout
    timer = GLib.timeout_source_new(int((every or timeout) * 1000) + 1)
    timer.set_callback(lambda *_: GLib.SOURCE_CONTINUE)
    timer.attach(context)
    try:
        while not done():
            if time.monotonic() >= deadline:
                raise Timeout(f"waited {timeout} s in vain for {what}")
            context.iteration(True)
    finally:
        timer.destroy()
