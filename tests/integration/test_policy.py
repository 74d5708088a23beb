#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest's policy: sections that find it by other things than its name, and its own metadata, read, changed, broken,
and taken over a restart."""

import json
import os
import subprocess
import sys

import libvirt
from gi.repository import GLib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import DOMAIN, INVALID, NO_DOMAIN, Client, check_fails, options  # noqa: E402

NAMESPACE = "https://virtstop.org/xmlns/policy/1.0"
PATIENCE = 60
LEFT = "power-button:1s leave"
BOTH = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG


def element(**keys):
    attributes = " ".join(f"{key}='{value}'" for key, value in keys.items())
    return f"<v:policy xmlns:v='{NAMESPACE}' {attributes}/>"


def shown(daemon, guest):
    """show-policy's JSON: {key: (value, origin)} of the keys that have one value, and all of it."""
    result = daemon.ctl("show-policy", "--json=short", guest)
    assert result.status == 0, result
    policy = json.loads(result.out)
    return {row["key"]: (row["value"], row["origin"]) for row in policy["policy"]}, policy


def wait_shown(daemon, guest, key, value, origin):
    iterate_until(lambda: shown(daemon, guest)[0].get(key) == (value, origin), PATIENCE,
                  f"{key}={value} from {origin} of {guest}: {shown(daemon, guest)}")


def metadata_of(guest, flags):
    try:
        return guest.domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE, flags)
    except libvirt.libvirtError as error:
        assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_METADATA, error
        return ""


def by_what_it_is(lab):
    """sections by title, tag, UUID and URI, on guests that change their titles while they run"""
    titled, tagged, plain = guests = [lab.guest(name, "tiny", persistent=name == "titled")
                                      for name in ("titled", "tagged", "plain")]
    tagged.xml = tagged.xml.replace("<metadata>", "<description>web, production.</description><metadata>")
    lab.start(*guests)
    daemon = lab.daemon(config=f"[Guest title:The data*]\nPriority=1\n[Guest tag:production]\nPriority=2\n"
                               f"[Guest {plain.uuid.upper()}]\nPriority=3\n[Guest uri:qemu:///*]\nOnBoot=ignore\n")
    daemon.start()
    wait_shown(daemon, "tagged", "Priority", "2", "section")
    wait_shown(daemon, "plain", "Priority", "3", "section")
    assert shown(daemon, "titled")[0]["Priority"] == ("0", "built-in")
    for guest in guests:
        assert shown(daemon, guest.name)[0]["OnBoot"] == ("ignore", "section")
    titled.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "The database", None, None,
                              libvirt.VIR_DOMAIN_AFFECT_LIVE)
    wait_shown(daemon, "titled", "Priority", "1", "section")
    order = [guest["name"] for guest in json.loads(daemon.ctl("plan", "--json=short").out)["guests"]]
    assert order == ["plain", "tagged", "titled"], order


def own_metadata(lab):
    """the policy in a guest's XML goes before a section and behind a request, and is read anew when it is changed"""
    guest = lab.guest("own", "tiny", "button=ignore", metadata=element(Ladder=LEFT)).start()
    daemon = lab.daemon(config="[Guest own]\nLadder=destroy\n").start()
    client = Client(lab.bus)
    wait_shown(daemon, "own", "Ladder", LEFT, "metadata")
    result = daemon.ctl("stop", "own")
    assert result.status == 1 and guest.state()[0] == lab.RUNNING, result
    guest.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, None, "v", NAMESPACE, 0)
    wait_shown(daemon, "own", "Ladder", "destroy", "section")
    assert client.get(client.domain("own"), DOMAIN, "Ladder") == "destroy"
    assert daemon.ctl("stop", "own").status == 3


def at_once(lab):
    """whoever asks the moment that virtstopd, or the guest, is there is answered by the guests' own metadata"""
    guests = [lab.guest(f"first-{number}", "tiny", metadata=element(Ladder="destroy", Priority=number))
              for number in range(3)]
    lab.start(*guests)
    daemon = lab.daemon(config="[Default]\nLadder=leave\n").start()
    client = Client(lab.bus)
    plan = json.loads(client.call("Plan", "(a{sv})", {}))
    assert [guest["priority"] for guest in plan["guests"]] == [2, 1, 0], plan
    late = lab.guest("late", "tiny", metadata=element(Ladder="destroy")).start(wait=False)
    client.wait_domain("late")
    guests.append(late)
    for guest in guests:
        client.stop(guest.name)
    for guest in guests:
        assert daemon.wait_records(guest.name)[0]["request"]["steps"][0]["method"] == "destroy"


