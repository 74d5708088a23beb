# SPDX-License-Identifier: LGPL-2.1-or-later
"""A table of guests, policies and what happens, each line of which is played on a real guest.

    what it is about | guest | policy | what happens | record | end of the request | steps

guest       words of its command line (tests/guests/tiny.c or linux-init, which it is where a word begins with "vs."), and
            options of Guest as key=value: acpi=no, agent=yes, panic=no, persistent=yes, machine=..., uefi=yes, on_poweroff=...,
            on_reboot=..., on_crash=..., watchdog=...;
            disk=plain, disk=full: it has a Disk, which has room or none; wait=no: what happens begins before its system is up;
            container=WAY: it is a Container of that way
policy      keys of its [Guest] section, with ";" between them
happens     deeds with "," between them, see DEEDS; "2s" waits that long, "~text" until the guest is heard to say that, "~text=2"
            until it has twice
record      cause, confidence, and clean, cut-off or unknown; "-": there is none
request     its outcome, to which virtstopctl's exit status has to fit; "-": nobody asked
steps       "method: result", with "," between them; "*" for any result
"""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import sleep
from typing import NamedTuple, Optional

import libvirt

from . import kernel
from .bus import iterate_until
from .disk import Disk
from .dump import Dump
from .images import SOURCE_ROOT
from .ladders import EXIT_OF, confidence_of

AT_ONCE = 12  # guests; more only wait for each other's boot
PATIENCE = 120
CLEAN = {"clean": True, "cut-off": False, "unknown": None}
YES_NO = {"yes": True, "no": False}
OPTIONS = {"acpi": YES_NO, "agent": YES_NO, "panic": YES_NO, "persistent": YES_NO, "on_poweroff": None,
           "on_reboot": None, "on_crash": None, "watchdog": None, "machine": None, "uefi": YES_NO,
           "disk": None, "wait": YES_NO, "container": None}
COLUMNS = 7
UNTOLD = {"signal=SIGKILL", "signal=SIGABRT", "signal=SIGQUIT"}  # what QEMU can't tell of: an older kernel doesn't, either


class Row(NamedTuple):
    name: str
    where: str
    what: str
    options: dict
    policy: str
    deeds: tuple
    record: Optional[tuple]  # cause, confidence, clean
    outcome: Optional[str]
    steps: tuple


def _guest(text):
    options, words = {}, []
    for word in text.split():
        key, _, value = word.partition("=")
        if key in OPTIONS:
            options[key] = OPTIONS[key][value] if OPTIONS[key] else value
        else:
            words.append(word)
    kind = "linux" if any(word.startswith("vs.") for word in words) else "tiny"
    return dict(options, kind=kind, cmdline=" ".join(words))


def _split(text, separator=","):
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _record(text, deeds):
    if text == "-":
        return None
    if UNTOLD & set(deeds) and not kernel.tells_ends():
        return "crashed", "likely", False
    cause, confidence, clean = text.split()
    return cause, confidence, CLEAN[clean]


def _row(number, where, cells):
    what, guest, policy, deeds, record, outcome, steps = cells
    return Row(f"t{number:02}", where, what, _guest(guest), "\n".join(_split(policy, ";")), _split(deeds),
               _record(record, _split(deeds)), None if outcome == "-" else outcome, _split(steps))


def read(path):
    """The rows of that file, below the source tree."""
    rows = []
    with open(os.path.join(SOURCE_ROOT, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#") or not line.strip():
                continue
            cells = [cell.strip() for cell in line.split("|")]
            try:
                rows.append(_row(len(rows) + 1, f"{path}:{number}", cells))
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path}:{number}: {len(cells)} of {COLUMNS} columns, {error!r}") from error
    return rows


# What happens: each a function of the player, and of what stands behind "=".


def _stop(player, value):
    words = value.split() if value else []
    player.asked = player.daemon.spawn_ctl("stop", player.row.name, "--json=short", *words)


def _signal(player, value):
    player.guest.kill(getattr(signal, value))


def _save(player, _value):
    player.guest.domain.managedSave()


def _quit(player, _value):
    with suppress(libvirt.libvirtError):  # QEMU may be gone before libvirt has the answer
        player.guest.qmp('{"execute": "quit"}')


def _reboot(player, _value):
    if "container" in player.row.options:
        player.guest.reboot()
    else:
        player.guest.domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)


def _ctl(verb):
    def run(player, value):
        done = player.daemon.ctl(verb, player.row.name, *(value.split() if value else []))
        assert done.status == 0, f"{verb}: {done}"
    return run


def _join(player, value):
    """Somebody else asks, too, and is told that his ladder counts for nothing."""
    done = player.daemon.ctl("stop", "--no-wait", player.row.name, *value.split())
    assert done.status == 0 and "is not used" in done.out + done.err, done


def _told(player, value):
    iterate_until(lambda: value in player.daemon.ctl("status", player.row.name).out, PATIENCE, f"{value} in the status",
                  every=0.2)


def _known(player, state):
    """virtstopd was told, too: who only hears libvirt itself may ask it too soon."""
    def is_known():
        domains = json.loads(player.daemon.ctl("list", "--json=short").out)
        return any(domain["name"] == player.row.name and domain["state"] == state for domain in domains)

    iterate_until(is_known, PATIENCE, f"{player.row.name}, {state}, in the list", every=0.1)


