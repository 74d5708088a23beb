# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tests that are run on a mutant: those alone that execute its line, by gcov, the cheap ones and those that notice much first."""

import bisect
import glob
import hashlib
import json
import os
import resource
import sys
import tempfile
from collections import namedtuple

import building

TESTS = """absence circumstances domain event policy process-cause process-text request-record run run-text sentence cause qemu-log kernel-log host-kind host-end driver ladder method habit labels check trace story journal timeline table scope plan history-page record
    engine-absence engine-answers engine-auto-shutdown engine-away engine-circumstances engine-container engine-corners engine-deaf
    engine-description engine-flood engine-guest engine-heard engine-hooks engine-host-failure engine-host-stop engine-inquiry engine-intent
    engine-labels engine-ladder engine-late engine-libvirt engine-obstacle engine-otherwise engine-owner engine-races engine-reboot
    engine-requests engine-restore engine-revive engine-run-state engine-save engine-take-over engine-unlisted
    conf conf-keys conf-file conf-guest conf-round schedule-golden schedule libvirt-guests run-files options golden history-query
    history evidence process-end virt-calls virt-files virt-labels virt-log doctor-words writer recorder bus-objects
    bus-host-stop ctl-show random search oracle""".split()
JUDGES = "cause", "circumstances", "end", "event", "kernel-log", "process-", "qemu-log", "run", "verdict", "driver", "who-asked"
DEAR = {"evidence": ("evidence",), "engine-flood": ("evidence", "event", "run"), "oracle": JUDGES}  # only for files whose names have one of those
QUICK = {"VS_RANDOM_RUNS": "15", "LSAN_OPTIONS": "hard_rss_limit_mb=3000", "UBSAN_OPTIONS": "halt_on_error=1", "VS_LAB": "skip",
         "G_SLICE": "always-malloc", "G_DEBUG": "gc-friendly"}
SEED = "--seed=R02S00000000000000000000000000000001"  # each mutant meets the same chances
HANGS, START = 4, 2  # of processor time so many times as much as it takes else, and so many seconds more
WAITS = 60  # seconds, for one that sleeps
WORTH = 3  # a test that has noticed something in this file before may cost so many times as much, to be as early

Known = namedtuple("Known", "cost lines")  # seconds of processor time; of each file the lines it executes


def spent():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


class Suite:
    def __init__(self, build):
        self.build = build
        self.commands = {name: [f"tests/unit/test-{name}", SEED] for name in TESTS if name != "oracle"}
        self.commands["random"] += ["-p", "/random/worlds", "-p", "/random/kinds"]  # no more than are wanted
        build.make("virtstopctl", *(command[0] for command in self.commands.values()))
        self.commands["oracle"] = [sys.executable, "-B", f"{build.source}/tests/oracle/test_oracle.py", "--variants=1000000000"]
        self.noticed = {}  # by the file: of each test how often
        self.code = {name: set() for name in build.files}  # the lines that have code
        self.known = {}
        self._learn()
        cost = sum(known.cost for known in self.known.values())
        print(f"# {len(self.known)} tests, {cost:.0f} s of processor time one after the other", flush=True)

    def _learn(self):
        """What each costs and executes; what is known from the run before stays, where nothing has changed."""
        path = os.path.join(self.build.top, "known.json")
        before = json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}
        after = {}
        for name in self.commands:
            state = self._state(name)
            one = before.get(name)
            if not one or one["state"] != state:
                one = {"state": state, **self._measure(name)}
            after[name] = one
            if one["cost"] is not None:
                self.known[name] = Known(one["cost"], {file: set(lines) for file, lines in one["lines"].items()})
                for file, lines in one["code"].items():
                    self.code[file].update(lines)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(after, file)

    def _state(self, name):
        files = [os.path.join(self.build.build, word) for word in self.commands[name] if word.startswith("tests/")]
        if name in ("oracle", "golden", "schedule-golden"):
            files += sorted(glob.glob(f"{self.build.source}/tests/[ost]*/**/*", recursive=True))
        state = hashlib.sha256(json.dumps([self.build.texts, self.commands[name], QUICK]).encode())
        for path in filter(os.path.isfile, files):
            with open(path, "rb") as file:
                state.update(file.read())
        return state.hexdigest()

    def _measure(self, name):
        before = spent()
        fine, said = self.try_one(name, self.build.whole, 600)
        cost = spent() - before
        if not fine:
            print(f"# without {name}, which fails on the unchanged code: {said[-500:]}", flush=True)
            return {"cost": None}
        with tempfile.TemporaryDirectory(dir=self.build.top) as counts:
            self.try_one(name, self.build.covered, 600, {"GCOV_PREFIX": counts, "GCOV_PREFIX_STRIP": "99"})
            lines, code = self._executed(counts)
        return {"cost": cost, "lines": lines, "code": code}

    def _executed(self, counts):
        ran = sorted(glob.glob(os.path.join(counts, "*.gcda")))
        lines, code = {}, {}
        for path in ran:
            gcno = os.path.basename(path)[:-2] + "no"
            os.symlink(os.path.join(self.build.covered, gcno), os.path.join(counts, gcno))
        said = building.must(["gcov", "--json-format", "--stdout", *ran], counts) if ran else ""
        for told in said.splitlines():
            for file in json.loads(told)["files"]:
                if file["file"] in self.code:
                    lines[file["file"]] = sorted({line["line_number"] for line in file["lines"] if line["count"]})
                    code[file["file"]] = sorted({line["line_number"] for line in file["lines"]})
        return lines, code

    def try_one(self, name, library, cpu, env=None):
        with tempfile.TemporaryDirectory(dir=self.build.top) as temporary:
            whole = {**os.environ, **QUICK, "LD_LIBRARY_PATH": library, "TMPDIR": temporary, "top_srcdir": self.build.source,
                     "top_builddir": self.build.build, **(env or {})}
            return building.run(self.commands[name], self.build.build, whole, max(WAITS, 10 * cpu), int(cpu + 0.999))

    def that_execute(self, file, first, last):
        """The tests that reach code on these lines, or, where there is none, before them; of a table, any of the file."""
        tests = [name for name in self.known if name not in DEAR or any(part in file for part in DEAR[name])]
        if first is None:
            return [name for name in tests if self.known[name].lines.get(file)]
        code = sorted(self.code[file])
        before = bisect.bisect_right(code, first)
        lines = set(code[max(before - 1, 0):bisect.bisect_right(code, last)])
        return [name for name in tests if lines & self.known[name].lines.get(file, set())]

    def notices(self, file, lines, library):
        """The test that fails, though it doesn't on the unchanged code at the same moment; or None."""
        often = self.noticed.setdefault(file, {})

        def late(name):
            return self.known[name].cost / (1 + WORTH * often.get(name, 0))
        for name in sorted(self.that_execute(file, *lines), key=late):
            if self._passes(name, library):
                continue
            if self._passes(name, self.build.whole):
                often[name] = often.get(name, 0) + 1
                return name
            print(f"# {name} fails on the unchanged code, too", flush=True)
        return None

    def _passes(self, name, library):
        return self.try_one(name, library, HANGS * self.known[name].cost + START)[0]
