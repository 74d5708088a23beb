#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab itself: its guests do what their command lines say, as libvirt's events tell, and nothing
of a lab outlives it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402
import libvirt_qemu  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.errors import Timeout  # noqa: E402

UNRESPONSIVE = 86, 112  # libvirt 11.2 and later tell a timed-out agent (112) from a dead one
LIBVIRT_PATIENCE = 10  # seconds of libvirt's guest-sync (5) and room for a busy machine
RESTARTS_ON_POWEROFF = 9_000_000  # tried with; 7.0 ends the guest

TINY = {
    "obeys": {"cmdline": "button=obey"},
    "obeys-q35": {"cmdline": "button=obey", "machine": "q35"},
    "ignores": {"cmdline": "button=ignore"},
    "is-slow": {"cmdline": "button=slow:1500ms"},
    "second": {"cmdline": "button=second"},
    "reboots": {"cmdline": "button=reboot"},
    "halts": {"cmdline": "button=halt"},
    "panics": {"cmdline": "button=panic"},
    "goes": {"cmdline": "after=500ms:poweroff"},
    "goes-restarts": {"cmdline": "after=500ms:poweroff", "on_poweroff": "restart"},
    "resets": {"cmdline": "after=500ms:reboot"},
    "resets-destroyed": {"cmdline": "after=500ms:reboot", "on_reboot": "destroy"},
    "panics-restarted": {"cmdline": "after=500ms:panic", "on_crash": "restart"},
    "panics-kept": {"cmdline": "after=500ms:panic", "on_crash": "preserve"},
    "watchdog-poweroff": {"cmdline": "after=500ms:watchdog", "watchdog": "poweroff"},
    "watchdog-reset": {"cmdline": "after=500ms:watchdog", "watchdog": "reset"},
    "watchdog-shutdown": {"cmdline": "after=500ms:watchdog", "watchdog": "shutdown"},
    "sleeps": {"cmdline": "after=500ms:suspend"},
    "hibernates": {"cmdline": "after=500ms:hibernate"},
    "agentless": {"agent": True},
}
LINUX = {
    "linux": {"cmdline": "vs.shutdown=1"},
    "linux-never": {"cmdline": "vs.shutdown=never vs.button=0"},
    "linux-fail": {"cmdline": "vs.shutdown=fail vs.button=halt"},
    "linux-hang": {"cmdline": "vs.agent=hang vs.button=ignore"},
    "linux-quit": {"cmdline": "vs.agent=quit vs.shutdown=2"},
    "linux-goes": {"cmdline": "vs.agent=none vs.poweroff=1"},
}

guests = {}


def set_up(lab):
    for kind, table in (("linux", LINUX), ("tiny", TINY)):
        for name, options in table.items():
            guests[name] = lab.guest(name, kind, **options)
    lab.start(*guests.values())


def check_heard(guest, *texts):
    """They were heard in that order, whatever lies between."""
    left = iter(guest.heard)
    missing = [text for text in texts if text not in left]
    assert not missing, f"{guest.name}: no {missing[0]} in its place among {', '.join(guest.heard)}"


def shutdown_reason(guest):
    return next(event.data["reason"] for event in guest.history if event.text == "qmp/SHUTDOWN")


# The tiny guest and its power button


def button_obeyed(lab):
    """a press is obeyed, on pc and on q35"""
    for guest in guests["obeys"], guests["obeys-q35"]:
        guest.press()
        guest.wait_off("shutdown")
        check_heard(guest, "qmp/POWERDOWN", "qmp/SHUTDOWN", "shutdown/guest", "stopped/shutdown")
        guest.wait("console/button")
        guest.wait("console/poweroff")
        assert shutdown_reason(guest) == "guest-shutdown"
        assert guest.state() is None


def button_slow_and_ignored(lab):
    """a press is obeyed after a while by one guest, and never by another"""
    ignores, slow = guests["ignores"], guests["is-slow"]
    ignores.press()
    ignores.wait("qmp/POWERDOWN")
    slow.press()
    pressed = slow.wait("console/button")
    took = slow.wait("shutdown/guest").time - pressed.time
    assert took > 1.2, f"took {took:.3f} s"
    assert ignores.state()[0] == lab.RUNNING and "console/button" not in ignores.heard


