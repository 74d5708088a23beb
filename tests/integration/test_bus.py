#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The D-Bus service as another implementation of D-Bus sees it, GDBus, while real guests come and
go: its objects, properties and signals, and a bus that goes away."""

import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from xml.etree import ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from gi.repository import Gio, GLib  # noqa: E402

from vslab import tap  # noqa: E402
from vslab.bus import Bus, iterate_until  # noqa: E402
from vslab.client import (Client, DOMAIN, HOST_STOP, INVALID, MANAGER, NO_STOP,  # noqa: E402
                          NOTHING, PROPERTIES, ROOT, STOP, UNKNOWN_OBJECT, check_fails, stop_id)
from vslab.daemon import BUS_NAME  # noqa: E402
from vslab.images import SOURCE_ROOT  # noqa: E402

PATIENCE = 60
SECOND = 1000000
QEMU, TEST = "qemu:///system", "test:///default"


def serve(lab, *args):
    """A daemon, and a client that listens to it."""
    return lab.daemon(*args).start(), Client(lab.bus)


def wait_said(daemon, text):
    iterate_until(lambda: text in daemon.stderr, PATIENCE, f"“{text}” in the log", every=0.1)


# What there is


def describe(xml):
    """{interface: {(kind, name): (arguments, signature, access, annotations)}}, the standard
    interfaces left out."""
    described = {}
    for interface in ElementTree.fromstring(xml).iter("interface"):
        members = described.setdefault(interface.get("name"), {})
        for member in interface:
            way = {"method": "in", "signal": "out"}.get(member.tag)
            args = [(arg.get("direction", way), arg.get("type"), arg.get("name"))
                    for arg in member.iter("arg")]
            notes = {note.get("name"): note.get("value") for note in member.iter("annotation")}
            if member.tag == "property":
                notes.setdefault("org.freedesktop.DBus.Property.EmitsChangedSignal", "true")
            key = member.tag, member.get("name")
            assert key not in members, key
            members[key] = args, member.get("type"), member.get("access"), notes
    return {name: members for name, members in described.items() if name.startswith(BUS_NAME)}


def introspection(lab):
    """introspection of the four interfaces is what data/org.virtstop1.xml says"""
    lab.guest("introspected", cmdline="button=ignore").start()
    _, client = serve(lab)
    with open(os.path.join(SOURCE_ROOT, "data", "org.virtstop1.xml"), encoding="utf-8") as file:
        documented = describe(file.read())
    assert set(documented) == {MANAGER, DOMAIN, STOP, HOST_STOP}, set(documented)
    stop = client.stop("introspected", ladder="power-button:60s leave")
    client.call("StopAll", "(a{sv})", {})
    host_stop = client.get(stop, STOP, "HostStop")
    for path, interface in ((ROOT, MANAGER), (client.domain("introspected"), DOMAIN), (stop, STOP),
                            (host_stop, HOST_STOP)):
        served = describe(client.introspect(path))
        assert set(served) == {interface}, (path, set(served))
        for key in documented[interface].keys() | served[interface].keys():
            there, told = served[interface].get(key), documented[interface].get(key)
            assert there == told, f"{interface} {key}: served {there}, documented {told}"


def walk(client, path):
    """All paths of the tree, each with what its introspection says."""
    info = Gio.DBusNodeInfo.new_for_xml(client.introspect(path))
    yield path, info
    for node in info.nodes:
        yield from walk(client, f"{path.rstrip('/')}/{node.path}")


def is_explicit(each):
    """Told only to who asks for it by name."""
    return any(note.key == "org.freedesktop.systemd1.Explicit" for note in each.annotations)


def tree(lab):
    """each managed object is in the tree, with its properties, each of the type as introspected"""
    lab.guest("leaf", cmdline="button=ignore").start()
    _, client = serve(lab, "--uri", QEMU, "--uri", TEST)
    client.stop("leaf", ladder="power-button:60s leave")
    objects, found = client.objects(), dict(walk(client, "/"))
    assert len(objects) == 3, objects
    for path, interfaces in objects.items():
        for name, values in interfaces.items():
            properties = found[path].lookup_interface(name).properties
            assert set(values) == {each.name for each in properties if not is_explicit(each)}, \
                (path, values)
            for each in properties:
                reply = client.connection.call_sync(
                    BUS_NAME, path, PROPERTIES, "Get", GLib.Variant("(ss)", (name, each.name)),
                    None, Gio.DBusCallFlags.NONE, -1, None)
                kind = reply.get_child_value(0).get_variant().get_type_string()
                assert kind == each.signature, f"{each.name} of {path} is {kind}"


# Objects that come, change and go


def mirror_of(client):
    """GDBus's own picture of the objects, which it keeps by the signals."""
    return Gio.DBusObjectManagerClient.new_sync(
        client.connection, Gio.DBusObjectManagerClientFlags.NONE, BUS_NAME, ROOT, None, None, None)


