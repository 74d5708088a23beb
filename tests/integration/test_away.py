#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirtd is away, or hangs, at the wrong moment of a stop: who was to be asked is asked before anything harder is
done, and what was asked before it went explains what comes of it."""

import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

PATIENCE = 60
SPAN = 3  # seconds: of a step that is to be outlasted
OUTLASTED = 5
SLOP = 0.2  # the lab and virtstopd hear of the same event at different moments
GAP = 2

BUTTON = f"power-button:{SPAN}s destroy"
TWICE = f"power-button:{2 * SPAN}s,press=2,gap={GAP}s destroy"


def stop(daemon, ladder, *guests, budget=None):
    options = [f"--ladder={ladder}"] + ([f"--budget={budget}s"] if budget else [])
    done = daemon.ctl("stop", "--no-wait", *options, *(guest.name for guest in guests))
    assert done.status == 0, done


def wait_said(daemon, text):
    iterate_until(lambda: text in daemon.stderr, PATIENCE, f"“{text}” in the log", every=0.1)


def wait_replied(daemon, *guests):
    """Waits until libvirt's answers to what these were asked are in the run state."""
    def answered():
        return {state["run"]["id"] for state in daemon.kept() for item in state["run"]["evidence"]
                if item["source"] == "reply" and item["ok"]}

    iterate_until(lambda: len(answered()) >= len(guests), PATIENCE, "the answers", every=0.05)


def freeze(lab):
    lab.libvirtd.process.send_signal(signal.SIGSTOP)


def thaw(lab):
    lab.libvirtd.process.send_signal(signal.SIGCONT)


def go_and_come(lab, seconds, daemon=None):
    """libvirtd is killed, and is there again after so long."""
    lab.libvirtd.kill()
    if daemon:
        wait_said(daemon, "went away")
    stay(seconds)
    lab.libvirtd.start()


def stay(seconds):
    """How long the fault lasts: there is nothing that could be waited for."""
    time.sleep(seconds)


def record_of(daemon, guest):
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    return record


def results(record):
    return [(step["method"], step["result"]) for step in record["request"]["steps"]]


def times_of(guest, text):
    return [event.time for event in guest.history if event.text == text]


def check_obeyed(daemon, guest, cause="power-button", confidence="certain"):
    record = record_of(daemon, guest)
    told = record["cause"], record["confidence"], record["clean"], record["request"]["outcome"]
    assert told == (cause, confidence, True, "clean"), (told, record, guest.heard)
    return record


def check_pressed_then_destroyed(daemon, guest, span, presses=1):
    """It was pressed as often as its ladder says, and had all its time afterwards."""
    record = record_of(daemon, guest)
    assert results(record) == [("power-button", "deadline"), ("destroy", "forced")], record
    guest.wait("qmp/SHUTDOWN")
    pressed, ended = times_of(guest, "qmp/POWERDOWN"), times_of(guest, "qmp/SHUTDOWN")
    assert len(pressed) == presses, (guest.heard, record)
    assert ended[0] - pressed[-1] > span - SLOP, (ended[0] - pressed[-1], record, guest.heard)
    gaps = [after - before for before, after in zip(pressed, pressed[1:])]
    assert all(gap > GAP - SLOP for gap in gaps), (gaps, record)


class Asked:
    """One guest of each behaviour, and all are asked while libvirtd is frozen."""

    def __init__(self, lab, suffix):
        self.lab = lab
        self.obeys, self.deaf, self.second, self.twice, self.kept = (
            lab.guest(f"{name}-{suffix}", cmdline=f"button={behaviour}")
            for name, behaviour in (("obeys", "obey"), ("deaf", "ignore"), ("second", "second"),
                                    ("twice", "ignore"), ("kept", "obey")))
        lab.start(self.obeys, self.deaf, self.second, self.twice, self.kept)
        self.daemon = lab.daemon().start()

    def ask(self):
        freeze(self.lab)
        stop(self.daemon, BUTTON, self.obeys, self.deaf)
        stop(self.daemon, TWICE, self.second, self.twice)
        stop(self.daemon, BUTTON, self.kept, budget=60)

    def check(self):
        for guest in (self.obeys, self.second, self.kept):
            check_obeyed(self.daemon, guest)
        check_pressed_then_destroyed(self.daemon, self.deaf, SPAN)
        check_pressed_then_destroyed(self.daemon, self.twice, 2 * SPAN - GAP, presses=2)


def frozen_and_killed(lab):
    """libvirtd hangs for longer than a step and is killed: all presses are made when it is back"""
    asked = Asked(lab, "killed")
    asked.ask()
    stay(OUTLASTED)
    go_and_come(lab, 1, asked.daemon)
    asked.check()