def button_second(lab):
    """the second press is obeyed"""
    guest = guests["second"]
    guest.press()
    guest.wait("console/button")
    assert guest.state()[0] == lab.RUNNING
    guest.press()
    guest.wait_off("shutdown")
    guest.wait("console/button", count=2)


def press_with_error(guest, code, heard=True):
    """Presses a guest's button, which it hears or not, and libvirt calls that an error."""
    shutdown = libvirt.virDomain.shutdownFlags

    def fail(domain, flags):
        if heard:
            shutdown(domain, flags)
        error = libvirt.libvirtError("Unable to read from monitor: Connection reset by peer")
        error.err = (code, libvirt.VIR_FROM_QEMU, str(error), libvirt.VIR_ERR_ERROR, None, None, None, -1, -1)
        raise error

    with mock.patch.object(libvirt.virDomain, "shutdownFlags", fail):
        guest.press()


def button_unanswered(lab):
    """a press that a guest obeyed before it was answered is none that failed, whatever libvirt says"""
    for code in (libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_ERR_OPERATION_FAILED,
                 libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_DOMAIN):
        guest = lab.guest(f"error-{code}", cmdline="button=obey").start()
        press_with_error(guest, code)
        guest.wait_off("shutdown")


def button_unheard(lab):
    """a press that a guest didn't hear is one that failed, whatever libvirt says"""
    guest = lab.guest("unheard", cmdline="button=second").start()
    guest.press()
    guest.wait("console/button")
    try:
        press_with_error(guest, libvirt.VIR_ERR_INTERNAL_ERROR, heard=False)
    except libvirt.libvirtError:
        assert guest.state()[0] == lab.RUNNING
    else:
        raise AssertionError("the press's failure was swallowed")


def button_reboots(lab):
    """a press is a reboot"""
    guest = guests["reboots"]
    guest.press()
    guest.wait("reboot")
    guest.wait("console/ready", count=2)
    assert guest.state()[0] == lab.RUNNING


def button_halts(lab):
    """a press halts the system without powering it off"""
    guest = guests["halts"]
    guest.press()
    guest.wait("console/halt")
    before = guest.qemu.cpu_seconds()
    guest.press()
    guest.wait("qmp/POWERDOWN", count=2)
    guests["reboots"].press()
    guests["reboots"].wait("console/ready", count=3)
    assert guest.state()[0] == lab.RUNNING and guest.heard.count("console/button") == 1
    assert guest.qemu.cpu_seconds() - before < 0.2


def button_panics(lab):
    """a press is a panic, and on_crash=destroy ends the guest"""
    guest = guests["panics"]
    guest.press()
    guest.wait_off("crashed")
    check_heard(guest, "qmp/GUEST_PANICKED", "crashed/panicked", "stopped/crashed")


# The tiny guest of itself


def goes(lab):
    """a guest powers itself off"""
    guest = guests["goes"]
    guest.wait_off("shutdown")
    guest.wait("console/poweroff")
    check_heard(guest, "shutdown/guest", "stopped/shutdown")
    assert "qmp/POWERDOWN" not in guest.heard


def comes_back(lab):
    """resets, on_poweroff=restart and on_crash=restart come back, once each"""
    names = {"resets": "reboot", "goes-restarts": "reboot", "panics-restarted": "crashed/panicked",
             "watchdog-reset": "watchdog/reset"}
    if lab.connection.getLibVersion() < RESTARTS_ON_POWEROFF:
        del names["goes-restarts"]
    for name, text in names.items():
        guest = guests[name]
        guest.wait(text)
        guest.wait("console/ready", count=2)
        assert guest.state()[0] == lab.RUNNING, name
    lab.guest("clock", cmdline="after=1:poweroff").start().wait_off("shutdown")
    for name in names:
        said = [text for text in guests[name].heard if text.startswith("console/")]
        assert len(said) == 3, f"{name}: {said}"  # ready, what it did, ready


def resets_destroyed(lab):
    """a reset ends a guest with on_reboot=destroy"""
    guest = guests["resets-destroyed"]
    guest.wait_off("shutdown")
    assert shutdown_reason(guest) == "guest-reset"


def panics_kept(lab):
    """a panic with on_crash=preserve keeps the domain"""
    guest = guests["panics-kept"]
    guest.wait("crashed/panicked")
    assert guest.state()[0] == lab.CRASHED


