# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boots of a host that is played: virtstopd sees another boot id, and an empty /run. What ran before is ended first."""

import contextlib
import os
import shutil
import signal
import uuid

from . import world

BOOT_ID = "/proc/sys/kernel/random/boot_id"


def boot_id():
    with open(BOOT_ID, encoding="ascii") as file:
        return file.read().strip()


@contextlib.contextmanager
def another_boot(lab, daemon):
    """The boot id is another one, and nothing is left in /run. virtstopd doesn't run then."""
    shutil.rmtree(daemon.runtime_directory)
    os.mkdir(daemon.runtime_directory)
    path = os.path.join(lab.new_directory("boot"), "boot_id")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{uuid.uuid4()}\n")
    world.mount(path, BOOT_ID, bind=True)
    try:
        yield
    finally:
        daemon.stop()
        world.unmount(BOOT_ID)


@contextlib.contextmanager
def booted(lab, daemon):
    """The host has booted. Guests are as they are."""
    daemon.kill()
    with another_boot(lab, daemon):
        yield daemon.start()


def fail(daemon, *guests):
    """The host fails: nothing of them has time to say anything."""
    daemon.kill()
    for guest in guests:
        guest.kill(signal.SIGKILL)
    for guest in guests:
        guest.wait_off("failed")