def broken_metadata(lab):
    """a bad value is said with guest, key and what is allowed, and the last good policy stays, over a restart, too"""
    guest = lab.guest("bad", "tiny", persistent=True, metadata=element(Priority="7")).start()
    daemon = lab.daemon().start()
    client = Client(lab.bus)
    wait_shown(daemon, "bad", "Priority", "7", "metadata")
    guest.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<policy Priority='high'/>", "v", NAMESPACE, BOTH)
    path = client.domain("bad")
    iterate_until(lambda: client.get(path, DOMAIN, "PolicyError"), PATIENCE, "PolicyError")
    for again in range(2):
        error = client.get(path, DOMAIN, "PolicyError")
        assert error == "Priority=: “high” (allowed: a number from -1000000 to 1000000)", error
        assert shown(daemon, "bad")[0]["Priority"] == ("7", "metadata")
        assert error in daemon.ctl("status", "bad").out, daemon.ctl("status", "bad")
        doctor = daemon.ctl("doctor", "--json=short").out
        finding, = (line for line in map(json.loads, doctor.splitlines()) if line.get("check") == "policy")
        assert finding["domain"] == "bad" and "“high” (allowed:" in finding["what"], finding
        assert "“bad”: the policy in its metadata is refused" in daemon.stderr, daemon.stderr
        if not again:
            daemon.kill()
            daemon.start()
    guest.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<policy Priority='8'/>", "v", NAMESPACE, BOTH)
    wait_shown(daemon, "bad", "Priority", "8", "metadata")
    assert client.get(path, DOMAIN, "PolicyError") == ""


def side_by_side(lab):
    """those who change one guest's policy at once each have what they asked for, and what others have put there stays"""
    note = f"<v:policy xmlns:v='{NAMESPACE}' xmlns:o='urn:o' o:by='x&amp;y'><!-- why --><o:more/></v:policy>"
    guest = lab.guest("shared", "tiny", persistent=True, metadata=note).start()
    daemon = lab.daemon().start()
    changes = ("Priority=1", "OnBoot=ignore", "Paused=leave", "Asleep=save", "Jobs=abort", "Tags=a")
    asked = [subprocess.Popen([daemon.program("virtstopctl"), "set-policy", "shared", change], env=daemon.environ)
             for change in changes]
    assert [process.wait(PATIENCE) for process in asked] == [0] * len(changes)
    assert sorted(shown(daemon, "shared")[1]["metadata"]) == sorted(changes), shown(daemon, "shared")
    for flags in (libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG):
        written = metadata_of(guest, flags)
        for part in (*(change.replace("=", '="') + '"' for change in changes), 'o:by="x&amp;y"', "<!-- why -->", "<o:more/>"):
            assert part in written, written
    for bad in ("Group=a\nb", "Before=\x1b[2J"):
        result = daemon.ctl("set-policy", "shared", bad)
        assert result.status == 2 and bad.split("=", maxsplit=1)[0] in result.err and "(allowed:" in result.err, result
    result = daemon.ctl("set-policy", "shared", b"Group=\xff")
    assert result.status == 2 and r"\xff" in result.err, result


