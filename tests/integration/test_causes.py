#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests stop in every way there is, virtstopd watches and is not asked, and it records what did
it: once, and no more certain than it can know. (What happens while nobody watches is in
test_causes_unseen.py.)"""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

import libvirt  # noqa: E402

from vslab import kernel, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.causes import PATIENCE, Row, Scene, does, kill, presses, words  # noqa: E402
from vslab.elsewhere import elsewhere  # noqa: E402

CASE_TIMEOUT = 180
QUITS = 5

scene = None  # what all cases share
begun = {}  # the slow acts, by the guest's name


# What others do to guests


def press(guest):
    guest.press()


def powerdown_by_monitor(guest):
    guest.qmp('{"execute": "system_powerdown"}')


def ask_agent(guest):
    try:
        guest.ask_agent()
    except libvirt.libvirtError:
        pass  # the guest went down before its agent's port was closed in order


def quit_by_monitor(guest):
    try:
        guest.qmp('{"execute": "quit"}')
    except libvirt.libvirtError:
        pass  # it has no time to answer


def destroy(guest):
    guest.destroy()


def destroy_gracefully(guest):
    guest.domain.destroyFlags(libvirt.VIR_DOMAIN_DESTROY_GRACEFUL)


def destroy_hung(guest):
    guest.kill(signal.SIGSTOP)
    guest.destroy()


def ignored_then(then):
    """A press that the guest does not obey, and then something else."""
    def act(guest):
        guest.press()
        guest.wait("qmp/POWERDOWN")
        then(guest)
    return act


def reset_till_ready(guest):
    guest.domain.reset(0)
    guest.wait("console/ready", count=2)


def pause_and_ask_agent(guest):
    guest.domain.suspend()
    guest.domain.resume()
    guest.wait("resumed/unpaused")
    ask_agent(guest)


def save(guest):
    guest.domain.save(os.path.join(guest.lab.directory, guest.name + ".saved"))


def managed_save(guest):
    guest.domain.managedSave(0)


def revert_to_off(guest):
    guest.domain.revertToSnapshot(guest.domain.snapshotLookupByName("off"))


def migrate(guest):
    with elsewhere(guest.lab) as (connection, uri):
        parameters = {libvirt.VIR_MIGRATE_PARAM_URI: uri}
        guest.domain.migrate3(connection, parameters, libvirt.VIR_MIGRATE_LIVE)
        connection.lookupByUUIDString(guest.uuid).destroy()


# To guests that come back: what is recorded is only the end that they are given then.


def comes_back(by=None, then=destroy):
    def act(guest):
        if by:
            by(guest)
        guest.wait("console/ready", count=2)
        then(guest)
    return act


def reset(guest):
    guest.domain.reset(0)


def reboot_by_button(guest):
    guest.domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)


def destroy_crashed(guest):
    guest.wait("crashed/panicked")
    assert guest.state()[0] == guest.lab.CRASHED
    guest.destroy()


def resume_and_kill(guest):
    guest.wait("suspended/watchdog")
    guest.domain.resume()
    guest.kill(signal.SIGTERM)


QUIT = Row("quit", "the monitor's quit", presses("obey"), "monitor-quit", "certain",
           ("SHUTDOWN/host-qmp-quit", "shutdown/host", "stopped/shutdown", "reason=shutdown"))

ROWS = [
    # Begun first, since they take their time.
    Row("hung", "the destroy of a QEMU that hangs", presses("obey"), "destroyed", "certain",
        ("stopped/destroyed", "reason=destroyed"), destroy_hung, slow=True),
    Row("ignored-reset", "a press that is ignored, a reset, and later its own power-off",
        {"cmdline": "button=ignore after=20:poweroff"}, "guest-initiated", "certain",
        ("POWERDOWN", "RESET", "reboot", "SHUTDOWN/guest-shutdown", "stopped/shutdown"),
        ignored_then(reset_till_ready), slow=True),

    # The guest itself
    Row("poweroff", "its own power-off", does("poweroff"), "guest-initiated", "certain",
        ("started/booted", "SHUTDOWN/guest-shutdown", "shutdown/guest", "stopped/shutdown",
         "reason=shutdown")),
    Row("hibernate", "suspend to disk (S4)", does("hibernate"), "guest-initiated", "certain",
        ("SUSPEND_DISK", "SHUTDOWN/guest-shutdown", "stopped/shutdown")),
    Row("reboot-destroyed", "its own reboot with on_reboot=destroy",
        does("reboot", on_reboot="destroy"), "guest-reboot", "certain",
        ("SHUTDOWN/guest-reset", "stopped/shutdown")),
    Row("panic", "its panic with on_crash=destroy", does("panic"), "guest-panic", "certain",
        ("GUEST_PANICKED", "crashed/panicked", "stopped/crashed", "reason=crashed")),
    Row("watchdog", "its watchdog's power-off", does("watchdog", watchdog="poweroff"), "watchdog",
        "certain", ("WATCHDOG", "watchdog/poweroff", "stopped/failed", "reason=crashed")),
    Row("watchdog-shutdown", "its watchdog's press of the button",
        does("watchdog", watchdog="shutdown"), "power-button", "certain",
        ("WATCHDOG", "POWERDOWN", "SHUTDOWN/guest-shutdown", "stopped/shutdown")),

    # Those who ask it
    Row("asked", "somebody else's request to the agent", {"kind": "linux"}, "guest-initiated",
        "likely", ("connected", "SHUTDOWN/guest-shutdown", "stopped/shutdown"), ask_agent),
    # Nothing tells that the press was ignored, and it stands for ten minutes, through a pause.
    Row("ignored-asked", "a press that is ignored, a pause, and later a request to the agent",
        {"kind": "linux", "cmdline": "vs.button=ignore"}, "power-button", "certain",
        ("POWERDOWN", "RESUME", "SHUTDOWN/guest-shutdown", "stopped/shutdown"),
        ignored_then(pause_and_ask_agent)),
    Row("pressed", "somebody else's press of the button", presses("obey"), "power-button",
        "certain", ("POWERDOWN", "SHUTDOWN/guest-shutdown", "shutdown/guest", "stopped/shutdown"),
        press),
    Row("pressed-slow", "the same, of a guest that takes its time", presses("slow:2"),
        "power-button", "certain", ("POWERDOWN", "SHUTDOWN/guest-shutdown", "stopped/shutdown"),
        press),
    Row("powerdown", "the monitor's system_powerdown", presses("obey"), "power-button", "certain",
        ("POWERDOWN", "SHUTDOWN/guest-shutdown", "stopped/shutdown"), powerdown_by_monitor),

    # Those who don't
    *(Row(f"sig{number.name[3:].lower()}", f"{number.name} from outside", presses("obey"),
          "host-signal", "certain",
          ("SHUTDOWN/host-signal", "shutdown/host", "stopped/shutdown", f"signal {number}"),
          kill(number), signal=number.name)
      for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)),
    # Those that QEMU can't tell of: the kernel does.
    *(Row(f"sig{number.name[3:].lower()}", f"{number.name} from outside", presses("obey"), cause, "certain",
          (f"process/{number.name}", "reason=crashed"), kill(number), died=number.name)
      for cause, number in (("host-signal", signal.SIGKILL), ("host-signal", signal.SIGQUIT),
                            ("crashed", signal.SIGABRT), ("crashed", signal.SIGSEGV))),
    Row("destroyed", "a destroy", presses("obey"), "destroyed", "certain",
        ("SHUTDOWN/host-signal", "stopped/destroyed", "reason=destroyed"), destroy),
    Row("destroyed-kept", "a destroy of a persistent guest", presses("obey", persistent=True),
        "destroyed", "certain", ("SHUTDOWN/host-signal", "stopped/destroyed"), destroy),
    Row("destroyed-gracefully", "a graceful destroy", presses("obey"), "destroyed", "certain",
        ("SHUTDOWN/host-signal", "stopped/destroyed"), destroy_gracefully),
    Row("destroyed-restart", "a destroy with on_poweroff=restart",
        presses("obey", on_poweroff="restart"), "destroyed", "certain",
        ("stopped/destroyed", "reason=destroyed"), destroy),
    Row("ignored-destroyed", "a press that is ignored, then a destroy", presses("ignore"),
        "destroyed", "certain", ("POWERDOWN", "SHUTDOWN/host-signal", "stopped/destroyed"),
        ignored_then(destroy)),
    Row("ignored-killed", "a press that is ignored, then SIGTERM", presses("ignore"),
        "host-signal", "certain",
        ("POWERDOWN", "SHUTDOWN/host-signal", "stopped/shutdown", "signal 15"),
        ignored_then(kill(signal.SIGTERM)), signal="SIGTERM"),
    Row("saved", "a save to a file", presses("obey"), "saved", "certain",
        ("STOP", "stopped/saved", "reason=saved"), save),
    Row("managed-saved", "a managed save", presses("obey", persistent=True), "saved", "certain",
        ("STOP", "stopped/saved", "reason=saved"), managed_save),
    Row("migrated", "a migration to another host", presses("obey"), "migrated", "certain",
        ("MIGRATION", "STOP", "stopped/migrated", "reason=migrated"), migrate),
    Row("reverted", "a revert to a snapshot in which it is off", presses("obey", persistent=True),
        "snapshot-reverted", "certain", ("stopped/from-snapshot",), revert_to_off),

    # No stops, and no record of them
    Row("reboots", "its own reboot is no stop", does("reboot"), "destroyed", "certain",
        ("RESET/guest-reset", "reboot", "stopped/destroyed"), comes_back()),
    Row("resets", "a reset is no stop", presses("obey"), "host-signal", "certain",
        ("RESET/host-qmp-system-reset", "reboot", "process/SIGKILL"),
        comes_back(reset, kill(signal.SIGKILL)), died="SIGKILL"),
    Row("poweroff-restart", "a power-off with on_poweroff=restart is no stop",
        does("poweroff", on_poweroff="restart"), "destroyed", "certain",
        ("SHUTDOWN/guest-shutdown", "RESET/host-qmp-system-reset", "RESUME", "reboot",
         "stopped/destroyed"), comes_back()),
    Row("rebooted", "virDomainReboot() by the button is no stop", presses("obey"), "host-signal",
        "certain", ("POWERDOWN", "SHUTDOWN/guest-shutdown", "RESET", "reboot",
                    "SHUTDOWN/host-signal", "stopped/shutdown"),
        comes_back(reboot_by_button, kill(signal.SIGTERM)), signal="SIGTERM"),
    Row("panic-restart", "a panic with on_crash=restart is no stop",
        does("panic", on_crash="restart"), "host-signal", "certain",
        ("GUEST_PANICKED", "RESET", "RESUME", "process/SIGKILL"),
        comes_back(then=kill(signal.SIGKILL)), died="SIGKILL"),
    Row("panic-preserve", "a panic with on_crash=preserve is no stop",
        does("panic", on_crash="preserve"), "destroyed", "certain",
        ("GUEST_PANICKED", "crashed/panicked", "stopped/destroyed"), destroy_crashed),
    Row("watchdog-reset", "a watchdog's reset is no stop", does("watchdog", watchdog="reset"),
        "host-signal", "certain", ("WATCHDOG", "RESET", "reboot", "process/SIGKILL"),
        comes_back(then=kill(signal.SIGKILL)), died="SIGKILL"),
    Row("watchdog-pause", "a watchdog's pause is no stop", does("watchdog", watchdog="pause"),
        "host-signal", "certain",
        ("WATCHDOG", "suspended/watchdog", "RESUME", "stopped/shutdown"), resume_and_kill,
        signal="SIGTERM"),
]


def set_up(lab):
    global scene
    scene = Scene(lab, ROWS)
    make_revertible(scene.guests["reverted"])
    slow = [row for row in ROWS if row.slow]
    scene.start(slow)
    pool = ThreadPoolExecutor(len(slow))
    for row in slow:
        begun[row.name] = pool.submit(scene.act, row)
    pool.shutdown(wait=False)
    scene.start(row for row in ROWS if not row.slow)


def make_revertible(guest):
    """A disk for it, and a snapshot that is taken while it is off."""
    disk = os.path.join(guest.lab.directory, "disk.qcow2")
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1M"], check=True, timeout=60)
    guest.xml = guest.xml.replace(
        "<devices>", f"<devices><disk type='file'><driver name='qemu' type='qcow2'/>"
        f"<source file='{disk}'/><target dev='hda'/></disk>")
    domain = guest.lab.connection.defineXML(guest.xml)
    domain.snapshotCreateXML("<domainsnapshot><name>off</name></domainsnapshot>")


# The cases


def plain(row):
    def case(lab):
        if row.name == "poweroff-restart" and lab.connection.getLibVersion() < 8000000:
            raise tap.Skip("libvirt 7.0, for one, ends the guest all the same")
        if row.slow:
            begun[row.name].result(PATIENCE)
        else:
            scene.act(row)
        scene.check(row)
        scene.guests[row.name].qemu.wait(PATIENCE)
    return row.what, case


def quits(lab):
    """the monitor's quit"""
    for number in range(QUITS):
        row = QUIT._replace(name=f"quit-{number}")
        guest = scene.guests[row.name] = lab.guest(row.name, **row.options).start()
        scene.expected.append(row.name)
        quit_by_monitor(guest)
        scene.record(row)
        if "qmp/SHUTDOWN" in guest.heard:
            scene.check(row)
            return
        # It was gone before its last words were out, and libvirt took it for a crash; but it left in order.
        told = {"confidence": "likely", "evidence": ("process/0", "reason=crashed")}
        if not kernel.tells_ends():
            told = {"cause": "crashed", "confidence": "likely", "evidence": ("reason=crashed",)}
        scene.check(row._replace(**told))
    raise tap.Skip(f"none of {QUITS} guests had the time to say SHUTDOWN")


