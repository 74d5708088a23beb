# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab without guests, libvirt and a bus."""

import os
import shutil
import tempfile


class BareLab:
    """A context manager for what needs a directory and nothing else, in the place of a Lab. What a case starts it has
    to end."""

    def __init__(self, limit=None):
        self.directory = tempfile.mkdtemp(prefix="virtstop-lab-")
        self.events = self
        self._directories = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        shutil.rmtree(self.directory, ignore_errors=True)

    def new_directory(self, name):
        self._directories += 1
        path = os.path.join(self.directory, f"{name}-{self._directories}")
        os.mkdir(path)
        return path

    # What tap.main() wants of a lab

    def position(self):
        return 0

    def reset(self, position=0):
        pass

    def diagnosis(self, since):
        return ()
