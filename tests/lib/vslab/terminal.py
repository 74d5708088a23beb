# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program on a terminal, as somebody who sits there has it."""

import os
import pty
import select
import signal
import termios
import time

from .errors import Timeout

CTRL_C = b"\x03"
GRACE = 5
PATIENCE = 180


class Terminal:
    """A context manager: runs @command with a terminal of its own and @directory for what it leaves for a while. It is
    gone after the with statement, and with it all that was started there."""

    def __init__(self, directory, *command, environ=None):
        self._directory = directory
        self._command = command
        self._environ = dict(environ or os.environ, TMPDIR=directory)
        self._fd = None
        self.pid = None
        self.text = ""

    def __enter__(self):
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                signal.alarm(0)
                os.execvpe(self._command[0], self._command, self._environ)
            finally:
                os._exit(127)
        return self

    def __exit__(self, *exception):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.wait_end(GRACE)
            except Timeout:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        for pid in self.left():
            os.kill(pid, signal.SIGKILL)
        os.close(self._fd)

    def press(self, keys):
        os.write(self._fd, keys)

    def wait_text(self, text, timeout=PATIENCE, after=""):
        """Waits until it has printed that, behind the first @after."""
        self._read_until(lambda: text in self.text.partition(after)[2] if after else text in self.text, timeout,
                         f"“{text}”")

    def wait_hidden(self, timeout=PATIENCE):
        """Waits until what is typed isn't shown: what was typed before may be dropped."""
        self._read_until(lambda: not termios.tcgetattr(self._fd)[3] & termios.ECHO, timeout, "a password's prompt")

    def wait_end(self, timeout=PATIENCE):
        """Waits until it has ended. Returns its exit status."""
        status = []

        def ended():
            pid, code = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                status.append(os.waitstatus_to_exitcode(code))
            return pid

        self._read_until(ended, timeout, "the end")
        self.pid = None
        self._read(0)
        return status[0]

    def left(self):
        """The pids of what still runs of all that was started there: the directory is in its environment, or in its
        command line, as a guest's."""
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and self._is_ours(entry)]

    def _is_ours(self, pid):
        text = b""
        for name in "environ", "cmdline":
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    text += file.read()
            except OSError:
                pass  # it has ended
        return self._directory.encode() in text

    def _read_until(self, done, timeout, what):
        deadline = time.monotonic() + timeout
        while not done():
            if time.monotonic() > deadline:
                raise Timeout(f"waited {timeout} s in vain for {what}; it printed: {self.text}")
            self._read(0.05)

    def _read(self, timeout):
        """Takes in what is there, or comes within that time."""
        while select.select([self._fd], [], [], timeout)[0]:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                time.sleep(timeout)  # nobody has the terminal open any more
                return
            self.text += data.decode(errors="replace").replace("\r\n", "\n")
            timeout = 0
