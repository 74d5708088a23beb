# SPDX-License-Identifier: LGPL-2.1-or-later
"""Containers of libvirt's LXC driver, and the lab that has them beside its guests."""

import contextlib
import glob
import os
import re
import select
import shutil
import signal
import subprocess
import uuid as uuids

import libvirt

from . import cgroups, events, world
from .bus import iterate_until
from .errors import Timeout, Unavailable, Unsupported
from .lab import Lab
from .process import Process

URI = "lxc:///system"
BUSYBOX = "/bin/busybox"
UNIFIED = "/sys/fs/cgroup/unified"  # where libvirt_lxc fails beside the first version's groups
FUSE = "/dev/fuse"
READY_TIMEOUT = 60
KNOWN_TIMEOUT = 10
TRIES = 3

XML = """\
<domain type='lxc'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>64</memory>
  <os><type>exe</type><init>/init</init><initarg>{way}</initarg></os>
  <devices>
    <filesystem type='mount'><source dir='{root}'/><target dir='/'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>
"""

# Its ways: obey[:SECONDS] ends at SIGTERM, deaf doesn't; initctl has the pipe, and ends by it; SIGUSR1 has any reboot,
# SIGUSR2 end by itself.
INIT = """\
#!/bin/sh
way=${1%:*} after=${1#*:}
[ "$after" = "$1" ] && after=0
trap 'reboot -f' USR1
trap 'exit 0' USR2
trap '' TERM
case $way in
obey) trap 'sleep $after; exit 0' TERM ;;
esac
if [ $way = initctl ]; then
    mkfifo /dev/initctl
    { dd if=/dev/initctl of=/dev/null bs=384 count=1 2>/dev/null; kill -USR2 1; } &
fi
echo >/ready
while :; do sleep 1000 & wait $!; done
"""


