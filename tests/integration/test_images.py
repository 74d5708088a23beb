#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guests' images are made of what is here now, and made once. Boots none."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import images, tap  # noqa: E402

STALE = b"of another day"
OTHER_COMPILER = """\
#!/bin/sh
[ "$1" = --version ] && echo "another 1.0" && exit
exec gcc "$@"
"""


class Place:
    """A cache, and sources that can be changed, for as long as the with statement lasts."""

    def __init__(self, lab):
        self.cache = lab.new_directory("cache")
        self.sources = os.path.join(lab.new_directory("sources"), "guests")
        self.programs = lab.new_directory("programs")

    def __enter__(self):
        shutil.copytree(images.GUESTS, self.sources)
        for path in self.sources, *(entry.path for entry in os.scandir(self.sources)):
            os.chmod(path, 0o755)  # distcheck's can't be written
        self._before = images.GUESTS, dict(os.environ)
        images.GUESTS = self.sources
        os.environ["VS_GUEST_CACHE"] = self.cache
        os.environ["PATH"] = f"{self.programs}:{os.environ['PATH']}"
        return self

    def __exit__(self, *exception):
        images.GUESTS, environ = self._before
        os.environ.clear()
        os.environ.update(environ)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def change(path, data):
    """Adds @data to a file, which then seems to be an old one."""
    write(path, read(path) + data)
    os.utime(path, (0, 0))


def made_at(build):
    return [os.stat(path).st_mtime_ns for path in build()]


def once(lab):
    """an image is made when it is asked for first, and not again"""
    for build in images.tiny, images.tiny_virt, images.linux:
        with Place(lab):
            first = made_at(build)
            assert all(len(read(path)) > 1000 for path in build())
            assert made_at(build) == first


def found_there(lab):
    """a file that lies in its place, such as one that was checked out, isn't taken for it"""
    for build in images.tiny, images.linux:
        with Place(lab):
            names = [os.path.basename(path) for path in build()]
        with Place(lab) as place:
            for name in names:
                write(os.path.join(place.cache, name), STALE)
            assert STALE not in map(read, build()), names


def source_changed(lab):
    """a source that changed has it made anew, however old that is"""
    for build, name, data in ((images.tiny, "tiny.c", b"\nconst char extra[] = \"extra\";\n"),
                              (images.linux, "linux-init", b"# extra\n")):
        with Place(lab) as place:
            first = list(map(read, build()))
            change(os.path.join(place.sources, name), data)
            assert list(map(read, build())) != first, name


def script_changed(lab):
    """so does a change of how it is made"""
    for build, name in (images.tiny, "build-tiny"), (images.linux, "build-linux"):
        with Place(lab) as place:
            first = made_at(build)
            change(os.path.join(place.sources, name), b"# extra\n")
            assert made_at(build) != first, name


def compiler_changed(lab):
    """so does another compiler"""
    with Place(lab) as place:
        first = made_at(images.tiny)
        path = os.path.join(place.programs, "gcc-another")
        write(path, OTHER_COMPILER.encode())
        os.chmod(path, 0o755)
        os.environ["CC"] = path
        assert made_at(images.tiny) != first


def package_changed(lab):
    """so does another version of what the Linux guest is made of"""
    for name in "qemu-ga", "busybox":
        with Place(lab) as place:
            first = made_at(images.linux)
            shutil.copy(shutil.which(name), place.programs)
            change(os.path.join(place.programs, name), b"extra")
            assert made_at(images.linux) != first, name


if __name__ == "__main__":
    tap.main([once, found_there, source_changed, script_changed, compiler_changed, package_changed], kind="BareLab")
