#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole hosts that really go down, with guests that obey, are slow, want two presses, ignore everything, are paused or
hang, and with some that others depend on."""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.hostfleet import (  # noqa: E402
    BUDGET, CAN_BE_CLEAN, CASE_TIMEOUT, CHAIN, CONFIG, FLEET, OWN_TIME, UNITS, WATCHES, boot,
    boot_and_ask_down, check_chain, check_comes_back, check_kind, check_records, check_untouched, check_went_down,
    only_ready, tell
)


def runs(lab):
    """a host boots, virtstopd watches its guests, a stop by hand works and is recorded; so does terminate, as it is shipped"""
    host, guests = boot(lab, WATCHES, ("obeys", "slow", "ignores", "second"), config="")
    assert host.is_active("virtstopd.service") and host.is_active("libvirtd.service")
    check_terminates(host, guests.pop("second"))
    check_rights(host)
    done = host.ctl("stop", "--ladder=power-button:2s destroy", *guests)
    assert done.status == 3, done  # one was forced
    for guest in guests.values():
        guest.wait_gone()
    records = check_records(host, [*guests, "second"], host_shutdown=False)
    assert {name: record["clean"] for name, record in records.items()} == {
        "obeys": True, "slow": False, "ignores": False, "second": False}, records
    assert guests["obeys"].came_down_clean and not guests["ignores"].came_down_clean
    assert host.read("/usr/lib/virtstop/virtstop.conf"), "no configuration was installed"


def check_rights(host):
    """As polkit and its rules are installed: a member of group libvirt may, an ordinary user may not."""
    for user, groups in ("member", ("-G", "libvirt")), ("ordinary", ()):
        host.run("useradd", "--no-create-home", *groups, user)
    status = {user: host.run("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "virtstopctl", "cancel",
                             "--all", check=False).status for user in ("member", "ordinary")}
    assert status == {"member": 0, "ordinary": 5}, status


def check_terminates(host, guest):
    assert os.stat(f"/proc/{guest.pid}").st_uid != 0, "its QEMU is root's"
    done = host.ctl("stop", "--ladder=terminate:60s leave", guest.name)
    record = host.records(guest.name)[0]
    told = [record[key] for key in ("cause", "signal", "clean")] + [record["request"]["outcome"]]
    assert (done.status, told) == (3, ["host-signal", "SIGTERM", False, "forced"]), (done, record)


def restarts(lab, units=WATCHES):
    """systemctl restart virtstopd libvirtd touches no guest; the host's files outlive a poweroff"""
    host, guests = boot(lab, units, ("agent", "obeys"), config="")
    host.run("systemctl", "restart", "virtstopd", "libvirtd")
    iterate_until(lambda: _listed(host) == set(guests), 30, "the guests in the list", every=0.2)
    check_untouched(guests)
    assert host.records() == [], host.records()
    assert host.ctl("stop", "obeys").status == 0
    before = host.run("cat", "/proc/sys/kernel/random/boot_id").out
    down = host.power_off()
    assert down.how == "poweroff", down
    record = host.records("obeys")[0]
    assert record["boot_id"] == before.strip(), record
    assert "virtstopd" in host.journal("-u", "virtstopd.service")
    host.boot()
    assert host.records("obeys")[0] == record and guests["obeys"].state() == "shut off"
    assert host.reboot().how == "reboot"


def _listed(host):
    done = host.ctl("list", "--json=short")
    if done.status != 0:
        return set()
    return {domain["name"] for domain in json.loads(done.out)}


def shorten_timeout(host):
    host.write("/etc/systemd/system/virtstop-guests.service.d/short.conf", "[Service]\nTimeoutStopSec=5s\n")


def powers_off(lab):
    """virtstop: poweroff brings all down that can be, in order and in time; the next boot brings them back"""
    # The unit's own time-out is far shorter: it is asked for more.
    host, guests = boot(lab, prepare=shorten_timeout)
    down = host.power_off()
    check_went_down(host, guests, down)
    assert check_kind(host.records(), "poweroff")
    assert down.seconds > 15, down  # or the time-out was not tried
    assert " left: hung (" in host.console, "the console does not tell what is waited for"
    # One that was forced is told, and no failure of the unit; and each record is in the journal once.
    assert "Failed with result" not in host.journal("-u", "virtstop-guests.service")
    told = host.journal("VIRTSTOP_DOMAIN=hung", "+", "_SYSTEMD_UNIT=virtstopd.service", "--output=cat")
    assert told.count("“hung” was destroyed by virtstopd") == 1 and "hung” stopped: " not in told, told
    # Steps are on the console; the journal has them from virtstopd. How it was as a whole counts those, too, who were
    # off before the hook came.
    told = host.journal("-u", "virtstop-guests.service", "--output=cat")
    assert "virtstop-guests: hung: pressed the power button" in host.console and "power button" not in told, told
    assert f"\n{len(guests)} guests: " in "\n" + told and " of 1 min\n" in told, told
    check_comes_back(host, guests, down)


