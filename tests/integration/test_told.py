#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is told of a stop beside its cause: what it came about in; and whose log it is by which it is judged."""

import datetime
import os
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.disk import Disk  # noqa: E402

PATIENCE = 60


def log_path(guest):
    return f"/var/log/libvirt/qemu/{guest.name}.log"


def namesake(lab):
    """the log is that of a domain that had the name before: its killer isn't this one's"""
    daemon = lab.daemon().start()
    first = lab.guest("namesake").start()
    first.kill(signal.SIGTERM)
    record, = daemon.wait_records("namesake", timeout=PATIENCE)
    assert record["cause"] == "host-signal" and record["killer"]["pid"] == os.getpid(), record
    kept = os.path.join(lab.directory, "first.log")
    shutil.copy(log_path(first), kept)

    second = lab.guest("namesake").start()
    iterate_until(lambda: second.uuid in daemon.ctl("list", "--json=short").out, PATIENCE, "the second", every=0.1)
    daemon.stop()
    second.kill(signal.SIGKILL)
    second.wait_off("failed")
    shutil.copy(kept, log_path(first))
    daemon.start()
    record = daemon.wait_records("namesake", 2, timeout=PATIENCE)[-1]
    assert record["domain"]["uuid"] == second.uuid, record
    assert record["cause"] == "unknown" and "killer" not in record, record
    assert not [item for item in record["evidence"] if item["source"] == "qemu-log"], record


def hibernates(lab):
    """a guest that suspends itself to disk (S4): said in the record, and by why and history"""
    daemon = lab.daemon().start()
    lab.start(*(lab.guest(f"{deed}s", cmdline=f"after=500ms:{deed}") for deed in ("hibernate", "poweroff")))
    record, = daemon.wait_records("hibernates", timeout=PATIENCE)
    assert (record["cause"], record["clean"], record.get("hibernated")) == ("guest-initiated", True, True), record
    told = daemon.ctl("why", "hibernates").out
    assert "(hibernated): its next start goes on where it was" in told, told
    record, = daemon.wait_records("poweroffs", timeout=PATIENCE)
    assert record["cause"] == "guest-initiated" and "hibernated" not in record, record


def no_room(lab):
    """destroyed by somebody when its full disk had paused it: since when, and why, through a restart of virtstopd"""
    disk = Disk(lab, full=True)
    try:
        guest = lab.guest("no-room", cmdline="button=slow:500ms writes", devices=disk.xml)
        daemon = lab.daemon().start()
        guest.start()
        guest.press()
        for restart in (True, False):
            iterate_until(lambda: "paused" in daemon.ctl("list").out, PATIENCE, "virtstopd to hear it", every=0.1)
            if restart:
                daemon.stop()
                daemon.start()
        guest.destroy()
        record, = daemon.wait_records("no-room", timeout=PATIENCE)
    finally:
        disk.close()
    error = record.get("io_error")
    assert record["cause"] == "destroyed" and error, record
    paused = next(item for item in record["evidence"] if item.get("event") == "BLOCK_IO_ERROR")
    assert error["since"] == paused["time"] and error["paused_ms"] > 0, record
    assert error["reason"] == "No space left on device", record
    told = daemon.ctl("why", "no-room").out
    assert "by an I/O error of a disk: “No space left on device”." in told, told


def parse(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def runs_again(lab):
    """a guest that ended while virtstopd was away, and runs again: between when and when, and that it runs"""
    daemon = lab.daemon().start()
    guest = lab.guest("again", cmdline="button=obey", persistent=True).start()
    iterate_until(lambda: "again" in daemon.ctl("list").out, PATIENCE, "the guest to be listed", every=0.1)
    left = time.time()
    daemon.stop()
    went = time.time()
    guest.press()
    guest.wait_off("shutdown")
    guest.start()
    daemon.start()
    back = time.time()
    record, = daemon.wait_records("again", timeout=PATIENCE)
    window = record["window"]
    assert window["away"] == "virtstopd", record
    assert left - 0.1 <= parse(window["from"]) <= went + 0.1, (left, went, record)
    assert went < parse(window["until"]) <= back + 5, (back, record)
    iterate_until(lambda: "running" in daemon.ctl("list").out, PATIENCE, "its new run to be known", every=0.1)
    why, status = daemon.ctl("why", "again").out, daemon.ctl("status", "again").out
    assert why.startswith("It runs again now."), why
    assert "Nobody saw it: virtstopd was away then." in why, why
    assert status.splitlines()[1].strip().startswith("Runs: again"), status
    guest.press()
    record = daemon.wait_records("again", 2, timeout=PATIENCE)[-1]
    assert record["cause"] == "power-button" and "window" not in record, record
    assert "runs again" not in daemon.ctl("why", "again").out + daemon.ctl("status", "again").out


def unseen(lab):
    """runs that began and ended while virtstopd was away: one record each, by QEMU's log, and never another"""
    daemon = lab.daemon().start()
    known, off = (lab.guest(name, cmdline="button=obey", persistent=True) for name in ("known", "off"))
    lab.connection.defineXML(off.xml)
    known.start()
    iterate_until(lambda: {"known", "off"} <= set(daemon.ctl("list").out.split()), PATIENCE, "both", every=0.1)
    daemon.stop()
    known.press()
    known.wait_off("shutdown")
    lab.start(known, off)
    known.kill(signal.SIGTERM)
    off.destroy()
    off.wait_off("destroyed")
    known.wait_off("shutdown")
    off.start()
    daemon.start()
    causes = [record["cause"] for record in daemon.wait_records("known", 2, timeout=PATIENCE)]
    assert causes == ["guest-initiated", "host-signal"], causes
    record, = daemon.wait_records("off", timeout=PATIENCE)
    assert record["cause"] == "destroyed" and record["window"]["away"] == "virtstopd", record
    assert record["domain"]["id"] > 0 and record["window"]["until"] == record["time"], record
    iterate_until(lambda: "running" in daemon.ctl("list").out, PATIENCE, "its new run to be known", every=0.1)
    assert daemon.ctl("why", "off").out.startswith("It runs again now.")
    daemon.stop()
    daemon.start()
    off.press()
    records = daemon.wait_records("off", 2, timeout=PATIENCE)
    assert [record["cause"] for record in records] == ["destroyed", "power-button"], records
    assert len(daemon.records("known")) == 2, daemon.records("known")


if __name__ == "__main__":
    tap.main([runs_again, unseen, namesake, hibernates, no_room])
