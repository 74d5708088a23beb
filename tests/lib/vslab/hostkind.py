# SPDX-License-Identifier: LGPL-2.1-or-later
"""What whole hosts are made of: this machine's own files, or what tests/compat/hosts names in the environment."""

import os
import subprocess

from . import installed

# The root file system of a release, and whether somebody named it.
ROOT = os.environ.get("VS_HOST_ROOT", "/")
NAMED = "VS_HOST_ROOT" in os.environ
# virtstop as `make install DESTDIR=` laid it, built for that release.
INSTALLED = os.environ.get("VS_HOST_INSTALLED")
# libvirt with real modular daemons, laid the same way.
MODULAR = os.environ.get("VS_HOST_MODULAR")

MONOLITHIC_UNITS = ("libvirtd.service",)
MONOLITHIC_SOCKETS = ("libvirtd.socket", "libvirtd-ro.socket", "libvirtd-admin.socket")
MODULAR_UNITS = ("virtqemud.service",)
MODULAR_SOCKETS = ("virtqemud.socket", "virtqemud-ro.socket", "virtqemud-admin.socket", "virtproxyd.socket",
                   "virtlogd.socket")


def release(root=ROOT):
    """Which Debian it is: "12", "13"; "sid" where it has no number yet, "another" where it is none."""
    with open(os.path.join(root, "etc/os-release"), encoding="utf-8") as file:
        values = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    if values.get("ID", "").strip('"') != "debian":
        return "another"
    return values.get("VERSION_ID", "sid").strip('"')


def install(root):
    """Installs virtstop there."""
    if not INSTALLED:
        installed.install(root)
        return
    # A directory of ours may be a link there.
    with subprocess.Popen(["tar", "-C", INSTALLED, "-c", "."], stdout=subprocess.PIPE) as tar:
        subprocess.run(["tar", "-C", root, "-x", "--keep-directory-symlink", "--no-overwrite-dir"], stdin=tar.stdout,
                       timeout=60, check=True)
    assert tar.returncode == 0


def layers():
    """What lies over the root, the uppermost first."""
    return [MODULAR] if MODULAR else []


def daemon():
    """The service that runs the guests."""
    return (MODULAR_UNITS if MODULAR else MONOLITHIC_UNITS)[0]


def sockets():
    """The sockets by which that service is started."""
    return MODULAR_SOCKETS if MODULAR else MONOLITHIC_SOCKETS + ("virtlogd.socket",)
