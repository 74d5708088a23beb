#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a virtstopd before this one kept on disk: files of other versions, and of none.

run-state-1 has what the first version wrote (schema 1, with numbers for phases and methods), each
while a stop of a real guest stood where the case says."""

import hashlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import Skip, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import Client  # noqa: E402
from vslab.images import SOURCE_ROOT  # noqa: E402
from vslab.ladders import Step, check_steps  # noqa: E402

PATIENCE = 60
SECOND = 1000000
INFINITY = (1 << 63) - 1
URI = "qemu:///system"
BOOT_ID = "/proc/sys/kernel/random/boot_id"

REAL = {"alive_at", "asked_real", "started"}
MONOTONIC = {"asked_mono", "deadline", "reap_until", "next_press", "until", "host_deadline", "since",
             "at", "expires"}
WENT_DOWN, FORCED = Step("power-button", "went down"), Step("destroy", "forced")


# What is kept


def file_of(name):
    """The file of run-state-1, and the state in it."""
    path = os.path.join(SOURCE_ROOT, "tests", "integration", "run-state-1", name + ".json")
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    state = json.loads(kept["state"])
    assert state["schema"] == 1
    return kept, state


def shifted(value, key, by):
    """@value with each time later by what @by has for its kind."""
    if isinstance(value, dict):
        return {name: shifted(inner, name, by) for name, inner in value.items()}
    if isinstance(value, list):
        return [shifted(inner, key, by) for inner in value]
    return value + by[key] if key in by and value not in (0, INFINITY, None) else value


def as_if_asked(state, seconds):
    """The state of a stop that was asked for so many seconds ago."""
    real = (time.time() - seconds) * SECOND - state["stop"]["asked_real"]
    monotonic = (time.monotonic() - seconds) * SECOND - state["stop"]["asked_mono"]
    return shifted(state, None, {**dict.fromkeys(REAL, int(real)),
                                 **dict.fromkeys(MONOTONIC, int(monotonic))})


def guests_directory(daemon):
    """Where run states are, of this boot."""
    path = os.path.join(daemon.runtime_directory, "guests")
    os.makedirs(path, 0o700, exist_ok=True)
    with open(BOOT_ID, encoding="ascii") as file, \
            open(os.path.join(daemon.runtime_directory, "boot_id"), "w", encoding="ascii") as copy:
        copy.write(file.read())
    return path


def keep(daemon, guest, seconds=1, **changes):
    """Puts the file of that name there, for a stop of @guest that was asked for @seconds ago.
    @changes: of the stop. Returns the stop's id."""
    kept, state = file_of(guest.name)
    state = as_if_asked(state, seconds)
    state["stop"].update(changes)
    kept.update(uuid=guest.uuid, id=guest.domain.ID(), state=json.dumps(state))
    name = f"{guest.uuid}-{hashlib.sha256(URI.encode()).hexdigest()[:16]}.json"
    with open(os.path.join(guests_directory(daemon), name), "w", encoding="utf-8") as file:
        json.dump(kept, file)
    return state["stop"]["id"]


def started(lab, **behaviours):
    """Guests by name, each with what a press of its button does."""
    guests = [lab.guest(name, cmdline=f"button={way}", persistent=True)
              for name, way in behaviours.items()]
    lab.start(*guests)
    return guests


def check(daemon, name, stop, cause, outcome, *steps):
    record, = daemon.wait_records(name, timeout=PATIENCE)
    request = record["request"]
    told = (record["cause"], request["outcome"], request["stop"])
    assert told == (cause, outcome, stop), (told, record)
    check_steps(steps, record)
    return record


# The first version's


def stops_go_on(lab):
    """schema 1: stops that press, resume, save and destroy go on where they were"""
    second, paused, saved, destroyed = started(lab, second="second", paused="obey", saved="ignore",
                                               destroyed="ignore")
    second.press()  # as the virtstopd had that wrote the file
    second.wait("console/button")
    paused.domain.suspend()
    paused.wait("suspended/paused")
    daemon = lab.daemon()
    stops = {guest.name: keep(daemon, guest) for guest in (paused, saved, destroyed)}
    stops["second"] = keep(daemon, second, 15)  # the next press is due 20 s after the first
    daemon.start()
    assert {stop[3] for stop in Client(lab.bus).call("ListStops")} == set(stops)
    check(daemon, "paused", stops["paused"], "power-button", "clean", Step("resume", "resumed"),
          WENT_DOWN)
    check(daemon, "saved", stops["saved"], "saved", "clean", Step("save", "clean"))
    check(daemon, "destroyed", stops["destroyed"], "destroyed", "forced",
          Step("power-button", "escalated"), FORCED)
    record = check(daemon, "second", stops["second"], "power-button", "clean",
                   Step("power-button", "went down", 19500))
    assert (record["request"]["reason"], record["request"]["by"]["comm"]) == ("kept", "virtstopctl")
    assert second.heard.count("qmp/POWERDOWN") == 2, second.heard


