# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control groups of the lab's own, for hosts: systemd-nspawn with --keep-unit makes its groups, always of the same
names, below the one that it runs in, so that two in one group would share them."""

import contextlib
import os

from .errors import Unavailable

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


def find_read_only():
    """Where a hierarchy is that can't be written, or None."""
    with open(MOUNTS, encoding="utf-8") as file:
        for line in file:
            mount, _, kind = line.partition(" - ")
            path = mount.split()[4]
            if kind.startswith("cgroup") and not os.access(path, os.W_OK):
                return path
    return None


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


@contextlib.contextmanager
def limited(name, pid, limit):
    """Puts a process that runs into a group of that name below our own, in which it may take @limit bytes of memory
    more than it has already. The process has to be gone when this is left. Raises Unavailable."""
    try:
        directory, limit_file = _memory_group(name)
        os.makedirs(directory, exist_ok=True)
        _write(os.path.join(directory, limit_file), limit)
        _write(os.path.join(directory, "cgroup.procs"), pid)
    except OSError as error:
        raise Unavailable(f"can't have a group with a limit of memory: {error}") from error
    try:
        yield
    finally:
        os.rmdir(directory)


def _memory_group(name):
    """The directory for a group of that name in the hierarchy that limits memory, and the limit's file."""
    groups = {}
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            groups.update({one: path for one in controllers.split(",")})
    with open(MOUNTS, encoding="utf-8") as file:
        for line in file:
            mount_point = line.split()[4]
            kind, _, options = line.partition(" - ")[2].split()
            if kind == "cgroup" and "memory" in options.split(","):
                return os.path.normpath(f"{mount_point}/{groups['memory']}/{name}"), "memory.limit_in_bytes"
            if kind == "cgroup2" and "memory" not in groups:
                directory = os.path.normpath(f"{mount_point}/{groups['']}/{name}")
                if os.path.exists(os.path.join(os.path.dirname(directory), "memory.current")):
                    return directory, "memory.max"
    raise Unavailable("there is no hierarchy of control groups that limits memory")


def _write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))
