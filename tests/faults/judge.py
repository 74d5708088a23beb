# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each run of each guest against its record. What is right:

    what really ended the run             the record's cause            where a fault hid it, too
    ------------------------------------  ----------------------------  --------------------------------------------------
    it powered off, and had been pressed  power-button                  the same, likely; unknown. Pressed by others only, and
      since its system began                                            virtstopd could not hear it: guest-initiated, likely
    it powered off, and had not           guest-initiated               the same, likely; unknown. A stop was under way: its
                                                                        press may have got through, power-button, likely
    it reset, and on_reboot ended it,     guest-reboot                  the same, likely; unknown; what a power-off may be
      or virtstopd, which had asked                                     told as, likely
    its kernel panicked                   guest-panic                   the same, likely; unknown. Its log is lost, too: crashed,
                                                                        likely (libvirt says no more of either)
    we sent SIGTERM to its QEMU           host-signal, SIGTERM, us      the same, likely, or without us; unknown. Without us
                                                                        where virtlogd lost the log, too; or crashed, likely
    we sent SIGKILL to its QEMU           host-signal, SIGKILL; on an   the same, likely; crashed, likely; unknown; destroyed, likely
                                            older kernel crashed,       (libvirt says that it gave it up); a stop was under way:
                                            likely                      power-button, likely
    we had libvirt destroy it             destroyed                     the same, likely; unknown; libvirtd died in the middle
                                                                        of it: crashed, likely, or host-signal, SIGKILL, likely
    virtstopd has, by a stop (none of     destroyed                     as above
      these, or its time was up, too)
    none of these, and no stop            wrong, whatever it says

Where two things were done to it before its QEMU ended, each explains it: which was first isn't known to the millisecond. What is
told without a fault is `certain`, where the table says nothing else. A fault hides what happens while virtstopd or
libvirtd is dead or stopped, shortly before (what was said then gets lost) and until virtstopd has looked again (20 s);
whoever was away for a part of a run knows less of all of it. virtlogd's death loses a QEMU's log for good.

