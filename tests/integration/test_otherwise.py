#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that do something else than they were asked: they reboot, or libvirt has them begin anew."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.ladders import Row, Scene, Step  # noqa: E402

CASE_TIMEOUT = 240

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
    Row("agent-boots", "an agent whose system reboots", linux("vs.shutdown=10"), "agent:60s destroy",
        "clean", "guest-agent", "certain", (Step("agent", "rebooted"), Step("agent", "went down"))),
]

scene = None


def set_up(lab):
    global scene
    scene = Scene(lab, ROWS)
    lab.start(*scene.guests.values())
    scene.guests["pending"].domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
    scene.guests["pending"].wait("qmp/POWERDOWN")
    for row in ROWS:
        scene.ask(row)
    scene.guests["reset"].wait("console/button")
    scene.guests["reset"].domain.reset()
    scene.guests["agent-boots"].wait("console/agent")
    scene.guests["agent-boots"].domain.reset()


def comes_out(row):
    return row.what, lambda lab: scene.check(row)


if __name__ == "__main__":
    tap.main([*map(comes_out, ROWS)], setup=set_up, case_timeout=CASE_TIMEOUT)
