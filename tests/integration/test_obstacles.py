#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that can't be asked just now: paused, asleep, without their agent, held by a job. Most of the time they are waited
for, so the cases are begun side by side: each is a generator, which begins up to its yield."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.disk import Disk  # noqa: E402
from vslab.dump import Dump  # noqa: E402
from vslab.ladders import PATIENCE, Step, check_steps  # noqa: E402

WENT_DOWN, FORCED = Step("power-button", "went down"), Step("destroy", "forced")
PAUSED, RESUMED = Step("power-button", "the domain is paused"), Step("resume", "resumed")
IO_ERROR = "the domain is paused by an I/O error"
WRITES = "it still writes to its disks, and has more time"
HELD = "a dump holds the domain"
SLEEPS = "the domain is suspended"

PAUSED_STATE, ASLEEP = 3, 7  # virDomainState

CONFIG = """\
[Guest save-*]
Paused=save
Asleep=save
[Guest destroy-*]
Paused=destroy
Asleep=destroy
[Guest leave-*]
Paused=leave
Asleep=leave
[Guest short-grace]
ProgressGrace=2s
[Guest job-aborted]
Jobs=abort
[Guest job-left]
Jobs=leave
"""

daemon = None  # what all cases share
begun = {}  # them, by function


def set_up(lab):
    global daemon
    daemon = lab.daemon(config=CONFIG).start()


def ask(guest, ladder):
    done = daemon.ctl("stop", "--no-wait", f"--ladder={ladder}", guest.name)
    assert done.status == 0, done


def suspend(guest):
    guest.domain.suspend()
    guest.wait("suspended/paused")


def check(guest, cause, outcome, *steps):
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    told = record["cause"], record["request"]["outcome"]
    assert told == (cause, outcome), f"{told}: {record}"
    check_steps(steps, record)
    return record


def paused(lab):
    """paused before the press, after it, and before the destroy"""
    guests = {name: lab.guest(name, cmdline=f"button={way}") for name, way in
              (("early", "obey"), ("after", "slow:4"), ("late", "slow:1500ms"))}
    lab.start(*guests.values())
    suspend(guests["early"])
    ask(guests["early"], "power-button:5s destroy")
    for name, span in ("after", "5s"), ("late", "2s"):
        ask(guests[name], f"power-button:{span} destroy")
        guests[name].wait("console/button")
        suspend(guests[name])
    yield
    check(guests["early"], "power-button", "clean", RESUMED, WENT_DOWN)
    check(guests["after"], "power-button", "clean", PAUSED, RESUMED, WENT_DOWN)
    check(guests["late"], "power-button", "clean", PAUSED, RESUMED, WENT_DOWN)


def paused_policies(lab):
    """Paused=save, destroy, leave: before the press and after it"""
    guests = [lab.guest(f"{what}-{when}", cmdline="button=slow:30", persistent=True)
              for what in ("save", "destroy", "leave") for when in ("early", "after")]
    lab.start(*guests)
    for guest in guests:
        if guest.name.endswith("early"):
            suspend(guest)
        ask(guest, "power-button:6s destroy")
    for guest in guests:
        if guest.name.endswith("after"):
            guest.wait("console/button")
            suspend(guest)
    yield
    check(guests[0], "saved", "clean", Step("save", "clean"))
    check(guests[1], "saved", "clean", PAUSED, Step("save", "clean"))
    check(guests[2], "destroyed", "forced", FORCED)
    check(guests[3], "destroyed", "forced", PAUSED, FORCED)
    for guest in guests[4:]:
        done = daemon.ctl("stop", "--ladder=power-button:1s destroy", guest.name)
        assert done.status == 1 and guest.state()[0] == PAUSED_STATE, (done, guest.state())


def io_error(lab):
    """an I/O error as it writes back, and room is made 4 s later: resumed, clean, and told"""
    disk = Disk(lab, full=True)
    try:
        guest = lab.guest("full", cmdline="button=slow:500ms writes", devices=disk.xml).start()
        ask(guest, "power-button:8s destroy")
        yield
        guest.wait("suspended/ioerror", 2)
        disk.make_room()
        record = check(guest, "power-button", "clean", Step("power-button", IO_ERROR), RESUMED,
                       Step("power-button", IO_ERROR), RESUMED, WENT_DOWN)
        why = daemon.ctl("why", guest.name).out
        assert "I/O error" in why, why
        assert any(item.get("event") == "BLOCK_IO_ERROR" for item in record["evidence"]), record
    finally:
        disk.close()


