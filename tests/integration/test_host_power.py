#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole hosts that fail, as their power does, with guests running, and boot again; and some that go down in order and
leave a guest to its end."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.hostfleet import CASE_TIMEOUT, WATCHES, boot  # noqa: E402

# As long as a loaded machine takes from the request to the hook, and more.
PATIENT = "[Default]\nLadder=power-button:2min destroy\n"


def noted(host):
    return host.read("/var/lib/virtstop/running-guests.json") or ""


def boot_id(host):
    return host.run("cat", "/proc/sys/kernel/random/boot_id").out.strip()


def wait_noted(host, guests):
    iterate_until(lambda: all(f'"{name}"' in noted(host) for name in guests), 30, "the note that they run", every=0.1)


def told(record):
    return [record[key] for key in ("cause", "clean", "confidence", "initiator", "host_shutdown")]


def wait_record(host, name, count=1):
    iterate_until(lambda: len(host.records(name)) >= count, 30, f"the record of {name}", every=0.1)
    records = host.records(name)
    assert len(records) == count, records
    return records[-1]


def last_entry(host, boot):
    """RFC 3339, as the records have it: of the last entry in the journal of that boot."""
    line = host.journal("-b", boot.replace("-", ""), "-n", "1", "-o", "short-iso-precise", "--utc").split()[0]
    return line.replace("+0000", "Z").replace("+00:00", "Z")


def check_failed(host, name, boot):
    record = wait_record(host, name)
    assert told(record) == ["host-failure", False, "certain", "platform", False], record
    assert record["boot_id"] == boot and record["request"] is None, record
    assert record["window"]["from"] == record["time"] <= record["window"]["until"], record
    assert record["time"] >= last_entry(host, boot), (record, last_entry(host, boot))
    return record


def fails(lab):
    """PID 1 of a host is killed: at its next boot each guest that ran has one record, certain, with a window"""
    host, guests = boot(lab, WATCHES, ("obeys", "ignores"), config="")
    wait_noted(host, guests)
    before = boot_id(host)
    host.kill()
    host.boot()
    for name in guests:
        check_failed(host, name, before)
    story = host.ctl("why", "obeys").out
    assert "The host itself failed while “obeys” ran on it." in story and "That was between " in story, story
    tap.diagnose(*story.splitlines())
    host.run("systemctl", "kill", "--signal=KILL", "virtstopd.service")
    iterate_until(lambda: host.ctl("list").status == 0, 30, "virtstopd again", every=0.2)
    assert len(host.records()) == len(guests), host.records()


def fails_going_down(lab):
    """PID 1 is killed in the middle of the host's own shutdown: the record of who was on its way says so"""
    host, guests = boot(lab, names=("obeys", "ignores"), config=PATIENT)
    wait_noted(host, guests)
    before = boot_id(host)
    host.ask_down("poweroff")
    iterate_until(lambda: '"host_kind":"poweroff"' in noted(host) and '"obeys"' not in noted(host), 60,
                  "the note that the host powers off, and one guest is off", every=0.1)
    host.kill()
    host.boot()
    record = wait_record(host, "ignores")
    assert told(record) == ["host-failure", False, "certain", "platform", True], record
    assert record["boot_id"] == before and record["host_stop"]["kind"] == "poweroff", record
    assert record["request"]["outcome"] == "unknown" and record["request"]["steps"] == [], record
    down = wait_record(host, "obeys")
    assert down["cause"] == "power-button" and down["host_stop"]["id"] == record["host_stop"]["id"], down
    story = host.ctl("why", "ignores").out
    assert "That stop was under way as the host failed" in story and "to power off." in story, story
    tap.diagnose(*story.splitlines())


def left(lab):
    """a host goes down in order, and a guest is left to its end: it did not fail, and one record says what is known"""
    host, guests = boot(lab, WATCHES, ("ignores",), config="")
    wait_noted(host, guests)
    down = host.power_off()
    assert down.how == "poweroff", down
    host.boot()
    record = wait_record(host, "ignores")
    assert record["cause"] != "host-failure" and record["host_shutdown"] is True, record
    tap.diagnose(*host.ctl("why", "ignores").out.splitlines())


def ended_before(lab):
    """virtstopd was stopped by hand, then the host fails: likely, and the window begins where nobody watched any more"""
    host, guests = boot(lab, WATCHES, ("ignores",), config="")
    wait_noted(host, guests)
    host.run("systemctl", "stop", "virtstopd.service")
    ended = host.run("date", "-u", "+%Y-%m-%dT%H:%M:%S").out.strip()
    before = boot_id(host)
    host.kill()
    host.boot()
    record = wait_record(host, "ignores")
    assert told(record) == ["host-failure", False, "likely", "platform", False], record
    assert record["boot_id"] == before and record["time"] <= ended + "Z", (record, ended)


if __name__ == "__main__":
    tap.main([fails, fails_going_down, left, ended_before], case_timeout=CASE_TIMEOUT, kind="HostLab")