def check_mirror(client, mirror):
    """It is what virtstopd says when it is asked."""
    client.catch_up()
    kept = {}
    for thing in mirror.get_objects():
        interfaces = {
            proxy.get_interface_name(): {name: proxy.get_cached_property(name).unpack()
                                         for name in proxy.get_cached_property_names()}
            for proxy in thing.get_interfaces()
            if proxy.get_interface_name().startswith(BUS_NAME)}
        if interfaces:  # before systemd 248 the standard ones are never taken back
            kept[thing.get_object_path()] = interfaces
    objects = client.objects()
    assert kept == objects, f"kept {kept}, is {objects}"


def objects_come_and_go(lab):
    """domains and stops come and go by signals, and these tell all of it"""
    transient = lab.guest("transient", cmdline="button=ignore")
    persistent = lab.guest("persistent", cmdline="button=obey", persistent=True)
    _, client = serve(lab)
    mirror = mirror_of(client)
    assert client.objects() == {}
    lab.start(transient, persistent)
    paths = {guest.name: client.wait_domain(guest.name) for guest in (transient, persistent)}
    for name, path in paths.items():
        client.wait_value(path, "State", "running")
        assert client.domain(name) == path
        assert client.get(path, DOMAIN, "Persistent") == (name == "persistent")
    check_mirror(client, mirror)

    stop = client.stop("transient", ladder="power-button:60s destroy")
    check_mirror(client, mirror)
    assert set(client.objects()[stop]) == {STOP}
    assert client.get(paths["transient"], DOMAIN, "Stop") == stop
    client.steer("Escalate", "transient")
    client.wait_value(stop, "Phase", "over")
    assert DOMAIN in client.wait("InterfacesRemoved", paths["transient"]).args[1]
    check_mirror(client, mirror)
    assert set(client.objects()) == {paths["persistent"], stop}

    second = client.stop("persistent", ladder="power-button:60s destroy")
    client.wait_value(second, "Phase", "over")
    check_mirror(client, mirror)
    off = client.objects()[paths["persistent"]][DOMAIN]
    assert (off["State"], off["Id"], off["Stop"]) == ("shut off", -1, NOTHING), off
    lab.connection.lookupByName("persistent").undefine()
    client.wait("InterfacesRemoved", paths["persistent"])
    check_mirror(client, mirror)
    assert set(client.objects()) == {stop, second}, "a minute is not over yet"
    for path in (stop, second, *paths.values()):
        assert len(client.heard("InterfacesAdded", path)) == 1, path
    for path in paths.values():
        assert len(client.heard("InterfacesRemoved", path)) == 1, path


def domain_changes(lab):
    """a domain's Name, Id, State, Persistent and Stop are told of when they change"""
    guest = lab.guest("changes", cmdline="button=obey", persistent=True)
    _, client = serve(lab)
    lab.connection.defineXML(guest.xml)
    path = client.wait_domain("changes")
    assert client.get(path, DOMAIN, "State") == "shut off"
    guest.start()
    client.wait_value(path, "State", "running")
    client.wait_value(path, "Id", guest.domain.ID())
    guest.domain.suspend()
    client.wait_value(path, "State", "paused")
    guest.domain.resume()
    client.wait_value(path, "State", "running")
    stop = client.stop("changes", ladder="power-button:60s leave")
    client.wait_record("changes")
    client.catch_up()
    assert client.values(path, "Stop")[-2:] == [stop, NOTHING], client.values(path, "Stop")
    assert client.values(path, "State")[-1] == "shut off", client.values(path, "State")
    assert client.values(path, "Id")[-1] == -1, client.values(path, "Id")
    guest.domain.rename("renamed")
    client.wait_value(path, "Name", "renamed")
    guest.domain.create()
    client.wait_value(path, "State", "running")
    guest.domain.undefine()
    client.wait_value(path, "Persistent", False)
    guest.destroy()
    client.wait("InterfacesRemoved", path)