def asleep(lab):
    """suspended by its own system before the press, and by it: woken, and asked"""
    early = lab.guest("asleep", cmdline="button=obey after=100ms:suspend")
    by_it = lab.guest("falls-asleep", cmdline="button=suspend")
    saved = lab.guest("save-asleep", cmdline="button=obey after=100ms:suspend", persistent=True)
    left = lab.guest("leave-asleep", cmdline="button=obey after=100ms:suspend")
    lab.start(early, by_it, saved, left)
    for guest in early, saved, left:
        guest.wait("pmsuspended/memory")
        ask(guest, "power-button:10s destroy")
    ask(by_it, "power-button:10s destroy")
    yield
    check(early, "power-button", "clean", Step("wake", "woken"), WENT_DOWN)
    check(by_it, "power-button", "clean", Step("power-button", SLEEPS), Step("wake", "woken"), WENT_DOWN)
    check(saved, "saved", "clean", Step("save", "clean"))
    done = daemon.ctl("stop", "--ladder=power-button:1s destroy", left.name)
    assert done.status == 1 and left.state()[0] == ASLEEP, (done, left.state())


def held_by_job(lab):
    """a job holds the domain for longer than its step: said so, and the step's time begins when it is over"""
    held, aborted = (lab.guest(name, "linux", "vs.agent=none vs.button=1").start(wait=False)
                     for name in ("held", "job-aborted"))
    yield
    held.wait_ready()
    paused = lab.guest("paused-too", cmdline="button=slow:1").start()  # so small that the dump is through with it
    aborted.wait_ready()
    left = lab.guest("job-left", cmdline="button=slow:1").start()
    with Dump(held), Dump(paused), Dump(left):
        with Dump(aborted, trickles=True):
            for guest in paused, left:
                guest.wait("qmp/STOP")
            leaves = daemon.spawn_ctl("stop", "--ladder=power-button:3s destroy", left.name)
            for guest in held, paused, aborted:
                ask(guest, "power-button:3s destroy")
            for guest in held, paused:
                iterate_until(lambda: is_held(guest), PATIENCE, "the job in status", every=0.2)
            check(aborted, "power-button", "clean", Step("power-button", HELD), WENT_DOWN)
        out, err = leaves.communicate(timeout=PATIENCE)
        assert leaves.returncode == 1 and HELD in out, (out, err)
    check(held, "power-button", "clean", Step("power-button", HELD), WENT_DOWN)
    check(paused, "power-button", "clean", Step("resume", HELD), RESUMED, WENT_DOWN)


def is_held(guest):
    return HELD in daemon.ctl("status", guest.name).out


def halted(lab):
    """halted without powering off: seen, ended early, and told as clean"""
    halts = lab.guest("halts", "linux", "vs.agent=quit vs.shutdown=halt").start()
    ask(halts, "agent:2min power-button:2min destroy")
    yield
    record = check(halts, "destroyed", "halted", Step("agent", "halted", 20000), Step("destroy", "halted"))
    assert record["clean"] and record["took_ms"] < 60000, record
    assert "halted without powering off" in daemon.ctl("why", halts.name).out


def grace(lab):
    """writes hard when its time is over: it gets more, and no more than ProgressGrace="""
    guests = []
    for name in "updates", "short-grace":
        guests.append(lab.guest(name, cmdline="button=slow:14 writes", devices=Disk(lab).xml))
    lab.start(*guests)
    for guest in guests:
        ask(guest, "power-button:8s destroy")  # by its end the others have booted, and it can write
    yield
    check(guests[1], "destroyed", "forced", Step("power-button", WRITES, 8000),
          Step("power-button", "deadline", 1900), FORCED)
    check(guests[0], "power-button", "clean", Step("power-button", WRITES, 8000), WENT_DOWN)


def agent_comes(lab):
    """asked right after its start: the agent is asked when it has come"""
    linux = lab.guest("booting", "linux", "vs.shutdown=0").start(wait=False)
    ask(linux, "agent:2min power-button:2min destroy")
    yield
    record = check(linux, "guest-agent", "clean", Step("agent", "the agent isn't connected"),
                   Step("power-button", "an earlier step can work now"), Step("agent", "went down"))
    assert record["clean"], record


def no_acpi(lab):
    """no <acpi/> in its XML: the button is passed over at once"""
    guest = lab.guest("no-acpi", cmdline="button=obey", acpi=False).start()
    ask(guest, "power-button:2min destroy")
    yield
    check(guest, "destroyed", "forced", Step("power-button", "no ACPI"), FORCED)


def panic(lab):
    """a panic with on_crash=preserve in mid-step: destroyed at once, guest-panic"""
    guest = lab.guest("panics", cmdline="button=panic", on_crash="preserve").start()
    ask(guest, "power-button:2min destroy")
    yield
    record = check(guest, "guest-panic", "forced", Step("power-button", "the domain has crashed"), FORCED)
    assert not record["clean"], record


# In this order they begin; the I/O error's has to be looked at first.
CASES = [agent_comes, held_by_job, halted, paused, paused_policies, asleep, no_acpi, panic, grace, io_error]


def begin(lab):
    set_up(lab)
    for case in CASES:
        begun[case] = case(lab)
        next(begun[case])


def end(case):
    return case.__doc__, lambda lab: next(begun[case], None)


if __name__ == "__main__":
    tap.main([end(case) for case in (io_error, *CASES[:-1])], setup=begin)