def start_again(lab):
    """a guest that was saved is started again: its next stop is another record"""
    saved = scene.guests["managed-saved"]
    saved.domain.create()  # not start(): a guest that is restored does not say that it is ready
    saved.wait("started/restored")
    saved.destroy()
    scene.expected.append(saved.name)
    _, record = scene.daemon.wait_records(saved.name, 2)
    assert (record["cause"], record["confidence"]) == ("destroyed", "certain"), record
    assert "stopped/saved" not in words(record), record


def start_fails(lab):
    """a guest that fails to start gives no record, and is known to be off"""
    disk = "<disk type='file'><source file='/nowhere'/><target dev='hda'/></disk>"
    rom = "<interface type='user'><rom file='/nowhere'/></interface>"
    for name, devices in (("libvirt-fails", disk), ("qemu-fails", rom)):
        guest = lab.guest(name, devices=devices, persistent=True)
        try:
            guest.start(wait=False)
        except libvirt.libvirtError:
            assert guest.state()[0] == lab.SHUTOFF
        else:
            raise AssertionError(f"{name} was started")
        iterate_until(lambda: state_on_bus(name) == "shut off", PATIENCE,
                      f"{name} to be known as off", every=0.1)
        assert not scene.daemon.records(name), scene.daemon.records(name)


def state_on_bus(name):
    """As virtstopd sees that guest; None where it doesn't yet."""
    return next((domain[4] for domain in scene.client.call("ListDomains") if domain[3] == name),
                None)


def one_record_each(lab):
    """each stop has one record: on disk, on the bus, in the journal"""
    scene.check_all()


if __name__ == "__main__":
    tap.main([*map(plain, ROWS), quits, start_again, start_fails, one_record_each], setup=set_up,
             case_timeout=CASE_TIMEOUT)
