# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second opinion: what a trace (tests/traces/README.md) says of how its guest stopped.

A table, written from how libvirt and QEMU behave and from the manual's words for a record, and from nothing of the
classifier: where the two differ, one of them is wrong. Of confidence it says how much may be claimed at most.
"""

import json
import re
from collections import namedtuple
Verdict = namedtuple("Verdict", "cause clean at_most signal why")

EXPLAINS = 600  # seconds for which something asked of a guest may be why it powers off
NEAR = 10  # a Linux guest is down in this time; later than that, what stands near in time is no evidence by itself
DEAF = 15  # for so long after a reconnect libvirtd may be at work on what happened meanwhile
GONE, HUNG = 86, (4, 6)  # so libvirt says where no agent is, or goes down with its system; one that hangs it gives up after five seconds
OWED = 2  # for so many seconds the kernel's word is waited for
AT_ONCE, NO_TIME = 1, 0.02  # so an agent that isn't there is told; and what QEMU does for its watchdog it does
OFF = {1: "shutdown", 2: "destroyed", 3: "crashed", 4: "migrated", 5: "saved", 6: "failed", 7: "from-snapshot"}
METHODS = {"guest-agent": "guest-agent", "acpi-power-button": "power-button"}  # the others are a request
SIGNALS = {1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM", **{n: f"SIGRTMIN+{n - 34}" for n in range(34, 65)}}
FAULTS = "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"
SIGNALLED = re.compile(r"terminating on signal (\d+) from pid \d+(?: \((.*)\))?$")


class Log:  # what the lines of one run say: its end in libvirt's words, and the signals in between
    def __init__(self, lines):
        self.lines = [] if any(re.search(r"/domain-(?!1-)\d+-", line) for line in lines) else lines  # not this one's
        self.end = self.killer = self.reaped = self.reaped_late = None  # the first signal, that isn't libvirt's; that, or behind its reason
        for line in self.lines:
            sent = SIGNALLED.search(line)
            if ": shutting down, reason=" in line:
                self.end = line.split("reason=")[1].replace(" ", "-")
            elif sent and re.search(r"(^|/)(libvirtd|virtqemud)( |$)", sent[2] or ""):
                self.reaped, self.reaped_late = True, self.end is not None
            elif sent and not self.killer and not self.reaped:
                self.killer = int(sent[1])


class Run:  # its facts
    went = property(lambda run: (run.shutdown or run.lifecycle or (run.process.get("t", run.ended),))[0])
    died = property(lambda run: run.off in ("crashed", "failed"))
    ended_for = property(lambda run: run.off == "crashed" and run.seen)  # libvirt did, for something
    lost = property(lambda run: run.died and not run.seen)  # nobody told
    drained = property(lambda run: run.lost and run.log.reaped and not run.log.reaped_late)  # and a new one found it dead
    left = property(lambda run: run.died and not run.ended_for and run.process.get("status") == 0)

    def __init__(self, driver):
        self.driver = driver
        self.off, self.ended, self.port_closed = None, None, -1  # libvirt's word for the end; when; when last
        self.seen = self.qmp = self.agent_there = self.destroyed_by_us = self.recreated = self.still = False
        self.blind, self.process = None, {}  # when we last began to listen in the middle of it; the kernel's word
        self.attempt()

    def attempt(self):  # the system begins anew: what was asked of it, and what it did, is over
        self.shutdown = self.lifecycle = None  # the first of each: (t, guest, reason), (t, detail)
        self.asked, self.panic, self.watchdog = [], None, None  # asked: [t, cause, ours, sure, until]

    def stands(self, t, still):  # what it was asked it could do nothing for as it stood still
        for one in self.asked if self.still and not still else ():
            one[0] += t - max(self.still, one[0])
        self.still = still and (self.still or t)

    def pressed(self, t):
        ours = [one for one in self.asked if one[1] == "power-button" and one[2] and not one[3] and t - one[0] <= 2]
        self.asked += [] if ours else [[t, "power-button", False, True, t + EXPLAINS]]
        for one in ours[:1]:
            one[3] = True

    def answered(self, t, ok, code):
        waiting = [one for one in self.asked if one[2] and not (one[1] == "power-button" and one[3])]
        took = t - waiting[-1][0] if waiting else 0
        refused = waiting and not ok and took < AT_ONCE
        open_ = waiting and self.port_closed < waiting[-1][0]  # its port is, since
        slept = waiting and not ok and (took < NO_TIME or open_ and (self.shutdown or self.lifecycle) and HUNG[0] < took < HUNG[1])  # nobody woke
        if slept or refused and not (code == GONE and self.agent_there):
            self.asked.remove(waiting[-1])  # the guest never heard of it
        elif waiting and waiting[-1][1] == "guest-agent":
            gone = refused and open_  # or is it going down with its system?
            waiting[-1][3:] = ok or not (gone or HUNG[0] < took < HUNG[1]), t + AT_ONCE if gone else waiting[-1][4]

    def candidates(self):
        """Who may have made it go down, the latest last; of a press QEMU tells before what comes of it."""
        return [one for one in self.asked if self.went <= one[4]
                and (one[3] or one[1] != "power-button" or not self.qmp or self.deaf(since=one[0]))]

    def deaf(self, ago=float("inf"), since=-EXPLAINS):  # something may have gone unheard, so long ago at most, and since then
        return self.blind is not None and self.blind > since and self.went - self.blind <= ago

    def down(self, guest):
        """For which reason it is down by the guest, or by the host; "?": none is said."""
        word = self.lifecycle and self.lifecycle[1]
        if self.shutdown and self.shutdown[1] is not None and (self.shutdown[1] or word != "guest"):
            return self.shutdown[1] is guest and (self.shutdown[2] or "?")
        return word in (("guest", "finished") if guest else ("host",)) and "?"

    def barked(self, action, within=EXPLAINS):
        return self.watchdog and self.watchdog[1] == action and self.went - self.watchdog[0] <= within

    def kernel(self):
        """What ended the process: cause, how sure at most, signal. What QEMU or libvirt told of that before came first."""
        sent, status, oom = map(self.process.get, ("signal", "status", "oom"))
        if self.log.reaped or self.log.killer or self.down(False) or self.off in OFF.values() and not self.died or self.ended_for:
            return None
        if oom in ("named", "counted") and sent in (None, "SIGKILL") and status is None:
            return "out-of-memory", "certain" if oom == "named" else "likely", sent
        if sent == "SIGKILL":  # or was it libvirt, that nobody heard?
            return "host-signal", "certain" if self.off == "failed" and self.seen and oom == "no" else "likely", sent
        return (sent or status) and ("crashed" if status or sent in FAULTS else "host-signal", "certain", sent)


# The first row that fits counts: why, when, cause, clean, how sure at most. No cause: it powered itself off.
TABLE = (
    ("libvirt moved or saved it", lambda r: r.off in ("saved", "migrated"), "@off", True, "certain"),
    ("libvirt reverted it", lambda r: r.off == "from-snapshot", "snapshot-reverted", None, "certain"),
    ("it never ran", lambda r: r.off == r.log.end == "failed" and r.seen and not r.shutdown, "start-failed", None, "certain"),
    # The first SHUTDOWN tells that the system is down, whatever ends the process then.
    ("it panicked", lambda r: r.down(True) == "guest-panic", "guest-panic", False, "certain"),
    ("its watchdog reset it", lambda r: r.down(True) == "guest-reset" and r.barked("reset", AT_ONCE), "watchdog", False, "certain"),
    ("it rebooted", lambda r: r.down(True) == "guest-reset", "guest-reboot", True, "certain"),
    ("it is down", lambda r: r.down(True) == "guest-shutdown", None, True, "certain"),
    ("it is down, in new words or none", lambda r: r.down(True), None, True, "likely"),
    # libvirt's word for the end outranks SHUTDOWN by the host.
    ("destroyed", lambda r: r.off == "destroyed", "destroyed", False, "certain"),
    ("its watchdog ended it", lambda r: r.died and r.barked("poweroff") and not r.kernel(), "watchdog", False, "certain"),
    ("it panicked, and was ended", lambda r: r.ended_for and (r.panic or r.driver == "other"), "guest-panic", False, "certain"),
    ("QEMU gave up", lambda r: r.down(False) == "host-error", "crashed", False, "certain"),
    ("quit", lambda r: r.down(False) == "host-qmp-quit", "monitor-quit", False, "certain"),
    ("the log names a killer", lambda r: r.log.killer, "host-signal", False, "certain"),
    ("we destroyed it, and nobody told", lambda r: r.drained and r.destroyed_by_us, "destroyed", False, "likely"),
    ("the kernel tells", lambda r: r.kernel(), "@kernel", False, "certain"),
    ("we asked it, and nobody told", lambda r: r.lost and any(one[2] for one in r.candidates()), None, True, "likely"),
    ("reaped or destroyed", lambda r: r.drained or r.off == "failed" and r.deaf(DEAF) and r.log.reaped, "unknown", None, "unknown"),
    ("panicked unheard", lambda r: r.lost and r.log.reaped, "guest-panic", False, "likely"),
    ("dumped and ended", lambda r: r.ended_for, "destroyed", False, "likely"),
    ("another start failed", lambda r: r.off == "failed" and not r.seen, "unknown", None, "unknown"),
    ("panicked, and dead", lambda r: r.died and r.panic, "guest-panic", False, "likely"),
    ("dead in a destroy", lambda r: r.died and r.down(False) == "host-signal" and r.log.reaped, "destroyed", False, "likely"),
    ("dead behind a signal", lambda r: r.died and r.down(False) == "host-signal", "host-signal", False, "likely"),
    ("it left in order", lambda r: r.seen and r.left and not r.deaf(DEAF), "monitor-quit", False, "likely"),
    ("it left in order, by what?", lambda r: r.left, "unknown", None, "unknown"),
    ("dead", lambda r: r.died, "crashed", False, "likely"),
    # libvirt says that it shut down, the guest didn't: the guest meanwhile, or the host?
    ("gone", lambda r: r.off != "shutdown", "unknown", None, "unknown"),
    ("off while we were deaf", lambda r: r.deaf() and r.log.reaped and r.down(False) in ("host-signal", "?"), None, True, "likely"),
    ("a signal as we were deaf", lambda r: r.deaf(DEAF) and r.down(False) == "host-signal", "unknown", None, "unknown"),
    ("a signal, long after", lambda r: r.deaf() and r.down(False) == "host-signal", "host-signal", False, "likely"),
    ("a signal", lambda r: r.down(False) == "host-signal", "host-signal", False, "certain"),
    ("the host, without a signal", lambda r: r.down(False) and r.log.lines and not r.log.reaped, "monitor-quit", False, "likely"),
    ("the host, by what?", lambda r: r.down(False), "unknown", None, "unknown"),
    ("off, says libvirt", lambda r: True, None, True, "likely"),
)


def _powered_off(run, at_most):
    """For whom a guest powered itself off: cause, clean, how sure at most."""
    asked = run.candidates()
    at_most = at_most if run.driver == "qemu" else "likely"  # STOPPED is all that is told
    if not asked:  # an agent's request by somebody else leaves no sign
        return "guest-initiated", None if run.driver == "lxc" else True, "likely" if run.agent_there or run.deaf(EXPLAINS) else at_most
    t, cause, *_ = asked[0] if run.went - asked[-1][0] > NEAR and asked[0][3] else asked[-1]  # a slow one is about what it heard first
    if not any(one[3] for one in asked) or run.deaf(EXPLAINS, t) or run.went - t > NEAR or any(one[1] != cause for one in asked):
        at_most = "likely"
    return cause, True, at_most


def _verdict(run):
    why, _, cause, clean, at_most = next(row for row in TABLE if row[1](run))
    if cause is None:
        cause, clean, at_most = _powered_off(run, at_most)
    sent = SIGNALS.get(run.log.killer) if cause == "host-signal" else None
    if cause == "@kernel":
        cause, at_most, sent = run.kernel()
    return Verdict(run.off if cause == "@off" else cause, clean, at_most, sent, why)


def _qmp(run, t, name, data):
    run.qmp = True
    if name == "SHUTDOWN" and not run.shutdown:
        guest, reason = data.get("guest"), data.get("reason")
        run.shutdown = t, guest if isinstance(guest, bool) else None, reason if isinstance(reason, str) else None
    elif name == "POWERDOWN":
        run.pressed(t)
    elif name == "RESET" or name == "RESUME" and run.shutdown:
        run.attempt()
    elif name == "GUEST_PANICKED":
        run.panic = data.get("action") != "run"
    elif name == "WATCHDOG":
        run.watchdog = t, data.get("action")
    elif name == "VSERPORT_CHANGE":
        run.agent_there, run.port_closed = True, run.port_closed if data.get("open") else t


def _libvirt(run, t, event, runs):
    """The run that the next event belongs to."""
    name, kind, detail = event["event"], event.get("type"), event.get("detail")
    run.stands(t, kind in ("suspended", "pmsuspended") or run.still and kind != "resumed" and detail != "wakeup")
    if name == "reboot" and not run.qmp or (kind, detail) == ("stopped", "recreated"):
        run.attempt()
        run.recreated = kind == "stopped"
    elif name == "agent-lifecycle":
        run.agent_there, run.port_closed = True, t if event["state"] == "disconnected" else run.port_closed
    elif name == "watchdog" and not run.qmp:
        run.watchdog = t, event.get("action")
    elif kind == "crashed":
        run.panic = run.panic or detail == "panicked"
    elif kind == "shutdown" and not run.lifecycle:
        run.lifecycle = t, detail
    elif kind == "stopped":
        run.off, run.seen, run.ended = detail, True, t
    elif kind == "started" and detail != "wakeup" and not run.recreated:
        runs.append(Run(run.driver))
    return runs[-1]


def _request(run, t, event):
    run.destroyed_by_us |= event["api"] == "virDomainDestroy"
    for flag in event.get("flags") or ():
        sure = flag != "acpi-power-button" or run.driver != "qemu"
        run.asked.append([t, METHODS.get(flag, "guest-request"), True, sure, event.get("until", t + EXPLAINS)])


def _is_over(run, state, last):
    """Whether it is; where no event told the end, the log does, and then the state."""
    if not run.seen:
        run.off = run.log.end or (OFF.get(state[1]) if state else None)
    return run.seen or not last or not state or state[0] == 5


def judge(text, foreign=False):
    """A verdict for each stop in a trace's text; foreign: its requests are somebody else's."""
    header, *events = [json.loads(line) for line in text.splitlines() if line.strip()]
    driver = header.get("uri", "").split(":")[0].split("+")[0] or ("qemu" if "qemu" in header else "other")
    runs, parts = [Run(driver if driver in ("qemu", "lxc") else "other")], [[]]
    for event in events:
        run, source, t = runs[-1], event["source"], event.get("t", 0)
        if source == "qemu-log":
            if ": starting up " in event["line"] and any(parts):
                parts.append([])
            parts[-1].append(event["line"])
        elif source == "process" and event["event"] == "ended" and not (run.seen and t - run.ended > OWED):
            run.process = {**event, "signal": SIGNALS.get(event.get("signal"), event.get("signal"))}
        elif not run.seen:
            run.ended = t
            run.blind = t if event.get("event") == "opened" else run.blind
        if source == "qmp" and not run.seen:
            _qmp(run, t, event["event"], event["data"] if isinstance(event.get("data"), dict) else {})
        elif source == "libvirt":
            _libvirt(run, t, event, runs)
        elif source == "request" and not foreign:
            _request(run, t, event)
        elif source == "reply" and not foreign and event["api"] != "virDomainDestroy":
            run.answered(t, event["ok"], event.get("code"))
    for n, run in enumerate(runs):
        run.log = Log(parts[n] if n < len(parts) else [])
    return [_verdict(run) for run in runs if _is_over(run, header.get("final_state"), run is runs[-1])]
