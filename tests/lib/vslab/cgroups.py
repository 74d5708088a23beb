# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control groups of the lab's own, for hosts: systemd-nspawn with --keep-unit makes its groups, always of the same
names, below the one that it runs in, so that two in one group would share them."""

import os

MOUNTS = "/proc/self/mountinfo"


def make(name):
    """Makes a group of that name below our own in each hierarchy that systemd uses. Returns their directories."""
    paths = []
    for directory in _own_groups():
        path = os.path.join(directory, name)
        os.makedirs(path, exist_ok=True)
        paths.append(path)
    return paths


def remove(name):
    """Removes what make() made, and the groups below it. Those in use stay."""
    for directory in _own_groups():
        for path, _, _ in os.walk(os.path.join(directory, name), topdown=False):
            try:
                os.rmdir(path)
            except OSError:
                pass


def _own_groups():
    """The directories of the groups that we are in: of version 2, and of systemd's own of version 1."""
    groups = dict(_hierarchies())
    for mount_point, key in _mounts():
        if key in groups:
            yield os.path.normpath(mount_point + groups[key])


def _hierarchies():
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if controllers in ("", "name=systemd"):
                yield controllers, path


def _mounts():
    """Pairs of mount point and the controllers' name of /proc/self/cgroup."""
    with open(MOUNTS, encoding="utf-8") as file:
        for line in file:
            mount, _, kind = line.partition(" - ")
            fs_type, _, options = kind.split()
            if fs_type == "cgroup2":
                yield mount.split()[4], ""
            elif fs_type == "cgroup" and "name=systemd" in options.split(","):
                yield mount.split()[4], "name=systemd"
