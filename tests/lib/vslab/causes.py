# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ways to stop, and whether virtstopd recorded them as what they were. A test has a table of them,
and a scene that all its cases share."""

import json
import os
import re
from typing import Any, Callable, NamedTuple, Optional

from . import kernel
from .bus import iterate_until
from .client import Client

PATIENCE = 60  # a hung QEMU is destroyed in 12 s; a libvirtd that came back is looked at for 15 s
MESSAGE_ID = "8f1f2a4c0b7e4d6c9a53e1d0c4b7a921"

CLEAN = {"guest-initiated": True, "power-button": True, "guest-reboot": True, "saved": True,
         "migrated": True, "host-signal": False, "monitor-quit": False, "destroyed": False,
         "guest-panic": False, "watchdog": False, "crashed": False, "out-of-memory": False,
         "snapshot-reverted": None,
         "unknown": None}


class Row(NamedTuple):
    """A way to stop. @act(guest) does it, where the guest doesn't do it of itself; a @slow one is
    begun before the first case. @evidence must be found in the record in this order, whatever lies
    between. @signal: what the test itself has sent, where the record has to name it; @died: what its
    process died of, where the record has to say so."""
    name: str
    what: str
    options: dict
    cause: str
    confidence: str
    evidence: tuple
    act: Optional[Callable[[Any], None]] = None
    slow: bool = False
    signal: Optional[str] = None
    died: Optional[str] = None


def does(deed, **options):
    """A tiny guest that does it of itself."""
    return {"cmdline": f"after=500ms:{deed}", **options}


def presses(way, **options):
    """A tiny guest, and what a press of its power button does."""
    return {"cmdline": f"button={way}", **options}


def kill(number):
    return lambda guest: guest.kill(number)


class Scene:
    """A virtstopd, and a guest for each of @rows, not started."""

    def __init__(self, lab, rows):
        self.lab = lab
        self.client = Client(lab.bus)
        self.daemon = lab.daemon().start()
        self.guests = {row.name: lab.guest(row.name, **row.options) for row in rows}
        self.expected = [row.name for row in rows]  # a name for each record that there has to be

    def start(self, rows):
        self.lab.start(*(self.guests[row.name] for row in rows))

    def act(self, row):
        if row.act:
            row.act(self.guests[row.name])

    def record(self, row):
        """The one record of the row's guest."""
        try:
            records = self.daemon.wait_records(row.name, timeout=PATIENCE)
        except AssertionError as error:
            heard = ", ".join(self.guests[row.name].heard)
            raise AssertionError(f"{error}; heard: {heard}") from error
        assert len(records) == 1, records
        return records[0]

    def check(self, row):
        """The record is right."""
        row = _as_this_kernel_tells(row)
        record, guest = self.record(row), self.guests[row.name]
        expected = _expected(row)
        found = {key: record.get(key) for key in expected}
        assert found == expected, f"{found} is not {expected}: {record}"
        assert row.signal or row.died == record.get("signal") and "killer" not in record, record
        assert record["domain"]["uuid"] == guest.uuid and record["domain"]["id"] > 0, record
        assert record["took_ms"] >= 0, record
        times = [item["time"] for item in record["evidence"]]
        assert times == sorted(times), record
        found = words(record)
        assert _in_order(row.evidence, found), f"no {row.evidence} in {found}: {record}"

    def check_all(self):
        """There is one record for each stop, and no other: on disk, in the journal, on the bus. Of
        these runs nothing is kept."""
        self.client.catch_up()
        on_disk = self.daemon.records()
        wrong = [record for record in on_disk if _names(on_disk).count(record["domain"]["name"])
                 != self.expected.count(record["domain"]["name"])]
        assert not wrong, wrong
        assert len(on_disk) == len(self.expected), _names(on_disk)
        assert len({record["id"] for record in on_disk}) == len(on_disk)
        iterate_until(lambda: len(self.in_journal()) >= len(on_disk), PATIENCE, "the journal's entries", every=0.1)
        assert self.in_journal() == on_disk, f"{_names(self.in_journal())} is not {_names(on_disk)}"
        on_bus = self.client.records()
        told = [record for record in on_disk if record in on_bus or not _found_at_start(record)]
        assert on_bus == told, f"{_names(on_bus)} is not {_names(told)}"
        directory = os.path.join(self.daemon.runtime_directory, "guests")
        iterate_until(lambda: not os.listdir(directory), PATIENCE, "what is kept of the guests to go", every=0.1)

    def in_journal(self):
        return [json.loads(entry["VIRTSTOP_RECORD"]) for entry in self.lab.journal.entries
                if entry.get("MESSAGE_ID") == MESSAGE_ID]


def _as_this_kernel_tells(row):
    """An older one doesn't say of what a process died."""
    if not row.died or kernel.tells_ends():
        return row
    return row._replace(cause="crashed", confidence="likely", died=None,
                        evidence=tuple(word for word in row.evidence if not word.startswith("process/")))


def _expected(row):
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot_id = file.read().strip()
    expected = {"schema": 1, "boot_id": boot_id, "uri": "qemu:///system", "cause": row.cause,
                "clean": CLEAN[row.cause], "confidence": row.confidence, "request": None,
                "host_shutdown": False}
    if row.signal:
        expected["signal"] = row.signal
        expected["killer"] = {"pid": os.getpid(), "comm": _own_command()}
    return expected


def _own_command():
    """As QEMU's log calls this process."""
    with open("/proc/self/cmdline", encoding="utf-8") as file:
        return file.read().split("\0")[0]


def _names(records):
    return [record["domain"]["name"] for record in records]


def _found_at_start(record):
    """Such a record may be made before virtstopd has its name on the bus."""
    return "daemon-restarted" in words(record)


def words(record):
    """Its evidence, a word an item, as Row.evidence has it."""
    return [_word_of(item) for item in record["evidence"]]


def _word_of(item):
    if item["source"] == "qmp":
        reason = (item["data"] or {}).get("reason")
        return f"{item['event']}/{reason}" if reason else item["event"]
    if item["source"] == "process":
        return f"process/{item.get('signal', item.get('status'))}"
    if item["source"] == "qemu-log":
        return re.search(r"reason=.*|signal \d+|$", item["line"]).group()
    if item.get("event") == "lifecycle":
        return f"{item['type']}/{item['detail']}"
    if item.get("event") == "watchdog":
        return f"watchdog/{item['action']}"
    return item.get("state") or item.get("event") or item["source"]


def _in_order(wanted, found):
    left = iter(found)
    return all(any(word == one or one.startswith(word + "/") for one in left) for word in wanted)
