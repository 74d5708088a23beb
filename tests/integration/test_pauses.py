#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that are suspended and resumed by somebody else on their way down, as a snapshot with memory,
a dump or a backup does it: that is no reboot, and what they were asked stands."""

import os
import sys
import threading
from contextlib import contextmanager

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import tap, world  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.ladders import Step, check_steps  # noqa: E402

PATIENCE = 60
SAVE_DIRECTORY = "/var/lib/libvirt/qemu/save"
OPERATION_INVALID = 55  # what libvirt says to a press while the guest is paused
WENT_DOWN, FORCED = Step("power-button", "went down"), Step("destroy", "forced")


linux = None  # takes its time to boot, and does so beside the first cases


def begin(lab, ladder, *guests):
    """Starts guests and has them stopped, and does not wait. Returns the daemon."""
    lab.start(*guests)
    daemon = lab.daemon().start()
    ask(daemon, ladder, *guests)
    return daemon


def ask(daemon, ladder, *guests):
    done = daemon.ctl("stop", "--no-wait", f"--ladder={ladder}", *(guest.name for guest in guests))
    assert done.status == 0, done


def wait_listed(daemon, guest):
    """Waits until virtstopd has it from libvirt."""
    iterate_until(lambda: any(line.split()[:2] == [guest.name, "running"]
                              for line in daemon.ctl("list", "--no-legend").out.splitlines()),
                  PATIENCE, f"{guest.name} in the list", every=0.1)


def suspend(guest):
    guest.domain.suspend()
    guest.wait("suspended/paused")


def resume(guest):
    count = guest.heard.count("resumed/unpaused")  # its start had one
    guest.domain.resume()
    guest.wait("resumed/unpaused", count + 1)


def suspend_and_resume(guest):
    suspend(guest)
    resume(guest)
    assert "qmp/SHUTDOWN" not in guest.heard, f"too late: {guest.heard}"


@contextmanager
def dump_under_way(lab, guest):
    """A dump that comes to its end, and lets the guest run again, at the end of the with statement."""
    pipe = os.path.join(lab.new_directory("dump"), "core")
    os.mkfifo(pipe)
    dump = threading.Thread(target=lambda: guest.domain.coreDump(pipe))
    dump.start()
    try:
        guest.wait("suspended/paused")
        yield
    finally:
        with open(pipe, "rb") as core:
            while core.read(1 << 20):
                pass
        dump.join()


def check_record(daemon, name, cause, outcome, *steps):
    """It has one record, with that cause, for certain."""
    record, = daemon.wait_records(name, timeout=PATIENCE)
    told = (record["cause"], record["confidence"], record["clean"])
    assert told == (cause, "certain", outcome == "clean"), (told, record)
    request = record["request"]
    assert request and request["outcome"] == outcome, record
    check_steps(steps, record)
    return record


def after_the_press(lab):
    """suspended and resumed while it obeys the button: power-button, clean"""
    guest = lab.guest("pressed", cmdline="button=slow:2")
    daemon = begin(lab, "power-button:60s destroy", guest)
    guest.wait("console/button")
    suspend_and_resume(guest)
    check_record(daemon, "pressed", "power-button", "clean", WENT_DOWN)


def dumped(lab):
    """dumped while it obeys the button: power-button, clean"""
    guest = lab.guest("dumped", cmdline="button=slow:3")
    daemon = begin(lab, "power-button:60s destroy", guest)
    guest.wait("console/button")
    with dump_under_way(lab, guest):
        pass
    assert "qmp/SHUTDOWN" not in guest.heard, f"too late: {guest.heard}"
    check_record(daemon, "dumped", "power-button", "clean", WENT_DOWN)


def dump_and_crash(lab):
    """dumped and ended by somebody within seconds after virtstopd's start, seen before or not: no panic"""
    begin = lab.guest("first-seen", cmdline="button=ignore"), lab.guest("seen-before", cmdline="button=ignore")
    lab.start(*begin)
    daemon = lab.daemon().start()
    for guest in begin:
        wait_listed(daemon, guest)
        guest.domain.coreDump(os.path.join(lab.new_directory("dump"), "core"), libvirt.VIR_DUMP_CRASH)
        record, = daemon.wait_records(guest.name, timeout=PATIENCE)
        assert (record["cause"], record["confidence"]) == ("destroyed", "likely"), record
        daemon.kill()
        daemon.start()


