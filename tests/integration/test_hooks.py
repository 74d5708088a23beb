#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hooks: programs of an administrator's, which are told of a stop, and may put off its first step."""

import json
import os
import signal
import sys
from datetime import datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

PATIENCE = 60
LADDER = "power-button:20s destroy"
TELL = 'printf "%s %s\\n" "$1" "$(cat)" >>"{}/told"'


def install(daemon, name, script, mode=0o755):
    """Puts a shell script into hooks.d; {} in it is the daemon's directory."""
    directory = os.path.join(daemon.configuration_directory, "hooks.d")
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + script.replace("{}", daemon.directory) + "\n")
    os.chmod(path, mode)


def lines(daemon, name="told"):
    path = os.path.join(daemon.directory, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def told(daemon, guest, until="stopped"):
    """What the hook TELL was told of that guest, until an event of that name: (event, JSON) each."""
    def read():
        found = [line.split(" ", 1) for line in lines(daemon)]
        return [(event, json.loads(text)) for event, text in found if json.loads(text)["guest"]["name"] == guest.name]

    iterate_until(lambda: until in [event for event, _ in read()], PATIENCE, f"{until} of {guest.name}", every=0.1)
    return read()


def results(record):
    """What went wrong with hooks, as the record has it."""
    return {(item["event"], item.get("program")): item["result"] for item in record["evidence"]
            if item["source"] == "hook"}


def ms_before_first_step(record):
    started = datetime.fromisoformat(record["request"]["steps"][0]["started"].replace("Z", "+00:00"))
    asked = next(item["time"] for item in record["evidence"] if item.get("verb") == "stop")
    return (started - datetime.fromisoformat(asked.replace("Z", "+00:00"))).total_seconds() * 1000


def all_events(lab):
    """each event in its order, with guest, stop and record; of an end that nobody asked for only that"""
    clean, deaf, lone = (lab.guest(name, cmdline=f"button={button}") for name, button in
                         (("clean", "obey"), ("deaf", "ignore"), ("lone", "obey")))
    lab.start(clean, deaf, lone)
    daemon = lab.daemon()
    install(daemon, "10-tell", TELL)
    install(daemon, "20-not-run", TELL, 0o644)
    daemon.start()
    deaf_stop = daemon.spawn_ctl("stop", "--ladder=power-button:2s destroy", "deaf")
    assert daemon.ctl("stop", f"--ladder={LADDER}", "--reason=to see", "clean").status == 0
    lone.press()

    events = told(daemon, clean)
    assert [event for event, _ in events] == ["stop-requested", "step", "stopped"], events
    record, = daemon.wait_records("clean")
    for event, data in events:
        assert data["event"] == event and data["guest"]["uuid"] == record["domain"]["uuid"], data
        assert data["stop"]["stop"] == record["request"]["stop"] and data["stop"]["reason"] == "to see", data
    assert events[1][1]["step"]["method"] == "power-button" and events[1][1]["step"]["span_ms"] == 20000, events[1]
    assert events[-1][1]["record"] == record, (events[-1], record)
    assert results(record) == {}, record

    events = told(daemon, lone)
    assert [event for event, _ in events] == ["stopped"] and events[0][1]["stop"] is None, events
    assert events[0][1]["record"]["cause"] == "power-button", events

    deaf_stop.communicate(timeout=PATIENCE)
    events = told(daemon, deaf)
    assert [event for event, _ in events] == ["stop-requested", "step", "step", "forced", "stopped"], events
    assert events[2][1]["step"]["method"] == "destroy", events
    assert events[3][1]["record"]["cause"] == "destroyed", events
    assert "20-not-run” is refused: it is not executable" in daemon.stderr, daemon.stderr
    check_doctor(daemon)


def check_doctor(daemon):
    """What came, and what may not be run, is named without a restart; a reload takes the new one."""
    def found():
        findings = map(json.loads, daemon.ctl("doctor", "--json=short").out.splitlines())
        return {(finding["check"], name) for finding in findings if finding.get("check", "").startswith("hook")
                for name in ("20-not-run", "50-new", "60-open") if name in finding["what"]}

    install(daemon, "50-new", "exit 0")
    install(daemon, "60-open", "exit 0", 0o777)
    refused = {("hook", "20-not-run"), ("hook", "60-open")}
    assert found() == refused | {("hook-unread", "50-new"), ("hook-unread", "60-open")}, found()
    plan = json.loads(daemon.ctl("plan", "--json=short").out)
    assert plan["hooks_ms"] > 0, plan
    os.kill(daemon.pid, signal.SIGHUP)
    iterate_until(lambda: found() == refused, PATIENCE, "the reload", every=0.2)


def waits(lab):
    """the first step waits for stop-requested, and for no other"""
    guest = lab.guest("waits", cmdline="button=obey")
    lab.start(guest)
    daemon = lab.daemon(config="[Daemon]\nHookTimeout=40s\n")
    install(daemon, "wait", 'echo "$1" >>{}/told; [ "$1" = step ] && exec sleep 30; '
                            'mkfifo {}/gate 2>/dev/null && cat {}/gate; exit 0')
    daemon.start()
    stop = daemon.spawn_ctl("stop", f"--ladder={LADDER}", "waits")
    iterate_until(lambda: lines(daemon), PATIENCE, "the hook", every=0.1)
    assert "hooks run before its first step" in daemon.ctl("status", "waits").out, daemon.ctl("status", "waits")
    assert "qmp/POWERDOWN" not in guest.heard, guest.heard
    with open(os.path.join(daemon.directory, "gate"), "w", encoding="ascii"):
        pass
    assert stop.wait(15) == 0, stop.communicate()
    record, = daemon.wait_records("waits")
    assert (record["cause"], record["clean"]) == ("power-button", True), record


def bad(lab):
    """those that hang, fail, flood, don't read or are refused hold nobody up beyond the time-out, and are named"""
    guest = lab.guest("bad", cmdline="button=obey")
    lab.start(guest)
    daemon = lab.daemon(config="[Daemon]\nHookTimeout=3s\n")
    first = '[ "$1" = stop-requested ] || exit 0; '
    install(daemon, "deaf", first + "exec <&-; echo said so; exit 0")
    install(daemon, "fail", first + "echo did not work >&2; exit 3")
    install(daemon, "flood", first + "trap '' TERM PIPE; while :; do echo flood; done")
    install(daemon, "hang", first + "trap '' TERM INT HUP; sleep 1000 & echo $! >{}/child; wait; wait")
    install(daemon, "writable", "touch {}/ran", 0o777)
    daemon.start()
    assert daemon.ctl("stop", f"--ladder={LADDER}", "bad").status == 0
    record, = daemon.wait_records("bad")
    found = results(record)
    assert found.pop(("stop-requested", "fail")) == "exit status 3", record
    assert "more than 16 KiB" in found.pop(("stop-requested", "flood")), record
    assert "longer than 3s" in found.pop(("stop-requested", "hang")), record
    assert "others may write" in found.pop(("stop-requested", "writable")), record
    found.pop(("step", "writable"), None)
    assert found == {}, record
    assert 3000 <= ms_before_first_step(record) < 9000, record
    assert not os.path.exists(os.path.join(daemon.directory, "ran"))
    assert not os.path.exists(f"/proc/{lines(daemon, 'child')[0]}"), "what it started lives on"
    for said in ("deaf: said so", "fail: did not work", "others may write"):
        assert said in daemon.stderr, daemon.stderr
    assert daemon.stderr.count("flood: flood") < 5000, "its output is bounded"


def restarted(lab):
    """a virtstopd that is killed while they run, or behind that, runs them once for one stop"""
    early, late = (lab.guest(name, cmdline="button=ignore") for name in ("early", "late"))
    lab.start(early, late)
    daemon = lab.daemon(config="[Daemon]\nHookTimeout=1min\n")
    install(daemon, "count", 'input=$(cat); echo "$1 $input" >>{}/told; '
                             'case "$1 $input" in stop-requested*\\"early\\"*) exec sleep 50;; esac')
    daemon.start()
    assert daemon.ctl("stop", "--no-wait", "--ladder=power-button:4s destroy", "early", "late").status == 0
    told(daemon, early, "stop-requested")
    told(daemon, late, "step")
    daemon.kill()
    daemon.start()
    for guest in (early, late):
        record, = daemon.wait_records(guest.name, timeout=PATIENCE)
        assert record["cause"] == "destroyed", record
        assert [event for event, _ in told(daemon, guest)].count("stop-requested") == 1, lines(daemon)
        assert ("restarted" in str(results(record))) == (guest is early), record


if __name__ == "__main__":
    tap.main([all_events, waits, bad, restarted])
