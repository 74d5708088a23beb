# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest of a whole host."""

import re

from .bus import iterate_until
from .errors import Timeout
from .guest import READY_TIMEOUT, Guest

# What a guest's system says last of all, and only where it came down in order.
LAST_WORD = "console/poweroff"


class HostGuest(Guest):
    """A persistent guest, made by Host.guest(). libvirt's events are not heard, only its console, which is on this
    side of the host: so it tells the truth whatever becomes of the host's daemons. @lab is the host."""

    def __init__(self, host, name, kind="tiny", cmdline="", **options):
        super().__init__(host, name, kind, cmdline, persistent=True, **options)
        host.write(f"/var/lib/vslab/{name}.xml", self.xml)

    def start(self, wait=True):
        """Defines it where it isn't yet, starts it and, with @wait, waits until its system is up. Returns the guest."""
        self.expect()
        self.lab.run("virsh", "--quiet", "define", f"/var/lib/vslab/{self.name}.xml")
        self.lab.run("virsh", "--quiet", "start", self.name)
        if wait:
            self.wait_ready()
        return self

    def expect(self):
        """It is about to be started: what was heard before belongs to another run."""
        self._since = self.lab.events.position()
        self._console.expect()

    def wait_ready(self, timeout=READY_TIMEOUT):
        """Waits until its system is up, and its agent, if any, has opened its port."""
        self.wait("console/ready", timeout=timeout)
        if self._has_agent:
            iterate_until(self._agent_is_connected, timeout, f"the agent of {self.name}", every=0.2)

    def remove(self):
        if self._console.qemu:
            self._console.qemu.end()
        self._console.close()

    # What a test does to it

    def pause(self):
        self.lab.run("virsh", "--quiet", "suspend", self.name)

    # What a test looks at

    def state(self):
        """In virsh's words: "running", "paused", "shut off"."""
        return self.lab.run("virsh", "domstate", self.name).out.strip()

    @property
    def in_scope(self):
        """Whether it runs in a scope of systemd-machined, as on a real host."""
        with open(f"/proc/{self.qemu.pid}/cgroup", encoding="utf-8") as file:
            return any("/machine.slice/machine-qemu" in line for line in file)

    @property
    def came_down_clean(self):
        return LAST_WORD in self.heard

    def heard_at(self, text, count=1):
        """When (monotonic) it said that for the @count-th time, or None."""
        times = [event.time for event in self.history if event.text == text]
        return times[count - 1] if len(times) >= count else None

    def wait_gone(self, timeout=30):
        """Waits for the end of its QEMU process."""
        try:
            self.qemu.wait(timeout)
        except Timeout as error:
            raise Timeout(f"{self.name} still runs after {timeout} s, heard: {self.heard}") from error

    def _agent_is_connected(self):
        xml = self.lab.run("virsh", "dumpxml", self.name).out
        return re.search(r"name='org.qemu.guest_agent.0' state='connected'", xml) is not None