def set_and_shown(lab):
    """set-policy writes to what runs and what is kept, show-policy --explain says where each value is from"""
    guest = lab.guest("a b", "tiny", persistent=True, metadata="<o:x xmlns:o='urn:o'/>").start()
    daemon = lab.daemon(config="[Default]\nOnBoot=ignore\n[Guest *]\nGroup=all\nPriority=1\n").start()
    conf = os.path.join(daemon.configuration_directory, "virtstop.conf")
    result = daemon.ctl("set-policy", "a b", "Priority=20", 'Before="my db" <&>', "Tags=x y", "Paused=leave")
    assert result == (0, "", ""), result
    explained = daemon.ctl("show-policy", "a b", "--explain").out
    rows = [line.split("  ") for line in explained.splitlines()]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    for row in (["Priority", "20", "the domain's metadata"], ["Before", '"my db" <&>', "the domain's metadata"],
                ["Paused", "leave", "the domain's metadata"], ["OnBoot", "ignore", f"{conf}:2"],
                ["Group", "all", f"{conf}:4"]):
        assert row in rows, (row, explained)
    assert any(row[0] == "Ladder" and row[-1] == "built-in" for row in rows), explained
    for flags in (libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG):
        assert 'Priority="20"' in metadata_of(guest, flags), metadata_of(guest, flags)
        assert "urn:o" in guest.domain.XMLDesc(0)

    assert daemon.ctl("set-policy", "a b", "Priority=", "Paused=destroy").status == 0
    policy, rest = shown(daemon, "a b")
    assert policy["Priority"] == ("1", "section") and policy["Paused"] == ("destroy", "metadata"), policy
    assert rest["tags"] == ["x", "y"], rest
    for words, wrong in (("Priority=x", "a number from"), ("Colour=red", "unknown key “Colour”"), ("Ladder=jump", "jump")):
        result = daemon.ctl("set-policy", "a b", "Paused=save", words)
        assert result.status == 2 and wrong in result.err, result
    assert daemon.ctl("set-policy", "a b", "Priority").status == 2
    assert daemon.ctl("set-policy", "nobody", "Priority=1").status == 4
    assert shown(daemon, "a b")[0] == policy

    guest.destroy()
    guest.wait_off("destroyed")
    daemon.wait_records("a b")
    assert daemon.ctl("set-policy", "a b", "Paused=", "Before=", "Tags=").status == 0
    assert metadata_of(guest, libvirt.VIR_DOMAIN_AFFECT_CONFIG) == ""
    assert shown(daemon, "a b")[0]["Paused"] == ("resume", "built-in")


def of_one_that_is_off(lab):
    """the policy of a guest that never ran here is asked for when somebody wants to know"""
    guest = lab.guest("off", "tiny", persistent=True, metadata=element(OnBoot="ignore"))
    lab.connection.defineXML(guest.xml)
    daemon = lab.daemon().start()
    assert shown(daemon, "off")[0]["OnBoot"] == ("ignore", "metadata")
    lab.connection.defineXML(guest.xml.replace("ignore", "start"))
    wait_shown(daemon, "off", "OnBoot", "start", "metadata")


def on_the_bus(lab):
    """SetPolicy is for root alone, and its bad calls are told apart; GetPolicy is for everybody"""
    lab.guest("bus", "tiny").start()
    daemon = lab.daemon().start()
    client = Client(lab.bus)

    def set_policy(domain, changes, **values):
        return client.call("SetPolicy", "(sa{ss}a{sv})", domain, changes, options(values))

    set_policy("bus", {"Priority": "3", "Paused": "leave"})
    set_policy("bus", {"Priority": "4"}, replace=GLib.Variant("b", True))
    rows, labels = client.call("GetPolicy", "(sa{sv})", "bus", {})
    assert ("Priority", "4", "metadata", "") in rows and ("Paused", "resume", "built-in", "") in rows, rows
    assert labels["metadata"] == ["Priority=4"] and labels["tags"] == [] and not labels["refused"], labels
    check_fails(INVALID, ["Priority=", "x", "allowed"], set_policy, "bus", {"Priority": "x"})
    check_fails(INVALID, ["allowed"], set_policy, "bus", {"": "x"})
    check_fails(INVALID, ["Group=", r"“a\x0ab”", "allowed"], set_policy, "bus", {"Group": "a\nb"})
    check_fails(INVALID, ["Tags=", "20000 bytes", "allowed"], set_policy, "bus", {"Tags": "x" * 20000})
    check_fails(INVALID, ["colour"], set_policy, "bus", {}, colour="x")
    check_fails(NO_DOMAIN, ["nobody"], set_policy, "nobody", {"Priority": "1"})
    os.chmod(lab.directory, 0o755)
    result = daemon.ctl("set-policy", "bus", "Priority=5", user="nobody")
    assert result.status == 5 and "change a guest's policy" in result.err, result
    assert "Priority=4" in daemon.ctl("show-policy", "bus", user="nobody").out


EDITOR = """#!/bin/sh
printf '%s\\n' "$1" >>{directory}/seen
cat "$1" >>{directory}/texts
step=$(wc -l <{directory}/seen)
[ -e {directory}/edit-$step ] && . {directory}/edit-$step
exit 0
"""


