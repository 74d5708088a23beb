#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The host fails while guests run. The host is played: its guests and virtstopd are killed at once, and virtstopd
starts again with another boot id and an empty /run."""

import json
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.boots import another_boot, boot_id, fail  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

PATIENCE = 60


def noted(daemon):
    """The names of the guests that are noted to run."""
    path = os.path.join(daemon.state_directory, "running-guests.json")
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as file:
        return {run["name"] for run in json.load(file)["runs"]}


def stopping(daemon):
    """Of each guest that is noted, whether it is as one that is being stopped."""
    with open(os.path.join(daemon.state_directory, "running-guests.json"), encoding="utf-8") as file:
        return {run["name"]: "stop" in run for run in json.load(file)["runs"]}


def wait_noted(daemon, *guests):
    names = {guest.name for guest in guests}
    iterate_until(lambda: noted(daemon) == names, PATIENCE, f"the note that {names} run", every=0.05)


def run(lab, *names, cmdline=""):
    """A daemon, and guests of these names that it has noted to run."""
    daemon = lab.daemon().start()
    guests = [lab.guest(name, cmdline=cmdline, persistent=True) for name in names]
    lab.start(*guests)
    wait_noted(daemon, *guests)
    return (daemon, *guests)


def told(record):
    return [record[key] for key in ("cause", "clean", "confidence", "initiator", "request", "host_shutdown")]


FAILED = ["host-failure", False, "likely", "platform", None, False]
NOBODY_KNOWS = ["unknown", None, "unknown", "unknown", None, False]


def check(daemon, guest, boot, expected):
    """One record of it, with a window that can be. There is no journal here."""
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    assert told(record) == expected, record
    assert record["boot_id"] == boot, record
    assert record["window"]["from"] == record["time"] <= record["window"]["until"], record
    return record


def host_fails(lab):
    """the host fails: each guest that ran has one record, and one that was off before keeps its own"""
    daemon, first, second, off = run(lab, "first", "second", "off")
    boot = boot_id()
    off.press()
    daemon.wait_records("off")
    wait_noted(daemon, first, second)
    fail(daemon, first, second)
    with another_boot(lab, daemon):
        daemon.start()
        for guest in (first, second):
            record = check(daemon, guest, boot, FAILED)
            assert record["domain"]["id"] > 0, record
        assert [record["cause"] for record in daemon.records("off")] == ["power-button"]
        story = daemon.ctl("why", "first").out
        assert "The host itself likely failed while “first” ran on it." in story, story
        assert "That was between " in story and " again now" not in story, story
        first.domain.create()
        first.wait("console/ready", 2)
        iterate_until(lambda: "It runs again now" in daemon.ctl("why", "first").out, PATIENCE, "why", every=0.2)
        wait_noted(daemon, first)
        daemon.kill()
        daemon.start()  # nothing comes twice
        assert len(daemon.wait_records("second")) == len(daemon.records("first")) == 1


def killed_in_between(lab):
    """virtstopd is killed before all have their records: the next one makes those that are missing, and no other"""
    daemon, *guests = run(lab, "one", "two", "three")
    fail(daemon, *guests)
    path = os.path.join(daemon.state_directory, "running-guests.json")
    with open(path, encoding="utf-8") as file:
        kept = file.read()
    with another_boot(lab, daemon):
        daemon.start()
        for guest in guests:
            daemon.wait_records(guest.name)
        daemon.kill()
        # As if it had been killed behind the second record.
        with open(daemon.records_path, encoding="utf-8") as file:
            lines = file.readlines()
        with open(daemon.records_path, "w", encoding="utf-8") as file:
            file.writelines(lines[:2])
        with open(path, "w", encoding="utf-8") as file:
            file.write(kept)
        daemon.start()
        for guest in guests:
            daemon.wait_records(guest.name)
        iterate_until(lambda: noted(daemon) == set(), PATIENCE, "nothing noted any more", every=0.1)
        assert sorted(record["domain"]["name"] for record in daemon.records()) == ["one", "three", "two"]
        assert sorted(record["id"] for record in daemon.records()) == \
            sorted(json.loads(line)["id"] for line in lines)


def ended_before(lab):
    """virtstopd was ended by hand, and the host boots: without a journal nobody knows what became of the guest"""
    daemon, guest = run(lab, "left")
    boot = boot_id()
    assert daemon.stop() == 0
    guest.kill(signal.SIGKILL)
    guest.wait_off("failed")
    with another_boot(lab, daemon):
        daemon.start()
        record = check(daemon, guest, boot, NOBODY_KNOWS)
        assert any(item.get("event") == "virtstopd ended" for item in record["evidence"]), record


def unusable(lab):
    """a note of another machine, of another schema, or damaged: set aside, said, and nothing is told of its guests"""
    daemon, guest = run(lab, "moved")
    fail(daemon, guest)
    path = os.path.join(daemon.state_directory, "running-guests.json")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    kept = json.loads(text)
    bad = {"another machine": json.dumps(dict(kept, machine_id="0" * 32)), "schema": json.dumps(dict(kept, schema=9)),
           "damaged": json.dumps(dict(kept, runs=[{}])), "JSON": text[:-20]}
    with another_boot(lab, daemon):
        for number, (word, damaged) in enumerate(bad.items(), 1):
            with open(path, "w", encoding="utf-8") as file:
                file.write(damaged)
            daemon.start()
            assert word in daemon.stderr, (word, daemon.stderr)
            assert os.path.exists(path + (".bad" if number == 1 else f".bad.{number}")), os.listdir(daemon.state_directory)
            assert daemon.records("moved") == []
            daemon.stop()


def restored(lab):
    """the state directory is put back from a copy: what has its record since gets no second one, and nothing failed"""
    daemon, guest = run(lab, "back")
    copy = daemon.state_directory + ".copy"
    shutil.copytree(daemon.state_directory, copy)
    guest.press()
    daemon.wait_records("back")
    daemon.kill()
    with another_boot(lab, daemon):  # a later boot, in which it runs and stops once more
        daemon.start()
        guest.domain.create()
        guest.wait("console/ready", 2)
        wait_noted(daemon, guest)
        guest.press()
        daemon.wait_records("back", 2)
    shutil.copyfile(os.path.join(copy, "running-guests.json"), os.path.join(daemon.state_directory, "running-guests.json"))
    with another_boot(lab, daemon):
        daemon.start()
        daemon.ctl("list")
        assert [record["cause"] for record in daemon.records()] == ["power-button"] * 2, daemon.records()


def restarted(lab):
    """virtstopd is ended and started again in the same boot: the guest runs on, and nothing is told of it"""
    daemon, guest = run(lab, "stays")
    daemon.stop()
    daemon.start()
    wait_noted(daemon, guest)
    daemon.kill()
    daemon.start()
    wait_noted(daemon, guest)
    assert daemon.records() == []
    guest.destroy()
    assert [record["cause"] for record in daemon.wait_records("stays")] == ["destroyed"]
    iterate_until(lambda: noted(daemon) == set(), PATIENCE, "nothing noted any more", every=0.1)


def in_flight(lab):
    """the host fails in the middle of a stop of all: each record says who had asked for that, or for its guest's own"""
    daemon, own, other, called_off = run(lab, "own", "other", "called-off", cmdline="button=ignore")
    boot = boot_id()
    for words in (["stop", "--no-wait", "--reason=on battery", "own"], ["stop-all", "--no-wait", "--reason=maintenance"],
                  ["cancel", "called-off"]):
        answer = daemon.ctl(*words)
        assert answer.status == 0, answer
    expected = {"own": True, "other": True, "called-off": False}
    iterate_until(lambda: stopping(daemon) == expected, PATIENCE, f"the note that these stop: {expected}", every=0.05)
    fail(daemon, own, other, called_off)
    with another_boot(lab, daemon):
        daemon.start()
        check(daemon, called_off, boot, FAILED)
        for guest, reason in ((own, "on battery"), (other, "maintenance")):
            record, = daemon.wait_records(guest.name, timeout=PATIENCE)
            request = record["request"]
            assert told(dict(record, request=None)) == FAILED, record
            assert request["by"]["uid"] == 0 and request["by"]["comm"] == "virtstopctl", record
            assert [request[key] for key in ("reason", "outcome", "steps")] == [reason, "unknown", []], record
            assert record["host_stop"]["kind"] == "by-hand", record
        story = daemon.ctl("why", "own").out
        assert "had asked virtstopd to stop it at " in story and ": “on battery”." in story, story
        assert "That stop was under way as the host failed" in story, story


if __name__ == "__main__":
    tap.main([host_fails, killed_in_between, ended_before, unusable, restored, restarted, in_flight])
