# SPDX-License-Identifier: LGPL-2.1-or-later
"""What virtstop-libvirt@NAME.socket and its service do: systemd's own proxy, as root, at a socket that is one user's alone."""

import os
import pwd
import socket
import subprocess

from .errors import Unavailable

PROGRAM = "/lib/systemd/systemd-socket-proxyd"
DIRECTORY, LIBVIRT = "/run/virtstop-libvirt", "/run/libvirt"
FIRST = 3  # file descriptor of what systemd hands over


class Way:
    """To libvirt's socket @name for @user, until close()."""

    def __init__(self, name, user):
        if not os.path.exists(PROGRAM):
            raise Unavailable(f"needs {PROGRAM}")
        os.makedirs(DIRECTORY, exist_ok=True)
        self.path = os.path.join(DIRECTORY, name)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(self.path)
            os.chmod(self.path, 0o600)
            os.chown(self.path, pwd.getpwnam(user).pw_uid, 0)
            listening.listen(128)
            # The shell is the process that becomes the proxy, and so knows the number that is to be told. As a service has it,
            # SIGPIPE stays ignored.
            self._process = subprocess.Popen(
                ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec "$@"', "sh", PROGRAM,
                 os.path.join(LIBVIRT, name)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(FIRST,), restore_signals=False,
                preexec_fn=lambda: os.dup2(listening.fileno(), FIRST))

    def close(self):
        self._process.kill()
        self._process.wait()
        os.unlink(self.path)
