# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happened to which guest, in the order in which it was heard.

Texts are in the words of the recorded traces: "shutdown/guest", "stopped/destroyed" and so on for
lifecycle events, "reboot", "watchdog/poweroff", "agent/connected", "qmp/SHUTDOWN" (its data beside
it), and "console/WORD" for what a guest says on its serial port. The console's come their own way:
their order among the others may be off by a moment."""

import json
import threading
import time
from typing import Any, NamedTuple

import libvirt
import libvirt_qemu

from .errors import Timeout

LIFECYCLE = ("defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown",
             "pmsuspended", "crashed")
KEEPALIVE_S, KEEPALIVE_COUNT = 5, 4


class Event(NamedTuple):
    time: float  # monotonic
    uuid: str
    text: str
    data: Any = None


class EventLog:
    """All that was heard, from any thread."""

    def __init__(self):
        self._events = []
        self._heard = threading.Condition()

    def add(self, uuid, text, data=None):
        with self._heard:
            self._events.append(Event(time.monotonic(), uuid, text, data))
            self._heard.notify_all()

    def position(self):
        """Where the log ends now, to be given as @since later."""
        with self._heard:
            return len(self._events)

    def of(self, uuid, since=0):
        with self._heard:
            return [event for event in self._events[since:] if event.uuid == uuid]

    def summary(self, guests, since=0):
        """A line for each guest of which something was heard."""
        for guest in guests:
            heard = [event.text for event in self.of(guest.uuid, since)]
            if heard:
                yield f"{guest.name}: {', '.join(heard)}"

    def wait(self, uuid, text, count=1, timeout=30, since=0):
        """Waits until @text was heard @count times of that guest; returns the last of these."""
        deadline = time.monotonic() + timeout
        with self._heard:
            while True:
                heard = [event for event in self._events[since:] if event.uuid == uuid]
                found = [event for event in heard if event.text == text]
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                if left <= 0 or not self._heard.wait(left):
                    texts = ", ".join(event.text for event in heard) or "nothing"
                    raise Timeout(f"no {text} (x{count}) within {timeout} s; heard: {texts}")


def _names(prefix):
    """{value: name} of libvirt's constants with that prefix."""
    return {getattr(libvirt, name): name[len(prefix):].lower().replace("_", "-")
            for name in dir(libvirt) if name.startswith(prefix)}


_TYPES = {getattr(libvirt, "VIR_DOMAIN_EVENT_" + name.upper()): name for name in LIFECYCLE}
_DETAILS = {name: _names(f"VIR_DOMAIN_EVENT_{name.upper()}_") for name in LIFECYCLE}
_WATCHDOG = _names("VIR_DOMAIN_EVENT_WATCHDOG_")
_AGENT = _names("VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_")
_loop = None


def run_loop():
    """libvirt's own event loop, on a thread; before the first connection is opened."""
    global _loop

    def serve():
        while True:
            libvirt.virEventRunDefaultImpl()

    if not _loop:
        libvirt.registerErrorHandler(lambda *_: None, None)  # errors come as exceptions
        libvirt.virEventRegisterDefaultImpl()
        _loop = threading.Thread(target=serve, name="libvirt-events", daemon=True)
        _loop.start()


def listen(connection, log):
    """Writes all events of @connection's guests to @log."""
    def lifecycle(conn, domain, kind, detail, opaque):
        name = _TYPES.get(kind, str(kind))
        log.add(domain.UUIDString(), f"{name}/{_DETAILS.get(name, {}).get(detail, detail)}")

    def reboot(conn, domain, opaque):
        log.add(domain.UUIDString(), "reboot")

    def watchdog(conn, domain, action, opaque):
        log.add(domain.UUIDString(), f"watchdog/{_WATCHDOG.get(action, action)}")

    def agent(conn, domain, state, reason, opaque):
        log.add(domain.UUIDString(), f"agent/{_AGENT.get(state, state)}")

    def qmp(conn, domain, event, seconds, micros, details, opaque):
        log.add(domain.UUIDString(), f"qmp/{event}", json.loads(details) if details else None)

    connection.setKeepAlive(KEEPALIVE_S, KEEPALIVE_COUNT)
    for event, callback in ((libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle),
                            (libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, reboot),
                            (libvirt.VIR_DOMAIN_EVENT_ID_WATCHDOG, watchdog),
                            (libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, agent)):
        connection.domainEventRegisterAny(None, event, callback, None)
    if connection.getType() == "QEMU":
        libvirt_qemu.qemuMonitorEventRegister(connection, None, None, qmp, None)
