#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QEMU that somebody took over says what it likes, as much as it likes; a killer calls itself what it likes. What one
guest sends costs the others nothing: it is bounded in virtstopd's memory, in the run state and in the record."""

import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import images, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

# A build with AddressSanitizer holds back what is freed, 256 MiB of it, to find who uses it still.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"

PATIENCE = 60
LARGE = 3 * 1000 * 1000
MOST_MEMORY = 40 << 20  # libvirt's own buffers for an event of 3 MB among it
MOST_KEPT = 66 * 1024
MOST_ITEM = 4096
MANY = 3000
EVENTS = ("POWERDOWN", "DUMP_COMPLETED", "RESET", "SUSPEND_DISK", "MIGRATION", "POWERDOWN", "VSERPORT_CHANGE")


def qmp_event(name, **data):
    return json.dumps({"timestamp": {"seconds": 1795000000, "microseconds": 0}, "event": name, "data": data})


def taken_over(lab, name, **options):
    """A guest whose QEMU will lie."""
    emulator = lab.for_everybody(os.path.join(images.SOURCE_ROOT, "tests", "guests", "qemu-taken-over"))
    return lab.guest(name, devices=f"<emulator>{emulator}</emulator>", **options)


def lie(lab, guest, lies):
    """Has its QEMU say these: pairs of how often, and what."""
    with open(os.path.join(lab.directory, "says"), "w", encoding="utf-8") as file:
        file.writelines(f"{times} {what}\n" for times, what in lies)
    with open(f"/proc/{guest.pid}/stat", encoding="utf-8") as file:
        os.kill(int(file.read().rpartition(")")[2].split()[1]), signal.SIGUSR1)


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def written(pid):
    with open(f"/proc/{pid}/io", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("wchar"))


def kept_of(daemon, guest):
    """The text that is kept of that guest's run."""
    directory = os.path.join(daemon.runtime_directory, "guests")
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            text = file.read()
        if guest.uuid in text:
            return text
    return ""


def check_bounded(record):
    sizes = [len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()) for item in record["evidence"]]
    assert max(sizes) <= MOST_ITEM and sum(sizes) <= 65536, sizes


def large(lab):
    """seven events with 3 MB each: memory, run state and record stay small, and the others' records are made"""
    liar, honest = taken_over(lab, "liar", cmdline="button=ignore"), lab.guest("honest", cmdline="button=obey")
    lab.start(liar, honest)
    daemon = lab.daemon().start()
    before = resident(daemon.pid)
    lie(lab, liar, [(1, qmp_event(name, filling="x" * LARGE)) for name in EVENTS])
    iterate_until(lambda: EVENTS[-1] in kept_of(daemon, liar), PATIENCE, "the last event", every=0.1)
    grown, kept = resident(daemon.pid) - before, len(kept_of(daemon, liar))
    tap.diagnose(f"{grown >> 10} KiB more memory, {kept} bytes kept")
    assert kept < MOST_KEPT, kept
    assert grown < MOST_MEMORY, grown
    liar.destroy()
    record, = daemon.wait_records("liar", timeout=PATIENCE)
    check_bounded(record)
    assert record["cause"] == "destroyed", record["cause"]
    assert [item["cut"] for item in record["evidence"] if item.get("event") in EVENTS].count(True) == len(EVENTS)
    assert len(daemon.ctl("why", "liar").out) < MOST_KEPT
    assert daemon.ctl("stop", "honest").status == 0
    assert len(daemon.wait_records("honest", timeout=PATIENCE)) == 1


def many(lab):
    """3,000 events at once: each counts, few are written, and another guest is stopped meanwhile"""
    liar, honest = taken_over(lab, "liar", cmdline="button=ignore"), lab.guest("honest", cmdline="button=obey")
    lab.start(liar, honest)
    daemon = lab.daemon().start()
    before = written(daemon.pid)
    lie(lab, liar, [(1, qmp_event("POWERDOWN", first=True)), (MANY, qmp_event("POWERDOWN", filling="x" * 1000))])
    assert daemon.ctl("stop", "honest").status == 0
    liar.wait("qmp/POWERDOWN", MANY + 1, PATIENCE)
    liar.kill(signal.SIGKILL)
    record, = daemon.wait_records("liar", timeout=PATIENCE)
    tap.diagnose(f"{(written(daemon.pid) - before) >> 10} KiB written")
    check_bounded(record)
    assert record["evidence"][0]["data"] == {"first": True}, record["evidence"][0]
    assert record["evidence_dropped"] > MANY - 100, record.get("evidence_dropped")
    assert record["evidence"][-2]["source"] == "libvirt" or record["evidence"][-1]["source"] == "libvirt", record
    assert written(daemon.pid) - before < 30 << 20
    assert "more were dropped" in daemon.ctl("why", "liar").out


def long_name(lab):
    """ended by a process with a name of 120 KB: that much of it is told as is sane"""
    guest = lab.guest("victim", cmdline="button=ignore")
    lab.start(guest)
    daemon = lab.daemon().start()
    killer = subprocess.Popen(["k" * 120000, "-c", f"kill -TERM {guest.pid}; read -r line"], executable="/bin/bash",
                              stdin=subprocess.PIPE)
    try:
        record, = daemon.wait_records("victim", timeout=PATIENCE)
    finally:
        killer.communicate()
    check_bounded(record)
    assert (record["cause"], record["confidence"]) == ("host-signal", "certain"), record
    assert record["killer"]["pid"] == killer.pid, record["killer"]
    comm = record["killer"]["comm"]
    assert comm.startswith("kkk") and comm.endswith("…") and len(comm.encode()) <= 255, comm
    assert len(daemon.ctl("history").out.splitlines()[1].encode()) < 500


if __name__ == "__main__":
    tap.main([large, many, long_name])
