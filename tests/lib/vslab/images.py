# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guests' kernels and initramfs, made when they are first asked for and kept in VS_GUEST_CACHE
(default: tests/images in the build tree) as long as what they are made of stays the same."""

import fcntl
import os
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
    return _made("tiny", ["tiny.elf"])


def tiny_virt():
    """The paths of those for aarch64's machine virt: without firmware, and with UEFI."""
    return _made("tiny-virt", ["tiny-virt.elf", "tiny-virt.efi"])


def linux():
    """The paths of the Linux guest's kernel and initramfs."""
    return _made("linux", ["linux.kernel", "linux.initramfs"])


def _made(kind, products):
    """Has tests/guests/build-@kind make the @products, where they aren't of what that would take now."""
    cache = os.path.abspath(os.environ.get("VS_GUEST_CACHE")
                            or os.path.join(build_root(), "tests", "images"))
    os.makedirs(cache, exist_ok=True)
    products = [os.path.join(cache, name) for name in products]
    script, stamp = os.path.join(GUESTS, f"build-{kind}"), os.path.join(cache, f"{kind}.made-of")
    with open(os.path.join(cache, f"{kind}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run side by side
        made_of = _run(script, "--made-of")
        if _read(stamp) != made_of:
            _write(stamp, "")  # should this break off
            _make(script, products)
            _write(stamp, made_of)
    return products


def _make(script, products):
    parts = [path + ".part" for path in products]
    _run(script, *parts)
    for part, path in zip(parts, products):
        os.replace(part, path)


def _run(script, *args):
    done = subprocess.run([script, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=BUILD_TIMEOUT, check=False)
    if done.returncode != 0:
        raise Unavailable((done.stdout + done.stderr).strip() or f"{os.path.basename(script)} failed")
    return done.stdout


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
