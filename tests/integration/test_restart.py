#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirtd and virtstopd come and go, in order and by SIGKILL, while guests run and stops are in flight."""

import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

KILLS = 20
BUTTON_SPAN = 3
PATIENCE = 60


def wait_records(daemon, *names, count=1):
    """Waits until each has @count records, and returns them, by name."""
    def all_there():
        return all(len(daemon.records(name)) >= count for name in names)

    iterate_until(all_there, PATIENCE, f"records of {', '.join(names)}", every=0.1)
    records = {name: daemon.records(name) for name in names}
    for name, found in records.items():
        assert len(found) == count, f"{name} has {len(found)} records, not {count}: {found}"
    return {name: found[-1] for name, found in records.items()}


def wait_said(daemon, text, count=1):
    iterate_until(lambda: daemon.stderr.count(text) >= count, PATIENCE, f"“{text}” in the log", every=0.1)


def wait_connected(lab, daemon):
    """Waits until it hears the libvirtd that runs now. Its log doesn't tell: on its way down the old
    one may have taken one more connection."""
    lab.start(lab.guest("marker", cmdline="button=obey"))
    iterate_until(lambda: "marker" in daemon.ctl("list").out, PATIENCE, "the marker in the list", every=0.1)


def check(record, cause, confidence=None, clean=None):
    assert record["cause"] == cause, record
    assert confidence in (None, record["confidence"]), record
    assert clean in (None, record["clean"]), record


def stop_without_waiting(daemon, ladder, *guests):
    done = daemon.ctl("stop", "--no-wait", f"--ladder={ladder}", *(guest.name for guest in guests))
    assert done.status == 0, done


def check_destroy_not_early(record, span):
    """The power button's step had all its time before destroy."""
    steps = record["request"]["steps"]
    button = [step for step in steps if step["method"] == "power-button"]
    destroy = [step for step in steps if step["method"] == "destroy"]
    assert len(destroy) == 1 and button, steps
    assert button[-1]["took_ms"] >= span * 1000, steps


def libvirtd_restarted_idle(lab):
    """libvirtd restarted: said, and later stops are recorded as ever"""
    guest = lab.guest("idle", cmdline="button=obey")
    lab.start(guest)
    daemon = lab.daemon().start()
    lab.libvirtd.restart()
    wait_connected(lab, daemon)
    assert "went away" in daemon.stderr, daemon.stderr
    assert guest.state()[0] == 1, guest.state()
    assert daemon.records() == []
    guest.press()
    check(wait_records(daemon, "idle")["idle"], "power-button", "certain", True)


def libvirtd_killed_mid_stop(lab):
    """libvirtd killed while stops are in flight: they go on, destroy keeps its deadline"""
    slow = lab.guest("slow", cmdline="button=slow:12")
    ignore = lab.guest("ignore", cmdline="button=ignore")
    lab.start(slow, ignore)
    daemon = lab.daemon().start()
    stop_without_waiting(daemon, "power-button:14s destroy", slow, ignore)
    slow.wait("console/button")
    lab.libvirtd.kill()
    wait_said(daemon, "went away")
    lab.libvirtd.start()
    records = wait_records(daemon, "slow", "ignore")
    check(records["slow"], "power-button", None, True)
    assert records["slow"]["request"]["outcome"] == "clean", records["slow"]
    check(records["ignore"], "destroyed", "certain", False)
    assert records["ignore"]["request"]["outcome"] == "forced", records["ignore"]
    check_destroy_not_early(records["ignore"], 14)


def guest_goes_down_unheard(lab):
    """a guest that obeys while libvirtd is away: the press explains it, likely"""
    guest = lab.guest("unheard", cmdline="button=slow:3", persistent=True)
    lab.start(guest)
    daemon = lab.daemon().start()
    stop_without_waiting(daemon, "power-button:60s destroy", guest)
    guest.wait("console/button")
    lab.libvirtd.kill()
    guest.wait("console/poweroff")
    lab.libvirtd.start()
    record = wait_records(daemon, "unheard")["unheard"]
    check(record, "power-button", "likely", True)
    assert record["request"]["outcome"] == "clean", record


def libvirtd_absent_at_start(lab):
    """virtstopd started without libvirtd: said once, and all is well when it comes"""
    guest = lab.guest("late", cmdline="button=obey")
    lab.start(guest)
    lab.libvirtd.stop()
    daemon = lab.daemon().start()
    done = daemon.ctl("stop", "late")
    assert done.status == 1 and "isn't connected" in done.err, done
    assert daemon.stderr.count("isn't there") == 1, daemon.stderr
    lab.libvirtd.start()
    wait_said(daemon, "Connected to libvirt")
    iterate_until(lambda: "late" in daemon.ctl("list").out, PATIENCE, "the guest in the list", every=0.2)
    assert daemon.ctl("stop", "late").status == 0
    check(wait_records(daemon, "late")["late"], "power-button", "certain", True)


