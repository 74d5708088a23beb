#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several URIs on one host: those that reach the same libvirt, and another user's beside the system's."""

import contextlib
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.session import Session  # noqa: E402

PATIENCE = 60
SYSTEM, SESSION = "qemu:///system", "qemu:///session"
BY_SOCKET = "qemu+unix:///session?socket=/run/libvirt/libvirt-sock"


def listed(daemon, name):
    return [one for one in json.loads(daemon.ctl("list", "--json=short").out or "[]") if one["name"] == name]


def root_has_one(lab):
    """root's session is the system, also by its socket: each guest is there once, and has one press and one record"""
    guest = lab.guest("once", cmdline="button=second", persistent=True)
    lab.start(guest)
    daemon = lab.daemon("--uri", SYSTEM, "--uri", SESSION, "--uri", BY_SOCKET).start()
    iterate_until(lambda: listed(daemon, "once"), PATIENCE, "the guest in the list", every=0.1)
    assert [one["uri"] for one in listed(daemon, "once")] == [SYSTEM], listed(daemon, "once")
    done = daemon.ctl("stop", "once", "--ladder=power-button:60s,press=2,gap=1s destroy")
    assert done.status == 0, done
    assert guest.heard.count("qmp/POWERDOWN") == 2, guest.heard
    record, = daemon.records("once")
    assert (record["uri"], record["cause"]) == (SYSTEM, "power-button"), record
    for uri in (SESSION, BY_SOCKET):
        assert f"{uri} is the same libvirt as {SYSTEM}, and is left out" in daemon.stderr, daemon.stderr


def namesake(lab):
    """a guest of another user's session isn't judged by the log of its namesake of the system's"""
    of_system = lab.guest("namesake", cmdline="button=obey", persistent=True)
    of_session = lab.guest("namesake", cmdline="button=obey")
    lab.start(of_system)
    with Session(lab) as session:
        uri = f"qemu+unix:///session?socket={session.start_libvirt()}"
        with contextlib.closing(libvirt.open(uri)) as connection:
            of_session.expect()
            domain = connection.createXML(of_session.xml)
            daemon = lab.daemon("--uri", SYSTEM, "--uri", uri).start()
            iterate_until(lambda: len(listed(daemon, "namesake")) == 2, PATIENCE, "both in the list", every=0.1)
            of_system.kill(signal.SIGTERM)
            daemon.wait_records("namesake", timeout=PATIENCE)
            of_session.qemu.send_signal(signal.SIGKILL)
            records = {record["uri"]: record for record in daemon.wait_records("namesake", 2, PATIENCE)}
            del domain
    assert records[SYSTEM]["killer"]["pid"] == os.getpid(), records[SYSTEM]
    assert (records[uri]["cause"], records[uri]["confidence"]) == ("crashed", "likely"), records[uri]
    assert "killer" not in records[uri], records[uri]
    assert not [item for item in records[uri]["evidence"] if item["source"] == "qemu-log"], records[uri]


if __name__ == "__main__":
    tap.main([root_has_one, namesake])