OTHERWISE = {
    "halt": ("halt", "poweroff", lambda host: host.ask_down("halt")),
    # No kernel is loaded here, without which `systemctl kexec` refuses; this is what it asks systemd for.
    "kexec": ("kexec", "reboot", lambda host: host.ask_down("start", "kexec.target",
                                                            "--job-mode=replace-irreversibly", "--no-block")),
    "shutdown -r": ("reboot", "reboot", lambda host: host.schedule("reboot", 2)),
}


def goes_down_otherwise(lab):
    """virtstop: halt, kexec and a reboot that was scheduled are host shutdowns, too"""
    host, guests = boot(lab, names=("obeys", "slow"))
    for word, (kind, how, ask) in OTHERWISE.items():
        ask(host)
        down = host.wait_down()
        tell(f"virtstop, {word}", down, guests)
        assert down.how == how and all(guest.came_down_clean for guest in guests.values()), (word, down)
        records = host.records()[-len(guests):]
        assert all(record["host_shutdown"] and record["clean"] for record in records), records
        assert check_kind(records, kind) or word != "kexec", records  # of which logind doesn't hear
        check_comes_back(host, guests, down)
    assert len(host.records()) == len(OTHERWISE) * len(guests), host.records()


def modular(lab):
    """virtstop: on a host with virtqemud.service, which libvirtd plays, in the place of libvirtd.service, restarted meanwhile"""
    host, guests = boot(lab, names=("agent", "obeys", "slow", *CHAIN),
                        prepare=lambda host: host.root.play_modular_daemons())
    assert not host.is_active("libvirtd.service")
    host.ask_down("poweroff")
    guests["slow"].wait("console/button")
    host.run("systemctl", "restart", "virtqemud.service", check=False)
    check_went_down(host, guests, host.wait_down())


def reboots(lab):
    """virtstop: the same at a reboot"""
    host, guests = boot(lab)
    down = host.reboot()
    check_went_down(host, guests, down, how="reboot")
    check_comes_back(host, guests, down)


def cancelled(lab):
    """virtstop: stop-all, called off in the middle; restore starts what was shut down"""
    host, guests = boot(lab, names=("obeys", "ignores", *CHAIN))
    work = host.spawn("virtstopctl", "stop-all")
    guests["middle"].wait("console/button")
    assert host.ctl("cancel", "--all").status == 0
    work.communicate(timeout=60)
    assert work.returncode == 1, work.returncode
    assert only_ready(guests["ignores"]) and only_ready(guests["back"]), guests["back"].heard
    # Middle was asked before that, and goes down a second later: it is started when it is off.
    assert host.ctl("restore").status == 0
    gone = [guests[name] for name in ("obeys", "front", "middle")]
    for guest in gone:
        guest.wait("console/ready", 2)
    assert {guest.state() for guest in guests.values()} == {"running"}


def starts_meanwhile(lab):
    """virtstop: a guest that somebody starts while the host goes down is stopped, too, and started again"""
    host, guests = boot(lab, names=("slow",))
    host.ask_down("poweroff")
    guests["slow"].wait("console/button")
    guests["late"] = host.guest("late", "tiny", "button=obey").start(wait=False)
    down = host.wait_down()
    assert down.how == "poweroff" and down.seconds < BUDGET, down
    assert guests["slow"].came_down_clean
    check_records(host, guests)  # whether it had booted far enough to hear is another matter
    check_comes_back(host, guests, down)


def restarts_with_hook(lab):
    """virtstop: systemctl restart virtstopd libvirtd is no shutdown for the hook"""
    host, guests = boot(lab, names=("agent", "obeys"))
    for units in (["virtstopd", "libvirtd"], ["libvirtd"], ["virtstopd"]):
        host.run("systemctl", "restart", *units)
        iterate_until(lambda: _listed(host) == set(guests), 30, "the guests in the list", every=0.2)
    check_untouched(guests)
    assert host.is_active("virtstop-guests.service")
    assert host.records() == [], host.records()


def budget_too_short(lab):
    """virtstop: a budget far below what the ladders want is kept"""
    budget = 20
    host, guests = boot(lab, names=("obeys", "ignores", "hung", *CHAIN),
                        config=CONFIG.format(budget=budget).replace("10s", "2min"))
    down = host.power_off()
    check_went_down(host, guests, down, budget=budget)


