#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole hosts that go down while an ordinary user of theirs means harm: all comes down as if nobody did."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import flood, tap  # noqa: E402
from vslab.hostfleet import CASE_TIMEOUT, CHAIN, boot, check_comes_back, check_went_down  # noqa: E402

GUESTS = ("agent", "obeys", "slow", "second") + CHAIN
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
LOCK = "/var/lib/virtstop/stops.lock"
BUS = "unix:path=/run/dbus/system_bus_socket"
SECONDS = 120  # the host is down before
RECORDS = 20000


def quiet(lab):
    """for comparison: nobody means harm"""
    host, guests = boot(lab, names=GUESTS)
    check_went_down(host, guests, host.power_off())


def hold_lock(host):
    """As an older version made it, and somebody else has it."""
    host.write(LOCK, "")
    os.chmod(host.root.inside(LOCK), 0o644)
    os.chmod(host.root.inside(os.path.dirname(LOCK)), 0o755)
    host.write("/etc/systemd/system/harm.service", f"""\
[Unit]
Before=virtstopd.service
DefaultDependencies=no
After=local-fs.target
[Service]
Type=exec
User=nobody
ExecStart=/usr/bin/flock --verbose {LOCK} sleep infinity
[Install]
WantedBy=multi-user.target
""")
    host.root.systemctl("enable", "harm.service")


def lock(lab):
    """a lock that a user has taken before virtstopd began: records, and what ran runs again"""
    host, guests = boot(lab, names=GUESTS, prepare=hold_lock)
    assert host.is_active("harm.service")
    assert host.is_active("virtstopd.service")
    down = host.power_off()
    check_went_down(host, guests, down)
    check_comes_back(host, guests, down)


def go_down_under(lab, number, *flood_args, prepare=None):
    """Some of that flood the bus from before the host goes down to its end."""
    host, guests = boot(lab, names=GUESTS, prepare=prepare)
    shutil.copy(flood.__file__, host.directory)
    program = host.inside(os.path.join(host.directory, os.path.basename(flood.__file__)))
    flooders = [host.spawn(*NOBODY, "/usr/bin/python3", "-B", program, BUS, str(SECONDS), *flood_args)
                for _ in range(number)]
    try:
        for flooder in flooders:
            assert flooder.stdout.readline() == "on\n", flooder.stderr.read()
        down = host.power_off()
        check_went_down(host, guests, down)
        assert "doesn't answer" not in host.console, host.console
    finally:
        for flooder in flooders:
            flooder.kill()
            flooder.communicate()


def flooded(lab):
    """a user who floods virtstopd with calls"""
    go_down_under(lab, 2, "stop", "20000")


def remember_much(host):
    record = ('{"schema":1,"id":"00000000-0000-4000-8000-%012d","time":"2026-01-01T00:00:00.000000Z","boot_id":"b",'
              '"uri":"qemu:///system","domain":{"name":"of old","uuid":"00000000-0000-4000-8000-000000000000","id":1},'
              '"cause":"unknown","clean":null,"confidence":"unknown","request":null,"host_shutdown":false,"took_ms":0,'
              '"evidence":[{"source":"libvirt","event":"%s"}]}\n')
    host.write("/var/lib/virtstop/stops.jsonl.1", "".join(record % (i, "x" * 1000) for i in range(RECORDS)))


def questioned(lab):
    """a user who asks for a long history, again and again"""
    go_down_under(lab, 2, "history", "60", prepare=remember_much)


if __name__ == "__main__":
    tap.main([quiet, lock, flooded, questioned], case_timeout=CASE_TIMEOUT, kind="HostLab")
