#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who asked is certain only where it was watched, and near in time: a virtstopd that comes later than a press, one
whose own press could not be kept, a guest that goes down long after a press."""

import contextlib
import os
import sys

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


def check_nothing_kept(lab, daemon):
    daemon.start()
    ours, others = (lab.guest(name, cmdline="button=slow:4") for name in ("ours", "others"))
    late = lab.guest("late", cmdline="button=slow:11")
    with full(daemon.runtime_directory):
        lab.start(ours, others, late)
        asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:60s leave", "ours")
        assert "could not be noted before" in asked.err, asked
        ours.wait("qmp/POWERDOWN")
        daemon.kill()
        others.press()
        others.wait("qmp/POWERDOWN")
        assert not daemon.kept(), daemon.kept()
    daemon.start()  # as if it were the first time
    iterate_until(lambda: "late" in daemon.ctl("list", "--no-legend", timeout=PATIENCE).out, PATIENCE,
                  "the guests in the list", every=0.1)
    late.press()
    for guest in (ours, others):
        record = likely(daemon, guest.name, "guest-initiated")
        assert doubt_of(record)["since"] <= doubt_of(record)["time"], record
        why = daemon.ctl("why", guest.name).out
        assert "it was watched only since" in why, why
    record = likely(daemon, "late", "power-button")
    assert doubt_of(record)["ms"] > 10000, record


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