def watchdog(lab):
    """an expired watchdog powers off, or presses the button"""
    off, pressed = guests["watchdog-poweroff"], guests["watchdog-shutdown"]
    off.wait_off("failed")
    check_heard(off, "watchdog/poweroff", "stopped/failed")
    pressed.wait_off("shutdown")
    check_heard(pressed, "watchdog/shutdown", "shutdown/guest", "stopped/shutdown")
    pressed.wait("console/button")


def sleeps(lab):
    """suspend to RAM and to disk"""
    guests["sleeps"].wait("pmsuspended/memory")
    guest = guests["hibernates"]
    guest.wait_off("shutdown")
    check_heard(guest, "qmp/SUSPEND_DISK", "shutdown/guest")


def bad_word(lab):
    """a guest does not get ready on a word that it doesn't know"""
    guest = lab.guest("typo", cmdline="button=obay").start(wait=False)
    guest.wait("console/button=obay")
    assert "console/ready" not in guest.heard


# The Linux guest


def agent_asked(lab):
    """Linux: the agent's shutdown, a second of it"""
    guest = guests["linux"]
    guest.ask_agent()
    asked = guest.wait("console/agent")
    took = guest.wait("shutdown/guest").time - asked.time
    assert 0.9 < took < 10, f"took {took:.3f} s"
    guest.wait_off("shutdown")


def agent_never(lab):
    """Linux: the agent takes the request and nothing comes of it; the button works"""
    guest = guests["linux-never"]
    assert agent_error(guest) in UNRESPONSIVE
    guest.wait("console/agent")
    assert guest.state()[0] == lab.RUNNING
    guest.press()
    guest.wait("console/button")
    guest.wait_off("shutdown")


def agent_fails(lab):
    """Linux: the agent's command fails; the button halts"""
    guest = guests["linux-fail"]
    assert agent_error(guest) not in UNRESPONSIVE
    guest.press()
    guest.wait("console/button")
    assert guest.state()[0] == lab.RUNNING and "shutdown/guest" not in guest.heard


def agent_hangs(lab):
    """Linux: the agent's port is open and nobody reads; the button is ignored"""
    guest = guests["linux-hang"]
    assert agent_error(guest) in UNRESPONSIVE
    guest.press()
    guest.wait("qmp/POWERDOWN")
    assert guest.state()[0] == lab.RUNNING
    assert not {"console/agent", "console/button"} & set(guest.heard)


def agent_quits(lab):
    """Linux: the agent ends before the system does"""
    guest = guests["linux-quit"]
    guest.ask_agent()
    guest.wait_off("shutdown")
    closed = guest.wait("agent/disconnected", count=2)
    assert guest.wait("shutdown/guest").time > closed.time


def agent_missing(lab):
    """no agent: a channel that nobody opened, and a Linux that powers itself off"""
    assert agent_error(guests["agentless"]) in UNRESPONSIVE
    guests["linux-goes"].wait_off("shutdown")
    assert "agent/connected" not in guests["linux-goes"].heard


def agent_error(guest):
    """The code of the error that answers a guest-shutdown with two seconds' patience."""
    began = time.monotonic()
    try:
        libvirt_qemu.qemuAgentCommand(guest.domain, '{"execute": "guest-shutdown"}', 2, 0)
    except libvirt.libvirtError as error:
        took = time.monotonic() - began
        assert took < LIBVIRT_PATIENCE, f"took {took:.1f} s"
        return error.get_error_code()
    raise AssertionError("it was answered")


# The world


def idle(lab):
    """an idle tiny guest uses next to no CPU, a spinning one does"""
    quiet = guests["agentless"].qemu
    spins = lab.guest("spins", cmdline="after=0:spin").start().qemu
    quiet_before, spins_before = quiet.cpu_seconds(), spins.cpu_seconds()
    iterate_until(lambda: spins.cpu_seconds() - spins_before > 0.5, 60,
                  "a spinning guest's CPU time", every=0.1)
    used = quiet.cpu_seconds() - quiet_before
    assert used < 0.1, f"used {used:.2f} s"


