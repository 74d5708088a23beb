#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Some rounds of random faults (tests/faults/run), and that its judge sees what is wrong. VS_FAULTS_SEED=N plays the
rounds of another seed than 1, VS_FAULTS_ROUNDS=N as many."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FAULTS = os.path.join(HERE, os.pardir, "faults")
sys.path[:0] = [FAULTS, os.path.join(HERE, os.pardir, "lib")]

import judge  # noqa: E402
from plan import Ask, Deed, Step  # noqa: E402
from truth import Away, Done, Run, Truth  # noqa: E402
from vslab import Skip, kernel, tap  # noqa: E402

CASE_TIMEOUT = 600
ROUNDS = 3
SKIPPED = 77
NAME = "obeys"


# Rounds that never were: a guest, what was done to it, and what the record says.

class Story:
    """One run of a guest that began at 0. Times are seconds."""

    def __init__(self, ended=None, shutdown=None, powerdowns=()):
        self.truth = Truth()
        self.truth.epoch = 0
        self.run = Run(NAME, 1, 0, False)
        self.run.resumed = 0
        self.run.ended = ended
        self.run.powerdowns = list(powerdowns)
        self.run.shutdowns = [(ended - 0.1, shutdown)] if shutdown else []

    def done(self, at, what, ask=None):
        self.truth.done.append(Done(at, at + 0.1, Deed(at, what, NAME, ask), 0, ""))
        return self

    def away(self, target, began, ended, dead=True):
        self.truth.aways.setdefault(target, []).append(Away(began, ended, dead))
        return self

    def kinds(self, *records, torn=(), kept=()):
        return sorted({fault.kind for fault in judge.judge([self.run], self.truth, list(records), torn, kept)})


def record(cause, confidence="certain", request=None, **more):
    return {"time": "1970-01-01T00:10:00.000000Z", "domain": {"name": NAME}, "cause": cause, "confidence": confidence,
            "request": request and {"outcome": request}, **more}


def expect(kinds, story, *records, **more):
    found = story.kinds(*records, **more)
    assert found == kinds, (found, kinds, records)


def one_for_each(lab):
    """the judge of the faults' runner sees what is lost, doubled, torn or forgotten"""
    def pressed():
        return Story(20, "guest-shutdown", [19]).done(18, "press")

    expect([], pressed(), record("power-button"))
    expect(["lost"], pressed())
    expect(["doubled"], pressed(), record("power-button"), record("power-button"))
    expect(["torn"], pressed(), record("power-button"), torn=["{"])
    expect(["forgotten"], pressed(), record("power-button"), kept=[NAME])
    expect(["doubled"], Story(), record("unknown", "unknown"))
    expect(["forgotten"], Story(powerdowns=[19]).done(18, "stop", Ask(Step(5))))
    left = Story(powerdowns=[19]).done(18, "stop", Ask(Step(5), forces=False))
    expect([], left)
    expect([], left.done(20, "stop", Ask(Step(5))))


def causes(lab):
    """the judge of the faults' runner sees a wrong cause, and lets pass what a fault hid"""
    def stopped():
        return Story(20, "guest-shutdown", [19]).done(18, "stop", Ask(Step(5)))

    expect([], stopped(), record("power-button", request="clean"))
    expect(["wrong"], stopped(), record("power-button"))
    expect(["wrong"], stopped(), record("power-button", "likely", "clean"))
    expect([], stopped().away("libvirtd", 19, 22), record("power-button", "likely", "clean"))
    expect(["wrong"], stopped().away("libvirtd", 19, 22), record("guest-initiated", "likely", "clean"))
    expect(["wrong"], Story(20, "guest-shutdown"), record("power-button"))
    expect([], Story(20, "guest-shutdown"), record("guest-initiated"))
    killed, crashed = record("host-signal", signal="SIGKILL"), record("crashed", "likely")
    expect([], Story(20).done(19.9, "kill"), killed if kernel.tells_ends() else crashed)
    expect(["wrong"], Story(20).done(19.9, "kill"), crashed if kernel.tells_ends() else killed)
    expect([], Story(20).done(19.9, "kill").away("virtstopd", 19, 22), crashed)
    expect(["wrong"], Story(20), killed)
    expect(["wrong"], Story(20).done(19.9, "kill"), record("crashed"))
    signalled = record("host-signal", signal="SIGTERM", killer={"pid": os.getpid()})
    expect([], Story(20, "host-signal").done(19.8, "term"), signalled)
    expect(["wrong"], Story(20, "host-signal").done(19.8, "term"), {**signalled, "killer": {"pid": 1}})
    expect(["wrong"], Story(20, "host-signal").done(19.8, "term"), record("monitor-quit", "likely"))
    expect([], Story(20, "host-signal").done(19.8, "destroy"), record("destroyed"))
    expect(["wrong"], Story(20, "host-signal"), record("destroyed"))


def forced(lab):
    """the judge of the faults' runner sees who was destroyed too early, or without the presses of the ladder"""
    def destroyed(at, *powerdowns, ask=Ask(Step(6, 2, 2))):
        return Story(at, "host-signal", powerdowns).done(10, "stop", ask)

    right = record("destroyed", request="forced")
    expect([], destroyed(18, 10.1, 12.1), right)
    expect(["without presses"], destroyed(18, 10.1), right)
    expect(["without presses"], destroyed(18), right)
    expect(["forced early"], destroyed(15, 10.1, 12.1), right)
    expect([], destroyed(18, 10.1, 12.1).away("libvirtd", 11, 12), right)
    expect(["forced early"], destroyed(18, 15, 17).away("libvirtd", 9, 14), right)
    # A whole budget is over, libvirt was away: it may be destroyed without a press, but not before that.
    budgeted = Ask(Step(6), budget=20)
    expect([], destroyed(20.5, ask=budgeted).away("libvirtd", 9, 20), right)
    expect(["without presses"], destroyed(19, ask=budgeted).away("libvirtd", 9, 18.5), right)


def rounds(lab):
    """random faults on real guests: each record against what was really done"""
    if os.environ.get("VS_LAB") == "skip":
        raise Skip("VS_LAB=skip is set: no guests in this run")
    seed = os.environ.get("VS_FAULTS_SEED", "1")
    tap.diagnose(f"tests/faults/run --seed={seed} --rounds={ROUNDS}")
    done = subprocess.run([os.path.join(FAULTS, "run"), f"--seed={seed}", f"--jobs={ROUNDS}",
                           f"--rounds={os.environ.get('VS_FAULTS_ROUNDS') or ROUNDS}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                          timeout=CASE_TIMEOUT - 10, check=False)
    tap.diagnose(done.stdout)
    if done.returncode == SKIPPED:
        raise tap.Unavailable(done.stdout)
    assert done.returncode == 0, f"seed {seed}"


if __name__ == "__main__":
    tap.main([one_for_each, causes, forced, rounds], case_timeout=CASE_TIMEOUT, kind="BareLab")
