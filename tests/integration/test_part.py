#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A part of the guests is stopped, by group, priority or name, and brought back: what that stop took, and only that."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from gi.repository import GLib  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import CallError, Client, MANAGER, ROOT, options  # noqa: E402

PATIENCE = 60
CONFIG = """\
[Default]
Ladder=power-button:60s destroy
[Guest lab-*]
Group=lab
Priority=-10
[Guest lab-a]
Before=lab-b
[Guest web-*]
Group=web
Priority=20
"""


def serve(lab, **behaviours):
    """A daemon, and guests by name ("_" for "-"), each with what a press of its button does; they run."""
    guests = {name.replace("_", "-"): lab.guest(name.replace("_", "-"), cmdline=f"button={way}", persistent=True)
              for name, way in behaviours.items()}
    lab.start(*guests.values())
    return lab.daemon(config=CONFIG).start(), guests


def running(guests):
    return {name for name, guest in guests.items() if guest.domain.isActive()}


def wait_restored(daemon, guests, names):
    iterate_until(lambda: names <= running(guests), PATIENCE, f"{names} to run again", every=0.1)
    client = Client(daemon.lab.bus)
    iterate_until(lambda: not client.get(ROOT, MANAGER, "HostStops"), PATIENCE, "the end of the restore", every=0.1)


def check_refused(daemon):
    """Each error names what is wrong, and what is allowed."""
    for words, status, said in (
            (["--group=lap"], 2, "There is no group “lap” (there are: lab, web)"),
            (["--priority=5-1"], 2, "--priority=: “5-1” is no priority"),
            (["--uri=qemu:///other"], 2, "virtstopd watches no libvirt at “qemu:///other”"),
            (["nobody"], 4, "There is no domain “nobody”"),
            (["--group=lab", "--host-shutdown"], 2, "no part of them is allowed")):
        done = daemon.ctl("stop-all", *words)
        assert done.status == status and said in done.err, (words, done)
    try:
        Client(daemon.lab.bus).call("StopAll", "(a{sv})", options({"group": GLib.Variant("s", "lab")}))
        raise AssertionError("an unknown option was taken")
    except CallError as error:
        assert "There is no option “group” here (allowed: " in str(error) and "groups as" in str(error), error


def planned(daemon, *words):
    done = daemon.ctl("plan", "--json=short", *words)
    assert done.status == 0, done
    return {guest["name"] for guest in json.loads(done.out)["guests"]}


def stops_a_part(lab):
    """stop-all --group: those and no others, in their order; restore: in the reverse order, but for who was dealt with by hand"""
    daemon, guests = serve(lab, lab_a="slow:1", lab_b="obey", lab_c="obey", lab_d="obey", web_a="obey", other="obey")
    check_refused(daemon)
    assert planned(daemon, "--group=lab") == {"lab-a", "lab-b", "lab-c", "lab-d"}
    assert planned(daemon, "--priority=0-") == {"web-a", "other"}
    assert planned(daemon, "--group=lab", "--group=web", "--priority=..0", "lab-*", "web-*") == {
        "lab-a", "lab-b", "lab-c", "lab-d"}
    done = daemon.ctl("stop-all", "--group=lab", "--reason=on battery")
    assert done.status == 0, done
    assert running(guests) == {"web-a", "other"}, running(guests)
    records = {record["domain"]["name"]: record for record in daemon.records()}
    assert set(records) == {"lab-a", "lab-b", "lab-c", "lab-d"} and len(
        {record["host_stop"]["id"] for record in records.values()}) == 1, records
    assert [record["host_stop"]["kind"] for record in records.values()] == ["by-hand"] * 4, records
    assert records["lab-a"]["host_stop"]["part"] == {"groups": ["lab"]}, records
    blamed = daemon.ctl("blame").out
    assert "Stop of a part of the guests, by hand" in blamed and "Part: group lab\n" in blamed, blamed
    assert records["lab-a"]["time"] < records["lab-b"]["request"]["steps"][0]["started"], records
    guests["lab-c"].start()  # by hand, and off again by hand: no business of restore's
    guests["lab-c"].destroy()
    daemon.wait_records("lab-c", 2)
    begun = time.time()
    assert daemon.ctl("restore").status == 0
    wait_restored(daemon, guests, {"lab-a", "lab-b", "lab-d"})
    assert running(guests) == set(guests) - {"lab-c"}, running(guests)
    started = [entry for entry in daemon.stderr.splitlines() if "started again" in entry]
    assert "lab-b" in started[-3] + started[-2] and "lab-a" in started[-2] + started[-1], (begun, started)


def two_parts(lab):
    """two parts one after the other, virtstopd killed in between: restore ID brings back one, restore the rest; cancel --stop"""
    daemon, guests = serve(lab, lab_a="obey", web_a="ignore", web_b="obey", other="obey")
    assert daemon.ctl("stop-all", "--group=lab").status == 0
    first = daemon.records("lab-a")[0]["host_stop"]["id"]
    assert daemon.ctl("stop-all", "--no-wait", "--priority=20").status == 0
    guests["web-a"].wait("qmp/POWERDOWN")
    daemon.wait_records("web-b")
    daemon.kill()
    daemon.start()
    second = daemon.records("web-b")[0]["host_stop"]["id"]
    done = daemon.ctl("restore", "nosuch")
    assert done.status == 1 and "Guests are being stopped" in done.err, done
    assert daemon.ctl("cancel", f"--stop={second[:8]}").status == 0
    done = daemon.ctl("restore", "nosuch")
    assert done.status == 1 and f"{first} (group lab)" in done.err and f"{second} (priority 20)" in done.err, done
    assert daemon.ctl("restore", first).status == 0
    iterate_until(lambda: "lab-a" in running(guests), PATIENCE, "lab-a to run again", every=0.1)
    assert "web-b" not in running(guests)
    assert daemon.ctl("restore").status == 0
    iterate_until(lambda: "web-b" in running(guests), PATIENCE, "web-b to run again", every=0.1)
    assert guests["web-a"].heard.count("started/booted") == guests["other"].heard.count("started/booted") == 1


def shortened(lab):
    """a smaller budget over a running stop-all holds: of all, of a part that is taken in, of a part of all"""
    daemon, guests = serve(lab, lab_a="ignore", lab_b="ignore", web_a="ignore")
    assert daemon.ctl("stop-all", "--no-wait", "--budget=5min", "--group=lab").status == 0
    guests["lab-a"].wait("qmp/POWERDOWN")  # lab-b waits for its turn
    began = time.monotonic()
    assert daemon.ctl("stop-all", "--no-wait", "--budget=4s", "--group=lab").status == 0
    assert daemon.ctl("stop-all", "--no-wait", "--budget=5min").status == 0  # which takes lab in, with its time
    guests["web-a"].wait("qmp/POWERDOWN")
    for name in ("lab-a", "lab-b"):
        daemon.wait_records(name)
    assert time.monotonic() - began < 20, "the 4 s of the part didn't hold"
    assert running(guests) == {"web-a"}
    began = time.monotonic()
    assert daemon.ctl("stop-all", "--no-wait", "--budget=3s", "web-*").status == 0  # a part of what is in flight
    record, = daemon.wait_records("web-a")
    assert time.monotonic() - began < 20 and record["request"]["outcome"] == "forced", record


if __name__ == "__main__":
    tap.main([stops_a_part, two_parts, shortened])
