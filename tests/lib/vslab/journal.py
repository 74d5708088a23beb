# SPDX-License-Identifier: LGPL-2.1-or-later
"""A journald's ear: takes what programs of the lab send to the journal."""

import os
import socket
import struct
import threading

from .errors import Timeout

SOCKET = "/run/systemd/journal/socket"
LARGEST_DATAGRAM = 1 << 20


class Journal:
    """All entries so far are in @entries, each a dict of its fields, all text."""

    def __init__(self):
        self.entries = []
        self._arrived = threading.Condition()
        os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(SOCKET)
        os.chmod(SOCKET, 0o666)
        threading.Thread(target=self._serve, name="journal", daemon=True).start()

    def wait(self, timeout=10, **fields):
        """Waits for an entry with these fields among its own, and returns it."""
        def found():
            return next((entry for entry in self.entries if fields.items() <= entry.items()), None)

        with self._arrived:
            if not self._arrived.wait_for(found, timeout):
                raise Timeout(f"no journal entry with {fields} within {timeout} s, "
                              f"of {len(self.entries)}")
            return found()

    def _serve(self):
        while True:
            data, fds, _, _ = socket.recv_fds(self._socket, LARGEST_DATAGRAM, 1)
            for fd in fds:  # what is too large for a datagram comes as a file
                with open(fd, "rb") as file:
                    file.seek(0)
                    data = file.read()
            with self._arrived:
                self.entries.append(parse(data))
                self._arrived.notify_all()


def parse(data):
    """The journal's native protocol: KEY=value, or KEY and a length if the value has newlines."""
    entry = {}
    while data:
        line, _, rest = data.partition(b"\n")
        key, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack_from("<Q", rest)
            value, rest = rest[8:8 + length], rest[8 + length + 1:]
        entry[key.decode()] = value.decode(errors="replace")
        data = rest
    return entry
