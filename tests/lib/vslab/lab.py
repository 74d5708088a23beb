# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab: a bus, a libvirtd, guests and daemons in a world of their own."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import libvirt

from . import world
from .bus import Bus
from .daemon import Daemon
from .errors import Unavailable
from .events import EventLog
from .guest import Guest
from .journal import Journal
from .libvirtd import Libvirtd

DIAGNOSTIC_LINES = 40
STARTS_AT_ONCE = 4  # of the five calls that libvirtd serves for one client at a time


class Lab:
    """A context manager. Made first thing in a program: the program goes on in a child process (see
    world.enter). @limit: seconds after which the program is told to end."""

    why_none = Unavailable("this lab has no containers")  # of which a MixedLab has some

    RUNNING = libvirt.VIR_DOMAIN_RUNNING
    PAUSED = libvirt.VIR_DOMAIN_PAUSED
    SHUTOFF = libvirt.VIR_DOMAIN_SHUTOFF
    CRASHED = libvirt.VIR_DOMAIN_CRASHED

    def __init__(self, limit=None):
        self.directory = world.enter(limit)
        self.events = EventLog()
        self.journal = Journal()
        self.bus = Bus(self.directory)
        self.libvirtd = Libvirtd(self.directory, self.bus.address, self.events)
        self.guests = []
        self.daemons = []
        self._images = {}
        self._directories = 0

    def __enter__(self):
        try:
            self.bus.start()
            self.libvirtd.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Guests are left to the world's parent: it is quicker than libvirt."""
        for daemon in self.daemons:
            daemon.stop()
        self.libvirtd.close()
        self.bus.stop()

    @property
    def connection(self):
        """The lab's own connection to libvirtd; None while the lab has stopped it."""
        return self.libvirtd.connection

    @property
    def environ(self):
        """For a program that shall live in the lab."""
        return dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address, LC_ALL="C.UTF-8")

    def guest(self, name, kind="tiny", cmdline="", **options):
        """A Guest, not started."""
        guest = Guest(self, name, kind, cmdline, **options)
        self.guests.append(guest)
        return guest

    def start(self, *guests):
        """Starts guests, some side by side, and returns when all are up."""
        with ThreadPoolExecutor(STARTS_AT_ONCE) as pool:
            list(pool.map(Guest.start, guests))

    def daemon(self, *args, **options):
        """A Daemon, not started."""
        daemon = Daemon(self, *args, **options)
        self.daemons.append(daemon)
        return daemon

    def position(self):
        return len(self.guests), len(self.daemons)

    def reset(self, position=(0, 0)):
        """Ends the daemons and removes the guests that came after @position."""
        for daemon in self.daemons[position[1]:]:
            daemon.stop()
        del self.daemons[position[1]:]
        if not self.libvirtd.running:
            self.libvirtd.start()
        for guest in self.guests[position[0]:]:
            guest.remove()
        del self.guests[position[0]:]

    def new_directory(self, name):
        self._directories += 1
        path = os.path.join(self.directory, f"{name}-{self._directories}")
        os.mkdir(path)
        return path

    def for_everybody(self, program):
        """A copy of @program that every user can run: the build tree may be closed to them."""
        copy = os.path.join(self.directory, os.path.basename(program))
        if not os.path.exists(copy):
            shutil.copy(program, copy)
            os.chmod(copy, 0o755)
        return copy

    @staticmethod
    def inside(path):
        """What QEMU calls that file of ours."""
        return path

    def diagnosis(self, since):
        """What the daemons said, and what was heard of guests lately."""
        for daemon in self.daemons:
            yield from ("virtstopd said:", *daemon.stderr.splitlines()[-DIAGNOSTIC_LINES:])
        yield from self.events.summary(self.guests, since)

    def image(self, build):
        """The files that @build makes, under names without spaces: QEMU puts a kernel's in front of
        its command line."""
        if build not in self._images:
            self._images[build] = []
            for path in build():
                link = os.path.join(self.directory, os.path.basename(path))
                os.symlink(path, link)
                self._images[build].append(link)
        return self._images[build]
