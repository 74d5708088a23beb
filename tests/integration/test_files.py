#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What stands in virtstopd's directories, made by others or by chance: locks, FIFOs, files of other versions."""

import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

STRANGER = "nobody"
PATIENCE = 60


def as_stranger(*args, **options):
    return subprocess.Popen(args, user=STRANGER, group="nogroup", cwd="/", stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **options)


def holds(path, option):
    """A stranger's flock(1) of @path that lasts; None where he can't even open it."""
    process = as_stranger("flock", option, path, "sh", "-c", "echo held; exec sleep 1000")
    if process.stdout.readline() == "held\n":
        return process
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return None


def let_go(process):
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def make_passable(daemon):
    for path in (daemon.lab.directory, daemon.directory, daemon.state_directory, daemon.runtime_directory):
        os.chmod(path, 0o755)


def lock_of_stranger(lab):
    """any user locks the lock of an older install: virtstopd starts, and a second one still doesn't"""
    daemon = lab.daemon("--uri", "test:///default")
    make_passable(daemon)
    path = os.path.join(daemon.state_directory, "stops.lock")
    with open(path, "w", encoding="ascii") as file:
        file.write("1\n")
    os.chmod(path, 0o644)
    stranger = holds(path, "--exclusive")
    assert stranger, "the stranger holds nothing"
    try:
        daemon.start()
        second = lab.daemon("--uri", "test:///default")
        second.environ["STATE_DIRECTORY"] = daemon.state_directory
        second.spawn()
        assert second.wait_ended() == 75 and "another virtstopd" in second.stderr, second.stderr
    finally:
        let_go(stranger)


def nothing_to_lock(lab):
    """of what virtstopd makes a stranger can open nothing but the records, and locking those is no harm"""
    daemon = lab.daemon("--uri", "test:///default")
    make_passable(daemon)
    daemon.start()
    held = {}
    try:
        for directory in (daemon.state_directory, daemon.runtime_directory):
            for parent, _, names in os.walk(directory):
                for name in names:
                    held[name] = holds(os.path.join(parent, name), "--exclusive")
        assert "stops.lock" in held, held
        opened = [name for name, process in held.items() if process]
        assert set(opened) <= {"stops.jsonl", "requests.jsonl"}, opened
        daemon.stop()
        daemon.start()
    finally:
        for process in filter(None, held.values()):
            let_go(process)


def fifos(lab):
    """FIFOs in the place of what is read at the start: they are set aside and said, and nothing waits"""
    daemon = lab.daemon("--uri", "test:///default")
    places = {os.path.join(daemon.state_directory, name): None for name in ("host-stops.json", "running.json")}
    places[os.path.join(daemon.runtime_directory, "boot_id")] = None
    places[os.path.join(daemon.runtime_directory, "guests", "x.json")] = None
    os.mkdir(os.path.join(daemon.runtime_directory, "guests"))
    for place in places:
        os.mkfifo(place)
    daemon.start()
    daemon.stop()
    daemon.start()
    for place in places:
        assert os.path.exists(place + ".bad"), (place, daemon.stderr)
        assert place + "”" in daemon.stderr, (place, daemon.stderr)


def state_of(daemon):
    """The one run state that is kept, those apart that were set aside."""
    path, = glob.glob(os.path.join(daemon.runtime_directory, "guests", "*.json"))
    return json.loads(json.loads(read(path))["state"])


def change_state(daemon, change):
    """Rewrites the one run state that is kept, as @change has it; returns its path and its text."""
    path, = glob.glob(os.path.join(daemon.runtime_directory, "guests", "*.json"))
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    state = json.loads(kept["state"])
    change(state)
    kept["state"] = json.dumps(state)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(kept, file)
    with open(path, encoding="utf-8") as file:
        return path, file.read()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run_states(lab):
    """run states of another schema, and with damage: set aside whole before anything is written in their place"""
    def schema(state):
        state["schema"] = 9

    def no_stop(state):
        state["stop"] = "asked"

    def no_run(state):
        state["run"] = []

    def no_ladder(state):
        state["stop"]["ladder"] = 7

    lab.guest("kept", cmdline="button=ignore").start()
    daemon = lab.daemon().start()
    asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:10min destroy", "kept")
    assert asked.status == 0, asked
    for number, damage in enumerate((schema, no_stop, no_run, no_ladder), 1):
        iterate_until(lambda: state_of(daemon)["stop"], PATIENCE, "the stop's state", every=0.1)
        daemon.kill()
        path, text = change_state(daemon, damage)
        daemon.start()
        aside = path + ".bad" + (f".{number}" if number > 1 else "")
        assert read(aside) == text, (damage.__name__, read(aside), text)
        assert os.path.basename(aside) + "”" in daemon.stderr, daemon.stderr
        # It is watched from now on, and can be stopped again.
        asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:10min destroy", "kept")
        assert asked.status == 0, asked


def host_stops(lab):
    """host-stops.json of another schema, or damaged: likewise, also where the engine wants to write at once"""
    lab.guest("kept", cmdline="button=ignore").start()
    daemon = lab.daemon().start()
    path = os.path.join(daemon.state_directory, "host-stops.json")
    names = []
    for number, text in enumerate(('{"schema":9}', "no JSON", '{"schema":2,"host_stops":"none"}'), 1):
        asked = daemon.ctl("stop-all", "--no-wait", "--ladder=power-button:10min destroy", "--budget=20min")
        assert asked.status == 0, asked
        iterate_until(lambda: os.path.exists(path), PATIENCE, path, every=0.1)
        daemon.kill()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        daemon.start()
        names.append(path + ".bad" + (f".{number}" if number > 1 else ""))
        assert [read(name) for name in names][-1] == text, (names, daemon.stderr)
        assert os.path.basename(names[-1]) + "”" in daemon.stderr, daemon.stderr


def damaged_boot_id(lab):
    """what a guest was asked stands over a restart whose boot id is damaged"""
    guest = lab.guest("kept", cmdline="button=ignore").start()
    daemon = lab.daemon().start()
    asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:10min destroy", "kept")
    assert asked.status == 0, asked
    guest.wait("qmp/POWERDOWN")
    daemon.kill()
    with open(os.path.join(daemon.runtime_directory, "boot_id"), "w", encoding="ascii") as file:
        file.write("\n")
    daemon.start()
    assert "another boot" not in daemon.stderr, daemon.stderr
    assert any(state["stop"] for state in daemon.kept()), daemon.kept()


if __name__ == "__main__":
    tap.main([lock_of_stranger, nothing_to_lock, fifos, run_states, host_stops, damaged_boot_id])
