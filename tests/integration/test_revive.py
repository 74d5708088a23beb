#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Restart=: guests that end unasked are started again, and those that were asked aren't."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

PATIENCE = 60
CONFIG = """
[Default]
Ladder=power-button:60s destroy
StartLimitBurst=2
[Guest failure-*]
Restart=on-failure
[Guest always-*]
Restart=always
"""


def listed(daemon, guest):
    """What status says of it, or None."""
    guests = json.loads(daemon.ctl("status", "--json=short", guest.uuid).out or "[]")
    return guests[0] if guests else None


def wait_listed(daemon, guest, **values):
    """Waits until status says all that of it."""
    def says():
        one = listed(daemon, guest)
        return one and all(one.get(key) == value for key, value in values.items())
    iterate_until(says, PATIENCE, f"{guest.name}: {values}", every=0.1)


def begin(lab, *guests):
    """Starts guests, and a daemon that has seen them run."""
    lab.start(*guests)
    daemon = lab.daemon(config=CONFIG).start()
    for guest in guests:
        wait_listed(daemon, guest, state="running")
    return daemon


def kill(guest):
    """Kills its QEMU; the next one is waited for anew."""
    process = guest.qemu
    guest.expect()
    process.send_signal(signal.SIGKILL)


def wait_ready_again(guest, count):
    guest.wait("console/ready", count, PATIENCE)


def who_is_started(lab):
    """killed, panicked, or with always powered off: started again; ended by SIGTERM, by its user or by somebody: not"""
    def guest(name, cmdline="button=obey"):
        return lab.guest(name, cmdline=cmdline, persistent=True)
    term, own, stopped, destroyed, pressed = (
        guest("failure-term"), guest("failure-own", "button=ignore after=1:poweroff"), guest("always-stopped"),
        guest("always-destroyed"), guest("always-pressed"))
    killed, panics, powers_off, always_term = (
        guest("failure-killed"), guest("failure-panic", "button=panic"), guest("always-own", "after=2:poweroff"),
        guest("always-term"))
    daemon = begin(lab, term, stopped, destroyed, pressed, killed, panics, always_term)
    lab.start(own, powers_off)
    causes = {}

    term.kill(signal.SIGTERM)
    assert daemon.ctl("stop", stopped.name).status == 0
    destroyed.destroy()
    pressed.press()
    for one, cause in ((term, "host-signal"), (own, "guest-initiated"), (stopped, "power-button"),
                       (destroyed, "destroyed"), (pressed, "power-button")):
        causes[one.name] = daemon.wait_records(one.name, timeout=PATIENCE)[0]["cause"]
        assert causes[one.name] == cause, causes

    kill(killed)
    panics.expect()
    panics.press()
    always_term.kill(signal.SIGTERM)
    for one in (killed, panics, powers_off, always_term):
        wait_ready_again(one, 2)
        wait_listed(daemon, one, state="running")
    for one in (term, own, stopped, destroyed, pressed):
        assert listed(daemon, one)["state"] == "shut off", one.name
        assert len(daemon.records(one.name)) == 1, one.name
    assert "“failure-killed”: started again" in daemon.stderr, daemon.stderr
    assert "started again: 1" in daemon.ctl("status", killed.name).out, daemon.ctl("status", killed.name)


def limit(lab):
    """after as many restarts as the limit has it stays off, which is said; a virtstopd killed in between counts on"""
    guest = lab.guest("failure-often", cmdline="button=obey", persistent=True)
    daemon = begin(lab, guest)
    kill(guest)
    daemon.wait_records(guest.name)
    daemon.kill()  # when it is due, or just after
    daemon.start()
    wait_ready_again(guest, 2)
    wait_listed(daemon, guest, state="running", restart={"when": "on-failure", "state": "idle", "count": 1})
    daemon.kill()
    kill(guest)  # nobody sees it
    daemon.start()
    wait_ready_again(guest, 3)
    wait_listed(daemon, guest, state="running")
    kill(guest)
    daemon.wait_records(guest.name, 3)
    wait_listed(daemon, guest, state="shut off",
                restart={"when": "on-failure", "state": "limit-reached", "count": 2})
    assert "which is the limit" in daemon.stderr, daemon.stderr
    assert "it stays off" in daemon.ctl("status", guest.name).out, daemon.ctl("status", guest.name)
    daemon.stop()
    daemon.start()
    wait_listed(daemon, guest, state="shut off",
                restart={"when": "on-failure", "state": "limit-reached", "count": 2})
    # A SIGKILL is one where the kernel tells, and virtstopd was there.
    assert {record["cause"] for record in daemon.records(guest.name)} <= {"crashed", "host-signal"}, daemon.records()


def all_are_stopped(lab):
    """a guest that dies while all are being stopped stays off"""
    dies, last = (lab.guest(f"always-{name}", cmdline="button=ignore", persistent=True) for name in ("dies", "last"))
    daemon = begin(lab, dies, last)
    stopping = daemon.spawn_ctl("stop-all", "--ladder=power-button:60s leave")
    try:
        for guest in (dies, last):
            guest.wait("qmp/POWERDOWN")
        kill(dies)
        record, = daemon.wait_records(dies.name, timeout=PATIENCE)
        assert record["request"], record
        assert daemon.ctl("cancel", "--all").status == 0
    finally:
        stopping.communicate(timeout=PATIENCE)
    kill(last)  # that is over now
    wait_ready_again(last, 2)
    assert listed(daemon, dies)["state"] == "shut off", daemon.stderr


if __name__ == "__main__":
    tap.main([who_is_started, limit, all_are_stopped])
