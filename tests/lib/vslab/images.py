# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guests' kernels and initramfs, made when they are first asked for and kept in VS_GUEST_CACHE
(default: tests/guests in the build tree)."""

import fcntl
import glob
import os
import shutil
import subprocess

from .errors import Unavailable

SOURCE_ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
GUESTS = os.path.join(SOURCE_ROOT, "tests", "guests")
BUILD_TIMEOUT = 120


def build_root():
    """The build tree: make check names it; by hand it is ./build or the source tree itself."""
    named = os.environ.get("top_builddir")
    beside = os.path.join(SOURCE_ROOT, "build")
    return os.path.abspath(named or (beside if os.path.isdir(beside) else SOURCE_ROOT))


def tiny():
    """The path of the tiny guest's kernel, alone in a list."""
    return _build("build-tiny", ["tiny.elf"], ["tiny.c"])


def linux():
    """The paths of the Linux guest's kernel and initramfs."""
    programs = filter(None, map(shutil.which, ("qemu-ga", "busybox")))
    return _build("build-linux", ["linux.kernel", "linux.initramfs"],
                  ["linux-init", "linux-shutdown", *programs,
                   *glob.glob("/boot/vmlinuz-*-cloud-amd64")])


def _build(script, products, sources):
    cache = os.path.abspath(os.environ.get("VS_GUEST_CACHE")
                            or os.path.join(build_root(), "tests", "guests"))
    os.makedirs(cache, exist_ok=True)
    products = [os.path.join(cache, name) for name in products]
    sources = [os.path.join(GUESTS, name) for name in [script] + sources]
    with open(os.path.join(cache, script + ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run side by side
        if not _is_current(products, sources):
            parts = [path + ".part" for path in products]
            done = subprocess.run([sources[0]] + parts, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=BUILD_TIMEOUT, check=False)
            if done.returncode != 0:
                raise Unavailable(done.stdout.strip() or f"{script} failed")
            for part, path in zip(parts, products):
                os.replace(part, path)
    return products


def _is_current(products, sources):
    try:
        oldest = min(os.stat(path).st_mtime for path in products)
    except FileNotFoundError:
        return False
    return all(os.stat(path).st_mtime <= oldest for path in sources)
