#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `virtstopctl plan` says of real guests, before they were ever stopped, and after."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402

LADDER = "power-button:4s destroy"
BUDGETS = ("1ms", "3s", "5s", "30s", "5min")


def plan(daemon, *args):
    """virtstopctl's JSON, and what the text is."""
    done, text = (daemon.ctl("plan", *args, *more) for more in (["--json=short"], []))
    assert (done.status, text.status) == (0, 0), (done, text)
    return json.loads(done.out), text.out


def outcomes(made):
    return {guest["name"]: guest["outcome"] for guest in made["guests"]}


def check_monotone(daemon):
    """With more budget what obeys is clean, and stays so; nothing else changes."""
    was_clean = False
    for budget in BUDGETS:
        made, text = plan(daemon, f"--budget={budget}")
        clean = outcomes(made)["obeys"] == "clean"
        assert outcomes(made) == {"obeys": "clean" if clean else "forced", "ignores": "forced", "new": "unknown"}, made
        assert {guest["name"]: guest["cut_short"] for guest in made["guests"]} == {
            "obeys": not clean, "ignores": False, "new": False}, made
        assert ("is too short for obeys" in text) is not clean, text
        assert clean or not was_clean, f"{budget} is worse than less"
        was_clean = clean
    assert was_clean


def learns(lab):
    """plan says unknown of guests that were never stopped, whatever the budget, then clean and forced as they were"""
    guests = [lab.guest("obeys", "tiny", persistent=True), lab.guest("ignores", "tiny", "button=ignore", persistent=True),
              lab.guest("new", "tiny")]
    lab.start(*guests)
    daemon = lab.daemon(config=f"[Default]\nLadder={LADDER}\n").start()
    for budget in BUDGETS:
        made, text = plan(daemon, f"--budget={budget}")
        assert set(outcomes(made).values()) == {"unknown"} and not any(guest["forced"] for guest in made["guests"]), made
        assert text.count(" unknown\n") == 3, text
    assert daemon.ctl("stop", "obeys", "ignores").status == 3
    lab.start(*guests[:2])
    check_monotone(daemon)
    stop = daemon.records("ignores")[0]
    planned = {guest["name"]: guest for guest in plan(daemon)[0]["guests"]}["ignores"]
    assert abs(planned["took_ms"] - stop["took_ms"]) <= 0.15 * stop["took_ms"], (planned, stop)


if __name__ == "__main__":
    tap.main([learns])
