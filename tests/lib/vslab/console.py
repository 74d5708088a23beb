# SPDX-License-Identifier: LGPL-2.1-or-later
"""The serial ports of guests."""

import os
import socket
import struct
import threading

from .errors import Timeout
from .process import Process

CONNECT_TIMEOUT = 10


class Console:
    """The other end of a guest's serial port: each line becomes an event, console/LINE. QEMU
    connects to us, so it tells its pid, nothing is asked of libvirt, and a guest can be heard while
    no libvirtd runs."""

    def __init__(self, path, uuid, log):
        self.path = path
        self.qemu = None  # the Process that connected last
        self._uuid = uuid
        self._log = log
        self._connected = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._bind(path)
        os.chmod(path, 0o666)  # in a host QEMU is another user
        self._listener.listen()
        threading.Thread(target=self._serve, name="console", daemon=True).start()

    def _bind(self, path):
        """By way of the directory: its own path may be too long for a socket's."""
        directory, name = os.path.split(path)
        fd = os.open(directory, os.O_PATH | os.O_DIRECTORY)
        try:
            self._listener.bind(f"/proc/self/fd/{fd}/{name}")
        finally:
            os.close(fd)

    def expect(self):
        """A QEMU is about to be started."""
        self._connected.clear()

    def wait_connected(self):
        """The QEMU that was started last."""
        if not self._connected.wait(CONNECT_TIMEOUT):
            raise Timeout("no QEMU has connected to the console")
        return self.qemu

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, close alone does not
        finally:
            self._listener.close()
        os.unlink(self.path)

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with connection, connection.makefile(encoding="utf-8", errors="replace") as lines:
                peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                self.qemu = Process(struct.unpack("3i", peer)[0])
                self._connected.set()
                try:
                    for line in lines:
                        self._log.add(self._uuid, "console/" + line.strip())
                except OSError:
                    pass  # QEMU was cut off
