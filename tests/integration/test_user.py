#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstopd --user: the guests of a user's own session, on his bus, with his directories."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.session import Session  # noqa: E402

PATIENCE = 60
SESSION = "qemu:///session"


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


if __name__ == "__main__":
    tap.main([own_session])
