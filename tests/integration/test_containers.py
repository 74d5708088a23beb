#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Containers of lxc:///system: each is stopped by its own steps, and its record says no more than is known."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.ladders import Scene, Step, check_steps, outcome_of  # noqa: E402

CONFIG = "[Daemon]\nUris=lxc:///system qemu:///system\n"
FORCED = Step("destroy", "forced")
SIGNALLED = Step("signal", "clean")

scene = None
begun = {}  # what goes on beside the other cases


def set_up(lab):
    global scene
    scene = Scene(lab, [], CONFIG)
    begun["signalled"] = spawn(lab, "signalled", "obey:2")


def start(lab, name, way="deaf", **options):
    """Starts a container, and waits until virtstopd has heard of it."""
    container = lab.container(name, way, **options).start()
    iterate_until(lambda: name in [domain[3] for domain in scene.client.call("ListDomains")], 30, name, every=0.05)
    return container


def spawn(lab, name, way, *options):
    start(lab, name, way)
    return scene.spawn_stop(name, *options)


def the_record(name):
    records = scene.daemon.wait_records(name)
    assert len(records) == 1, records
    return records[0]


def check(name, asked, outcome, cause, clean, *steps):
    found = outcome_of(asked)
    record = the_record(name)
    told = (found, record["cause"], record["confidence"], record["clean"], record["request"]["outcome"])
    confidence = "certain" if cause == "destroyed" else "likely"
    assert told == (outcome, cause, confidence, clean, outcome), f"{told}: {record}"
    check_steps(steps, record)


def side_by_side(lab):
    """the steps that a container has; what it has not is passed over, a button above all"""
    asked = {
        "piped": spawn(lab, "piped", "initctl", "--ladder=initctl:30s destroy"),
        "mute": spawn(lab, "mute", "obey:1", "--ladder=initctl:2s signal:30s destroy"),
        "deaf": spawn(lab, "deaf", "deaf", "--ladder=signal:2s destroy"),
        "buttoned": spawn(lab, "buttoned", "obey", "--ladder=agent:60s power-button:60s signal:30s destroy"),
        "left": spawn(lab, "left", "deaf", "--ladder=signal:2s leave"),
    }
    check("piped", asked["piped"], "clean", "guest-request", True, Step("initctl", "clean"))
    check("mute", asked["mute"], "clean", "guest-request", True, Step("initctl", "deadline", 2000), SIGNALLED)
    check("deaf", asked["deaf"], "forced", "destroyed", False, Step("signal", "deadline", 2000), FORCED)
    none = "libvirt's driver has no such step"
    check("buttoned", asked["buttoned"], "clean", "guest-request", True, Step("agent", none),
          Step("power-button", none), SIGNALLED)
    assert outcome_of(asked["left"]) == "timed-out" and not scene.daemon.records("left")


def by_default(lab):
    """by the default ladder: initctl, which says that it worked where there is no pipe, then the signal"""
    check("signalled", begun["signalled"], "clean", "guest-request", True, Step("initctl", "deadline", 14900), SIGNALLED)
    why = scene.daemon.ctl("why", "signalled").out
    assert "likely powered itself off because virtstopd had asked it to" in why, why
    assert "But that request is not what ended it" not in why, why


def reboots(lab):
    """a container that reboots is no stop, also where it is being stopped"""
    container = start(lab, "reboots", "obey")
    before = container.domain.ID()
    container.reboot()
    assert container.domain.ID() != before
    container.reboot()
    container.wait("reboot", 2)
    asked = scene.spawn_stop("reboots", "--ladder=signal:30s destroy")
    check("reboots", asked, "clean", "guest-request", True, SIGNALLED)


def reboots_when_asked(lab):
    """one that reboots instead: the step's time runs on, and the next one is taken"""
    container = start(lab, "instead")
    asked = scene.spawn_stop("instead", "--ladder=signal:4s destroy")
    iterate_until(lambda: "asked" in json.dumps(scene.client.call("ListStops")), 30, "the stop", every=0.1)
    container.reboot()
    assert outcome_of(asked) == "forced"
    assert the_record("instead")["cause"] == "destroyed"


def ends_unasked(lab):
    """one whose init ends, or is killed: that it came down in order isn't known"""
    for name, number in (("by-itself", signal.SIGUSR2), ("killed", signal.SIGKILL)):
        container = start(lab, name, persistent=True)
        container.init.send_signal(number)
        record = the_record(name)
        told = (record["cause"], record["confidence"], record["clean"], record["request"])
        assert told == ("guest-initiated", "likely", None, None), record
        why = scene.daemon.ctl("why", name).out
        assert "came down in order isn't known" in why, why
    container = start(lab, "uncontrolled")
    container.controller.kill()
    record = the_record("uncontrolled")
    assert (record["cause"], record["clean"]) == ("crashed", False), record


def ends_unseen(lab):
    """one that ended while libvirt was away: nothing tells why"""
    unseen = start(lab, "unseen", persistent=True)
    start(lab, "stays", "obey")
    init = unseen.init
    lab.libvirtd.stop()
    init.kill()
    lab.libvirtd.start()
    lab.connect()
    record = the_record("unseen")
    assert (record["cause"], record["confidence"], record["clean"]) == ("unknown", "unknown", None), record
    asked = scene.spawn_stop("stays", "--ladder=signal:30s destroy")
    check("stays", asked, "clean", "guest-request", True, SIGNALLED)


if __name__ == "__main__":
    tap.main([side_by_side, reboots, reboots_when_asked, ends_unasked, by_default, ends_unseen], setup=set_up,
             kind="ContainerLab")
