#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How QEMU's process ended, of which libvirt says nothing, and the kernel does. (Each signal by itself is in
test_causes.py, what happens while libvirtd or virtstopd is down in test_causes_unseen.py.)"""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import cgroups, kernel, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.causes import PATIENCE, presses, words  # noqa: E402
from vslab.errors import Unavailable  # noqa: E402

LIMIT = 16 << 20  # bytes that a QEMU which runs already may take more
HOG = json.dumps({"execute": "object-add", "arguments": {
    "qom-type": "memory-backend-ram", "id": "hog", "size": 8 * LIMIT, "prealloc": True}})
CONFIG = """\
[Guest revived]
Restart=on-failure
"""

daemon = None  # what all cases share


def set_up(lab):
    global daemon
    daemon = lab.daemon(config=CONFIG).start()


def wait_listed(name):
    iterate_until(lambda: name in daemon.ctl("list").out, PATIENCE, f"{name} in the list", every=0.05)


def started(lab, name, **options):
    """A guest that virtstopd knows."""
    guest = lab.guest(name, **presses("obey"), **options).start()
    wait_listed(name)
    return guest


def is_named():
    """Whether the kernel's log has the pids that we see: else only the count of a group tells, where it can be read, and
    nothing is certain."""
    return os.readlink("/proc/self/ns/pid") == "pid:[4026531836]"


def check_unnamed(record):
    assert record["cause"] in ("out-of-memory", "host-signal") and record["confidence"] == "likely", record
    assert (record["signal"], record["clean"]) == ("SIGKILL", False), record


def run_out_of_memory(guest):
    """The kernel kills its QEMU for want of memory. Somebody may start it again at once."""
    qemu = guest.qemu
    guest.expect()
    try:
        with cgroups.limited(f"{os.path.basename(guest.lab.directory)}-{guest.name}", qemu.pid, LIMIT):
            # In the group in which it is watched it stays, as on a host.
            daemon.kill()
            daemon.start()
            wait_listed(guest.name)
            try:
                guest.qmp(HOG)
            except libvirt.libvirtError:
                pass  # its QEMU is gone
            qemu.wait(PATIENCE)
    except Unavailable as error:
        raise tap.Skip(str(error)) from error


def needs_a_telling_kernel():
    if not kernel.tells_ends():
        raise tap.Skip("the kernel doesn't say how a process ended: it is older than 6.15")


def check(record, cause, confidence, died, *evidence):
    found = [record.get(key) for key in ("cause", "confidence", "signal", "clean", "killer")]
    assert found == [cause, confidence, died, False, None], record
    left = iter(words(record))
    assert all(any(word == one for one in left) for word in evidence), record


def out_of_memory(lab):
    """the kernel's OOM killer is a cause of its own"""
    guest = started(lab, "starved")
    pid = guest.pid
    run_out_of_memory(guest)
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    if not is_named():
        check_unnamed(record)
        return
    check(record, "out-of-memory", "certain", "SIGKILL", "kernel-log")
    line, = (item["line"] for item in record["evidence"] if item["source"] == "kernel-log")
    assert f"Killed process {pid} (" in line, line
    told = daemon.ctl("why", guest.name).out
    assert "The host's kernel killed the hypervisor process of “starved” for want of memory." in told, told


def out_of_memory_revived(lab):
    """a guest with Restart=on-failure that the OOM killer ended is started again"""
    guest = started(lab, "revived", persistent=True)
    run_out_of_memory(guest)
    guest.wait("console/ready", count=2)
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    if is_named():
        assert record["cause"] == "out-of-memory", record
    else:
        check_unnamed(record)


def watched_anew(lab):
    """a virtstopd that was killed and is back knows how a process ends"""
    needs_a_telling_kernel()
    guest = started(lab, "watched")
    daemon.kill()
    daemon.start()
    iterate_until(lambda: "watched" in daemon.ctl("list").out, PATIENCE, "the guest", every=0.05)
    guest.kill(signal.SIGKILL)
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    check(record, "host-signal", "certain", "SIGKILL", "daemon-restarted", "process/SIGKILL", "stopped/failed")
    told = daemon.ctl("why", guest.name).out
    assert "SIGKILL from an unknown process on the host ended the hypervisor process of “watched”." in told, told


def kept(lab):
    """what the kernel told outlives virtstopd, while libvirt has not said a word"""
    needs_a_telling_kernel()
    guest = started(lab, "kept")
    lab.libvirtd.process.send_signal(signal.SIGSTOP)
    try:
        guest.kill(signal.SIGSEGV)
        guest.qemu.wait(PATIENCE)
        iterate_until(lambda: any("SIGSEGV" in json.dumps(state) for state in daemon.kept()), PATIENCE, "the run's state", every=0.05)
        daemon.kill()
    finally:
        lab.libvirtd.process.send_signal(signal.SIGCONT)
    daemon.start()
    record, = daemon.wait_records(guest.name, timeout=PATIENCE)
    check(record, "crashed", "certain", "SIGSEGV", "process/SIGSEGV", "daemon-restarted")
    told = daemon.ctl("why", guest.name).out
    assert "The hypervisor process of “kept” crashed: it died of SIGSEGV." in told, told


if __name__ == "__main__":
    tap.main([out_of_memory, out_of_memory_revived, watched_anew, kept], setup=set_up)