def host_stop_goes_on(lab):
    """schema 1: a stop of all guests goes on, in its order"""
    first, queued = started(lab, first="slow:5", queued="obey")
    first.press()
    first.wait("console/button")
    daemon = lab.daemon(config="[Guest first]\nBefore=queued\n")
    stops = {guest.name: keep(daemon, guest) for guest in (first, queued)}
    daemon.start()
    for guest in (first, queued):
        record = check(daemon, guest.name, stops[guest.name], "power-button", "clean", WENT_DOWN)
        assert record["host_shutdown"] is True and record["request"]["reason"] == "ups", record
    off, pressed = first.wait("stopped/shutdown"), queued.wait("qmp/POWERDOWN")
    assert off.time < pressed.time, (first.heard, queued.heard)


def ran(lab):
    """running.json of the first version: what ran is started again"""
    guest = lab.guest("ran", persistent=True)
    lab.connection.defineXML(guest.xml)
    daemon = lab.daemon()
    entry = {"uri": URI, "uuid": guest.uuid, "name": guest.name}
    with open(os.path.join(daemon.state_directory, "running.json"), "w", encoding="utf-8") as file:
        json.dump({"schema": 1, "restoring": False, "guests": [entry]}, file)
    daemon.start()
    assert daemon.ctl("restore").status == 0
    guest.wait("console/ready")


def queued_alone(lab):
    """a stop that waits for its turn in no stop of all: nobody waits for ever for it"""
    queued, = started(lab, queued="obey")
    daemon = lab.daemon()
    keep(daemon, queued, host_deadline=0, host_down=False)
    daemon.start()
    asked = daemon.spawn_ctl("stop", "queued")
    try:
        out, err = asked.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        asked.kill()
        raise AssertionError(f"still waits: {Client(lab.bus).call('ListStops')}") from None
    assert asked.returncode == 0, (asked.returncode, out, err)
    assert daemon.wait_records("queued")[0]["cause"] == "power-button", daemon.records()


# A later version's


def replace(value, key, word):
    """Writes @word in place of every text that stands under @key. How many there were."""
    if isinstance(value, list):
        return sum(replace(inner, key, word) for inner in value)
    if not isinstance(value, dict):
        return 0
    count = sum(replace(inner, key, word) for inner in value.values())
    if isinstance(value.get(key), str):
        value[key] = word
        count += 1
    return count


def kept_files(daemon):
    for directory, _, names in os.walk(daemon.runtime_directory):
        for name in names:
            with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
                yield os.path.join(directory, name), file.read()


def refuses_unknown(lab, key):
    """A stop in flight, and what was kept of it has a word under @key that nobody knows."""
    guest, = started(lab, unknown="second")
    daemon = lab.daemon().start()
    assert daemon.ctl("stop", "--no-wait", "--ladder=power-button:60s leave", "unknown").status == 0
    guest.wait("console/button")
    daemon.kill()
    (path, text), = [(path, text) for path, text in kept_files(daemon)
                     if guest.uuid in path and path.endswith(".json")]
    kept = json.loads(text)
    state = json.loads(kept["state"])
    if state["schema"] == 1:
        raise Skip("it still writes schema 1")
    assert replace(state["stop"], key, "somersault") > 0, state
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(kept, state=json.dumps(state)), file)

    daemon.start()
    iterate_until(lambda: "somersault" in daemon.stderr, PATIENCE, "the word in the log", every=0.1)
    assert Client(lab.bus).call("ListStops") == []
    # It is asked anew; what can't be read is still there, for people.
    assert daemon.ctl("stop", "--ladder=power-button:60s leave", "unknown").status == 0
    assert any("somersault" in text for _, text in kept_files(daemon)), list(kept_files(daemon))


def unknown_phase(lab):
    """a phase that is unknown is refused by name, and what was kept is set aside"""
    refuses_unknown(lab, "phase")


def unknown_method(lab):
    """a method that is unknown is refused by name, and what was kept is set aside"""
    refuses_unknown(lab, "method")


if __name__ == "__main__":
    tap.main([stops_go_on, host_stop_goes_on, ran, queued_alone, unknown_phase, unknown_method])
