#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian package on whole hosts whose guests run. tests/compat/packages runs it."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.hostfleet import boot, check_comes_back, check_untouched, check_went_down, tell  # noqa: E402

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CASE_TIMEOUT = 600
DPKG_TIMEOUT = 120
PACKAGES = os.environ.get("VS_HOST_PACKAGES")
NAMES = ("agent", "obeys", "slow")
LIBVIRT_GUESTS = ("libvirt-guests.service",)
HOOK, RESTORE, DAEMON = "virtstop-guests.service", "virtstop-restore.service", "virtstopd.service"
CONFIGURATION = "/etc/virtstop/virtstop.conf"
DROP_IN = "/etc/virtstop/virtstop.conf.d/local.conf"
MINE = "# by the administrator\n[Default]\nPriority=7\n"


def dpkg(host, *args):
    tap.diagnose(f"dpkg {' '.join(args)}")
    done = host.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", *args, timeout=DPKG_TIMEOUT)
    for line in (done.out + done.err).splitlines():
        tap.diagnose("    " + line)


def install(host, which="old"):
    host.root.write(f"/var/tmp/{which}.deb", "")
    with open(f"{PACKAGES}/{which}.deb", "rb") as package, open(host.root.inside(f"/var/tmp/{which}.deb"), "wb") as copy:
        copy.write(package.read())
    dpkg(host, "-i", f"/var/tmp/{which}.deb")


def enablement(host, unit):
    return host.run("systemctl", "is-enabled", unit, check=False).out.strip()


def show(host, unit, key):
    return host.run("systemctl", "show", "--value", f"--property={key}", unit).out.strip()


def begun(host):
    """When each of our units was begun and ended last: another value where a script did something to it."""
    return {unit: tuple(show(host, unit, key) for key in ("InvocationID", "ExecMainStartTimestampMonotonic",
                                                         "InactiveEnterTimestampMonotonic"))
            for unit in (HOOK, RESTORE, *LIBVIRT_GUESTS)}


def host_with(lab, *units, **options):
    return boot(lab, units, NAMES, virtstop=False, config="", **options)


def check_taken(host):
    assert host.is_active(DAEMON) and host.is_active(HOOK)
    assert enablement(host, HOOK) == "enabled" and enablement(host, DAEMON) == "enabled"
    assert enablement(host, "libvirt-guests.service") == "disabled"
    assert show(host, "libvirt-guests.service", "ExecStop") == "" or not host.is_active("libvirt-guests.service")
    # As Debian has it: no guest is started at boot.
    assert enablement(host, RESTORE) == "disabled" and not host.is_active(RESTORE)
    found = [json.loads(line) for line in host.ctl("doctor", "--json=short").out.splitlines()]
    assert not [one for one in found if one.get("check") in ("libvirt-guests", "hook-not-enabled", "daemon")], found
    listed = json.loads(host.ctl("list", "--json=short").out)
    assert sorted(domain["name"] for domain in listed) == sorted(NAMES), listed


def make_uninstall(host):
    """What `make uninstall` asks first of all."""
    with open(os.path.join(TREE, "systemd", "uninstall-guard.sh"), encoding="utf-8") as file:
        host.write("/var/tmp/guard.sh", file.read())
    return host.run("sh", "/var/tmp/guard.sh", show(host, HOOK, "FragmentPath"), "/usr/libexec", check=False)


def check_given_back(host):
    assert enablement(host, "libvirt-guests.service") == "enabled"
    assert host.is_active("libvirt-guests.service") and show(host, "libvirt-guests.service", "ExecStop")
    assert not host.is_active(DAEMON)


def check_stopped_by_libvirt_guests(host, guests):
    clean, cut_off = tell("libvirt-guests, after the package", host.power_off(), guests)
    assert not cut_off and clean == set(NAMES), cut_off


