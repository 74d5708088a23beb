# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second monitor of a guest's QEMU, ours alone: what happens to the guest is heard whatever becomes of libvirtd."""

import json
import os
import socket
import struct
import threading
import time
from xml.sax.saxutils import quoteattr

from .process import Process

ENDS_WITHIN = 120  # seconds from a monitor's end to that of the process, which may be stopped


class Monitor:
    """QEMU connects to it, each time that the guest is started: monitor/connected with the process. Then each QMP event
    becomes an event, monitor/NAME, with its data and when QEMU said it (monotonic), and at last comes monitor/ended,
    when the process is gone. @log.add() is called from a thread."""

    def __init__(self, path, uuid, log):
        self.path = path
        self._uuid = uuid
        self._log = log
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen()
        threading.Thread(target=self._accept, name="monitor", daemon=True).start()

    @property
    def xml(self):
        """For the domain's."""
        words = "-chardev", f"socket,id=vsown,path={self.path}", "-mon", "chardev=vsown,mode=control"
        arguments = "".join(f"<qemu:arg value={quoteattr(word)}/>" for word in words)
        return f"<qemu:commandline>{arguments}</qemu:commandline>"

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, close alone does not
        finally:
            self._listener.close()
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), name="monitor", daemon=True).start()

    def _serve(self, connection):
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        qemu = Process(struct.unpack("3i", peer)[0])
        self._log.add(self._uuid, "monitor/connected", {"at": time.monotonic(), "qemu": qemu})
        with connection, connection.makefile(encoding="utf-8", errors="replace") as lines:
            try:
                connection.sendall(b'{"execute": "qmp_capabilities"}\n')
                for line in lines:
                    self._hear(json.loads(line))
            except (OSError, json.JSONDecodeError):
                pass  # QEMU was cut off
        qemu.wait(ENDS_WITHIN)
        self._log.add(self._uuid, "monitor/ended", {"at": time.monotonic()})

    def _hear(self, message):
        if "event" in message:
            stamp = message["timestamp"]
            real = stamp["seconds"] + stamp["microseconds"] / 1e6
            self._log.add(self._uuid, f"monitor/{message['event']}",
                          {"at": real - time.time() + time.monotonic(), **message.get("data", {})})