def agent_changes(lab):
    """a domain's Agent is told of when a real agent comes and goes"""
    guest = lab.guest("linux", "linux", "vs.shutdown=0", persistent=True).start(wait=False)
    _, client = serve(lab)
    path = client.domain("linux")
    assert client.get(path, DOMAIN, "Agent") in ("unknown", "disconnected")
    client.wait_value(path, "Agent", "connected")
    guest.wait_ready()
    client.stop("linux", ladder="agent:60s destroy")
    record = client.wait_record("linux")
    assert record["cause"] == "guest-agent", record
    client.catch_up()
    assert client.values(path, "Agent")[-1] == "disconnected", client.values(path, "Agent")


def stop_changes(lab):
    """a stop's Step, StepIndex, Phase, Deadline, Taken and Outcome are told of when they change"""
    lab.guest("steps", cmdline="button=ignore").start()
    _, client = serve(lab)
    domain = client.domain("steps")  # that it has no agent is known at once, or waited for by a stop
    iterate_until(lambda: client.get(domain, DOMAIN, "Agent") == "none", 60, "what the XML says")
    before = time.monotonic() * SECOND
    path = client.stop("steps", ladder="agent:9s power-button:2s destroy")
    after = time.monotonic() * SECOND
    first = client.wait("InterfacesAdded", path).args[1][STOP]
    assert first["Taken"][0][0] == "agent", first
    assert first["Taken"][0][3] == "no agent channel", first
    assert (first["Step"], first["StepIndex"], first["Phase"]) == ("power-button", 1, "asked")
    assert before + 2 * SECOND <= first["Deadline"] <= after + 2 * SECOND, (before, after, first)
    client.call("Extend", "(t)", SECOND, path=path, interface=STOP)
    client.wait_value(path, "Deadline", first["Deadline"] + SECOND)
    client.wait_value(path, "Step", "destroy")
    assert time.monotonic() * SECOND >= first["Deadline"] + SECOND, "the step was cut short"
    client.wait_value(path, "Phase", "over")
    assert client.values(path, "Outcome") == ["forced"], client.values(path, "Outcome")
    assert client.values(path, "Step") == ["power-button", "destroy"], client.values(path, "Step")
    assert client.values(path, "StepIndex") == [1, 2], client.values(path, "StepIndex")
    assert client.values(path, "Phase")[0] == "asked", client.values(path, "Phase")
    last = client.values(path, "Taken")[-1]
    assert [step[0] for step in last] == ["agent", "power-button", "destroy"], last
    assert last[1][2] >= 3 * SECOND and last[1][3] == "deadline", last


def manager_changes(lab):
    """the Manager's Connections and StopsInFlight are told of when they change"""
    lab.guest("counted", cmdline="button=ignore").start()
    _, client = serve(lab)
    assert client.get(ROOT, MANAGER, "Uris") == [QEMU]
    assert client.get(ROOT, MANAGER, "Connections") == [(QEMU, True)]
    client.stop("counted", ladder="power-button:60s leave")
    client.wait_value(ROOT, "StopsInFlight", 1)
    client.steer("Cancel", "counted")
    client.wait_value(ROOT, "StopsInFlight", 0)
    lab.libvirtd.stop()
    client.wait_value(ROOT, "Connections", [(QEMU, False)])
    lab.libvirtd.start()
    client.wait_value(ROOT, "Connections", [(QEMU, True)])


LOGIND = Gio.DBusNodeInfo.new_for_xml("""
<node><interface name="org.freedesktop.login1.Manager">
<property name="PreparingForShutdown" type="b" access="read"/>
</interface></node>""").interfaces[0]


def play_logind(connection):
    """One that says that the host goes down, and so to who asks."""
    connection.register_object("/org/freedesktop/login1", LOGIND, None,
                               lambda *asked: GLib.Variant("b", True), None)
    connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                         "RequestName", GLib.Variant("(su)", ("org.freedesktop.login1", 0)), None,
                         Gio.DBusCallFlags.NONE, -1, None)
    connection.emit_signal(None, "/org/freedesktop/login1", LOGIND.name, "PrepareForShutdown",
                           GLib.Variant("(b)", (True,)))


def host_shutdown(lab):
    """logind's PrepareForShutdown is HostShutdown, and stands in the records"""
    guest = lab.guest("last", cmdline="button=obey").start()
    _, client = serve(lab)
    logind = lab.bus.connect()
    play_logind(logind)
    client.wait_value(ROOT, "HostShutdown", True)
    guest.press()
    assert client.wait_record("last")["host_shutdown"] is True
    logind.close_sync(None)


# Signals of stops


