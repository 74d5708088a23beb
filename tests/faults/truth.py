# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was really done, and what was seen of it without virtstopd and libvirtd; all times are monotonic."""

import threading
import time
from typing import Any, NamedTuple, Optional

GUEST_DOWN, GUEST_RESET, GUEST_PANIC = "guest-shutdown", "guest-reset", "guest-panic"


class Done(NamedTuple):
    """Something the runner has done to a guest. @status: of the program that did it; None: it was given up.
    @deed: a plan.Deed."""
    began: float
    ended: float
    deed: Any
    status: Optional[int]
    said: str


class Away(NamedTuple):
    """A daemon or QEMU that was dead or stopped."""
    began: float
    ended: float
    dead: bool

    def touches(self, began, ended):
        return self.began < ended and began < self.ended


class Truth:
    """All that was noted, from any thread."""

    def __init__(self):
        self.began = time.monotonic()
        self.epoch = time.time() - self.began
        self.lines = []
        self.done = []
        self.aways = {}  # {target: [Away]}
        self._lock = threading.Lock()

    def note(self, text, at=None):
        with self._lock:
            self.lines.append((at or time.monotonic(), text))

    def add_done(self, done):
        with self._lock:
            self.done.append(done)
        self.note(f"{done.deed}: {done.status} {done.said}".rstrip())

    def add_away(self, target, began, dead):
        with self._lock:
            self.aways.setdefault(target, []).append(Away(began, time.monotonic(), dead))

    def away(self, *targets):
        """Their times away, merged where one led to the next: stopped, then killed, is one death."""
        merged = []
        for away in sorted(away for target in targets for away in self.aways.get(target, ())):
            if merged and away.began <= merged[-1].ended + 0.1:
                last = merged.pop()
                away = Away(last.began, max(last.ended, away.ended), last.dead or away.dead)
            merged.append(away)
        return merged

    def timeline(self):
        for at, text in sorted(self.lines):
            yield f"{at - self.began:8.3f} {text}"


class Run:
    """One run of a guest, from its start to its QEMU's end, as its own monitor told it. @certain: the program that started it said
    that it had."""

    def __init__(self, name, number, began, has_timer):
        self.name = name
        self._has_timer = has_timer
        self.number = number
        self.began = began
        self.certain = True
        self.resumed = None  # its system was let run
        self.ended = None  # of the process
        self.powerdowns = []
        self.resets = []
        self.shutdowns = []  # (time, reason)
        self.panicked = None

    @property
    def first(self):
        """(time, reason) of its first SHUTDOWN since its system began, which says what ended it."""
        after = [down for down in self.shutdowns if down[0] > self.attempt_began]
        return after[0] if after else None

    @property
    def attempt_began(self):
        """After the last reset: what was asked before is forgotten."""
        return max(self.resets, default=self.began)

    @property
    def is_over(self):
        return self.ended is not None

    @property
    def is_ticking(self):
        """Whether it will still do something of itself."""
        return self._has_timer and not self.is_over and not self.resets and not self.panicked

    def __str__(self):
        return f"{self.name}{f' (run {self.number})' if self.number > 1 else ''}"


def runs_of(name, events, has_timer=False):
    """The runs of a guest, by the events of its monitor (vslab.events.Event) in order. @has_timer: it does something of
    itself."""
    runs = []
    for event in events:
        kind, _, what = event.text.partition("/")
        if kind != "monitor":
            continue
        at = event.data["at"]
        if what == "connected":
            runs.append(Run(name, len(runs) + 1, at, has_timer))
        elif what == "RESUME":
            runs[-1].resumed = runs[-1].resumed or at
        elif what == "POWERDOWN":
            runs[-1].powerdowns.append(at)
        elif what == "RESET":
            runs[-1].resets.append(at)
        elif what == "SHUTDOWN":
            runs[-1].shutdowns.append((at, event.data.get("reason")))
        elif what == "GUEST_PANICKED":
            runs[-1].panicked = at
        elif what == "ended":
            runs[-1].ended = at
    return runs