A request that was taken stands in the record, and none that was never made. Of a stop by virtstopd's own destroy:

    forced early      the guest had less time than its ladder gives it, counted from the first press that reached it (its own
                      monitor's POWERDOWN); where a budget ends the ladder, that. A reset ends the step: what it says then is
                      taken at its word.
    without presses   it heard fewer than its ladder says. Of a QEMU that is stopped nothing is heard.

And of all: lost (an end without a record), doubled (a record without an end), torn (a line that is none), forgotten (a stop
that was taken, with destroy at its end, and the guest runs on; or a state that is kept of a guest which is gone)."""

import os
from datetime import datetime
from typing import NamedTuple

from truth import GUEST_DOWN, GUEST_PANIC, GUEST_RESET
from vslab import kernel

SLACK = 0.3  # of clocks, and of what was first
LOOKS_AGAIN = 20
HEARS_AGAIN = 4  # a virtstopd that was started, or has libvirt back, until it listens
LOST_BEFORE = 0.7  # what was said shortly before a death may not have been read
DOWN_SPAN = 6  # a system that begins anew, as virtstopd has it, and some
DESTROY_TAKES = 11  # of a stopped QEMU: libvirt waits 10 s for SIGTERM

KINDS = ("lost", "doubled", "torn", "wrong", "forced early", "without presses", "forgotten", "crashed")


class Fault(NamedTuple):
    """What is not as it must be."""
    kind: str
    run: str
    text: str

    def __str__(self):
        return f"{self.kind}: {self.run}: {self.text}"


class Case:
    """A run and all that was done to it. @asks, @presses, @deeds: truth.Done."""

    def __init__(self, run, truth):
        until = run.ended or float("inf")
        self.run = run
        mine = [done for done in truth.done if done.began < until and done.ended > run.began
                and done.deed.guest in (run.name, None)]
        self.taken = [done for done in mine if done.deed.ask and done.status == 0]
        self.others = [done for done in mine if done.deed.what == "press"]
        self.deeds = [done for done in mine if done.deed.what in ("term", "kill", "destroy") and done.status != 1
                      or done.deed.what == "destroy"]
        self.daemons = truth.away("virtstopd", "libvirtd")
        self.libvirtds = truth.away("libvirtd")
        self.logs = [away for away in truth.away("virtlogd") if away.dead]
        self.frozen = truth.away(f"qemu:{run.name}")
        self.gap = any(away.touches(run.began - HEARS_AGAIN, until + LOOKS_AGAIN) for away in self.daemons)
        # Who was started while nobody looked may join a stop of all.
        self.asks = [done for done in truth.done if done.deed.ask and done.deed.guest in (run.name, None)
                     and done.began < until and (done.ended > run.began or not done.deed.guest and self.gap)]
        self.asked_late = [done for done in truth.done if done.deed.ask and done.deed.guest in (run.name, None)
                           and done.began >= until]

    @property
    def log_lost(self):
        return any(away.began > self.run.began and away.began < self.run.ended + 1 for away in self.logs)

    def deaf(self, at):
        return any(away.began - LOST_BEFORE < at < away.ended + HEARS_AGAIN for away in self.daemons)

    def is_others(self, at):
        """Whether that press is by somebody else than virtstopd."""
        return any(done.began - SLACK < at < done.ended + SLACK for done in self.others)

    def frozen_within(self, began, ended):
        return sum(max(0, min(away.ended, ended) - max(away.began, began)) for away in self.frozen)


# The cause

def explained(case):
    """{cause: whether it is only allowed as likely}: what the record may say."""
    run, right = case.run, {}
    first = run.first
    reason = first and first[1]
    if reason == GUEST_DOWN:
        right.update(_powered_off(case, first[0]))
    elif reason == GUEST_RESET:
        right["guest-reboot"] = False
        if case.gap:
            right.update({"guest-initiated": True, "power-button": True})
    if run.panicked or reason == GUEST_PANIC:
        right["guest-panic"] = False
        if case.gap and case.log_lost:
            right["crashed"] = True  # libvirt says no more of either
    for done in case.deeds:
        right.update(_ended_by(case, done))
    if _may_be_due(case) and reason not in (GUEST_DOWN, GUEST_RESET) and (case.gap or not run.panicked):
        right["destroyed"] = False
        if case.gap and any(away.touches(run.ended - DESTROY_TAKES, run.ended + 1) for away in case.libvirtds):
            right["crashed"] = True
            right.setdefault("host-signal", True)
    if _may_be_ended_down(case):
        right["guest-reboot"] = False
    if case.gap and right:
        right["unknown"] = True
    return right


def _may_be_ended_down(case):
    """Whether virtstopd may have ended it as it rebooted once more, instead of asking again: its system was down then."""
    return any(done.deed.ask.forces for done in case.asks) and any(
        0 <= case.run.ended - reset < DOWN_SPAN for reset in case.run.resets)


def _may_be_due(case):
    """Whether virtstopd itself may have destroyed it, right or too early."""
    return any(done.deed.ask.forces for done in case.asks) and (not case.deeds or any(
        case.run.ended > done.began + done.deed.ask.asking - SLACK for done in case.asks))


def _powered_off(case, at):
    pressed = [press for press in case.run.powerdowns if case.run.attempt_began < press < at + 0.01]
    if not pressed:
        return {"guest-initiated": False, **({"power-button": True} if case.gap and case.asks else {})}
    right = {"power-button": False}
    if all(case.is_others(press) and case.deaf(press) for press in pressed):
        right["guest-initiated"] = True
    if _given_up(case, at, max(pressed)):
        right["guest-initiated"] = False
    return right


def _given_up(case, at, pressed):
    """Whether a stop that ends in leave was over by then; its other steps may have been passed over."""
    return any(not done.deed.ask.forces and done.deed.ask.step and at > pressed + done.deed.ask.step.span - SLACK
               for done in case.asks)


def _ended_by(case, done):
    """What a deed is told as."""
    what = done.deed.what
    if what == "term":
        return {"host-signal": False, **({"crashed": True} if case.gap and case.log_lost else {})}
    if what == "destroy":
        died = case.gap and any(away.touches(done.began, done.ended + 1) for away in case.libvirtds)
        return {"destroyed": False, **({"crashed": True, "host-signal": True} if died else {})}
    right = {"host-signal": False} if kernel.tells_ends() else {"crashed": True}
    if case.gap:
        right["crashed"] = True
        right["destroyed"] = True
        if case.asks:
            right["power-button"] = True
    return right


def check_cause(case, record):
    right = explained(case)
    cause, confidence = record["cause"], record["confidence"]
    if not right:
        yield "nobody and nothing has ended it, that is known of"
        return
    if cause not in right:
        yield f"{cause} {confidence}, and it was {' or '.join(right)}"
        return
    if right[cause] and confidence == "certain":
        yield f"{cause} certain, which can't be known"
    alone = len(right) == 1
    if alone and not right[cause] and not case.gap and not case.log_lost and confidence != "certain" \
            and not _many_pressed(case):
        yield f"{cause} only {confidence}, and nothing hid it"
    killer = record.get("killer") or {}
    if record.get("signal") == "SIGKILL":  # libvirt's own, too, where it could not say so
        if killer or not any(done.deed.what != "term" for done in case.deeds) and "destroyed" not in right:
            yield f"{cause} by SIGKILL from {killer}, and nobody sent it"
    elif cause == "host-signal" and (killer or not case.log_lost and not case.gap):
        if (record.get("signal"), killer.get("pid")) != ("SIGTERM", os.getpid()):
            yield f"{record.get('signal')} by {killer}, and it was SIGTERM by us ({os.getpid()})"
    elif record.get("signal"):
        yield f"{cause} with {record['signal']}"


def _many_pressed(case):
    """By more than one: who of them it obeyed isn't known."""
    return case.others and case.asks


def check_request(case, record, made):
    """@made: when the record was."""
    run, request = case.run, record["request"]
    # Who was only being started then wasn't there yet, or is wanted.
    before = [done for done in case.taken if done.ended < _over(run) - SLACK
              and run.resumed is not None and run.resumed < done.began]
    if before and not request and not _expired(case):
        yield f"the request is forgotten: {before[0].deed}, taken at {before[0].ended:.3f}"
    if request and not case.asks and not any(done.began < made for done in case.asked_late):
        yield "there is a request, and nobody asked"
    if request and request["outcome"] == "forced" and run.first and run.first[1] == GUEST_DOWN \
            and not case.deeds and not case.gap:
        yield "forced, and it powered off"
    if request and request["outcome"] == "clean" and not (run.first and run.first[1] in (GUEST_DOWN, GUEST_RESET)) \
            and not _may_be_ended_down(case) and not case.gap:
        yield "clean, and it was cut off"


def made_at(record):
    return datetime.fromisoformat(record["time"].replace("Z", "+00:00")).timestamp() + SLACK


def _expired(case):
    """Whether all stops of it may have ended without it, by leave."""
    return all(not done.deed.ask.forces for done in case.taken)


def _over(run):
    """When its end began."""
    return min([run.ended, *([run.first[0]] if run.first else []), *([run.panicked] if run.panicked else [])])


# How it was stopped

def check_forced(case):
    """Yields (kind, text) where virtstopd has destroyed it too early. One that was never let run libvirt itself ends."""
    run = case.run
    if run.resumed is None or not case.asks or case.deeds or run.panicked:
        return
    if run.first and run.first[1] in (GUEST_DOWN, GUEST_RESET):
        return
    killed = run.first[0] if run.first else run.ended - DESTROY_TAKES
    asks = [done for done in case.asks if done.began < killed]
    if not asks:
        return
    asked = max(run.began, min(done.began for done in asks))
    promised = min(done.deed.ask.presses for done in asks)
    if any(reset > asked for reset in run.resets):
        return
    pressed = [at for at in run.powerdowns if asked < at < killed + 0.05]
    own = [at for at in pressed if not case.is_others(at)] or pressed
    earliest = min(_budget_over(done) for done in asks)
    frozen = case.frozen_within(asked, killed + 1)
    if len(pressed) < promised and killed < earliest and not frozen:
        yield "without presses", (f"{len(pressed)} of {promised} ({asks[0].deed.ask}), destroyed {killed - asked:.2f} s after "
                                  f"it was asked for")
    if own and promised:
        span = min(_span(done, own[0]) for done in asks)
        if killed - own[0] < span - SLACK and killed < earliest - SLACK and not frozen:
            yield "forced early", f"{killed - own[0]:.2f} s after it was reached, {span:.2f} are promised"
    if frozen and promised and killed - asked < min(_span(done, asked) for done in asks) - SLACK and killed < earliest:
        yield "forced early", f"{killed - asked:.2f} s after it was asked for"


def _budget_over(done):
    ask = done.deed.ask
    return done.began + ask.budget - min(15, ask.budget / 2) if ask.budget else float("inf")


def _span(done, reached):
    """What the button's step gives to a guest that was reached then: what is left of a budget may be shared out anew."""
    ask = done.deed.ask
    if not ask.budget:
        return ask.step.span if ask.step else 0
    left = max(0, done.began + ask.budget - reached)
    left = left - min(15, left / 2)
    return min(ask.step.span, ask.step.span * left / (ask.step.span + ask.agent)) if ask.step else 0


# All

def judge(runs, truth, records, torn, kept):
    """Yields Faults. @runs: in order; @records: of all guests, in order; @torn: lines that are none;
    @kept: {name} of guests of which a state is kept."""
    for line in torn:
        yield Fault("torn", "-", line)
    for name in {run.name for run in runs} | {record["domain"]["name"] for record in records}:
        yield from _judge_guest(name, [run for run in runs if run.name == name], truth,
                                [record for record in records if record["domain"]["name"] == name], kept)


def _judge_guest(name, runs, truth, records, kept):
    over = [run for run in runs if run.is_over]
    cases = {run: Case(run, truth) for run in runs}
    wanted = [run for run in over if run.certain and not _unseen(cases[run])]
    possible = [run for run in over if run.certain]
    if len(records) < len(wanted):
        yield Fault("lost", name, f"{len(wanted)} ends, {len(records)} records")
    elif len(records) > len(over):
        yield Fault("doubled", name, f"{len(over)} ends, {len(records)} records")
    else:
        matched = wanted if len(records) == len(wanted) else possible if len(records) == len(possible) else over
        for run, record in zip(matched, records):
            case = cases[run]
            for text in (*check_cause(case, record), *check_request(case, record, made_at(record) - truth.epoch)):
                yield Fault("wrong", str(run), text)
    for run in over:
        for kind, text in check_forced(cases[run]):
            yield Fault(kind, str(run), text)
    if runs and not runs[-1].is_over:
        case = cases[runs[-1]]  # who is asked twice is stopped as it was asked first
        if case.taken and all(done.deed.ask.forces for done in case.asks):
            yield Fault("forgotten", str(runs[-1]), f"it runs on, and there was {case.taken[0].deed}")
    elif name in kept:
        yield Fault("forgotten", name, "a state is kept of it, and it is gone")


def _unseen(case):
    """Whether it began and ended while virtstopd could not look."""
    return any(away.began - LOST_BEFORE < case.run.began and case.run.ended < away.ended + HEARS_AGAIN
               for away in case.daemons)
