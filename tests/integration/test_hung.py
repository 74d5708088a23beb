#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QEMU that hangs, and a libvirtd that has to wait for it (from libvirt 11 on): it holds up nobody else."""

import contextlib
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.ladders import Step, check_steps  # noqa: E402

PATIENCE = 150
BUDGET = 60
LADDER = "power-button:2min destroy"


@contextlib.contextmanager
def hung(*guests):
    """Their QEMUs stand still."""
    for guest in guests:
        guest.kill(signal.SIGSTOP)
    try:
        yield
    finally:
        for guest in guests:
            if guest.qemu.running:
                guest.kill(signal.SIGCONT)


def wait_said(daemon, text, count=1):
    iterate_until(lambda: daemon.stderr.count(text) >= count, PATIENCE, f"“{text}” in the log", every=0.1)


def took(deed, *args):
    since = time.monotonic()
    done = deed(*args)
    return done, time.monotonic() - since


def pressed(guest):
    return [event.time for event in guest.history if event.text == "qmp/POWERDOWN"]


def stop_another(lab):
    """a libvirtd that comes back to a QEMU that hangs: another guest's stop takes as long as without"""
    guests = [lab.guest(name, cmdline="button=obey") for name in ("before", "after", "hangs")]
    lab.start(*guests)
    daemon = lab.daemon().start()
    quiet, without = took(daemon.ctl, "stop", f"--ladder={LADDER}", "before")
    assert quiet.status == 0, quiet
    with hung(guests[2]):
        lab.libvirtd.kill()
        wait_said(daemon, "went away")
        lab.libvirtd.start()
        done, with_hung = took(daemon.ctl, "stop", f"--ladder={LADDER}", "after")
    assert done.status == 0, done
    print(f"# {without:.1f} s without, {with_hung:.1f} s with one that hangs", flush=True)
    # libvirt itself waits 30 s for a QEMU; 3 s are its own time to look around after a restart.
    assert with_hung < without + 15, (without, with_hung)


def start_beside(lab):
    """virtstopd started while a QEMU hangs and libvirt waits for it: it knows all guests, and stops them"""
    guests = [lab.guest(name, cmdline="button=obey", agent=True) for name in ("well", "hangs")]
    lab.start(*guests)
    with hung(guests[1]):
        lab.libvirtd.kill()
        lab.libvirtd.start()
        daemon, listed = took(lab.daemon().start)
        done, stopped = took(daemon.ctl, "stop", "--ladder=agent:10s power-button:1min destroy", "well")
        assert done.status == 0, done
        forced, ended = took(daemon.ctl, "stop", "--ladder=agent:3s power-button:5s destroy", "hangs")
        assert forced.status == 3, forced
    print(f"# up after {listed:.1f} s, {stopped:.1f} s for the one, {ended:.1f} s for the one that hangs", flush=True)
    assert listed + stopped < 25, (listed, stopped)
    assert pressed(guests[0]), guests[0].heard


def host_stop(lab):
    """libvirtd killed in the middle of a stop of all while a QEMU hangs: the others are asked, the budget holds"""
    guests = [lab.guest(f"well-{i}", cmdline="button=slow:8") for i in range(3)]
    stuck = lab.guest("hangs", cmdline="button=obey")
    lab.start(*guests, stuck)
    daemon = lab.daemon(config=f"[Daemon]\nBudget={BUDGET}s\nMaxParallel=2\n[Default]\nLadder={LADDER}\n").start()
    with hung(stuck):
        asked = daemon.spawn_ctl("stop-all")
        since = time.monotonic()
        iterate_until(lambda: any(map(pressed, guests)), PATIENCE, "the first press", every=0.1)
        lab.libvirtd.kill()
        wait_said(daemon, "went away")
        lab.libvirtd.start()
        out, err = asked.communicate(timeout=PATIENCE)
        lasted = time.monotonic() - since
    print(f"# all were off after {lasted:.1f} s", flush=True)
    assert asked.returncode == 3, (asked.returncode, out, err)
    for guest in guests:
        record, = daemon.wait_records(guest.name, timeout=PATIENCE)
        assert record["cause"] == "power-button" and record["request"]["outcome"] == "clean", record
        assert pressed(guest), guest.heard
    record, = daemon.wait_records("hangs", timeout=PATIENCE)
    assert record["request"]["outcome"] == "forced", record
    assert lasted < BUDGET + 10, lasted


def not_read(lab):
    """what is known of a guest that hangs outlives both daemons, and its record says what was not known"""
    guest = lab.guest("hangs", cmdline="button=obey").start()
    daemon = lab.daemon().start()
    iterate_until(lambda: daemon.kept() and daemon.kept()[0].get("description"), PATIENCE, "what its XML says",
                  every=0.1)
    daemon.stop()
    with hung(guest):
        lab.libvirtd.kill()
        lab.libvirtd.start()
        daemon.start()
        done = daemon.ctl("stop", "--ladder=agent:1min destroy", "hangs")
        assert done.status == 3, done
    record, = daemon.wait_records("hangs", timeout=PATIENCE)
    check_steps((Step("agent", "no agent channel"), Step("destroy", "forced")), record)


if __name__ == "__main__":
    tap.main([stop_another, start_beside, host_stop, not_read])
