#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that somebody manages beside libvirt: seen by what is in their XML, or what Pacemaker's agent keeps."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from gi.repository import Gio, GLib  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import Client, options  # noqa: E402

PATIENCE = 60
NOVA = '<nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:name>x</nova:name></nova:instance>'
KUBEVIRT = '<kubevirt xmlns="http://kubevirt.io"><uid>1</uid></kubevirt>'
OURS = '<p:policy xmlns:p="https://virtstop.org/xmlns/policy/1.0"/>'
# What the resource agent VirtualDomain writes, with the emulator's name in it.
CLUSTER_FILE = "/run/resource-agents/VirtualDomain-{}-emu.state"
CONFIG = """
[Default]
Restart=always
[Guest said-none]
Owner=none
"""


def owners(daemon, verb):
    guests = json.loads(daemon.ctl(verb, "--json=short").out or "[]")
    return {guest["name"]: guest.get("owner") for guest in guests}


def seen(lab):
    """owners in list, status, doctor and record; Restart= leaves them alone, but one of whom Owner= says that it is nobody's"""
    def guest(name, metadata):
        return lab.guest(name, cmdline="button=obey", persistent=True, metadata=metadata)
    cloud, pod, mine, said, cluster = (guest("cloud", NOVA), guest("pod", KUBEVIRT), guest("mine", OURS),
                                       guest("said-none", NOVA), guest("cluster", OURS))
    guests = (cloud, pod, mine, said, cluster)
    lab.start(*guests)
    daemon = lab.daemon(config=CONFIG).start()
    expected = {"cloud": "nova", "pod": "kubevirt", "mine": None, "said-none": None, "cluster": None}
    iterate_until(lambda: owners(daemon, "list") == expected, PATIENCE, "the owners", every=0.1)
    assert owners(daemon, "status") == expected, owners(daemon, "status")
    assert "Owner: nova" in daemon.ctl("status", "cloud").out, daemon.ctl("status", "cloud")
    said_by_doctor = daemon.ctl("doctor").out
    assert "“cloud” is managed by nova" in said_by_doctor, said_by_doctor
    assert "nova, kubevirt" in said_by_doctor, said_by_doctor

    os.makedirs(os.path.dirname(CLUSTER_FILE), exist_ok=True)
    path = CLUSTER_FILE.format(cluster.name)  # the cluster has it from now on
    with open(path, "w", encoding="ascii") as file:
        file.write("qemu-system-x86_64\n")
    try:
        for one in guests:
            process = one.qemu
            one.expect()
            process.send_signal(signal.SIGKILL)
        records = {one.name: daemon.wait_records(one.name, timeout=PATIENCE)[0] for one in guests}
        for one in (mine, said):
            one.wait("console/ready", 2, PATIENCE)
    finally:
        os.unlink(path)
    expected["cluster"] = "pacemaker"
    assert {name: record.get("owner") for name, record in records.items()} == expected, records
    for one in (cloud, pod, cluster):
        assert one.heard.count("console/ready") == 1, one.heard
        assert f"“{one.name}”: not started again: somebody else manages it" in daemon.stderr, daemon.stderr


# What virtstopd asks of systemd: whether the hook's unit is active, and whether the host goes down.
UNIT = "/org/freedesktop/systemd1/unit/virtstop_2dguests_2eservice"
LOGIND = "/org/freedesktop/login1"
SYSTEMD = Gio.DBusNodeInfo.new_for_xml("""
<node><interface name="org.freedesktop.systemd1.Unit"><property name="ActiveState" type="s" access="read"/></interface>
<interface name="org.freedesktop.login1.Manager"><property name="PreparingForShutdown" type="b" access="read"/></interface>
</node>""").interfaces


def go_down(connection):
    """As systemd and logind of a host that goes down."""
    connection.register_object(UNIT, SYSTEMD[0], None, lambda *asked: GLib.Variant("s", "active"), None)
    connection.register_object(LOGIND, SYSTEMD[1], None, lambda *asked: GLib.Variant("b", True), None)
    for name in ("org.freedesktop.systemd1", "org.freedesktop.login1"):
        connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                             GLib.Variant("(su)", (name, 0)), None, Gio.DBusCallFlags.NONE, -1, None)


def early(lab):
    """the early start when the host goes down leaves them alone, the hook's turn doesn't"""
    mine, cloud, cluster = (lab.guest(name, cmdline="button=obey", persistent=True, metadata=metadata)
                            for name, metadata in (("mine", OURS), ("cloud", NOVA), ("cluster", OURS)))
    lab.start(mine, cloud, cluster)
    daemon = lab.daemon().start()
    iterate_until(lambda: owners(daemon, "list").get("cloud") == "nova", PATIENCE, "the owner", every=0.1)
    os.makedirs(os.path.dirname(CLUSTER_FILE), exist_ok=True)
    path = CLUSTER_FILE.format(cluster.name)
    with open(path, "w", encoding="ascii") as file:
        file.write("qemu-system-x86_64\n")
    systemd = lab.bus.connect()
    try:
        go_down(systemd)
        iterate_until(lambda: daemon.records("mine"), PATIENCE, "the early start", every=0.1)
        assert "qmp/POWERDOWN" not in cloud.heard + cluster.heard, (cloud.heard, cluster.heard)
        assert not daemon.records("cloud") + daemon.records("cluster")
        stops = Client(lab.bus).call("StopAll", "(a{sv})", options({"shutdown": GLib.Variant("b", True)}))
        assert sorted(name for name, _ in stops) == ["cloud", "cluster"], stops
    finally:
        systemd.close_sync(None)
        os.unlink(path)
    for one in (mine, cloud, cluster):
        record, = daemon.wait_records(one.name, timeout=PATIENCE)
        assert (record["cause"], record["host_shutdown"]) == ("power-button", True), record


if __name__ == "__main__":
    tap.main([seen, early])
