#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""aarch64 guests: the table aarch64.table on real ones, side by side, and what is said of guests that have no ACPI."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import stoptable, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import DOMAIN, Client  # noqa: E402

CASE_TIMEOUT = 240
PATIENCE = 60

rows = stoptable.read("tests/integration/aarch64.table")
if sys.argv[1:]:  # only what is asked for is played, too
    rows = [row for row in rows if any(word in row.what for word in sys.argv[1:])]
table = None


def set_up(lab):
    global table
    table = stoptable.Table(lab, rows)


def comes_out(row):
    return row.what, lambda lab: table.check(row)


def no_acpi(lab):
    """no ACPI: on x86 that is a guest without a power button, for doctor and on the bus; on aarch64 it is none"""
    guests = {"without": lab.guest("without", acpi=False), "key": lab.guest("key", machine="virt")}
    lab.start(*guests.values())
    client = Client(lab.bus)
    iterate_until(lambda: not client.get(client.domain("without"), DOMAIN, "Acpi"), PATIENCE, "its XML to be read")
    iterate_until(lambda: "key" in table.daemon.ctl("list", "--no-legend").out, PATIENCE, "the other guest", every=0.1)
    assert client.get(client.domain("key"), DOMAIN, "Acpi")
    findings = map(json.loads, table.daemon.ctl("doctor", "--json=short").out.splitlines())
    assert [line["domain"] for line in findings if line.get("check") == "no-acpi"] == ["without"]


def idle(lab):
    """a tiny guest that is idle, or has halted, uses next to no CPU, a spinning one does"""
    quiet = [lab.guest("quiet", machine="virt"), lab.guest("halted", machine="virt", cmdline="after=0:halt")]
    spins = lab.guest("spins", machine="virt", cmdline="after=0:spin")
    lab.start(*quiet, spins)
    quiet[1].wait("console/halt")
    quiet[1].press()  # what it doesn't hear doesn't wake it either
    before = [guest.qemu.cpu_seconds() for guest in (*quiet, spins)]
    iterate_until(lambda: spins.qemu.cpu_seconds() - before[2] > 0.5, PATIENCE, "a spinning guest's CPU", every=0.1)
    used = [guest.qemu.cpu_seconds() - started for guest, started in zip(quiet, before)]
    assert max(used) < 0.1, used


if __name__ == "__main__":
    tap.main([*(comes_out(row) for row in rows), no_acpi, idle], set_up, CASE_TIMEOUT)