def life(lab):
    """a life: install, poweroff, boot, upgrade, remove, poweroff, boot, purge"""
    host, guests = host_with(lab, *LIBVIRT_GUESTS)
    install(host)
    check_untouched(guests)
    check_taken(host)
    assert "is refused" not in host.journal("-u", DAEMON), host.journal("-u", DAEMON)
    assert host.read(CONFIGURATION) is None
    host.write(CONFIGURATION, "[Daemon]\nBudget=60s\n")
    host.write(DROP_IN, MINE)
    host.run("systemctl", "reload", DAEMON)
    host.run("systemctl", "enable", RESTORE)
    down = host.power_off()
    check_went_down(host, guests, down)
    check_comes_back(host, guests, down)

    before, pid = begun(host), host.main_process(DAEMON).pid
    install(host, "next")
    assert begun(host) == before, (before, begun(host))
    assert host.main_process(DAEMON).pid != pid, "virtstopd wasn't restarted"
    assert enablement(host, RESTORE) == "enabled"
    assert host.read(DROP_IN) == MINE
    assert "Priority=7" in host.ctl("show-policy", "obeys").out, host.ctl("show-policy", "obeys")
    assert all(guest.qemu.running and guest.state() == "running" for guest in guests.values())

    dpkg(host, "-r", "virtstop")
    assert all(guest.qemu.running and guest.state() == "running" for guest in guests.values())
    check_given_back(host)
    assert host.read(DROP_IN) == MINE
    check_stopped_by_libvirt_guests(host, guests)

    host.boot()
    assert host.is_active("libvirt-guests.service")
    assert not host.run("systemctl", "--failed", "--plain", "--no-legend", "list-units", "virtstop*").out
    dpkg(host, "-P", "virtstop")
    for path in "/var/lib/virtstop", "/run/virtstop", "/var/lib/misc/virtstop-libvirt-guests":
        assert not os.path.lexists(host.root.inside(path)), path
    assert host.read(DROP_IN) == MINE


def purge(lab):
    """install and purge without a boot between, poweroff"""
    host, guests = host_with(lab, *LIBVIRT_GUESTS)
    before = unit_files(host)
    install(host)
    dpkg(host, "-P", "virtstop")
    check_untouched(guests)
    check_given_back(host)
    assert unit_files(host) == before, (before, unit_files(host))
    check_stopped_by_libvirt_guests(host, guests)


def unit_files(host):
    """What is enabled, and how; and what is left of us. /lib is a link to /usr/lib, and systemctl writes either."""
    return host.run("find", "/etc/systemd/system", "/etc/systemd/user", "/run/systemd/system", "/etc/virtstop",
                    "-printf", "%p %l\\n", check=False).out.replace(" /usr/lib/", " /lib/")


def mid_stop(lab):
    """an upgrade in the middle of a stop"""
    host, guests = host_with(lab)
    install(host)
    slow = host.guest("slower", "tiny", "button=slow:15").start()
    host.run("virtstopctl", "stop", "--no-wait", "--ladder=power-button:60s destroy", "slower")
    slow.wait("console/button")
    install(host, "next")
    assert slow.qemu.running, "the stop was over before the upgrade"
    slow.wait("console/poweroff")
    slow.wait_gone()
    assert slow.came_down_clean and slow.heard.count("console/button") == 1, slow.heard
    iterate_until(lambda: host.records("slower"), 30, "the record", every=0.2)
    record, = host.records("slower")
    assert record["request"]["outcome"] == "clean" and record["clean"], record
    check_untouched(guests)


def found_otherwise(lab):
    """libvirt-guests disabled or masked, or with settings, before"""
    host, guests = host_with(lab)
    for found in "disabled", "masked":
        if found == "masked":
            host.run("systemctl", "mask", "libvirt-guests.service")
        install(host)
        assert enablement(host, "libvirt-guests.service") == found
        dpkg(host, "-P", "virtstop")
        assert enablement(host, "libvirt-guests.service") == found
    host.run("systemctl", "unmask", "libvirt-guests.service")
    host.run("systemctl", "enable", "libvirt-guests.service")
    host.write("/etc/default/libvirt-guests", "ON_BOOT=start\n")
    install(host)
    assert enablement(host, RESTORE) == "enabled" and not show(host, RESTORE, "ExecMainStartTimestamp")
    check_untouched(guests)
    down = host.power_off()
    check_went_down(host, guests, down)
    check_comes_back(host, guests, down)


def disabled(lab):
    """an upgrade enables and starts nothing that an administrator disabled"""
    host, guests = host_with(lab, *LIBVIRT_GUESTS)
    install(host)
    refused = make_uninstall(host)
    assert refused.status == 1 and "virtstop-guests.service is enabled" in refused.err, refused
    host.run("systemctl", "disable", HOOK)
    assert "virtstop-guests.service is active" in make_uninstall(host).err
    host.run("systemctl", "disable", "--now", HOOK, DAEMON)
    check_untouched(guests)
    assert make_uninstall(host).status == 0
    install(host, "next")
    for unit in HOOK, DAEMON:
        assert enablement(host, unit) == "disabled" and not host.is_active(unit), unit
    check_untouched(guests)


CASES = [life, purge, mid_stop, found_otherwise, disabled]

if __name__ == "__main__":
    tap.main(CASES, case_timeout=CASE_TIMEOUT, kind="HostLab")