def killed_from_outside(lab):
    """signals to QEMU are seen as libvirt tells them"""
    for number, text in ((signal.SIGTERM, "stopped/shutdown"), (signal.SIGKILL, "stopped/failed")):
        guest = lab.guest(f"signal {number.name} <'&>").start()
        guest.kill(number)
        guest.wait(text)
        assert not guest.qemu.running
        assert guest.state() is None


def persistent(lab):
    """a persistent guest is there when it is off, and starts again"""
    guest = lab.guest("kept", cmdline="after=300ms:poweroff", persistent=True).start()
    guest.wait_off("shutdown")
    assert guest.state()[0] == lab.SHUTOFF
    first = guest.pid
    guest.start()
    assert guest.pid != first
    guest.wait_off("shutdown")
    assert guest.heard.count("stopped/shutdown") == 1


def libvirtd_away(lab):
    """guests live on, and are heard, while libvirtd is stopped or killed"""
    guest = guests["ignores"]
    pid = guest.pid
    lab.libvirtd.restart()
    assert guest.state()[0] == lab.RUNNING
    lab.libvirtd.kill()
    assert lab.connection is None
    lab.libvirtd.start()
    assert guest.state()[0] == lab.RUNNING and guest.pid == pid
    goes_alone = lab.guest("goes-alone", cmdline="after=1:poweroff").start()
    lab.libvirtd.stop()
    goes_alone.wait("console/poweroff")
    lab.libvirtd.start()
    goes_alone.qemu.wait(30)  # libvirtd ends it, maybe before anybody could listen for the event


def bus_names(lab):
    """the bus tells when a name is owned, and when its owner can't come"""
    ended = subprocess.Popen(["true"])
    assert not lab.bus.wait_owned("org.virtstop1", 10, unless_ends=ended.pid)
    ended.wait()
    try:
        lab.bus.wait_owned("org.virtstop1", 0.1)
    except Timeout:
        pass
    else:
        raise AssertionError("nobody owns it")
    client = lab.bus.connect()
    client.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                     "RequestName", lab.bus.variant("(su)", ("org.virtstop1", 0)), None, 0, -1,
                     None)
    assert lab.bus.wait_owned("org.virtstop1", 10, unless_ends=os.getpid())
    client.close_sync(None)


def journal(lab):
    """what is sent to the journal is caught, long values too"""
    client = ctypes.CDLL("libsystemd.so.0")
    long = "x" * 300000 + "\ny"
    client.sd_journal_send(b"MESSAGE=one", b"VS_TEST=1", None)
    client.sd_journal_send(b"MESSAGE=two", b"VS_TEST=2", b"LONG=" + long.encode(), None)
    assert lab.journal.wait(VS_TEST="1")["MESSAGE"] == "one"
    assert lab.journal.wait(VS_TEST="2")["LONG"] == long


def nothing_left(lab):
    """nothing is left of a lab whose program was killed"""
    program = ("import os, sys; sys.path.insert(0, sys.argv[1])\n"
               "from vslab import Lab\n"
               "with Lab(limit=60) as lab:\n"
               "    guest = lab.guest('left').start()\n"
               "    print(os.getpid(), guest.pid, lab.libvirtd.process.pid, lab.directory)\n"
               "    sys.stdout.flush()\n"
               "    os.kill(os.getpid(), int(sys.argv[2]))\n"
               "    guest.wait('never', timeout=60)\n")
    command = [sys.executable, "-B", "-c", program, sys.path[0]]
    programs = [subprocess.Popen(command + [str(int(number))], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for number in (signal.SIGKILL, signal.SIGTERM)]
    for running in programs:
        out, err = running.communicate(timeout=60)
        *pids, directory = out.split()
        assert running.returncode != 0 and len(pids) == 3, err
        for pid in pids:
            assert not os.path.exists(f"/proc/{pid}"), f"process {pid} is left"
        assert not os.path.exists(directory), f"{directory} is left"


if __name__ == "__main__":
    tap.main([
        button_obeyed, button_slow_and_ignored, button_second, button_unanswered, button_unheard,
        button_reboots, button_halts, button_panics, goes, comes_back, resets_destroyed, panics_kept, watchdog, sleeps, bad_word,
        agent_asked, agent_never, agent_fails, agent_hangs, agent_quits, agent_missing,
        idle, killed_from_outside, persistent, libvirtd_away, bus_names, journal, nothing_left,
    ], setup=set_up)