def frozen_and_killed_early(lab):
    """libvirtd hangs and is killed before a step's end, and comes back after it: the same"""
    asked = Asked(lab, "early")
    asked.ask()
    stay(1)
    go_and_come(lab, OUTLASTED, asked.daemon)
    asked.check()


def frozen_and_thawed(lab):
    """libvirtd hangs for longer than a step and goes on: a step's time begins when its press got through"""
    asked = Asked(lab, "thawed")
    asked.ask()
    stay(OUTLASTED)
    thaw(lab)
    asked.check()


def several_outages(lab):
    """libvirtd hangs, is killed, comes, and goes again before and after the press was made anew"""
    asked = Asked(lab, "often")
    asked.ask()
    stay(1)
    go_and_come(lab, 1, asked.daemon)
    wait_said(asked.daemon, "Connected to libvirt")
    stay(1)
    go_and_come(lab, 0.1)
    stay(1)
    go_and_come(lab, SPAN)
    asked.check()


def restarted_meanwhile(lab):
    """virtstopd is killed and started again while libvirtd hangs: the same"""
    asked = Asked(lab, "restarted")
    asked.ask()
    stay(OUTLASTED)
    asked.daemon.kill()
    lab.libvirtd.kill()
    starter = threading.Timer(2, lab.libvirtd.start)
    starter.start()
    asked.daemon.start()
    starter.join()
    asked.check()


def more_than_can_be_pressed(lab):
    """more guests than calls can be made at once, each by itself: who had to wait is asked, too"""
    check_many(lab, "alone", lambda daemon, guests: stop(daemon, BUTTON, *guests))


def all_guests(lab):
    """the same of all guests together"""
    def ask(daemon, guests):
        done = daemon.ctl("stop-all", "--no-wait", f"--ladder={BUTTON}", "--budget=60s")
        assert done.status == 0, done

    check_many(lab, "all", ask)


def check_many(lab, suffix, ask):
    guests = [lab.guest(f"many-{n}-{suffix}", cmdline="button=obey") for n in range(11)]
    deaf = lab.guest(f"deaf-{suffix}", cmdline="button=ignore")
    lab.start(*guests, deaf)
    daemon = lab.daemon().start()
    freeze(lab)
    ask(daemon, [*guests, deaf])
    stay(OUTLASTED)
    thaw(lab)
    for guest in guests:
        check_obeyed(daemon, guest)
    check_pressed_then_destroyed(daemon, deaf, SPAN)


def press_in_an_outage(lab):
    """a second press that fell into an outage is made after it, be the first one's step long over"""
    guests = [lab.guest(f"{behaviour}-{n}", cmdline=f"button={behaviour}")
              for n, behaviour in enumerate(("second", "ignore", "ignore"))]
    second, deaf, heard = guests
    lab.start(*guests)
    daemon = lab.daemon().start()
    stop(daemon, f"power-button:{SPAN}s,press=2,gap={GAP}s destroy", second, deaf)
    stop(daemon, BUTTON, heard)
    wait_replied(daemon, *guests)
    go_and_come(lab, 6, daemon)
    check_obeyed(daemon, second)
    check_pressed_then_destroyed(daemon, deaf, SPAN, presses=2)
    # One that had heard its only press had its time, and isn't pressed again.
    record = record_of(daemon, heard)
    assert results(record) == [("power-button", "deadline"), ("destroy", "forced")], record
    presses = [item for item in record["evidence"] if item.get("event") == "POWERDOWN"]
    assert len(presses) == 1, record


def agents_in_an_outage(lab):
    """an agent that could not be asked, for libvirtd hung, is asked before the guest is destroyed"""
    guests = [lab.guest(f"agent-{n}", kind="linux") for n in range(2)]
    lab.start(*guests)
    daemon = lab.daemon().start()
    freeze(lab)
    stop(daemon, f"agent:{SPAN}s destroy", *guests)
    stay(OUTLASTED)
    thaw(lab)
    for guest in guests:
        check_obeyed(daemon, guest, "guest-agent")


def paused_in_an_outage(lab):
    """a paused guest that could not be let run, for libvirtd hung, is so before it is destroyed"""
    guest = lab.guest("paused", cmdline="button=obey").start()
    daemon = lab.daemon().start()
    guest.domain.suspend()
    iterate_until(lambda: "paused" in daemon.ctl("list").out.split("\n")[1].split()[1:], PATIENCE,
                  "a paused guest", every=0.1)
    freeze(lab)
    stop(daemon, BUTTON, guest)
    stay(12)  # a resume has 10 s
    thaw(lab)
    check_obeyed(daemon, guest)