def told_to_all(line, record):
    """Whether @line is what of @record goes to everybody."""
    told = json.loads(line)
    withheld = told.pop("withheld")
    assert withheld["because"] == "not-asked" and "evidence" in withheld["keys"], line
    for key in withheld["keys"]:
        outer, _, inner = key.rpartition(".")
        assert inner not in (told[outer] if outer else told), line
        (told[outer] if outer else told)[inner] = (record[outer] if outer else record)[inner]
    return told == record


def signals_and_ids(lab):
    """StopAdded, StopFinished, StopRecorded and StopDisclosed: once each, with the ids of the record on disk"""
    unasked = lab.guest("unasked")
    lab.start(lab.guest("obeys", cmdline="button=obey"), unasked,
              lab.guest("ignores", cmdline="button=ignore"))
    daemon, client = serve(lab)
    domains = {name: client.domain(name) for name in ("obeys", "ignores")}
    stops = {name: client.stop(name, ladder="power-button:1s destroy") for name in domains}
    unasked.destroy()
    for name in (*stops, "unasked"):
        client.wait_record(name)
    for path in stops.values():
        client.wait("StopFinished", stop_id(path))
    client.catch_up()

    lines = [signal.args[0] for signal in client.heard("StopRecorded")]
    with open(daemon.records_path, encoding="utf-8") as file:
        assert file.read().splitlines() == lines
    disclosed = [signal.args[0] for signal in client.heard("StopDisclosed")]
    assert len(disclosed) == len(lines)
    assert all(told_to_all(line, record) for line, record in zip(disclosed, daemon.records())), disclosed
    assert len(lines) == len({record["id"] for record in daemon.records()}) == 3, lines
    assert len(client.heard("StopAdded")) == len(client.heard("StopFinished")) == 2
    assert daemon.records("unasked")[0]["request"] is None
    for name, path in stops.items():
        record, = daemon.records(name)
        common = (stop_id(path), path, domains[name], name)
        assert len(client.heard("StopAdded", *common)) == 1, client.signals
        assert len(client.heard("StopFinished", *common, record["request"]["outcome"])) == 1
        assert record["request"]["stop"] == stop_id(path), record
        assert record["domain"]["uuid"].replace("-", "_") in domains[name], record


def write_record(number):
    """A line of stops.jsonl, of some 2 KiB."""
    record = {"schema": 1, "id": str(uuid.UUID(int=number)), "uri": TEST,
              "domain": {"name": f"guest{number % 7}"}, "number": number, "filler": "x" * 2000}
    return json.dumps(record) + "\n"


