#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that do something else than they were asked: they reboot, or libvirt has them begin anew; and guests with
which somebody else does something else meanwhile."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.ladders import Row, Scene, Step, check_steps  # noqa: E402

CASE_TIMEOUT = 240

HOOK = "/etc/libvirt/hooks/qemu"
CLEANING = 48  # seconds: a process may stay for 45
SNAPSHOT = "<domainsnapshot><name>s</name></domainsnapshot>"
REBOOTED, WENT_DOWN = Step("power-button", "rebooted"), Step("power-button", "went down")


def presses(way, **options):
    return {"cmdline": f"button={way}", **options}


def linux(words):
    return {"kind": "linux", "cmdline": words}


ROWS = [
    Row("updates", "a guest that reboots once and then obeys", presses("once:reboot"), "power-button:40s destroy",
        "clean", "power-button", "certain", (REBOOTED, WENT_DOWN)),
    Row("restarts", "on_poweroff=restart", presses("obey", on_poweroff="restart"), "power-button:40s destroy",
        "clean", "power-button", "certain", (WENT_DOWN, Step("destroy", "clean"))),
    Row("no-reboot", "on_reboot=destroy and a guest that reboots instead", presses("reboot", on_reboot="destroy"),
        "power-button:40s destroy", "clean", "guest-reboot", "certain", (WENT_DOWN,)),
    Row("always", "a guest that reboots whenever it is asked", presses("reboot"), "power-button:40s destroy",
        "clean", "guest-reboot", "certain", (REBOOTED, REBOOTED, REBOOTED, Step("destroy", "clean"))),
    Row("reset", "a reset by somebody else", presses("slow:4"), "power-button:40s destroy",
        "clean", "power-button", "certain", (REBOOTED, WENT_DOWN)),
    Row("pending", "a libvirt reboot that the guest ignored", linux("vs.button=ignore"), "agent:60s destroy",
        "clean", "guest-agent", "certain", (Step("agent", "rebooted"), Step("agent", "went down"))),
    Row("agent-boots", "an agent whose system reboots", linux("vs.shutdown=6"), "agent:60s destroy",
        "clean", "guest-agent", "certain", (Step("agent", "rebooted"), Step("agent", "went down"))),
]

# What somebody else does with them meanwhile.
OTHERS = ("saved", "reverted", "reverted-off")

scene = None
asked = {}  # name: the virtstopctl that waits for it


def set_up(lab):
    global scene
    install_hook(lab)
    scene = Scene(lab, ROWS)
    ask_for_cleaned(lab)
    lab.start(*scene.guests.values())
    scene.guests["pending"].domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
    scene.guests["pending"].wait("qmp/POWERDOWN")
    begin_others(lab)
    for row in ROWS:
        scene.ask(row)
    scene.guests["reset"].wait("console/button")
    scene.guests["reset"].domain.reset()
    scene.guests["agent-boots"].wait("console/agent")
    scene.guests["agent-boots"].domain.reset()


def install_hook(lab):
    """libvirt runs it when a guest is off, before it says so."""
    os.makedirs(os.path.dirname(HOOK), exist_ok=True)
    with open(HOOK, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\n[ "$1-$2" = cleaned-release ] && sleep {CLEANING}\nexit 0\n')
    os.chmod(HOOK, 0o755)
    lab.libvirtd.restart()


def ask_for_cleaned(lab):
    lab.guest("cleaned").start()
    asked["cleaned"] = scene.daemon.spawn_ctl("stop", "cleaned", "--ladder=power-button:20s destroy")


def cleaned_up(lab):
    """libvirt's clean-up takes longer than a process may stay: said so, and clean"""
    out, err = asked["cleaned"].communicate(timeout=CLEANING + 60)
    assert asked["cleaned"].returncode == 0 and "libvirt still cleans up" in out, (out, err)
    record, = scene.daemon.wait_records("cleaned")
    told = (record["cause"], record["clean"], record["request"]["outcome"])
    assert told == ("power-button", True, "clean"), record
    check_steps((WENT_DOWN,), record)
    assert any("cleans up" in item.get("event", "") for item in record["evidence"]), record


def disk(lab, name):
    """The XML of a disk that can have snapshots."""
    path = os.path.join(lab.directory, f"{name}.qcow2")
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "16M"], check=True)
    return ("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
            f"<source file='{path}'/><target dev='hda' bus='ide'/></disk>")


def begin_others(lab):
    """They are being stopped, and then are saved, or reverted to a snapshot."""
    others = {name: lab.guest(name, cmdline="button=ignore", persistent=True, devices=disk(lab, name))
              for name in OTHERS}
    lab.connection.defineXML(others["reverted-off"].xml).snapshotCreateXML(SNAPSHOT)
    lab.start(*others.values())
    others["reverted"].domain.snapshotCreateXML(SNAPSHOT)
    for name, guest in others.items():
        asked[name] = scene.daemon.spawn_ctl("stop", name, "--ladder=power-button:10min destroy")
        guest.wait("qmp/POWERDOWN")
    others["saved"].domain.save(os.path.join(lab.directory, "memory"))
    for name in "reverted", "reverted-off":
        others[name].domain.revertToSnapshot(others[name].domain.snapshotLookupByName("s"))


def told(name):
    """How it ended: virtstopctl's status, its last words, its record's outcome, and what why says came of the request."""
    out, err = asked[name].communicate(timeout=60)
    record, = scene.daemon.wait_records(name)
    why = scene.daemon.ctl("why", name).out
    said = re.search(r"How the request came out: (.*)\.", why).group(1)
    assert said in out.splitlines()[-1], (out, err, why)
    assert record["request"]["steps"][-1]["result"] == record["cause"], record
    return asked[name].returncode, said, record["cause"], record["request"]["outcome"]


def saved_by_others(lab):
    """somebody else saves it in mid-stop: said so, it is off"""
    status, said, cause, outcome = told("saved")
    assert (status, cause, outcome) == (0, "saved", "clean") and "somebody else saved it" in said, said


def reverted_and_runs(lab):
    """somebody else reverts it to a snapshot in which it runs: that is no stop"""
    status, said, cause, outcome = told("reverted")
    assert (status, cause, outcome) == (1, "snapshot-reverted", "failed") and "it runs on" in said, said


def reverted_and_off(lab):
    """somebody else reverts it to a snapshot in which it is off"""
    status, said, cause, outcome = told("reverted-off")
    assert (cause, outcome) == ("snapshot-reverted", "unknown") and "it is off" in said, (status, said)


def renamed(lab):
    """a guest that was renamed has its history by its new name, also of what came before, and by the old"""
    guest = lab.guest("was-named", persistent=True).start()
    guest.destroy()
    scene.daemon.wait_records("was-named")
    guest.domain.rename("now-named")
    iterate_until(lambda: "now-named" in scene.daemon.ctl("list").out, 30, "its new name", every=0.1)
    for name in "now-named", "was-named", guest.uuid:
        assert "was-named" in scene.daemon.ctl("why", name).out, name
        history = scene.daemon.ctl("history", name, "--json=short")
        assert [json.loads(line)["domain"]["uuid"] for line in history.out.splitlines()] == [guest.uuid], (name, history)
    assert len(scene.client.call("GetHistory", "(su)", "now-named", 0)) == 1


def comes_out(row):
    return row.what, lambda lab: scene.check(row)


if __name__ == "__main__":
    tap.main([saved_by_others, reverted_and_runs, reverted_and_off, renamed, *map(comes_out, ROWS), cleaned_up],
             setup=set_up, case_timeout=CASE_TIMEOUT)