class Container:
    """A container, made by ContainerLab.container(). @way: of INIT."""

    def __init__(self, lab, name, way="obey", persistent=False):
        self.lab = lab
        self.name = name
        self.way = way
        self.persistent = persistent
        self._since = 0
        self._root = lab.new_directory("root")
        self._make_root()
        self._ready = os.open(os.path.join(self._root, "ready"), os.O_RDWR | os.O_NONBLOCK)
        self._make_new()

    def _make_new(self):
        self.uuid = str(uuids.uuid4())
        self.xml = XML.format(name=self.name, uuid=self.uuid, way=self.way, root=self._root)

    def _make_root(self):
        for directory in ("bin", "dev", "proc", "sys"):
            os.mkdir(os.path.join(self._root, directory))
        shutil.copy(BUSYBOX, os.path.join(self._root, "bin", "busybox"))
        for tool in ("sh", "sleep", "reboot", "mkfifo", "dd", "kill", "echo"):
            os.symlink("busybox", os.path.join(self._root, "bin", tool))
        with open(os.path.join(self._root, "init"), "w", encoding="ascii") as file:
            file.write(INIT)
        os.chmod(os.path.join(self._root, "init"), 0o755)
        os.mkfifo(os.path.join(self._root, "ready"))

    def start(self):
        """Starts it, and waits until its init is up, and libvirt knows of that. Returns the container."""
        for _ in range(TRIES):
            self._start()
            if self._init_is_known():
                return self
            self._end()
            self._make_new()
        raise Timeout(f"libvirt never heard of the init of {self.name}")

    def _init_is_known(self):
        """On a loaded machine libvirt may miss what libvirt_lxc tells it of the init; then it can never ask it anything."""
        with contextlib.suppress(Timeout):
            # It says 0 where it doesn't know.
            iterate_until(lambda: re.search("<init pid='[1-9]", self._status()), KNOWN_TIMEOUT, "its init", every=0.05)
            return True
        return False

    def _status(self):
        """What libvirt keeps of it; its init may have ended it already."""
        try:
            with open(f"/run/libvirt/lxc/{self.name}.xml", encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _start(self):
        self._since = self.lab.events.position()
        if self.persistent:
            self.lab.lxc.defineXML(self.xml).create()
        else:
            self.lab.lxc.createXML(self.xml)
        self.wait_ready()

    def wait_ready(self):
        """Waits until its init is up, once for each time."""
        if not select.select([self._ready], [], [], READY_TIMEOUT)[0]:
            raise Timeout(f"{self.name} was not up within {READY_TIMEOUT} s")
        os.read(self._ready, 1)
        return self

    def remove(self):
        """Leaves nothing of it, be it running or not."""
        self._end()
        os.close(self._ready)

    def _end(self):
        for step in ("destroy", "undefine"):
            try:
                getattr(self.domain, step)()
            except libvirt.libvirtError:
                pass  # it isn't running, or isn't persistent, or is gone

    @property
    def domain(self):
        return self.lab.lxc.lookupByUUIDString(self.uuid)

    @property
    def controller(self):
        """libvirt_lxc."""
        with open(f"/run/libvirt/lxc/{self.name}.pid", encoding="ascii") as file:
            return Process(int(file.read()))

    @property
    def init(self):
        """Its init, as the host sees it."""
        found = subprocess.run(["pgrep", "-P", str(self.controller.pid)], stdout=subprocess.PIPE, check=True,
                               encoding="ascii")
        return Process(int(found.stdout.split()[0]))

    def reboot(self):
        """Has its system reboot, and waits until it is up again."""
        self.init.send_signal(signal.SIGUSR1)
        self.wait_ready()

    def kill(self, number):
        """Sends a signal to its init."""
        self.init.send_signal(number)

    def destroy(self):
        self.domain.destroy()

    @property
    def heard(self):
        """The texts of the events since it was started."""
        return [event.text for event in self.lab.events.of(self.uuid, self._since)]

    def wait(self, text, count=1, timeout=30):
        return self.lab.events.wait(self.uuid, text, count, timeout, self._since)


class ContainerLab(Lab):
    """A Lab with containers."""

    def __init__(self, limit=None):
        super().__init__(limit)
        self.lxc = None
        self._names = set()
        if os.path.ismount(UNIFIED):
            world.unmount(UNIFIED)

    def __enter__(self):
        super().__enter__()
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def connect(self):
        """Opens the lab's connection to the containers' driver, and listens."""
        need_outermost()
        try:
            self.lxc = libvirt.open(URI)
        except libvirt.libvirtError as error:
            raise Unavailable(f"needs libvirt with its LXC driver: {error}") from error
        events.listen(self.lxc, self.events)

    def container(self, name, way="obey", **options):
        """A Container, not started."""
        container = Container(self, name, way, **options)
        self.guests.append(container)
        self._names.add(name)
        return container

    def close(self):
        for guest in self.guests:
            if isinstance(guest, Container) and self.lxc:
                guest.remove()
        super().close()
        _remove_groups(self._names)


class MixedLab(ContainerLab):
    """A Lab that has containers where libvirt has them: else no more than one of these is Unavailable."""

    def connect(self):
        self.why_none = None
        try:
            super().connect()
        except Unavailable as error:
            self.why_none = error


def need_outermost():
    """libvirt_lxc starts no container inside one of systemd-nspawn or docker, which has neither of these."""
    try:
        os.close(os.open(FUSE, os.O_RDWR))
    except OSError as error:
        raise Unsupported(f"libvirt's containers need {FUSE}: {error.strerror}") from error
    if (path := cgroups.find_read_only()) is not None:
        raise Unsupported(f"libvirt's containers need control groups of their own, and {path} can't be written")


def _remove_groups(names):
    """What a libvirt_lxc that was killed has left."""
    for path in glob.glob("/sys/fs/cgroup/*/machine/lxc-*.libvirt-lxc"):
        if os.path.basename(path).partition("-")[2].partition("-")[2].rpartition(".")[0] in names:
            _try_rmdir(path)
    for path in glob.glob("/sys/fs/cgroup/*/machine"):
        _try_rmdir(path)


def _try_rmdir(path):
    try:
        os.rmdir(path)
    except OSError:
        pass  # it is in use
