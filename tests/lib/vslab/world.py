# SPDX-License-Identifier: LGPL-2.1-or-later
"""The world a lab lives in: its own mounts, and a parent that leaves nothing of it behind.

enter() forks. The child goes on, in a mount namespace of its own where /run and libvirt's
directories are empty. The parent stays outside as the subreaper of all that is started inside:
daemons and QEMU processes become its children when their own parents end, so it can reap them at
once (libvirt waits for that) and, when the child has ended in whatever way, kill what is left, each
by its pid."""

import ctypes
import os
import shutil
import signal
import sys
import tempfile

from . import cgroups
from .errors import Unavailable

TMPFS = ("/run", "/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt")
GRACE = 30  # seconds for the child to tidy up once it was told to end
IMPATIENT = 1  # the same where somebody waits at a terminal
INTERRUPTED = 128 + signal.SIGINT

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_directory = None


def _call(function, *args):
    if function(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function.__name__}: {os.strerror(error)}")


def mount(source, target, kind="none", options="", bind=False):
    """Mounts in this world."""
    _call(_libc.mount, source.encode(), target.encode(), kind.encode(), MS_BIND if bind else 0, options.encode())


def unmount(target):
    """It goes at once, or when nothing uses it any more."""
    _call(_libc.umount2, target.encode(), MNT_DETACH)


def enter(limit=None):
    """Returns the directory of this world, in the child. The parent never returns: it exits as the
    child does. @limit: seconds after which the child is told to end."""
    global _directory
    if _directory:
        return _directory
    if os.geteuid() != 0:
        raise Unavailable("needs root, for mounts of its own and for qemu:///system")
    for path in TMPFS:
        if not os.path.isdir(path):
            raise Unavailable(f"needs libvirt with its QEMU driver: there is no {path}")
    sys.stdout.flush()
    sys.stderr.flush()
    _call(_libc.prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _directory = tempfile.mkdtemp(prefix="virtstop-lab-")
    child = os.fork()
    if child != 0:
        status = 1
        try:
            status = _supervise(child, limit)
        finally:
            os._exit(status)
    _call(_libc.prctl, PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    signal.signal(signal.SIGTERM, _end)
    try:
        _mount()
    except OSError as error:
        raise Unavailable(f"can't have mounts of its own: {error}") from error
    os.chmod(_directory, 0o755)
    return _directory


def _end(number, frame):
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is the tidying up
    raise SystemExit(128 + number)


def _mount():
    _call(_libc.unshare, CLONE_NEWNS)
    _call(_libc.mount, b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    for path in TMPFS:
        mount("tmpfs", path, "tmpfs", "mode=0755")
    os.mkdir("/run/lock")


def _supervise(child, limit):
    killed = 128 + signal.SIGKILL

    def kill_in(seconds):
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.alarm(seconds)

    def end(number, frame):
        os.kill(child, signal.SIGTERM)
        kill_in(GRACE)

    def interrupt(number, frame):
        nonlocal killed
        killed = INTERRUPTED
        kill_in(IMPATIENT)  # a terminal has sent it to the child, too

    signal.signal(signal.SIGINT, interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(limit or 0)
    pid = 0
    while pid != child:
        pid, status = os.waitpid(-1, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    _kill_children()
    cgroups.remove(os.path.basename(_directory))
    if os.environ.get("VS_LAB_KEEP"):
        print(f"# kept {_directory}", file=sys.stderr)
    else:
        shutil.rmtree(_directory, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return killed
    return code if code >= 0 else 128 - code


def _kill_children():
    """Those of the ones killed here become our children in turn, hence the loop."""
    while True:
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children():
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{int(entry)}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (ValueError, OSError):
            continue
        if int(fields[1]) == os.getpid():
            yield int(entry)
