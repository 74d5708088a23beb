#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may have had libvirt end a guest, where we didn't: those who were connected to it at that moment."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.libvirtd import URI  # noqa: E402

PATIENCE = 60
ADMIN_SOCKET = "/run/libvirt/libvirt-admin-sock"
TRIES = 10  # libvirt keeps whoever asked for 0.2 s, which a busy machine may need itself; else nobody is named

daemon = None


def set_up(lab):
    global daemon
    daemon = lab.daemon().start()


def virsh(lab, *args, **options):
    return subprocess.Popen(["virsh", "-q", "-c", URI, *args], env=lab.environ, stdout=subprocess.DEVNULL, **options)


def end(lab, name, verb="destroy", **options):
    """The guest's record, and the pid of the virsh that ended it."""
    lab.guest(name, **options).start()
    by = virsh(lab, verb, name)
    record, = daemon.wait_records(name, timeout=PATIENCE)
    assert by.wait(PATIENCE) == 0
    assert (record["confidence"], record["request"]) == ("certain", None), record
    return record, by.pid


def end_in_time(lab, name, *args, **options):
    """The same, where there was time to ask who was connected."""
    for number in range(TRIES):
        record, pid = end(lab, f"{name}-{number}", *args, **options)
        if "candidates" in record:
            return record, pid
    raise AssertionError(f"{TRIES} times nobody is named: {record}")


def destroyed(lab):
    """somebody else's destroy: who was connected is named, whoever came last first; nobody who only looks, nor we"""
    looks = virsh(lab, "-r", "event", "--all", "--loop")
    try:
        record, pid = end_in_time(lab, "destroyed")
    finally:
        looks.kill()
        looks.wait()
    first = record["candidates"][0]
    assert record["cause"] == "destroyed", record
    assert (first["pid"], first["comm"], first["uid"], first["user"]) == (pid, "virsh", 0, "root"), record
    assert first["since"] <= record["time"], record
    # The lab's own connection has been there all the time.
    assert [one["pid"] for one in record["candidates"]] == [pid, os.getpid()], record
    why = daemon.ctl("why", record["domain"]["name"]).out
    assert f"it may have been root (virsh, pid {pid}" in why, why
    history, = daemon.ctl("history", record["domain"]["name"], "--json=short").out.splitlines()
    assert f'"candidates":[{{"pid":{pid},' in history, history


def saved(lab):
    """somebody else's save: the same"""
    record, pid = end_in_time(lab, "saved", "managedsave", persistent=True)
    assert (record["cause"], record["candidates"][0]["pid"]) == ("saved", pid), record


def ours(lab):
    """our own destroy: whoever else is connected has nothing to do with it"""
    lab.guest("ours").start()
    assert daemon.ctl("stop", "ours", "--ladder=destroy").status == 3
    record, = daemon.wait_records("ours", timeout=PATIENCE)
    assert record["cause"] == "destroyed" and record["request"] and "candidates" not in record, record


def no_admin(lab):
    """a libvirt that can't be asked: the same record without them"""
    os.rename(ADMIN_SOCKET, ADMIN_SOCKET + ".away")
    try:
        record, _ = end(lab, "unnamed")
    finally:
        os.rename(ADMIN_SOCKET + ".away", ADMIN_SOCKET)
    assert record["cause"] == "destroyed" and "candidates" not in record, record
    assert "may have been" not in daemon.ctl("why", "unnamed").out


if __name__ == "__main__":
    tap.main([destroyed, saved, ours, no_admin], setup=set_up)
