# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk that the tiny guest can write to."""

import os

from . import world

SIZE = 8 << 20
XML = ("<disk type='file' device='disk'><driver name='qemu' type='raw' error_policy='stop'/>"
       "<source file='{}'/><target dev='hda' bus='ide'/></disk>")


class Disk:
    """@full: on a file system that has no room for what is written, until make_room(); to be closed then."""

    def __init__(self, lab, full=False):
        self._place = lab.new_directory("disk")
        self._filler = os.path.join(self._place, "filler") if full else None
        if full:
            world.mount("tmpfs", self._place, "tmpfs", "size=12m,mode=0755")
        path = os.path.join(self._place, "disk")
        with open(path, "wb") as file:
            file.truncate(SIZE)
        os.chmod(path, 0o666)
        if full:
            self._fill()
        self.xml = XML.format(path)

    def _fill(self):
        with open(self._filler, "wb") as filler:
            try:
                while filler.write(b"x" * 65536) and not filler.flush():
                    pass
            except OSError:
                pass

    def make_room(self):
        os.unlink(self._filler)

    def close(self):
        if self._filler:
            world.unmount(self._place)
