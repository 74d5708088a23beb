# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes, be they children of ours or not."""

import os
import select
import signal

from .errors import Timeout


class Process:
    """A process told by a pidfd, so that a signal never hits one that got the same pid later."""

    def __init__(self, pid):
        self.pid = pid
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._fd = None

    def __del__(self):
        if self._fd is not None:
            os.close(self._fd)

    @property
    def running(self):
        return self._fd is not None and not self._ends_within(0)

    def send_signal(self, number):
        if self._fd is None:
            raise ProcessLookupError(f"process {self.pid} has ended")
        signal.pidfd_send_signal(self._fd, number)

    def wait(self, timeout):
        """Waits until it has ended."""
        if self._fd is not None and not self._ends_within(timeout):
            raise Timeout(f"process {self.pid} still runs after {timeout} s")

    def end(self, timeout=10):
        """Ends it with SIGTERM; after @timeout with SIGKILL, and says so by an exception."""
        if not self.running:
            return
        try:
            self.send_signal(signal.SIGTERM)
            self.wait(timeout)
        except ProcessLookupError:
            pass
        except Timeout:
            self.kill(timeout)
            raise

    def kill(self, timeout=10):
        """Ends it with SIGKILL."""
        self.send_signal(signal.SIGKILL)
        self.wait(timeout)

    def cpu_seconds(self):
        """User and system time that it has used."""
        with open(f"/proc/{self.pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _ends_within(self, timeout):
        poll = select.poll()  # not select(): a lab may have more than 1024 files open
        poll.register(self._fd, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