def edited(lab):
    """edit-policy: what is refused can be edited again, and nothing that was written is lost"""
    guest = lab.guest("ed", "tiny", metadata=element(Priority="3", Tags="a&#10;Restart=always")).start()
    daemon = lab.daemon().start()
    wait_shown(daemon, "ed", "Priority", "3", "metadata")
    directory = lab.new_directory("editor")
    editor = os.path.join(directory, "an editor")
    with open(editor, "w", encoding="utf-8") as file:
        file.write(EDITOR.format(directory=directory))
    os.chmod(editor, 0o755)
    environ = {"EDITOR": f"'{editor}'"}

    def script(step, text):
        with open(os.path.join(directory, f"edit-{step}"), "w", encoding="utf-8") as file:
            file.write(text)

    def seen():
        with open(os.path.join(directory, "seen"), encoding="utf-8") as file:
            return file.read().splitlines()

    result = daemon.ctl("edit-policy", "ed", environ=environ)
    assert result.status == 0 and "nothing was changed" in result.err, result
    with open(os.path.join(directory, "texts"), encoding="utf-8") as file:
        assert "Tags=a Restart=always" in file.read().splitlines()
    script(2, "sed -i s/^Priority=3/Priority=four/ \"$1\"")
    result = daemon.ctl("edit-policy", "ed", environ=environ)
    assert result.status == 2 and "“four” (allowed:" in result.err, result
    kept = seen()[1]
    assert kept in result.err, result
    with open(kept, encoding="utf-8") as file:
        assert "Priority=four" in file.read()
    os.unlink(kept)

    # On a terminal it is asked whether to go on.
    script(3, "sed -i s/^Priority=3/Priority=four/ \"$1\"")
    script(4, "sed -i 's/^Priority=four/ Priority = 5 /; $ a Tags=x' \"$1\"")
    parent, child = os.openpty()
    process = subprocess.Popen([daemon.program("virtstopctl"), "edit-policy", "ed"],
                               env=dict(daemon.environ, **environ), stdin=child, stdout=child, stderr=child)
    os.write(parent, b"y\n")
    assert process.wait(PATIENCE) == 0
    os.close(parent)
    os.close(child)
    policy, rest = shown(daemon, "ed")
    assert policy["Priority"] == ("5", "metadata") and rest["tags"] == ["x"], (policy, rest)
    assert not os.path.exists(seen()[3]), "its file is still there"

    # Somebody else writes it meanwhile.
    script(5, f"sed -i s/^Priority=5/Priority=6/ \"$1\"; {daemon.program('virtstopctl')} set-policy ed Priority=9")
    result = daemon.ctl("edit-policy", "ed", environ=environ)
    assert result.status == 1 and "somebody else" in result.err, result
    assert shown(daemon, "ed")[0]["Priority"] == ("9", "metadata")
    os.unlink(seen()[4])
    assert 'Priority="9"' in metadata_of(guest, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def broken_file(lab):
    """a broken file at a reload: the last good policy stays, and status and doctor say so until it is mended"""
    lab.guest("file", "tiny").start()
    daemon = lab.daemon(config="[Guest file]\nPriority=7\n").start()
    wait_shown(daemon, "file", "Priority", "7", "section")
    daemon.configure("[Guest file]\nPriority=8\nPaused=perhaps\n")
    check_fails(INVALID, ["virtstop.conf:3: Paused=", "allowed: resume"], Client(lab.bus).call, "Reload")
    assert shown(daemon, "file")[0]["Priority"] == ("7", "section")
    assert "virtstop.conf:3: Paused=: “perhaps” (allowed:" in daemon.ctl("status").err, daemon.ctl("status")
    findings = [json.loads(line) for line in daemon.ctl("doctor", "--json=short").out.splitlines()]
    finding, = (finding for finding in findings if finding.get("check") == "configuration")
    assert "virtstop.conf:3: Paused=: “perhaps” (allowed:" in finding["what"], finding
    daemon.configure("[Guest file]\nPriority=8\n")
    Client(lab.bus).call("Reload")
    wait_shown(daemon, "file", "Priority", "8", "section")
    assert daemon.ctl("status").err == ""


if __name__ == "__main__":
    tap.main([by_what_it_is, own_metadata, at_once, broken_metadata, side_by_side, set_and_shown, of_one_that_is_off,
              on_the_bus, edited, broken_file])
