#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who asked is certain only where it was watched, and near in time: a virtstopd that comes later than a press, one
whose own press could not be kept, a guest that goes down long after a press, and one that always takes so long."""

import contextlib
import json
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap, world  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

PATIENCE = 60


@contextlib.contextmanager
def full(directory):
    """No file has room in it."""
    path = os.path.join(directory, "filler")
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        os.unlink(path)


def doubt_of(record):
    """What its evidence says of why it isn't certain."""
    return next(item for item in record["evidence"] if item["source"] == "doubt")


def likely(daemon, name, cause):
    record, = daemon.wait_records(name, timeout=PATIENCE)
    assert (record["cause"], record["confidence"], record["request"]) == (cause, "likely", None), record
    return record


def remember(daemon, guest, *seconds):
    """Records of as many stops: it took so long after its button was pressed."""
    with open(daemon.records_path, "a", encoding="utf-8") as file:
        for number, took in enumerate(seconds, 1):
            record = {"schema": 1, "id": str(uuid.uuid4()), "time": f"2026-11-23T02:1{number}:00.000000Z", "boot_id": "x",
                      "uri": "qemu:///system", "domain": {"name": guest.name, "uuid": guest.uuid, "id": number},
                      "cause": "power-button", "clean": True, "confidence": "likely", "request": None,
                      "host_shutdown": False, "took_ms": took * 1000, "evidence": []}
            print(json.dumps(record), file=file)


def check_nothing_kept(lab, daemon):
    ours, others = (lab.guest(name, cmdline="button=slow:8") for name in ("ours", "others"))
    late, usual = (lab.guest(name, cmdline="button=slow:10500ms") for name in ("late", "usual"))
    remember(daemon, usual, 12, 13, 14)
    daemon.start()
    with full(daemon.runtime_directory):
        lab.start(ours, others, late, usual)
        asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:60s leave", "ours")
        assert "could not be noted before" in asked.err, asked
        ours.wait("qmp/POWERDOWN")
        daemon.kill()
        others.press()
        others.wait("qmp/POWERDOWN")
        assert not daemon.kept(), daemon.kept()
    daemon.start()  # as if it were the first time
    iterate_until(lambda: "usual" in daemon.ctl("list", "--no-legend", timeout=PATIENCE).out, PATIENCE,
                  "the guests in the list", every=0.1)
    for guest in (late, usual):
        guest.press()
    for guest in (ours, others):
        record = likely(daemon, guest.name, "guest-initiated")
        assert doubt_of(record)["since"] <= doubt_of(record)["time"], record
        why = daemon.ctl("why", guest.name).out
        assert "it was watched only since" in why, why
    record = likely(daemon, "late", "power-button")
    assert doubt_of(record)["ms"] > 10000, record
    *_, record = daemon.wait_records("usual", count=4, timeout=PATIENCE)
    assert (record["cause"], record["confidence"], record["request"]) == ("power-button", "certain", None), record
    habit, = [item for item in record["evidence"] if item["source"] == "habit"]
    assert habit["ms"] == [14000, 13000, 12000], record


def nothing_kept(lab):
    """a press that nobody heard, our own that a full /run could not keep, one long before the end: no more than likely"""
    daemon = lab.daemon()
    world.mount("tmpfs", daemon.runtime_directory, "tmpfs", "mode=0755,size=64k")
    try:
        check_nothing_kept(lab, daemon)
    finally:
        daemon.stop()
        world.unmount(daemon.runtime_directory)


if __name__ == "__main__":
    tap.main([nothing_kept])