def many_hang(lab):
    """virtstop: more guests that hang than buttons can be pressed at once hold up nobody"""
    budget = 45
    host = lab.host(UNITS, config=CONFIG.format(budget=budget)).boot()
    hung = {f"hung{i}": host.guest(f"hung{i}", *FLEET["hung"][:2]) for i in range(10)}
    guests = {**hung, "last": host.guest("last", *FLEET["obeys"][:2])}
    for guest in guests.values():
        guest.start(wait=False)
    for guest in guests.values():
        guest.wait_ready()
    for guest in hung.values():
        guest.kill(signal.SIGSTOP)
    check_went_down(host, guests, host.power_off(), clean={"last"}, budget=budget)


def stops_all(lab):
    """virtstop: stop-all by hand, with libvirtd restarted meanwhile, does what a poweroff does"""
    host, guests = boot(lab, names=[name for name in FLEET if name != "hung"])
    began = time.monotonic()
    work = host.spawn("virtstopctl", "stop-all")
    guests["slow"].wait("console/button")
    host.run("systemctl", "restart", "libvirtd.service")
    try:
        out, err = work.communicate(timeout=BUDGET + OWN_TIME)
    except subprocess.TimeoutExpired:
        work.kill()
        raise
    assert work.returncode == 3, (work.returncode, out, err)
    assert time.monotonic() - began < BUDGET, (out, err)
    assert {name for name, guest in guests.items() if guest.came_down_clean} == CAN_BE_CLEAN & set(guests), (out, err)
    check_chain(guests)
    check_records(host, guests, host_shutdown=False)


def cancelled_meanwhile(lab):
    """virtstop: called off while the hook waits: the host goes down at once, and nobody is asked again"""
    host, guests = boot_and_ask_down(lab, names=("obeys", "ignores", *CHAIN))
    guests["front"].wait("console/button")
    assert host.ctl("cancel", "--all").status == 0
    down = host.wait_down()
    _, cut_off = tell("virtstop, called off meanwhile", down, guests)
    assert down.how == "poweroff" and down.seconds < 10, down  # which ignores alone would have had
    assert {"ignores", "middle", "back"} <= cut_off, cut_off
    for name, guest in guests.items():
        assert guest.heard.count("console/button") <= (0 if name in ("middle", "back") else 1), (name, guest.heard)
    told = host.journal("-u", "virtstop-guests.service")
    for name in ("ignores", "front", "middle", "back"):
        assert f"{name}: the stop was called off" in told, told


WAIT_ONLINE = """\
[Unit]
Before=network-online.target
[Service]
Type=oneshot
ExecStart=sleep infinity
[Install]
WantedBy=network-online.target
"""


def not_online(lab):
    """virtstop: the hook is up, and so has a stop, while the boot still waits for the network to be online"""
    def prepare(host):
        host.write("/etc/systemd/system/vslab-wait-online.service", WAIT_ONLINE)
        host.root.systemctl("enable", "vslab-wait-online.service")
    host, guests = boot(lab, names=("obeys",), prepare=prepare)
    host.run("systemctl", "stop", "virtstop-guests.service")
    host.run("systemctl", "start", "--no-block", "network-online.target")
    host.run("systemctl", "start", "--no-block", "virtstop-guests.service")
    iterate_until(lambda: host.is_active("virtstop-guests.service"), 10, "the hook", every=0.2)
    check_untouched(guests)
    down = host.power_off()
    assert guests["obeys"].came_down_clean, down


SAVE_DIRECTORY = "/var/lib/libvirt/qemu/save"


def saves_to_mount(lab):
    """virtstop: where guests are saved is a mount of its own that the boot needn't wait for: the images are there"""
    def prepare(host):
        for path in ("/srv/save", SAVE_DIRECTORY):
            os.makedirs(host.root.inside(path), exist_ok=True)
        host.write("/etc/fstab", f"/srv/save {SAVE_DIRECTORY} none bind,nofail 0 0\n")
    # One that takes longer than logind waits for: the mounts that nothing is ordered before are gone by then.
    host, _ = boot(lab, names=("ignores", "obeys"), prepare=prepare, config="""
[Default]
Ladder=save:2min destroy
[Guest ignores]
Ladder=power-button:8s destroy
Before=obeys
""")
    assert "/srv/save" in host.run("findmnt", "-no", "SOURCE", SAVE_DIRECTORY).out
    host.power_off()
    record, = host.records("obeys")
    assert (record["cause"], record["host_shutdown"]) == ("saved", True), record
    assert os.listdir(host.root.inside("/srv/save")) == ["obeys.save"]
    assert os.listdir(host.root.inside(SAVE_DIRECTORY)) == []


CASES = [runs, restarts, powers_off, saves_to_mount, reboots, goes_down_otherwise, modular, not_online, starts_meanwhile,
         restarts_with_hook, budget_too_short, many_hang, stops_all, cancelled, cancelled_meanwhile]

if __name__ == "__main__":
    tap.main(CASES, case_timeout=CASE_TIMEOUT, kind="HostLab")
