# SPDX-License-Identifier: LGPL-2.1-or-later
"""A job that holds a guest for as long as a test likes."""

import os
import threading

import libvirt


class Dump:
    """A live dump that goes on until end(): the guest runs meanwhile, but a job holds it. @trickles: some of it is taken all
    the time, so that it can be aborted."""

    def __init__(self, guest, trickles=False):
        self._guest = guest
        self._trickles = trickles
        self._over = threading.Event()
        self._pipe = os.path.join(guest.lab.new_directory("dump"), "core")
        os.mkfifo(self._pipe)
        self._dump = threading.Thread(target=self._run)
        self._dump.start()
        self._fd = os.open(self._pipe, os.O_RDONLY)
        os.read(self._fd, 1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()

    def end(self):
        self._over.set()
        self._reader.join()
        os.close(self._fd)
        self._dump.join()

    def _run(self):
        try:
            self._guest.domain.coreDump(self._pipe, libvirt.VIR_DUMP_LIVE)
        except libvirt.libvirtError:
            pass  # it was aborted

    def _read(self):
        while not self._over.wait(0.1 if self._trickles else None) and os.read(self._fd, 1 << 16):
            pass
        while os.read(self._fd, 1 << 20):
            pass
