# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab of whole hosts."""

import shutil

from . import hostkind, world
from .errors import Unavailable, Unsupported
from .events import EventLog
from .host import Host

PROGRAMS = ("systemd-nspawn", "nsenter", "systemctl", "journalctl", "libvirtd", "make")
CONSOLE_LINES, JOURNAL_LINES = 30, 60
RELEASE = "12"


class HostLab:
    """A context manager for hosts, in the place of a Lab. Made first thing in a program, see world.enter()."""

    def __init__(self, limit=None):
        # Of another one tests/compat/hosts makes them, or who asks for them.
        if not hostkind.NAMED and hostkind.release() != RELEASE:
            raise Unsupported(f"whole hosts are made of Debian {RELEASE}, this is {hostkind.release()}")
        for program in PROGRAMS:
            if not shutil.which(program):
                raise Unavailable(f"needs {program}")
        self.directory = world.enter(limit)
        self.events = EventLog()
        self.hosts = []
        self._made = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.reset()

    def host(self, *args, **options):
        """A Host, off. Its name is unlike that of any other on this machine."""
        self._made += 1
        name = f"{self.directory.rpartition('-')[2].replace('_', '')}-{self._made}"
        host = Host(self, name, *args, **options)
        self.hosts.append(host)
        return host

    # What tap.main() wants of a lab

    def position(self):
        return len(self.hosts)

    def reset(self, position=0):
        """Removes the hosts that came after @position."""
        while len(self.hosts) > position:
            self.hosts.pop().close()

    def diagnosis(self, since):
        for host in self.hosts:
            yield f"{host.name}'s console:"
            yield from host.console.splitlines()[-CONSOLE_LINES:]
            yield f"{host.name}'s journal:"
            yield host.journal("-n", str(JOURNAL_LINES), "-u", "virtstop*", "-u", "libvirt*", "-u", "virt*d.service")
            yield from self.events.summary(host.guests, since)
