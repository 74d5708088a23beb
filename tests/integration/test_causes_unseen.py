#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests stop while libvirtd or virtstopd is down, and virtstopd finds out afterwards what can be
known."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.causes import PATIENCE, Row, Scene, kill, presses  # noqa: E402

scene = None  # what all cases share


def press(guest):
    guest.press()


def destroy(guest):
    guest.destroy()


def managed_save(guest):
    guest.domain.managedSave(0)


# While libvirtd is down. What is left are the guest's state and QEMU's log.
AWAY = [
    Row("away-poweroff", "its own power-off while libvirtd is down",
        {"cmdline": "after=6:poweroff"}, "guest-initiated", "likely", ("closed", "opened")),
    Row("away-sigterm", "SIGTERM while libvirtd is down, transient", presses("obey"),
        "host-signal", "certain", ("closed", "opened", "gone", "signal 15"),
        kill(signal.SIGTERM), signal="SIGTERM"),
    Row("away-sigterm-kept", "SIGTERM while libvirtd is down, persistent",
        presses("obey", persistent=True), "host-signal", "certain",
        ("closed", "opened", "signal 15"), kill(signal.SIGTERM), signal="SIGTERM"),
    Row("away-rotated", "SIGTERM while libvirtd is down, and the log is rotated",
        presses("obey"), "host-signal", "certain", ("closed", "opened", "signal 15"),
        kill(signal.SIGTERM), signal="SIGTERM"),
    # libvirtd's last deed may have been a destroy.
    Row("away-sigkill", "SIGKILL while libvirtd is down", presses("obey"), "host-signal", "likely",
        ("closed", "process/SIGKILL", "opened"), kill(signal.SIGKILL), died="SIGKILL"),
    Row("away-sigsegv", "SIGSEGV while libvirtd is down", presses("obey"), "crashed", "certain",
        ("closed", "process/SIGSEGV", "opened"), kill(signal.SIGSEGV), died="SIGSEGV"),
    Row("away-lives", "libvirtd's absence is no stop", presses("obey"), "destroyed", "certain",
        ("closed", "opened", "stopped/destroyed")),
]

# While virtstopd is down.
UNSEEN = [
    Row("unseen-destroyed", "a destroy while virtstopd is down, transient", presses("obey"),
        "destroyed", "certain", ("daemon-restarted", "gone", "reason=destroyed"), destroy),
    Row("unseen-destroyed-kept", "a destroy while virtstopd is down, persistent",
        presses("obey", persistent=True), "destroyed", "certain",
        ("daemon-restarted", "shut off", "reason=destroyed"), destroy),
    Row("unseen-saved", "a managed save while virtstopd is down",
        presses("obey", persistent=True), "saved", "certain",
        ("daemon-restarted", "shut off", "reason=saved"), managed_save),
    Row("unseen-sigterm", "SIGTERM while virtstopd is down", presses("obey"), "host-signal",
        "certain", ("daemon-restarted", "gone", "signal 15"), kill(signal.SIGTERM),
        signal="SIGTERM"),
    Row("unseen-sigkill", "SIGKILL while virtstopd is down", presses("obey"), "crashed", "likely",
        ("daemon-restarted", "gone", "reason=crashed"), kill(signal.SIGKILL)),
    Row("unseen-poweroff", "a power-off while virtstopd is down", presses("obey"),
        "guest-initiated", "likely", ("daemon-restarted", "gone", "reason=shutdown"), press),
    Row("unseen-lives", "virtstopd's absence is no stop", presses("obey"), "power-button",
        "certain", ("daemon-restarted", "POWERDOWN", "stopped/shutdown")),
]


def set_up(lab):
    global scene
    scene = Scene(lab, AWAY + UNSEEN)


def send_libvirtd_away(lab):
    """guests end while libvirtd is down"""
    poweroff, lives = scene.guests["away-poweroff"], scene.guests["away-lives"]
    scene.start(AWAY[1:])
    poweroff.start()
    poweroff.kill(signal.SIGSTOP)  # lest it is quicker than libvirtd's end
    lab.libvirtd.stop()
    poweroff.kill(signal.SIGCONT)
    end(AWAY)
    rotate_log(scene.guests["away-rotated"])
    poweroff.wait("console/poweroff")
    lab.libvirtd.start()
    for row in AWAY:
        if row.name != lives.name:
            scene.record(row)
    assert lives.state()[0] == lab.RUNNING
    lives.destroy()


def end(rows):
    """What others do to the guests. libvirtd, if it is there, knows then that they are off."""
    for row in rows:
        if row.act:
            guest = scene.guests[row.name]
            scene.act(row)
            guest.qemu.wait(PATIENCE)
            iterate_until(lambda: not guest.lab.libvirtd.running or is_off(guest), PATIENCE,
                          f"the end of {guest.name}", every=0.05)


def is_off(guest):
    return any(text.startswith("stopped/") for text in guest.heard)


def rotate_log(guest):
    """As virtlogd does where a log grows too large. QEMU's last words come to it by a pipe."""
    iterate_until(lambda: "terminating on signal" in guest.qemu_log()[-1], PATIENCE,
                  "QEMU's last line", every=0.05)
    path = f"/var/log/libvirt/qemu/{guest.name}.log"
    os.rename(path, path + ".0")


def send_virtstopd_away(lab):
    """guests end while virtstopd is down"""
    lives = scene.guests["unseen-lives"]
    scene.start(UNSEEN)
    iterate_until(lambda: all(is_kept(row) for row in UNSEEN), PATIENCE, "the run states",
                  every=0.05)
    assert scene.daemon.stop() == 0
    end(UNSEEN)
    scene.daemon.start()
    for row in UNSEEN:
        if row.act:
            scene.record(row)
    assert lives.state()[0] == lab.RUNNING
    lives.press()


def is_kept(row):
    """Whether virtstopd would find the guest's run again."""
    directory = os.path.join(scene.daemon.runtime_directory, "guests")
    return any(scene.guests[row.name].uuid in name for name in os.listdir(directory))


def judged(row):
    return row.what, lambda lab: scene.check(row)


def one_record_each(lab):
    """each stop has one record: on disk, on the bus, in the journal"""
    scene.check_all()


if __name__ == "__main__":
    tap.main([send_libvirtd_away, *map(judged, AWAY), send_virtstopd_away, *map(judged, UNSEEN),
              one_record_each], setup=set_up)
