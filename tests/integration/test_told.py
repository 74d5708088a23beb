#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is told of a stop beside its cause, and what must not be: whose log it is."""

import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

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


if __name__ == "__main__":
    tap.main([namesake])
