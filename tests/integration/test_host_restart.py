#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstopd is killed in the middle of a stop of all guests: what belongs to the whole of it stands."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from gi.repository import GLib  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.boots import booted  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import Client, MANAGER, ROOT, STOP, options  # noqa: E402
from vslab.ladders import own_comm  # noqa: E402

PATIENCE = 60
SECOND = 1000000
LADDER = "power-button:100s leave"


def serve(lab, config=""):
    """A daemon, and a client that listens to it."""
    return lab.daemon(config=config).start(), Client(lab.bus)


def persistent(lab, **behaviours):
    """Guests by name, each with what a press of its button does; started."""
    guests = [lab.guest(name, cmdline=f"button={way}", persistent=True)
              for name, way in behaviours.items()]
    lab.start(*guests)
    return guests


def stop_all_as_host(client, **values):
    """As the host that goes down."""
    client.call("StopAll", "(a{sv})", options({"shutdown": GLib.Variant("b", True), **values}))


def wait_stop(client, name):
    """Waits until a guest of that name has a stop; returns its path."""
    def path():
        return [stop[0] for stop in client.call("ListStops") if stop[3] == name]

    iterate_until(path, PATIENCE, f"the stop of {name}", every=0.1)
    return path()[0]


def wait_over(client):
    iterate_until(lambda: not client.get(ROOT, MANAGER, "StoppingAll"), PATIENCE,
                  "the end of the stop of all", every=0.1)


def restart(daemon):
    daemon.kill()
    daemon.start()


def check_joined(client, path, pid, comm):
    """It goes down as those did that were asked first, for the same reason, by the same."""
    told = {name: client.get(path, STOP, name) for name in ("Ladder", "Reason", "Uid", "Pid", "Comm")}
    assert told == {"Ladder": "power-button:1min40s leave", "Reason": "ups", "Uid": os.getuid(),
                    "Pid": pid, "Comm": comm}, told


def started_again(lab):
    """killed while the host goes down: at the next boot all are started again, also who was off by then"""
    daemon, client = serve(lab)
    first, second = persistent(lab, first="obey", second="ignore")
    stop_all_as_host(client)
    daemon.wait_records("first")
    second.wait("qmp/POWERDOWN")
    restart(daemon)
    late, = persistent(lab, late="ignore")
    wait_stop(client, "late")
    for guest in (second, late):
        guest.destroy()
        daemon.wait_records(guest.name)
    wait_over(client)
    with booted(lab, daemon):
        assert daemon.ctl("restore").status == 0
        for guest in (second, late, first):
            guest.wait("started/booted", 2, timeout=20)


def who_joins(lab):
    """killed while the host goes down: who joins then has the ladder, reason and requester asked for"""
    daemon, client = serve(lab, "[Default]\nLadder=power-button:2s destroy\n")
    stays, = persistent(lab, stays="ignore")
    stop_all_as_host(client, ladder=LADDER, reason="ups")
    stays.wait("qmp/POWERDOWN")
    restart(daemon)
    late, = persistent(lab, late="slow:2")
    check_joined(client, wait_stop(client, "late"), os.getpid(), own_comm())
    late.domain.destroy()  # it was pressed as it began to boot, and may not have heard
    record, = daemon.wait_records("late")
    assert record["request"]["reason"] == "ups" and record["request"]["by"], record
    assert record["host_shutdown"] is True, record


def by_hand(lab):
    """killed in a stop-all by hand: the same holds, and restore starts what was off by then"""
    daemon, client = serve(lab, "[Default]\nLadder=power-button:2s destroy\n")
    first, stays = persistent(lab, first="obey", stays="ignore")
    asked = daemon.spawn_ctl("stop-all", f"--ladder={LADDER}", "--reason=ups")
    daemon.wait_records("first")
    stays.wait("qmp/POWERDOWN")
    daemon.kill()
    late, = persistent(lab, late="ignore")  # nobody can know that it is wanted
    daemon.start()
    path = wait_stop(client, "late")
    try:
        check_joined(client, path, asked.pid, "virtstopctl")
    finally:
        assert daemon.ctl("cancel", "--all").status == 0
        asked.communicate(timeout=PATIENCE)
    assert daemon.ctl("restore").status == 0
    first.wait("started/booted", 2, timeout=20)
    assert stays.heard.count("started/booted") == late.heard.count("started/booted") == 1


def own_time(lab):
    """killed in a stop of all without a budget: who joins then has all the time of its ladder"""
    daemon, client = serve(lab, "[Default]\nLadder=power-button:60s destroy\n"
                                "[Guest late]\nLadder=power-button:300s destroy\n")
    stays, = persistent(lab, stays="ignore")
    stop_all_as_host(client)
    stays.wait("qmp/POWERDOWN")
    restart(daemon)
    late, = persistent(lab, late="ignore")
    path = wait_stop(client, "late")
    late.wait("qmp/POWERDOWN")
    left = client.get(path, STOP, "Deadline") / SECOND - time.monotonic()
    assert 290 < left <= 300, f"{left:.1f} s"


def last_call(lab):
    """killed in a stop of all with a budget of 15 s: nobody is given up earlier than without that"""
    daemon, client = serve(lab, "[Default]\nLadder=power-button:60s destroy\n")
    slow, = persistent(lab, slow="slow:1")
    stop_all_as_host(client, budget=15 * SECOND)
    slow.wait("qmp/POWERDOWN")
    restart(daemon)
    record, = daemon.wait_records("slow")
    steps = record["request"]["steps"]
    assert [step["method"] for step in steps] == ["power-button"], steps
    assert steps[0]["result"] in ("went down", "clean"), steps  # while virtstopd was away: clean


if __name__ == "__main__":
    tap.main([started_again, who_joins, by_hand, own_time, last_call])