def between_presses(lab):
    """suspended and resumed between two presses: the second press is made"""
    guest = lab.guest("twice", cmdline="button=second")
    daemon = begin(lab, "power-button:6s,press=2,gap=2s destroy", guest)
    guest.wait("console/button")
    suspend_and_resume(guest)
    check_record(daemon, "twice", "power-button", "clean", Step("power-button", "went down", 2000))
    assert guest.heard.count("qmp/POWERDOWN") == 2, guest.heard


def refused_press(daemon):
    """Whether libvirt refused a press."""
    return any(item.get("source") == "reply" and item.get("code") == OPERATION_INVALID
               for state in daemon.kept() for item in state["run"]["evidence"])


def over_a_press(lab):
    """suspended when the second press is due: it is made when the guest runs again"""
    guest = lab.guest("later", cmdline="button=second")
    lab.start(guest)
    daemon = lab.daemon(config="[Default]\nPaused=leave\n").start()  # else virtstopd lets it run itself
    ask(daemon, "power-button:8s,press=2,gap=1s destroy", guest)
    guest.wait("console/button")
    suspend(guest)
    iterate_until(lambda: refused_press(daemon), PATIENCE, "the refused press", every=0.1)
    resume(guest)
    check_record(daemon, "later", "power-button", "clean", Step("power-button", "went down", 1000))
    assert guest.heard.count("qmp/POWERDOWN") == 2, guest.heard


def deadline_stands(lab):
    """a guest that ignores the button has no more and no less time for it"""
    guest = lab.guest("ignores", cmdline="button=ignore")
    daemon = begin(lab, "power-button:3s destroy", guest)
    guest.wait("qmp/POWERDOWN")
    suspend_and_resume(guest)
    record = check_record(daemon, "ignores", "destroyed", "forced",
                          Step("power-button", "deadline", 2950), FORCED)
    assert record["request"]["steps"][0]["took_ms"] < 5000, record


def boot_linux(lab):
    """It is up when its case comes."""
    global linux
    linux = lab.guest("agent", "linux", "vs.shutdown=3").start(wait=False)


def after_the_agent(lab):
    """a Linux guest, suspended and resumed after the agent's request: guest-agent, clean"""
    linux.wait_ready()
    daemon = lab.daemon().start()
    ask(daemon, "agent:60s power-button:60s destroy", linux)
    linux.wait("console/agent")
    suspend_and_resume(linux)
    check_record(daemon, "agent", "guest-agent", "clean", Step("agent", "went down"))


@contextmanager
def no_room():
    """Where libvirt saves guests."""
    world.mount("tmpfs", SAVE_DIRECTORY, "tmpfs", "size=256k,mode=0755")
    try:
        yield
    finally:
        world.unmount(SAVE_DIRECTORY)


def save_is_told(lab):
    """a save that waits for a dump, and finds no room then, is told as that, not as a reboot"""
    guest = lab.guest("unsaved", cmdline="button=obey", persistent=True).start()
    daemon = lab.daemon().start()
    with no_room():
        with dump_under_way(lab, guest):
            ask(daemon, "save:60s destroy", guest)
        record = check_record(daemon, "unsaved", "destroyed", "forced", Step("save", None), FORCED)
    assert guest.heard.count("qmp/STOP") == 2, guest.heard
    said = [item["message"] for item in record["evidence"]
            if item["source"] == "reply" and item["method"] == "save"]
    assert [record["request"]["steps"][0]["result"]] == said, record


def pressed_when_not_saved(lab):
    """a guest that could not be saved, and that libvirt resumes, is asked by the next step"""
    # Whether the answer is there before the guest is heard to run again differs: hence some.
    guests = [lab.guest(f"unsaved-{n}", cmdline="button=obey", persistent=True) for n in range(8)]
    with no_room():
        daemon = begin(lab, "save:60s power-button:60s destroy", *guests)
        for guest in guests:
            check_record(daemon, guest.name, "power-button", "clean", Step("save", None), WENT_DOWN)
            guest.wait("resumed/unpaused", 2)


def not_asked(lab):
    """suspended and resumed without a stop, then off of itself: guest-initiated"""
    guest = lab.guest("unasked", cmdline="after=2:poweroff")
    guest.start()
    daemon = lab.daemon().start()
    suspend_and_resume(guest)
    record, = daemon.wait_records("unasked", timeout=PATIENCE)
    assert (record["cause"], record["request"]) == ("guest-initiated", None), record


if __name__ == "__main__":
    tap.main([dump_and_crash, after_the_press, dumped, between_presses, over_a_press, deadline_stands,
              save_is_told, pressed_when_not_saved, not_asked, after_the_agent],
             setup=boot_linux)
