#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A thousand guests that go down at once, of libvirt's test driver through a libvirtd: libvirt's lists
are quicker than its events then."""

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.client import Client  # noqa: E402
from vslab.process import Process  # noqa: E402

URI = "test+unix:///default"
GUESTS = 1000
LAST = "last"
NAMES = {"test", *(f"guest-{number}" for number in range(GUESTS))}  # the driver has one of its own
XML = "<domain type='test'><name>{}</name><memory>8192</memory><os><type>hvm</type></os></domain>"
CLIENT_TIMEOUT = 60  # it takes some 5 s

# Seconds. virtstopd lists the guests 1, 3, 8 and 15 s after it has connected: what begins then is at
# its height at the third of these.
BEFORE_A_LIST = 6


@contextlib.contextmanager
def guests():
    """They exist as long as a connection to them is open."""
    import libvirt
    with contextlib.closing(libvirt.open(URI)) as connection:
        for name in NAMES - {"test"}:
            connection.createXML(XML.format(name))
        yield connection


def stop_all(daemon):
    """virtstopctl stop-all. Its exit status, or None where it did not end."""
    client = daemon.spawn_ctl("stop-all")
    try:
        out, err = client.communicate(timeout=CLIENT_TIMEOUT)
    except subprocess.TimeoutExpired:
        client.kill()
        client.communicate()
        return None
    tap.diagnose(*out.splitlines()[-2:], *err.splitlines()[-2:])
    return client.returncode


def wait_heard_all(connection, daemon):
    """libvirt's events come in their order: when the last one has, all have."""
    connection.createXML(XML.format(LAST)).destroy()
    daemon.wait_records(LAST)


def told(record):
    request = record["request"] or {}
    return record["cause"], record["clean"], request.get("outcome")


def check_once_each(records):
    """Each guest has one record, and all of them are the same."""
    records = [record for record in records if record["domain"]["name"] != LAST]
    summary = Counter(map(told, records))
    assert summary == {("power-button", True, "clean"): len(NAMES)}, (len(records), summary)
    names = Counter(record["domain"]["name"] for record in records)
    assert names == Counter(NAMES), names - Counter(NAMES)
    assert len({record["id"] for record in records}) == len(NAMES)


def burst(lab):
    """a thousand guests, listed while they go down: one record each, clean, and the client returns"""
    with guests() as connection:
        daemon, client = lab.daemon("--uri", URI).start(), Client(lab.bus)
        time.sleep(BEFORE_A_LIST)  # nothing tells of the lists
        began, cpu = time.monotonic(), Process(daemon.pid).cpu_seconds()
        status = stop_all(daemon)
        took = time.monotonic() - began
        tap.diagnose(f"{took:.1f} s, {Process(daemon.pid).cpu_seconds() - cpu:.1f} s of CPU")
        assert connection.numOfDomains() == 0
        wait_heard_all(connection, daemon)
        client.catch_up()
        check_once_each(daemon.records())
        check_once_each(client.records())
        assert status == 0, status
        assert client.call("ListStops") == []


if __name__ == "__main__":
    tap.main([burst])