def daemon_ended_in_order(lab):
    """SIGTERM leaves guests and stops as they are; the next daemon goes on"""
    guest = lab.guest("patient", cmdline="button=ignore")
    lab.start(guest)
    daemon = lab.daemon().start()
    stop_without_waiting(daemon, "power-button:8s destroy", guest)
    guest.wait("qmp/POWERDOWN")
    iterate_until(lambda: any(state["stop"] and state["stop"]["call"] == "answered" for state in daemon.kept()),
                  PATIENCE, "the press in the run state", every=0.1)
    assert daemon.stop() == 0
    assert guest.state()[0] == 1, guest.state()
    daemon.start()
    record = wait_records(daemon, "patient")["patient"]
    check(record, "destroyed", "certain", False)
    check_destroy_not_early(record, 8)
    presses = [event for event in guest.heard if event == "qmp/POWERDOWN"]
    assert len(presses) == 1, guest.heard


def stops_while_daemon_is_away(lab):
    """what stopped while virtstopd was dead is found out when it is back"""
    guests = {name: lab.guest(name, cmdline="button=obey", persistent=True)
              for name in ("off", "destroyed", "terminated", "untouched")}
    lab.start(*guests.values())
    daemon = lab.daemon().start()
    daemon.kill()
    guests["off"].press()
    guests["destroyed"].destroy()
    guests["terminated"].kill(15)
    for guest, detail in (("off", "shutdown"), ("destroyed", "destroyed"), ("terminated", "shutdown")):
        guests[guest].wait_off(detail)
    daemon.start()
    records = wait_records(daemon, "off", "destroyed", "terminated")
    check(records["off"], "guest-initiated", "likely", True)
    check(records["destroyed"], "destroyed", "certain", False)
    check(records["terminated"], "host-signal", "certain", False)
    assert records["terminated"]["killer"]["pid"] == os.getpid(), records["terminated"]
    assert daemon.records("untouched") == []


def torn_history(lab):
    """a torn last line is mended, what stood before it is there still"""
    guests = [lab.guest(name, cmdline="button=obey") for name in ("before", "after")]
    lab.start(*guests)
    daemon = lab.daemon().start()
    assert daemon.ctl("stop", "before").status == 0
    daemon.kill()
    with open(os.path.join(daemon.state_directory, "stops.jsonl"), "a", encoding="utf-8") as file:
        file.write('{"schema":1,"id":"torn')
    daemon.start()
    assert "torn" in daemon.stderr, daemon.stderr
    assert daemon.ctl("stop", "after").status == 0
    lines = daemon.ctl("history", "--json=short").out.splitlines()
    assert [json.loads(line)["domain"]["name"] for line in lines] == ["before", "after"], lines


def client_outlives_daemon(lab):
    """virtstopctl stop waits through a restart of virtstopd, and ends as the stop does"""
    guest = lab.guest("watched", cmdline="button=slow:6")
    lab.start(guest)
    daemon = lab.daemon().start()
    client = daemon.spawn_ctl("stop", "--ladder=power-button:30s destroy", "watched")
    guest.wait("console/button")
    daemon.kill()
    daemon.start()
    out, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == 0, (client.returncode, out, err)


def kill_at(lab, number, moment):
    """One stop of three guests, and a virtstopd that is killed @moment seconds after it began."""
    names = [f"{name}{number}" for name in ("obey", "slow", "ignore")]
    behaviours = ("button=obey", "button=slow:1500ms", "button=ignore")
    guests = [lab.guest(name, cmdline=words) for name, words in zip(names, behaviours)]
    lab.start(*guests)
    daemon = lab.daemon().start()
    killed = threading.Timer(moment, daemon.kill)
    killed.start()
    client = daemon.spawn_ctl("stop", f"--ladder=agent:5s power-button:{BUTTON_SPAN}s destroy", *names)
    killed.join()
    daemon.start()
    _, err = client.communicate(timeout=PATIENCE)

    # A guest that nobody had been told to stop when the daemon died is stopped now.
    asked = {record["domain"]["name"] for record in daemon.records()}
    running = [guest.name for guest in guests if guest.state() and guest.name not in asked]
    if running:
        daemon.ctl("stop", f"--ladder=power-button:{BUTTON_SPAN}s destroy", *running)
    records = wait_records(daemon, *names)
    for name in names[:2]:
        check(records[name], "power-button", None, True)
        assert records[name]["request"]["outcome"] == "clean", records[name]
    check(records[names[2]], "destroyed", "certain", False)
    check_destroy_not_early(records[names[2]], BUTTON_SPAN)
    stops = [record["request"]["stop"] for record in records.values()]
    assert len(set(stops)) == 3, (stops, err)
    kept = os.path.join(daemon.runtime_directory, "guests")
    iterate_until(lambda: not os.listdir(kept), PATIENCE, f"an empty {kept}", every=0.05)
    daemon.stop()


def kill_cases():
    seed = int(os.environ.get("VS_RANDOM_SEED", random.randrange(1 << 30)))
    print(f"# VS_RANDOM_SEED={seed}")
    chance = random.Random(seed)
    for number in range(KILLS):
        moment = chance.uniform(0, BUTTON_SPAN + 1)
        yield (f"virtstopd killed {moment:.3f} s into a stop: every stop goes on, one record each",
               lambda lab, number=number, moment=moment: kill_at(lab, number, moment))


if __name__ == "__main__":
    tap.main([libvirtd_restarted_idle, libvirtd_killed_mid_stop, guest_goes_down_unheard,
              libvirtd_absent_at_start, daemon_ended_in_order, stops_while_daemon_is_away, torn_history,
              client_outlives_daemon, *kill_cases()])