def records_in_pages(lab):
    """ListRecords gives all, page by page, through a rotation and a restart; so does history"""
    count = 10000  # 20 MiB: GetHistory gives what fits into 16
    daemon = lab.daemon("--uri", TEST, config="[Daemon]\nHistoryMaxSize=1M\nHistoryMaxFiles=10\n")
    for name, first, last in ((".1", 0, count // 2), ("", count // 2, count)):
        with open(daemon.records_path + name, "w", encoding="utf-8") as file:
            file.writelines(write_record(number) for number in range(first, last))
    daemon.start()
    client = Client(lab.bus)
    assert len(client.history()) < count

    pages, mark = [], ""
    while mark or not pages:
        lines, mark = client.list_records(**({"after": mark} if mark else {}))
        assert len(lines) <= 1000 and sum(map(len, lines)) <= 1 << 20, len(lines)
        pages.append([json.loads(line)["number"] for line in lines])
        if len(pages) == 3:  # stops.jsonl is too long: this rotates it
            assert daemon.ctl("stop", "--ladder=destroy", "test").status == 3
            assert os.path.exists(daemon.records_path + ".2"), os.listdir(daemon.state_directory)
            daemon.stop()
            daemon.start()
    told = [number for page in reversed(pages) for number in page]
    assert told == list(range(count)), (len(told), told[:3], told[-3:])

    out = daemon.ctl("history", "-n0", "--json=short").out.splitlines()
    assert [json.loads(line).get("number") for line in out] == told + [None], len(out)
    check_fails(INVALID, ["“nonsense”"], client.list_records, after="nonsense")
    check_fails(INVALID, ["“colour”"], client.list_records, colour="red")


def already_off(lab):
    """a stop of a domain that is off is over at once: it has an outcome to read, and no record"""
    lab.connection.defineXML(lab.guest("off", persistent=True).xml)
    daemon, client = serve(lab)
    path = client.stop("off")
    assert client.wait("StopFinished", stop_id(path)).args[4] == "already-off"
    client.catch_up()
    assert client.heard("StopAdded") == []
    over = client.objects()[path][STOP]
    assert (over["Phase"], over["Outcome"], over["Record"]) == ("over", "already-off", ""), over
    assert over["DomainName"] == "off" and client.get(path, STOP, "Uid") == os.getuid(), over
    check_fails(NO_STOP, [stop_id(path)], client.call, "GetStop", "(s)", stop_id(path))
    assert daemon.records() == []


def human(lab):
    """who came in as somebody, and became root, is in the record, on the bus and in the sentence"""
    if not os.path.exists("/proc/self/loginuid"):
        raise tap.Skip("this kernel knows no login uid")
    lab.guest("asked", cmdline="button=obey").start()
    daemon, client = serve(lab)
    as_1000 = 'echo 1000 >/proc/self/loginuid && exec "$@"'
    done = subprocess.run(["sh", "-c", as_1000, "sh", daemon.program("virtstopctl"), "stop", "asked",
                           "--ladder=power-button:60s destroy"], env=daemon.environ, check=True,
                          stdout=subprocess.PIPE, encoding="utf-8", timeout=PATIENCE)
    record = daemon.records("asked")[0]
    by = record["request"]["by"]
    assert (by["uid"], by["user"], by["login_uid"]) == (0, "root", 1000), by
    assert record["initiator"] == "operator", record
    over = client.call("GetRequest", path=client.wait("StopFinished", record["request"]["stop"]).args[1], interface=STOP)
    assert (over["User"], over["LoginUid"]) == ("root", 1000), over
    told = daemon.ctl("why", "asked").out
    assert " as root (virtstopctl" in told, (told, done.stdout)


def requests(lab):
    """who joined, extended, escalated and called off a stop is kept, and why names it"""
    guest = lab.guest("wanted", cmdline="button=ignore").start()
    daemon, client = serve(lab)
    ladder = "power-button:60s power-button:60s leave"
    path = client.stop("wanted", ladder=ladder, reason="battery low")
    assert client.stop("wanted") == path
    client.call("Extend", "(sta{sv})", "wanted", 5 * SECOND, {})
    client.steer("Escalate", "wanted")
    client.steer("Cancel", "wanted")
    client.wait("StopFinished", stop_id(path))
    daemon.stop()
    daemon.start()
    guest.destroy()
    iterate_until(lambda: daemon.records("wanted"), PATIENCE, "the record", every=0.1)

    kept = [json.loads(line) for line in daemon.ctl("history", "--requests", "--json=short").out.splitlines()]
    assert [line["what"] for line in kept] == ["joined", "extended", "escalated", "cancelled"], kept
    for line in kept:
        assert line["by"]["pid"] == line["request"]["by"]["pid"] == os.getpid(), line
        assert line["request"]["stop"] == stop_id(path) and line["request"]["reason"] == "battery low", line
    assert kept[1]["span_ms"] == 5000 and kept[3]["request"]["outcome"] == "cancelled", kept
    told = daemon.ctl("why", "wanted").out
    assert "The stop of “wanted” was called off, by root (" in told, told
    table = daemon.ctl("history", "--requests", "wanted").out.splitlines()
    assert table[0].split()[:3] == ["TIME", "DOMAIN", "WHAT"] and len(table) == 5, table


def read_afterwards(lab):
    """who comes after the end reads outcome and record; no list has it; a new virtstopd doesn't"""
    lab.start(lab.guest("obeyed", cmdline="button=obey"),
              lab.guest("stayed", cmdline="button=ignore"))
    daemon, client = serve(lab)
    path = client.stop("obeyed", ladder="power-button:60s destroy", reason="kernel update")
    called_off = client.stop("stayed", ladder="power-button:60s destroy")
    client.steer("Cancel", "stayed")
    client.wait("StopFinished", stop_id(path))

    late = Client(lab.bus)
    over = late.objects()[path][STOP]
    assert (over["Phase"], over["Outcome"]) == ("over", "clean"), over
    assert told_to_all(over["Record"], json.loads(late.history("obeyed")[0])), over
    assert json.loads(over["Record"])["request"]["stop"] == over["Id"] == stop_id(path), over
    assert over["Taken"][-1][3] != "" and late.get(path, STOP, "Reason") == "kernel update", over
    over = late.objects()[called_off][STOP]
    assert (over["Outcome"], over["Record"]) == ("cancelled", ""), over
    assert late.call("ListStops") == [] and late.get(ROOT, MANAGER, "StopsInFlight") == 0
    for method in ("Cancel", "Escalate"):
        check_fails(NO_STOP, ["is over"], late.call, method, path=path, interface=STOP)

    # Who listens hears all of it at once, before StopFinished.
    told = [signal for signal in client.signals
            if (signal.name == "StopFinished" and signal.args[1] == path) or
            (signal.path == path and signal.args[0] == STOP and "Outcome" in signal.args[1])]
    assert [signal.name for signal in told] == ["PropertiesChanged", "StopFinished"], told
    changed = told[0].args[1]
    assert (changed["Phase"], changed["Outcome"]) == ("over", "clean"), changed
    assert json.loads(changed["Record"])["request"]["stop"] == stop_id(path), changed

    daemon.stop()
    daemon.start()
    check_fails(UNKNOWN_OBJECT, [path], late.get, path, STOP, "Outcome")
    assert len(late.history("obeyed")) == 1


# The bus


@contextmanager
def another_bus(lab):
    """One that libvirtd isn't on: it ends when its bus does."""
    bus = Bus(lab.new_directory("bus"))
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


def spawn(lab, bus):
    daemon = lab.daemon(environ={"DBUS_SYSTEM_BUS_ADDRESS": bus.address})
    daemon.spawn()
    return daemon


def wait_served(bus, daemon):
    assert bus.wait_owned(BUS_NAME, PATIENCE, unless_ends=daemon.pid), daemon.stderr
    return Client(bus)


def bus_restarted(lab):
    """dbus-daemon killed and started again: said, served again, stops in flight not harmed"""
    gone = lab.guest("gone", cmdline="button=slow:2")
    stays = lab.guest("stays", cmdline="button=ignore")
    lab.start(gone, stays)
    with another_bus(lab) as bus:
        daemon = spawn(lab, bus)
        client = wait_served(bus, daemon)
        paths = {name: client.stop(name, ladder="power-button:60s destroy")
                 for name in ("gone", "stays")}
        gone.wait("console/button")
        before = client.objects()[paths["stays"]]
        bus.kill()
        wait_said(daemon, "virtstopd: The connection to the system bus is lost")
        gone.wait_off("shutdown")
        daemon.wait_records("gone")
        bus.start()

        client = wait_served(bus, daemon)
        wait_said(daemon, "virtstopd: On the system bus as org.virtstop1 again")
        path = paths["stays"]
        assert client.call("GetStop", "(s)", stop_id(path)) == path
        now = client.objects()[path]
        assert now == before, f"was {before}, is {now}"
        client.call("Escalate", path=path, interface=STOP)
        assert client.wait("StopFinished", stop_id(path)).args[4] == "forced"
        for name, outcome in (("gone", "clean"), ("stays", "forced")):
            record, = daemon.records(name)
            assert record["request"]["stop"] == stop_id(paths[name]), record
            assert record["request"]["outcome"] == outcome, record
            over = client.objects()[paths[name]][STOP]
            assert over["Outcome"] == outcome and told_to_all(over["Record"], record), over
        assert stays.heard.count("qmp/POWERDOWN") == 1, stays.heard
        daemon.stop()


def no_bus(lab):
    """virtstopd without a bus: said, it watches and records, and serves when the bus comes"""
    guest = lab.guest("unserved", cmdline="button=obey").start()
    with another_bus(lab) as bus:
        bus.stop()
        daemon = spawn(lab, bus)
        wait_said(daemon, "The bus can't be served now, and is tried again: Can't reach the bus at")
        guest.press()
        iterate_until(lambda: daemon.records("unserved"), PATIENCE, "the record", every=0.1)
        assert daemon.records("unserved")[0]["cause"] == "power-button", daemon.records()
        bus.start()
        assert len(wait_served(bus, daemon).history("unserved")) == 1
        daemon.stop()


def name_taken(lab):
    """a second virtstopd says that the name is taken, and gets it when it is free"""
    first = lab.daemon("--uri", TEST).start()
    second = lab.daemon()
    second.spawn()
    wait_said(second, "The name org.virtstop1 on the system bus is taken")
    assert first.stop() == 0
    client = wait_served(lab.bus, second)
    assert client.get(ROOT, MANAGER, "Uris") == [QEMU]


if __name__ == "__main__":
    tap.main([
        introspection, tree, objects_come_and_go, domain_changes, agent_changes, stop_changes,
        manager_changes, host_shutdown, signals_and_ids, records_in_pages, already_off,
        human, requests, read_afterwards, bus_restarted, no_bus, name_taken,
    ])
