# SPDX-License-Identifier: LGPL-2.1-or-later
"""The root file system of a host of the lab: this machine's or another release's, with what a host changes on a tmpfs."""

import os
import shutil
import subprocess
import uuid

from . import hostkind
from .errors import Unavailable
from .world import mount, unmount

# What this machine is for must not show: its guests, its services, its logs. These start with the directories that
# the packages made, and without any file.
FRESH = ("etc/libvirt/qemu", "var/lib/libvirt", "var/cache/libvirt", "var/log", "var/lib/virtstop", "etc/virtstop")
# And these start empty, so that only those services run that are enabled here, or always.
EMPTY = ("etc/systemd/system", "usr/local/lib/systemd", "var/lib/systemd", "etc/cron.d",
         *(f"etc/rc{level}.d" for level in "0123456S"))
FILES = {
    "etc/fstab": "",
    "etc/systemd/journald.conf.d/vslab.conf":
        "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nSyncIntervalSec=1s\n",
    "etc/systemd/system.conf.d/vslab.conf": "[Manager]\nShowStatus=yes\nStatusUnitFormat=name\n",
}
# systemd-nspawn hides the kernel's boot id, the same at each boot of a host, behind a file that on Debian 12 a service with
# mounts of its own does not see: virtstopd gets a copy.
HIDES_BOOT_ID = "12"
BOOT_ID_FILES = {
    "etc/systemd/system/vslab-boot-id.service": """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=cp /proc/sys/kernel/random/boot_id /run/vslab-boot-id
""",
    "etc/systemd/system/virtstopd.service.d/vslab.conf": """\
[Unit]
Requires=vslab-boot-id.service
After=vslab-boot-id.service
[Service]
BindReadOnlyPaths=/run/vslab-boot-id:/proc/sys/kernel/random/boot_id
""",
}
# libvirt puts guests into scopes of systemd-machined only where version 2 of control groups has controllers. On a machine
# whose controllers belong to version 1 it gets to see a list of them that is not quite empty.
FILES["etc/systemd/system/vslab-scopes.service"] = """\
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'grep -q . $LIST || { echo >/run/vslab-controllers && mount --bind /run/vslab-controllers $LIST; }'
Environment=LIST=/sys/fs/cgroup/cgroup.controllers
"""
SCOPES = "[Unit]\nRequires=vslab-scopes.service\nAfter=vslab-scopes.service\n"
FILES["etc/systemd/system/libvirtd.service.d/vslab.conf"] = SCOPES
FILES["etc/systemd/system/virtqemud.service.d/vslab.conf"] = SCOPES
# libvirt's modular daemon, as its own unit has it. Debian has none: where a host is told to play it, libvirtd does
# under its name. The socket units are left out.
PLAYED_MODULAR = """\
[Unit]
Conflicts=libvirtd.service
Requires=virtlogd.socket
Wants=virtlockd.socket systemd-machined.service
After=network.target dbus.service apparmor.service local-fs.target remote-fs.target
After=systemd-logind.service systemd-machined.service
[Service]
Type=notify
ExecStart=/usr/sbin/virtqemud
KillMode=process
Restart=on-failure
[Install]
WantedBy=multi-user.target
"""
MASKED = ("console-getty.service", "systemd-firstboot.service")


class HostRoot:
    """An overlay of that root at @path, as long as nobody calls close(). Needs a mount namespace of our own."""

    def __init__(self, directory, name):
        self._base = directory
        mount("tmpfs", directory, "tmpfs", "mode=0755")
        self._lower, self._upper, work, self.path = (
            os.path.join(directory, part) for part in ("lower", "upper", "work", "root"))
        for path in (self._lower, self._upper, work, self.path):
            os.mkdir(path)
        # Not / itself: what is mounted below that here is no part of it.
        mount(hostkind.ROOT, self._lower, bind=True)
        if not os.path.isdir(os.path.join(self._lower, "usr/lib/systemd")):
            raise Unavailable("needs systemd, and /usr on the root file system")
        for path in FRESH:
            self._start_afresh(path, with_directories=True)
        for path in EMPTY:
            self._start_afresh(path, with_directories=False)
        lower = ":".join(hostkind.layers() + [self._lower])
        mount("overlay", self.path, "overlay", f"lowerdir={lower},upperdir={self._upper},workdir={work}")
        self.write("etc/hostname", name + "\n")
        self.write("etc/hosts", f"127.0.0.1 localhost {name}\n")
        self.write("etc/machine-id", uuid.uuid4().hex + "\n")
        hidden = BOOT_ID_FILES if hostkind.release() == HIDES_BOOT_ID else {}
        for path, text in {**FILES, **hidden}.items():
            self.write(path, text)
        os.makedirs(self.inside("var/log/journal"), exist_ok=True)
        self.systemctl("mask", *MASKED)
        if hostkind.MODULAR:
            self.systemctl("mask", *hostkind.MONOLITHIC_UNITS, *hostkind.MONOLITHIC_SOCKETS)
        self.systemctl("enable", hostkind.daemon(), *hostkind.sockets())

    def close(self):
        for path in (self.path, self._lower, self._base):
            unmount(path)

    def inside(self, path):
        """What the host calls @path, to be used here."""
        return os.path.join(self.path, path.lstrip("/"))

    def write(self, path, text):
        path = self.inside(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)  # it may be a link, out of the root
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path):
        """A file's text, or None where there is none."""
        try:
            with open(self.inside(path), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def install(self):
        """Installs virtstop with `make install`."""
        hostkind.install(self.path)
        subprocess.run(["systemd-sysusers", f"--root={self.path}"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=30, check=True)

    def play_modular_daemons(self):
        """In the place of libvirtd."""
        os.symlink("libvirtd", self.inside("usr/sbin/virtqemud"))
        self.write("etc/systemd/system/virtqemud.service", PLAYED_MODULAR)
        self.systemctl("disable", *hostkind.MONOLITHIC_UNITS)
        self.systemctl("mask", *hostkind.MONOLITHIC_UNITS, *hostkind.MONOLITHIC_SOCKETS)
        self.systemctl("enable", *hostkind.MODULAR_UNITS)

    def systemctl(self, *args):
        """enable, disable or mask, while the host is off."""
        subprocess.run(["systemctl", "--quiet", f"--root={self.path}", *args], stdin=subprocess.DEVNULL,
                       timeout=30, check=True)

    def _start_afresh(self, path, with_directories):
        """Hides what the lower layer has there."""
        if not os.path.isdir(os.path.join(self._lower, path)):
            return
        self._copy_directory(path)
        os.setxattr(os.path.join(self._upper, path), "trusted.overlay.opaque", b"y")
        if with_directories:
            top = os.path.join(self._lower, path)
            for directory, names, _ in os.walk(top):
                for name in names:
                    self._copy_directory(os.path.relpath(os.path.join(directory, name), self._lower))

    def _copy_directory(self, path):
        """Makes it in the upper layer, and those above it, as they are in the lower one."""
        target, source = os.path.join(self._upper, path), os.path.join(self._lower, path)
        if os.path.exists(target) or os.path.islink(source):
            return
        if os.path.dirname(path):
            self._copy_directory(os.path.dirname(path))
        os.mkdir(target)
        shutil.copystat(source, target)
        status = os.stat(source)
        os.chown(target, status.st_uid, status.st_gid)
