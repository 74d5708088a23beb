#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A user on a whole host, whose own systemd runs virtstopd --user: what becomes of his guests when he logs out, and when
the host goes down."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.errors import Unavailable  # noqa: E402

CASE_TIMEOUT = 300
PATIENCE = 60
UNITS = ("virtstopd.service", "virtstop-guests.service", "virtstop-restore.service")
BUS = "/usr/lib/systemd/user/dbus.socket"
NAME, UID = "desk", "4242"
HOME, RUNTIME = f"/home/{NAME}", f"/run/user/{UID}"
RECORDS = f"{HOME}/.local/state/virtstop/stops.jsonl"
CONFIG = "[Default]\nLadder=power-button:40s destroy\n"


class Desk:
    """The user, on a host that runs."""

    def __init__(self, host):
        self.host = host
        host.run("useradd", "--create-home", f"--uid={UID}", NAME)
        self.run("mkdir", "-p", f"{HOME}/.config/virtstop", login=False)
        host.write(f"{HOME}/.config/virtstop/virtstop.conf", CONFIG)
        host.run("systemctl", "--global", "enable", *UNITS)

    def run(self, *command, login=True, **options):
        environ = [f"XDG_RUNTIME_DIR={RUNTIME}"] if login else []
        return self.host.run("setpriv", "--reuid", UID, "--regid", UID, "--init-groups", "env", f"HOME={HOME}", *environ,
                             *command, **options)

    def log_in(self):
        self.host.run("loginctl", "enable-linger", NAME)
        iterate_until(lambda: self.run("systemctl", "--user", "is-active", "virtstop-guests.service", "virtstopd.service",
                                       check=False).status == 0, PATIENCE, "the user's units", every=0.2)

    def log_out(self):
        self.host.run("loginctl", "disable-linger", NAME)
        self.host.run("loginctl", "terminate-user", NAME, check=False)
        iterate_until(lambda: self.state() in ("inactive", "failed"), PATIENCE, "the end of the session", every=0.2)

    def state(self):
        return self.host.run("systemctl", "show", "--value", "--property=ActiveState", f"user@{UID}.service").out.strip()

    def virsh(self, *args):
        return self.run("virsh", "--quiet", "-c", "qemu:///session", *args)

    def listed(self):
        done = self.run("virtstopctl", "--user", "list", "--json=short", check=False)
        return [one["name"] for one in json.loads(done.out)] if done.status == 0 else []

    def records(self):
        return [json.loads(line) for line in (self.host.read(RECORDS) or "").splitlines()]


def leave_root_alone(host):
    """Enabled for all users, the units are root's, too, who has no session in libvirt."""
    def root(*command):
        return host.run("env", "XDG_RUNTIME_DIR=/run/user/0", "systemctl", "--user", *command, check=False).out.split()

    host.run("systemctl", "start", "user@0.service")
    iterate_until(lambda: root("is-active", "default.target") == ["active"], PATIENCE, "root's units", every=0.2)
    states = root("show", "--value", "--property=ActiveState", *UNITS)
    assert states == ["inactive"] * len(UNITS), states
    host.run("systemctl", "stop", "user@0.service")


def logs_out(lab):
    """a user's guest outlives virtstopd, is clean at logout, back at the next login, and clean as the host goes down"""
    if not os.path.exists(BUS):
        raise Unavailable(f"needs a bus of the user's (dbus-user-session): there is no {BUS}")
    host = lab.host()
    guest = host.guest("desktop", cmdline="button=slow:2")
    host.boot()
    desk = Desk(host)
    leave_root_alone(host)
    desk.log_in()
    guest.expect()
    desk.virsh("define", "/var/lib/vslab/desktop.xml")
    desk.virsh("start", "desktop")
    guest.wait_ready()
    iterate_until(lambda: "desktop" in desk.listed(), PATIENCE, "the guest in the list", every=0.2)
    desk.run("systemctl", "--user", "restart", "virtstopd.service")
    iterate_until(lambda: "desktop" in desk.listed(), PATIENCE, "the guest in the list again", every=0.2)
    assert guest.qemu.running and desk.records() == [], desk.records()
    desk.run("systemctl", "--user", "stop", "virtstop-guests.service")
    assert guest.qemu.running and desk.records() == [], "stopped though nobody logged out"
    desk.run("systemctl", "--user", "start", "virtstop-guests.service")
    desk.log_out()
    guest.wait_gone()
    assert guest.came_down_clean, guest.heard
    record, = desk.records()
    assert (record["uri"], record["cause"], record["clean"]) == ("qemu:///session", "power-button", True), record
    assert (record["host_shutdown"], record["request"]["reason"]) == (False, "the user's session ends"), record
    guest.expect()
    desk.log_in()
    guest.wait_ready()
    iterate_until(lambda: "desktop" in desk.listed(), PATIENCE, "the guest that was started again", every=0.2)
    host.power_off()
    # Its libvirt may be quicker, which saves its guests when logind says so.
    record = desk.records()[-1]
    assert (record["cause"], guest.came_down_clean) in (("saved", False), ("power-button", True)), (record, guest.heard)
    assert record["clean"] and record["host_shutdown"], record


if __name__ == "__main__":
    tap.main([logs_out], case_timeout=CASE_TIMEOUT, kind="HostLab")