def _reset(guest):
    """Where that is the guest's end, its QEMU may be gone before it has answered."""
    try:
        guest.domain.reset()
    except libvirt.libvirtError:
        guest.qemu.wait(PATIENCE)


def _dump(player, value):
    player.dump = Dump(player.guest, trickles=value == "trickles")


def _end_dump(player, _value):
    player.dump.end()
    player.dump = None


DEEDS = {
    "stop": _stop,
    "join": _join,
    "told": _told,
    "known": _known,
    "dump": _dump,
    "end-dump": _end_dump,
    "room": lambda player, _: player.disk.make_room(),
    "press": lambda player, _: player.guest.press(),
    "ask-agent": lambda player, _: player.guest.ask_agent(),
    "destroy": lambda player, _: player.guest.destroy(),
    "signal": _signal,
    "suspend": lambda player, _: player.guest.domain.suspend(),
    "resume": lambda player, _: player.guest.domain.resume(),
    "reset": lambda player, _: _reset(player.guest),
    "reboot": _reboot,
    "save": _save,
    "nmi": lambda player, _: player.guest.domain.injectNMI(),
    "quit": _quit,
    "powerdown": lambda player, _: player.guest.qmp('{"execute": "system_powerdown"}'),
    "cancel": _ctl("cancel"),
    "escalate": _ctl("escalate"),
    "extend": _ctl("extend"),
}


class Player:
    """Plays one row."""

    def __init__(self, lab, daemon, row):
        self.daemon, self.row = daemon, row
        self.asked = self.dump = self.disk = self.why_not = None
        self.guest = self._make(lab, dict(row.options))

    def _make(self, lab, options):
        self._waits = options.pop("wait", True)
        way, disk = options.pop("container", None), options.pop("disk", None)
        if way and lab.why_none:
            self.why_not = lab.why_none
            return None
        if way:
            return lab.container(self.row.name, way, persistent=options.get("persistent", False))
        if disk:
            self.disk = Disk(lab, full=disk == "full")
            options["devices"] = self.disk.xml
        return lab.guest(self.row.name, **options)

    def play(self):
        """Returns (outcome, exit status, records), once the request, if there was one, is over, and the record there."""
        if self.why_not:
            raise self.why_not
        try:
            return self._play()
        finally:
            if self.dump:
                self.dump.end()

    def _play(self):
        if self._waits:
            self.guest.start()
        else:
            self.guest.start(wait=False)
        iterate_until(self._is_known, PATIENCE, f"{self.row.name} in the list, or its record", every=0.1)
        for deed in self.row.deeds:
            self._do(deed)
        outcome, status = self._end_of_request()
        records = self.daemon.wait_records(self.guest.uuid, 1 if self.row.record else 0, PATIENCE)
        return outcome, status, records

    def _is_known(self):
        """One that stops of itself may have done so by now."""
        name = self.row.name
        return name in self.daemon.ctl("list", "--no-legend").out or self.daemon.records(self.guest.uuid)

    def _do(self, deed):
        word, _, value = deed.partition("=")
        if word.startswith("~"):
            self.guest.wait(word[1:], int(value or 1), PATIENCE)
        elif word in DEEDS:
            DEEDS[word](self, value)
        else:
            sleep(float(word.rstrip("s")))  # the time itself is what the row is about

    def _end_of_request(self):
        if not self.asked:
            return None, None
        out, err = self.asked.communicate(timeout=PATIENCE)
        assert out, (self.asked.returncode, err)
        return json.loads(out)["outcome"], self.asked.returncode


class Table:
    """A virtstopd with a section for each of @rows, and all of them played, some side by side."""

    def __init__(self, lab, rows):
        sections = (f"[Guest {row.name}]\n{row.policy}\n" for row in rows)
        uris = "qemu:///system" if lab.why_none else "qemu:///system lxc:///system"
        self.daemon = lab.daemon(config="".join((f"[Daemon]\nUris={uris}\n", *sections))).start()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        players = [Player(lab, self.daemon, row) for row in rows]
        self._guests = {player.row.name: player.guest for player in players}
        self._played = {player.row.name: self._pool.submit(player.play) for player in players}

    def check(self, row):
        """That row came out as it has to."""
        outcome, status, records = self._played[row.name].result()
        heard = self._guests[row.name].heard
        assert outcome == row.outcome, f"{outcome}: {records}; {heard}"
        assert status == EXIT_OF.get(outcome), f"{outcome} with exit status {status}"
        assert len(records) == (1 if row.record else 0), f"{records}; {heard}"
        if row.record:
            self._check_record(row, records[0], heard)

    @staticmethod
    def _check_record(row, record, heard):
        told = (record["cause"], record["confidence"], record["clean"])
        wanted = (row.record[0], confidence_of(record, row.record[1]), row.record[2])
        assert told == wanted, f"{told} is not {wanted}: {record}; {heard}"
        assert (record["request"] is None) == (row.outcome is None), record
        found = record["request"]["steps"] if record["request"] else []
        told = tuple(f"{step['method']}: {step['result']}" for step in found)
        assert len(told) == len(row.steps) and all(map(_fits, row.steps, told)), f"{told} is not {row.steps}: {record}"


def _fits(wanted, told):
    return wanted == told or (wanted.endswith("*") and told.startswith(wanted[:-1]))
