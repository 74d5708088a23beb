#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole hosts that go down while what is needed for it fails: virtstopd, libvirtd, the bus, files."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.hostfleet import (  # noqa: E402
    BUDGET, CASE_TIMEOUT, CHAIN, OWN_TIME, boot, boot_and_ask_down, check_chain, check_records,
    check_went_down, tell
)


def virtstopd_killed(lab):
    """virtstop: virtstopd is killed while the host goes down"""
    host, guests = boot(lab)
    virtstopd = host.main_process("virtstopd.service")
    host.ask_down("poweroff")
    guests["slow"].wait("console/button")
    virtstopd.kill()
    down = host.wait_down()
    check_went_down(host, guests, down)


def virtstopd_dead(lab):
    """virtstop: virtstopd was dead before the host goes down: the hook starts it, or does the work"""
    host, guests = boot(lab)
    host.run("systemctl", "kill", "--signal=KILL", "virtstopd.service")
    host.run("systemctl", "stop", "virtstopd.service")
    down = host.power_off()
    check_went_down(host, guests, down)


def libvirtd_restarted(lab):
    """virtstop: libvirtd is restarted while the host goes down"""
    # libvirtd's own end waits 30 s for the guest that hangs.
    host, guests = boot(lab)
    host.ask_down("poweroff")
    guests["slow"].wait("console/button")
    # As long as somebody delays the shutdown this is a restart, and afterwards it is refused.
    done = host.run("systemctl", "restart", "libvirtd.service", check=False)
    tap.diagnose(f"the restart: {done}")
    down = host.wait_down()
    check_went_down(host, guests, down)


def hook_process(host, name):
    """A process that the hook runs."""
    def find():
        done = host.run("systemctl", "status", "--no-pager", "virtstop-guests.service", check=False)
        return re.search(rf"(\d+) \S*/{name}$", done.out, re.MULTILINE)
    iterate_until(find, 30, f"{name} of the hook", every=0.2)
    return host.process(int(find().group(1)))


def hook_daemon(host):
    """The virtstopd that the hook runs, once it has its name: one that hangs before that is one that can't start."""
    def find():
        done = host.run("busctl", "list", "--acquired", "--no-legend", check=False)
        return re.search(r"^org\.virtstop1 +(\d+) virtstopd .* virtstop-guests\.service ", done.out, re.MULTILINE)
    iterate_until(find, 30, "the name of the hook's virtstopd", every=0.2)
    return host.process(int(find().group(1)))


def virtstopd_hangs(lab):
    """virtstop: virtstopd hangs before the host goes down: the hook kills it, and does with its own"""
    host, guests = boot(lab)
    host.main_process("virtstopd.service").send_signal(signal.SIGSTOP)
    down = host.power_off()
    # So long it might have been busy.
    check_went_down(host, guests, down, budget=BUDGET + 20)
    assert "doesn't answer: it is killed" in host.console, host.console


def virtstopd_hangs_meanwhile(lab):
    """virtstop: virtstopd hangs in the middle of it, and so does the one that the hook runs then"""
    host, guests = boot_and_ask_down(lab)
    guests["slow"].wait("console/button")
    host.main_process("virtstopd.service").send_signal(signal.SIGSTOP)
    hook_daemon(host).send_signal(signal.SIGSTOP)
    # What they are given meanwhile is over then for those that would have obeyed later.
    down = host.wait_down()
    tell("virtstop, virtstopd hangs twice meanwhile", down, guests)
    assert down.how == "poweroff" and down.seconds < BUDGET + OWN_TIME, down
    assert {"agent", "obeys", "slow", "paused", "front"} <= {name for name in guests if guests[name].came_down_clean}
    assert host.console.count("doesn't answer: it is killed") == 2, host.console


def hook_loses_its_own(lab):
    """virtstop: virtstopd is killed while the hook waits, and the one that the hook runs, too, and again"""
    host, guests = boot_and_ask_down(lab)
    guests["slow"].wait("console/button")
    host.main_process("virtstopd.service").kill()
    for _ in range(2):
        hook_process(host, "virtstopd").kill()
    check_went_down(host, guests, host.wait_down())


def bus_dies(lab):
    """virtstop: the bus is killed while the hook waits, and with it libvirtd ends"""
    host, guests = boot_and_ask_down(lab)
    guests["slow"].wait("console/button")
    host.main_process("dbus.service").kill()
    check_went_down(host, guests, host.wait_down())


def configuration_broken(lab):
    """virtstop: with a configuration that is broken guests come down clean by the built-in defaults"""
    names = ("agent", "obeys", "slow", *CHAIN)
    host, guests = boot(lab, names=names, config="[Default]\nLadder=rope\n")
    assert not host.is_active("virtstopd.service")
    down = host.power_off()
    assert down.how == "poweroff" and down.seconds < BUDGET, down
    clean, cut_off = tell("virtstop, its configuration broken", down, guests)
    assert clean == set(names), cut_off
    assert "built-in defaults" in host.console and "virtstop.conf:2" in host.console, host.console
    check_records(host, guests)


def state_unwritable(lab):
    """virtstop: where the state directory can't be written guests come down clean, too, and as configured"""
    names = ("agent", "obeys", "second", "slow", *CHAIN)
    host, guests = boot(lab, names=names)
    host.run("systemctl", "stop", "virtstopd.service")
    host.run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "/var/lib/virtstop")
    down = host.power_off()
    assert down.how == "poweroff" and down.seconds < BUDGET, down
    clean, cut_off = tell("virtstop, its state directory read-only", down, guests)
    assert clean == set(names), cut_off
    check_chain(guests)
    assert "STATE_DIRECTORY" in host.console, host.console


CASES = [virtstopd_killed, virtstopd_dead, libvirtd_restarted, virtstopd_hangs, virtstopd_hangs_meanwhile,
         hook_loses_its_own, bus_dies, configuration_broken, state_unwritable]

if __name__ == "__main__":
    tap.main(CASES, case_timeout=CASE_TIMEOUT, kind="HostLab")
