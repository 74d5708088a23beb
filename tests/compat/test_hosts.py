#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole hosts of other releases, and with real modular daemons of libvirt, that go down. tests/compat/hosts runs it."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import hostkind, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.hostfleet import (  # noqa: E402
    BUDGET, CHAIN, CONFIG, boot, boot_and_ask_down, check_comes_back, check_went_down
)

CASE_TIMEOUT = 300
DAEMON = hostkind.daemon()
NAMES = ("agent", "obeys", "slow", "second", "ignores", "paused", *CHAIN)
FEW = ("obeys", "slow", "ignores")
IDLE = 10  # seconds without a client, after which libvirt's daemon ends
PATIENCE = 60
SLOW = 25  # the guest that ignores everything has 10 s
PROXY_URI = "qemu+unix:///system?socket=/run/libvirt/libvirt-sock"


def listed(host):
    """The names of the guests as virtstopctl lists them, once for each time."""
    done = host.ctl("list", "--json=short")
    return sorted(domain["name"] for domain in json.loads(done.out)) if done.status == 0 else None


def check_down(host, guests, down, **options):
    """As the fleet should; where it took longer than the guests do, the journal has to say what did."""
    if down.seconds > SLOW:
        tap.diagnose(host.journal("-n", "150", "-o", "short-monotonic"))
    check_went_down(host, guests, down, **options)


def check_certain(host):
    """All that a record needs was found: QEMU's log and libvirt's events."""
    doubtful = [record for record in host.records() if record["confidence"] != "certain"]
    assert not doubtful, doubtful


def powers_off(lab):
    """poweroff"""
    host, guests = boot(lab, names=NAMES)
    boot_id = host.run("cat", "/proc/sys/kernel/random/boot_id").out.strip()
    down = host.power_off()
    check_down(host, guests, down)
    check_certain(host)
    assert {record["boot_id"] for record in host.records()} == {boot_id}, host.records()
    check_comes_back(host, guests, down)


def reboots(lab):
    """reboot"""
    host, guests = boot(lab, names=FEW)
    down = host.reboot()
    check_down(host, guests, down, how="reboot")
    check_certain(host)
    check_comes_back(host, guests, down)


def killed_before(lab):
    """libvirt killed before the shutdown transaction"""
    host, guests = boot(lab, names=NAMES)
    host.ask_down("poweroff")
    # logind still holds back the shutdown: systemd starts it again.
    guests["slow"].wait("console/button")
    host.main_process(DAEMON).kill()
    check_down(host, guests, host.wait_down())


def killed_inside(lab):
    """libvirt killed inside the shutdown transaction"""
    host, guests = boot_and_ask_down(lab, names=NAMES)
    guests["slow"].wait("console/button")
    host.main_process(DAEMON).kill()
    check_down(host, guests, host.wait_down())


def restarted(lab):
    """libvirt and virtstopd restarted"""
    host, guests = boot(lab, names=FEW)
    for units in ([DAEMON], ["virtstopd"], [DAEMON, "virtstopd"]):
        host.run("systemctl", "restart", *units)
        iterate_until(lambda: listed(host) == sorted(guests), PATIENCE, "the guests in the list", every=0.2)
    assert host.records() == [], host.records()
    check_down(host, guests, host.power_off())


def exits_when_idle(lab):
    """libvirt's daemon ends when it is idle"""
    name = DAEMON.partition(".")[0]

    def prepare(host):
        for directory in ("default", "sysconfig"):
            host.write(f"/etc/{directory}/{name}", f'{name.upper()}_ARGS="--timeout {IDLE}"\n')

    host, _ = boot(lab, names=(), prepare=prepare)
    pid = host.main_process(DAEMON).pid
    time.sleep(IDLE + 5)
    assert host.main_process(DAEMON).pid == pid, "virtstopd's connection doesn't keep it up"
    host.run("systemctl", "stop", "virtstopd.service")
    iterate_until(lambda: not host.is_active(DAEMON), PATIENCE, "its end", every=0.5)
    host.run("systemctl", "start", "virtstopd.service")
    iterate_until(lambda: host.is_active(DAEMON), PATIENCE, "its start by virtstopd", every=0.2)
    host.run("systemctl", "stop", DAEMON)
    iterate_until(lambda: host.is_active(DAEMON), PATIENCE, "its start after a stop", every=0.2)
    guests = {"obeys": host.guest("obeys", "tiny", "button=obey").start()}
    check_down(host, guests, host.power_off())


def sockets_only(lab):
    """only libvirt's sockets are enabled"""
    def prepare(host):
        host.root.systemctl("disable", DAEMON)
        host.root.systemctl("enable", *hostkind.sockets())

    host, guests = boot(lab, names=FEW, prepare=prepare)
    assert "disabled" in host.run("systemctl", "is-enabled", DAEMON, check=False).out
    down = host.power_off()
    check_down(host, guests, down)
    check_certain(host)
    check_comes_back(host, guests, down)


def doctor(lab):
    """doctor finds nothing amiss"""
    host, guests = boot(lab, names=("agent", "obeys"), config=config_for("qemu:///system"))
    done = host.ctl("doctor")
    tap.diagnose(done.out, done.err)
    assert done.status == 0, done


def need_proxy():
    if not hostkind.MODULAR:
        raise tap.Skip("no virtproxyd beside libvirtd")


def config_for(uris):
    return CONFIG.format(budget=BUDGET).replace("[Daemon]\n", f"[Daemon]\nUris={uris}\n")


def proxy(lab):
    """through virtproxyd, libvirt killed meanwhile"""
    need_proxy()
    host, guests = boot(lab, names=NAMES, config=config_for(PROXY_URI))
    host.ask_down("poweroff")
    guests["slow"].wait("console/button")
    host.main_process(DAEMON).kill()
    check_down(host, guests, host.wait_down())


def proxy_killed(lab):
    """through virtproxyd, killed inside the shutdown transaction"""
    need_proxy()
    host, guests = boot_and_ask_down(lab, names=NAMES, config=config_for(PROXY_URI))
    guests["slow"].wait("console/button")
    host.main_process("virtproxyd.service").kill()
    check_down(host, guests, host.wait_down())


def both_killed(lab):
    """through virtproxyd, killed with libvirt inside the shutdown transaction"""
    need_proxy()
    host, guests = boot_and_ask_down(lab, names=FEW, config=config_for(PROXY_URI))
    guests["slow"].wait("console/button")
    host.main_process("virtproxyd.service").kill()
    host.main_process(DAEMON).kill()
    check_down(host, guests, host.wait_down())


def proxy_beside(lab):
    """virtproxyd's URI beside virtqemud's"""
    need_proxy()
    host, guests = boot(lab, names=FEW, config=config_for(f"qemu:///system {PROXY_URI}"))
    assert listed(host) == sorted(guests), listed(host)
    check_down(host, guests, host.power_off())
    assert all(guest.heard.count("console/button") <= 1 for guest in guests.values())


CASES = [powers_off, reboots, killed_before, killed_inside, restarted, exits_when_idle, sockets_only, doctor, proxy, proxy_killed,
         both_killed, proxy_beside]

if __name__ == "__main__":
    tap.main(CASES, case_timeout=CASE_TIMEOUT, kind="HostLab")
