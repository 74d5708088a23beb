# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ways down the ladder, and whether virtstopd went and told them."""

import json
import os
from typing import NamedTuple, Optional

from .client import Client

PATIENCE = 120
REASON = "to see how it goes"
CLEAN = ("guest-agent", "power-button", "guest-initiated", "guest-reboot", "saved")

# Who a request is from is told by the record.
BY_CTL, BY_BUS = "virtstopctl", "the bus"

EXIT_OF = {"clean": 0, "already-off": 0, "forced": 3, "halted": 3, "timed-out": 1, "cancelled": 1}


class Step(NamedTuple):
    """A step that was taken. @result: how it has to read, None for a message of somebody else's.
    @at_least: ms that it lasted."""
    method: str
    result: Optional[str]
    at_least: int = 0


class Row(NamedTuple):
    """A stop by a @ladder, how it comes out, and the steps taken. @cause None: not recorded."""
    name: str
    what: str
    options: dict
    ladder: str
    outcome: str
    cause: Optional[str]
    confidence: Optional[str]
    steps: tuple
    by: str = BY_CTL


class Scene:
    """A virtstopd, and a guest for each of @rows, not started."""

    def __init__(self, lab, rows, config=""):
        self.lab = lab
        self.client = Client(lab.bus)
        self.daemon = lab.daemon(config=config).start()
        self.guests = {row.name: lab.guest(row.name, **row.options) for row in rows}
        self._asked = {}

    def configure(self, text):
        self.daemon.configure(text)
        self.client.call("Reload")

    def ask(self, row):
        """Has the row's guest stopped, and does not wait."""
        if row.by == BY_BUS:
            path = self.client.stop(row.name, ladder=row.ladder, reason=REASON)
            self._asked[row.name] = stop_id(path)
        else:
            self._asked[row.name] = self.spawn_stop(row.name, f"--ladder={row.ladder}")

    def spawn_stop(self, *args):
        return self.daemon.spawn_ctl("stop", *args, f"--reason={REASON}", "--json=short")

    def outcome(self, row):
        """Waits for the end of the row's stop, and returns how it came out."""
        asked = self._asked[row.name]
        if row.by == BY_BUS:
            return self.client.wait("StopFinished", asked, timeout=PATIENCE).args[4]
        return outcome_of(asked)

    def check(self, row):
        """The stop came out as it has to, and its record tells that."""
        outcome = self.outcome(row)
        records = self.daemon.records(row.name)
        assert outcome == row.outcome, f"{outcome}: {records}; {self.guests[row.name].heard}"
        assert len(records) == (1 if row.cause else 0), records
        if records:
            self.check_record(row, records[0])
        return records[0] if records else None

    def check_record(self, row, record):
        request = record["request"]
        told = (record["cause"], record["confidence"], record["clean"], request["outcome"])
        expected = (row.cause, confidence_of(record, row.confidence), row.cause in CLEAN, row.outcome)
        assert told == expected, f"{told} is not {expected}: {record}"
        assert request["reason"] == REASON and request["by"]["uid"] == os.getuid(), record
        self._check_asked(row, request)
        check_steps(row.steps, record)

    def _check_asked(self, row, request):
        asked = self._asked[row.name]
        pid = os.getpid() if row.by == BY_BUS else asked.pid
        comm = own_comm() if row.by == BY_BUS else "virtstopctl"
        assert (request["by"]["pid"], request["by"]["comm"]) == (pid, comm), request
        assert row.by != BY_BUS or request["stop"] == asked, request


def outcome_of(asked):
    """Waits for a virtstopctl of Scene.spawn_stop() with one guest. Returns the outcome, which its
    exit status has to agree with."""
    out, err = asked.communicate(timeout=PATIENCE)
    told = json.loads(out)
    assert asked.returncode == EXIT_OF[told["outcome"]], (asked.returncode, out, err)
    return told["outcome"]


def confidence_of(record, wanted):
    """The confidence that @record has to have. With AgentCall=shutdown a guest may be off before libvirt has read its
    agent's first word: unless its port was seen to close, nobody knows whether that had heard, and it is likely only."""
    slept = any(item.get("awake") is False for item in record["evidence"])
    if slept and (record["cause"], wanted) == ("power-button", "likely"):
        return "certain"  # libvirt had said so in time: it was never sent the agent's request
    replies = [item for item in record["evidence"] if item["source"] == "reply" and item.get("method") == "agent"]
    lost = bool(replies) and "End of file from agent socket" in replies[-1].get("message", "") and \
        not replies[-1].get("awake")
    return record["confidence"] if lost and record["cause"] == "guest-agent" else wanted


def check_steps(wanted, record):
    """The steps were taken, in that order, and none too early."""
    found = record["request"]["steps"]
    assert [step["method"] for step in found] == [step.method for step in wanted], record
    for step, told in zip(wanted, found):
        assert told["result"] if step.result is None else told["result"] == step.result, \
            f"{told} is not {step}: {record}"
        assert told["took_ms"] >= step.at_least, f"{told} is shorter than {step}: {record}"
    starts = [step["started"] for step in found]
    assert starts == sorted(starts), record


def stop_id(path):
    return path.rpartition("/")[2].replace("_", "-")


def own_comm():
    with open("/proc/self/comm", encoding="utf-8") as file:
        return file.read().strip()
