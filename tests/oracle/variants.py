# SPDX-License-Identifier: LGPL-2.1-or-later
"""What else might have happened, or not have been seen, around what a trace tells: (what, text) of each variant."""

import json

OFF = {"shutdown": 1, "destroyed": 2, "crashed": 3, "migrated": 4, "saved": 5, "failed": 3, "from-snapshot": 7}
AGO = 1, 18, 120, 700, 4000  # seconds
ENDS = ({}, {"status": 0}, {"status": 1}, {"oom": "named"}, {"oom": "counted"}, {"signal": "SIGSEGV"},
        {"signal": "SIGABRT", "oom": "counted"}, {"signal": "SIGQUIT"}, {"signal": 64}, {"signal": "SIGKILL"},
        {"signal": "SIGKILL", "oom": "no"}, {"signal": "SIGKILL", "oom": "counted"}, {"signal": "SIGKILL", "oom": "named"})


def _text(header, events):
    return "\n".join(map(json.dumps, [header, *events])) + "\n"


def _later(events, seconds):
    return [{**one, "t": round(one["t"] + seconds, 6)} if "t" in one else one for one in events]


def _connection(t, event):
    return {"t": t, "source": "connection", "event": event}


def _is_refused(events):
    """Whether libvirt says at once that no agent is there, of which nothing else is told: then none was connected."""
    asked = [one["t"] for one in events if one["source"] == "request"] + [0]
    told = any(one.get("event") == "agent-lifecycle" for one in events)
    return not told and any(one.get("code") == 86 and one["t"] - asked[0] < 1 for one in events)


def _off(one, events):
    """libvirt's reason for the state that is found instead; the log has its word, too."""
    unstarted = any(one.get("line", "").endswith("reason=failed") for one in events)
    return 6 if unstarted and one["detail"] == "failed" else OFF.get(one["detail"], 0)


def _is_stopped(one):
    return one.get("type") == "stopped" and one.get("detail") != "recreated"


def _gaps(header, events):
    """Nobody listens for a while, and hears nothing of some events."""
    timed = [one for one in events if "t" in one]
    rest = [one for one in events if "t" not in one]
    if sum(map(_is_stopped, timed)) > 1:
        return
    for first in range(len(timed)):
        for count in (0, 1, 2, 3, len(timed)):
            heard, missed, after = timed[:first], timed[first:first + count], timed[first + count:]
            kernel = [one for one in missed if one["source"] == "process"]  # tells virtstopd itself
            if len(missed) < count != len(timed) or count and not missed:
                continue
            t = timed[first]["t"]
            back = (missed[-1]["t"] if missed else t) + 1
            end = [_off(one, rest) for one in missed if _is_stopped(one)]
            if end and after or any(one["source"] in ("request", "reply") for one in missed):
                continue
            if first and heard[-1]["source"] == "request" and after and after[0]["source"] == "reply":
                continue
            if any(one["source"] == "connection" or one.get("detail") == "recreated" for one in timed):
                continue
            gap = [_connection(t, "closed"), _connection(back, "opened")]
            told = {**header, "final_state": [5, end[0]]} if end else header
            yield f"nobody hears {count} from {first}", _text(told, heard + gap[:1] + kernel + gap[1:] + _later(after, 1) + rest)


def _processes(header, events):
    """The kernel tells how the process ended: before libvirt does, behind it, or too late."""
    stops = [n for n, one in enumerate(events) if _is_stopped(one)]
    last = [n for n, one in enumerate(events) if one["source"] == "connection" and one["event"] == "opened"]
    if any(one["source"] == "process" for one in events) or len(stops) > 1:
        return
    for one in stops or last[-1:]:
        for end in ENDS:
            for late in (-0.1, 0.5, 2.5) if stops else (-0.1,):
                at = one if late < 0 else one + 1
                told = {"t": max(0, events[one]["t"] + late), "source": "process", "event": "ended", **end}
                watched = {"t": 0, "source": "process", "event": "watched"}
                yield f"its process ended {end}, {late}", _text(header, [watched] + events[:at] + [told] + events[at:])


def variants(text):
    header, *events = [json.loads(line) for line in text.splitlines() if line.strip()]
    for source in ("qemu-log", "qmp"):
        yield "no " + source, _text(header, [one for one in events if one["source"] != source])
    for ago in () if ": starting up " in text else AGO:
        gap = [_connection(0, "closed"), _connection(0.5, "opened")]
        press = [{"t": 0, "source": "qmp", "event": "POWERDOWN", "data": None}]
        agent = [{"t": 0, "source": "libvirt", "event": "agent-lifecycle", "state": "connected", "reason": "channel"}]
        yield f"a gap {ago} s ago", _text(header, gap + _later(events, ago))
        if header.get("uri", "qemu:").startswith("qemu"):  # who else tells of a press?
            yield f"a press {ago} s ago", _text(header, press + _later(events, ago))
            yield f"a press {ago} s ago, and a gap", _text(header, press + gap + _later(events, ago))
        if not _is_refused(events):
            yield f"an agent since {ago} s", _text(header, agent + _later(events, ago))
    yield from _gaps(header, events)
    yield from _processes(header, events)