def check_never_asked(daemon, guest):
    record = record_of(daemon, guest)
    assert results(record) == [("power-button", "not reached"), ("destroy", "forced")], record
    assert record["cause"] == "destroyed" and record["request"]["outcome"] == "forced", record
    why = daemon.ctl("why", guest.name).out
    assert "was never asked" in why and "not reached" in why, why


def budgets_end(lab):
    """only the end of a whole budget destroys who was never asked, and the record and why say so"""
    guest = lab.guest("budget", cmdline="button=obey").start()
    daemon = lab.daemon().start()
    freeze(lab)
    stop(daemon, BUTTON, guest, budget=4)
    stay(OUTLASTED)
    go_and_come(lab, 1, daemon)
    check_never_asked(daemon, guest)


def budgets_end_of_all(lab):
    """the same of a host stop's budget"""
    guest = lab.guest("budget-of-all", cmdline="button=obey").start()
    daemon = lab.daemon().start()
    freeze(lab)
    done = daemon.ctl("stop-all", "--no-wait", f"--ladder={BUTTON}", "--budget=8s")
    assert done.status == 0, done
    stay(7)
    go_and_come(lab, 1, daemon)
    check_never_asked(daemon, guest)


def budget_left(lab):
    """what a budget has left when libvirtd is back is used to ask first"""
    guest = lab.guest("left", cmdline="button=slow:1").start()
    daemon = lab.daemon().start()
    freeze(lab)
    stop(daemon, "power-button:5s destroy", guest, budget=20)
    stay(6)
    go_and_come(lab, 1, daemon)
    check_obeyed(daemon, guest)


class Gone:
    """Guests that obey while libvirtd is away, each asked in another way."""

    def __init__(self, lab, suffix):
        self.lab = lab
        self.destroy, self.leave, self.kept, self.long = (
            lab.guest(f"{name}-{suffix}", cmdline="button=slow:2", persistent=name == "kept")
            for name in ("destroy", "leave", "kept", "long"))
        self.guests = [self.destroy, self.leave, self.kept, self.long]
        lab.start(*self.guests)
        self.daemon = lab.daemon().start()

    def ask(self):
        stop(self.daemon, BUTTON, self.destroy, self.kept)
        stop(self.daemon, f"power-button:{SPAN}s leave", self.leave)
        stop(self.daemon, "power-button:60s destroy", self.long)
        wait_replied(self.daemon, *self.guests)

    def check(self):
        for guest in self.guests:
            guest.wait("console/poweroff")
            check_obeyed(self.daemon, guest, confidence="likely")


def off_in_an_outage(lab):
    """guests that obey while libvirtd is away are told so, though their step's end fell into it, too"""
    gone = Gone(lab, "away")
    gone.ask()
    go_and_come(lab, 6, gone.daemon)
    gone.check()


def off_while_it_hangs(lab):
    """the same where libvirtd hangs first, and is killed after the step's end"""
    gone = Gone(lab, "hung")
    gone.ask()
    freeze(lab)
    stay(OUTLASTED)
    go_and_come(lab, 1, gone.daemon)
    gone.check()


def off_while_both_are_away(lab):
    """the same where virtstopd was killed, too, before and after libvirtd"""
    gone = Gone(lab, "both")
    gone.ask()
    gone.daemon.kill()
    lab.libvirtd.kill()
    stay(6)
    lab.libvirtd.start()
    gone.daemon.start()
    gone.check()


def off_and_restarted_in_between(lab):
    """the same where virtstopd was killed and started again while libvirtd was away"""
    gone = Gone(lab, "between")
    gone.ask()
    lab.libvirtd.kill()
    wait_said(gone.daemon, "went away")
    stay(5)
    gone.daemon.kill()
    gone.daemon.start()
    stay(1)
    lab.libvirtd.start()
    gone.check()


def off_for_nobody(lab):
    """what had run out of time before libvirtd went explains nothing"""
    guest = lab.guest("late", cmdline="button=slow:6").start()
    daemon = lab.daemon().start()
    stop(daemon, "power-button:2s leave", guest)
    wait_said(daemon, "is left running")
    go_and_come(lab, 6, daemon)
    record = record_of(daemon, guest)
    told = record["cause"], record["confidence"], record["request"]
    assert told == ("guest-initiated", "likely", None), record


if __name__ == "__main__":
    tap.main([frozen_and_killed, frozen_and_killed_early, frozen_and_thawed, several_outages, restarted_meanwhile,
              more_than_can_be_pressed, all_guests, press_in_an_outage, agents_in_an_outage, paused_in_an_outage, budgets_end, budgets_end_of_all,
              budget_left,
              off_in_an_outage, off_while_it_hangs, off_while_both_are_away, off_and_restarted_in_between, off_for_nobody])
