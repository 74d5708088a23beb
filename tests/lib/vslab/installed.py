# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstop as it is installed: a build for /usr, without sanitizers, beside the one under test, for that has another
prefix compiled in. Kept in tests/installed of the build tree."""

import fcntl
import os
import subprocess

from . import images
from .errors import Unavailable

OPTIONS = ("--quiet", "--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var")
BUILD_TIMEOUT = 300


def install(root):
    """Builds it where that wasn't done yet, and runs `make install` into that root."""
    directory = os.path.join(images.build_root(), "tests", "installed")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run side by side
        _configure(directory)
        _run(directory, "make", "--silent", "-j", str(os.cpu_count()), "all")
        _run(directory, "make", "--silent", "install", f"DESTDIR={root}")


def _configure(directory):
    script = os.path.join(images.SOURCE_ROOT, "configure")
    if os.path.exists(os.path.join(images.SOURCE_ROOT, "config.status")):
        raise Unavailable("virtstop is built in its source tree; to install it elsewhere, build outside of that")
    status = os.path.join(directory, "config.status")
    if not os.path.exists(status) or os.stat(status).st_mtime < os.stat(script).st_mtime:
        _run(directory, script, *OPTIONS)


def _run(directory, *command):
    # The make that runs the tests shall not tell this one what to do.
    environ = {key: value for key, value in os.environ.items()
               if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "DESTDIR")}
    done = subprocess.run(command, cwd=directory, env=environ, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=BUILD_TIMEOUT, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
