#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstopd as an ordinary system user, with what its unit leaves it of root's, and the way to libvirt that its unit has:
what it does, finds out and may is what it is as root."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.libvirtd import URI  # noqa: E402
from vslab.polkit import Polkit, add_users  # noqa: E402
from vslab.way import Way  # noqa: E402

USER = "virtstop"
PATIENCE = 60
LOCKED, NOT_AUTHORISED = 75, 5
TRIES = 10  # as in test_candidates.py

daemon = None


def set_up(lab):
    global daemon
    add_users(lab, virtstop=(), member=("libvirt",), ordinary=())
    lab.bus.read_users()
    lab.polkit = Polkit(lab).start()
    lab.ways = [Way(name, USER) for name in ("libvirt-sock", "libvirt-admin-sock")]
    daemon = lab.daemon(user=USER).start()


def stops(lab):
    """a stop that the guest obeys, certain; a terminate, whose signal is ours; all that is kept is its user's"""
    lab.start(lab.guest("obeys"), lab.guest("ends"))
    assert os.stat(f"/proc/{daemon.pid}").st_uid != 0
    assert daemon.ctl("stop", "obeys").status == 0
    record, = daemon.wait_records("obeys", timeout=PATIENCE)
    assert (record["uri"], record["clean"], record["confidence"]) == (URI, True, "certain"), record
    assert daemon.ctl("stop", "--ladder=terminate:60s leave", "ends").status == 3
    record, = daemon.wait_records("ends", timeout=PATIENCE)
    assert (record["cause"], record["signal"], record["killer"]["pid"]) == ("host-signal", "SIGTERM", daemon.pid), record
    uid = os.stat(f"/proc/{daemon.pid}").st_uid
    for top in daemon.state_directory, daemon.runtime_directory:
        for directory, names, files in os.walk(top):
            for name in names + files:
                assert os.lstat(os.path.join(directory, name)).st_uid == uid, (directory, name)


def libvirt_restarts(lab):
    """libvirt is killed in the middle of a stop, and is back: the stop goes on, on the same way"""
    guest = lab.guest("slow", cmdline="button=second")
    lab.start(guest)
    done = daemon.ctl("stop", "--no-wait", "--ladder=power-button:60s,press=2,gap=3s leave", "slow")
    assert done.status == 0, done
    guest.wait("console/button")
    lab.libvirtd.kill()
    iterate_until(lambda: "went away" in daemon.stderr, PATIENCE, "that it is noticed", every=0.1)
    lab.libvirtd.start()
    record, = daemon.wait_records("slow", timeout=PATIENCE)
    assert record["clean"] and record["request"]["outcome"] == "clean", record


def others(lab):
    """somebody else's destroy: who was connected is named"""
    for number in range(TRIES):
        name = f"destroyed-{number}"
        lab.start(lab.guest(name))
        by = subprocess.Popen(["virsh", "-q", "-c", URI, "destroy", name], env=lab.environ, stdout=subprocess.DEVNULL)
        record, = daemon.wait_records(name, timeout=PATIENCE)
        assert by.wait(PATIENCE) == 0 and record["cause"] == "destroyed", record
        if "candidates" in record:
            break
    assert record["candidates"][0]["pid"] == by.pid, record


def rights(lab):
    """polkit answers it about others: a member of group libvirt may stop a guest, an ordinary user may not"""
    lab.start(lab.guest("asked"))
    done = daemon.ctl("stop", "asked", user="ordinary")
    assert done.status == NOT_AUTHORISED and "org.virtstop1.stop)" in done.err, done
    assert daemon.ctl("stop", "asked", user="member").status == 0


def beside_root(lab):
    """root's virtstopd keeps off the directory of one that lives, and goes on with it when that is gone"""
    lab.start(lab.guest("kept", cmdline="button=ignore"))
    assert daemon.ctl("stop", "--no-wait", "--ladder=power-button:5min leave", "kept").status == 0
    roots = lab.daemon()
    for key in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        roots.environ[key] = daemon.environ[key]
    roots.spawn()
    assert roots.wait_ended() == LOCKED, roots.stderr
    daemon.kill()
    roots.start()
    assert "kept" in roots.ctl("status").out, roots.stderr
    assert roots.ctl("cancel", "kept").status == 0
    assert not [name for name in os.listdir(os.path.join(daemon.runtime_directory, "guests")) if ".bad" in name]


if __name__ == "__main__":
    tap.main([stops, libvirt_restarts, others, rights, beside_root], set_up)
