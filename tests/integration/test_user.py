#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstopd --user: the guests of a user's own session, on his bus, with his directories."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.daemon import Daemon  # noqa: E402
from vslab.session import Session  # noqa: E402

PATIENCE = 60
SESSION = "qemu:///session"


def check_told(daemon):
    """What is in force, and what will go wrong, is told for a user, and nothing of the host's."""
    conf = daemon.ctl("check-config")
    assert conf.status == 0 and "Uris=qemu:///session\n" in conf.out and "Budget=1min 20s\n" in conf.out, conf
    found = [json.loads(line) for line in daemon.ctl("doctor", "--json=short").out.splitlines()]
    groups = [one["what"] for one in found if one["check"] == "control-group"]
    assert len(groups) == 1 and "was not started by virtstopd.service" in groups[0], found
    assert not {"libvirt-guests", "job-timeout", "daemon"} & {one["check"] for one in found}, found


def refuses(lab):
    """root, and a user without a bus or a runtime directory, are told what --user needs"""
    for program in ("virtstopd", "virtstopctl"):
        args = [] if program == "virtstopd" else ["list"]
        done = subprocess.run([Daemon.program(program), "--user", *args], stdin=subprocess.DEVNULL, timeout=PATIENCE,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "--user is not for root" in done.stderr, done
    session = Session(lab)
    done = session.run("virtstopctl", "--user", "list")
    assert done.status == 1 and "is virtstopd.service of this user running" in done.err, done
    done = session.run("virtstopd", "--user", environ={"XDG_RUNTIME_DIR": "not/absolute"})
    assert done.status == 2 and "--user needs XDG_RUNTIME_DIR" in done.err, done


def own_session(lab):
    """a guest of the user's session goes down by its ladder; its record and the run state lie where XDG has them"""
    guest = lab.guest("desktop", cmdline="button=second")
    with Session(lab) as session:
        daemon = session.daemon(config="[Default]\nLadder=power-button:30s,press=2,gap=1s destroy\n").start()
        session.start(guest)
        iterate_until(lambda: daemon.listed("desktop"), PATIENCE, "the guest in the list", every=0.1)
        assert [one["uri"] for one in daemon.listed("desktop")] == [SESSION], daemon.listed("desktop")
        done = daemon.ctl("stop", "desktop", "--reason=enough")
        assert done.status == 0, done
        record, = daemon.wait_records("desktop")
        assert (record["uri"], record["cause"], record["clean"]) == (SESSION, "power-button", True), record
        assert record["request"]["by"]["uid"] == session.user.pw_uid, record
        why = daemon.ctl("why", "desktop")
        assert why.status == 0 and "power button" in why.out and "enough" in why.out, why
        for path in (daemon.records_path, daemon.runtime_directory):
            assert os.stat(path).st_uid == session.user.pw_uid, path
        check_told(daemon)


if __name__ == "__main__":
    tap.main([own_session, refuses])
