#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every recorded trace is judged twice, by virtstop's classifier (virtstopctl replay) and by the oracle, and they agree:
on the cause, on whether it was clean, on the signal; and nothing is claimed surer than the oracle allows.

And so are variants of each: with a gap, an earlier press, without a log. In make check one of 64;
--variants=1 plays them all.

More traces than the tree's: those of the directories that --traces=DIR or VS_TRACES (separated by colons) name. What
the search has heard (VS_SEARCH_HISTORIES, see tests/unit/test-search.c): --histories=FILE. Of those only what is
certain is compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import oracle  # noqa: E402
import variants  # noqa: E402

SURE = "unknown", "likely", "certain"
SOURCE = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("top_builddir") or SOURCE
SHOWN = 20  # variants and histories that differ

# Where they differ, and who is wrong. One that differs no more fails, too.
KNOWN = {}


def replay(path, foreign, text=None):
    command = [os.path.join(BUILD, "virtstopctl"), "replay", "--json=short", path] + ["--foreign"] * foreign
    done = subprocess.run(command, check=True, capture_output=True, text=True, input=text, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def difference(verdict, record):
    """What sets a record apart from a verdict, as text; empty where nothing does."""
    wrong = [f"{key} {record.get(key)}, says virtstop, {getattr(verdict, key)}, says the oracle"
             for key in ("cause", "clean") if record.get(key) != getattr(verdict, key)]
    if verdict.signal and record.get("signal") != verdict.signal:
        wrong.append(f"signal {record.get('signal')}, says virtstop, {verdict.signal}, says the oracle")
    if SURE.index(record["confidence"]) > SURE.index(verdict.at_most):
        wrong.append(f"{record['confidence']}, says virtstop, {verdict.at_most} at most, says the oracle")
    if (record["cause"] == "unknown") != (record["confidence"] == "unknown"):
        wrong.append(f"cause {record['cause']}, confidence {record['confidence']}")
    return "; ".join(wrong) + f" ({verdict.why})" if wrong else ""


def differences(verdicts, records):
    if len(verdicts) != len(records):
        return [f"{len(records)} records, {len(verdicts)} says the oracle"]
    return [told for told in map(difference, verdicts, records) if told]


def check_trace(path, name):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    told = []
    for foreign in (False, True):
        reading = name + " --foreign" * foreign
        found = differences(oracle.judge(text, foreign), replay(path, foreign))
        told += [f"{reading}: {one}" for one in found if reading not in KNOWN]
        if not found and reading in KNOWN:
            told.append(f"{reading}: they agree now; KNOWN says: {KNOWN[reading]}")
    return told


def check_variants(paths, stride):
    told, turn = [], 0
    for path, name in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for what, variant in variants.variants(text):
            turn += 1
            for foreign in (False, True) if turn % stride == 0 else ():
                found = differences(oracle.judge(variant, foreign), replay("-", foreign, variant))
                told += [f"{name}, {what}{' --foreign' * foreign}: {one}" for one in found]
    return told[:SHOWN] + [f"{len(told)} differ"] * bool(told)


def check_histories(path):
    """What is certain is so by the oracle, too."""
    told = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            history = json.loads(line)
            text = "\n".join(map(json.dumps, history["trace"]))
            if history["records"][0]["confidence"] != "certain":
                continue  # others are guesses, by both
            found = differences(oracle.judge(text), history["records"])
            told += [f"{one}\n{text}" for one in found]
    return told[:SHOWN] + [f"{len(told)} differ"] * bool(told)


def check_search():
    """What tests/unit/test-search has happen, as far as make check does."""
    with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8") as file:
        done = subprocess.run([os.path.join(BUILD, "tests", "unit", "test-search")], capture_output=True, text=True,
                              timeout=300, env={**os.environ, "VS_SEARCH_HISTORIES": file.name}, check=False)
        if done.returncode != 0 or not os.path.getsize(file.name):
            return [done.stdout[-SHOWN * 80:] + done.stderr[-SHOWN * 80:], "it failed"]
        return check_histories(file.name)


def check_notices():
    """A record that is wrong in one thing differs."""
    right = {"cause": "host-signal", "clean": False, "confidence": "certain", "signal": "SIGTERM"}
    verdict = oracle.Verdict("host-signal", False, "certain", "SIGTERM", "a signal")
    wrong = ({"cause": "crashed"}, {"clean": None}, {"signal": "SIGINT"}, {"confidence": "unknown"})
    told = [f"not noticed: {one}" for one in wrong if not difference(verdict, {**right, **one})]
    if difference(verdict, right) or difference(verdict, {**right, "confidence": "likely"}):
        told.append("told of a record that is right")
    if not difference(verdict._replace(at_most="likely"), right):
        told.append("not noticed: surer than allowed")
    return told + ["not noticed: a record too many"] * (not differences([verdict], [right, right]))


def traces(directories):
    """(path, name) of each, named by its directory's last two parts and its file."""
    for top in directories:
        for parent, _, files in sorted(os.walk(top)):
            for file in sorted(files):
                if file.endswith(".jsonl"):
                    yield os.path.join(parent, file), os.path.join(os.path.basename(parent), file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", action="append", default=[], metavar="DIR")
    parser.add_argument("--histories", action="append", default=[], metavar="FILE")
    parser.add_argument("--variants", type=int, default=64, metavar="N", help="of each N one is played")
    options = parser.parse_args()
    more = [one for one in os.environ.get("VS_TRACES", "").split(":") if one] + options.traces
    paths = list(traces([os.path.join(SOURCE, "tests", "traces"), *more]))
    cases = [("a difference is noticed", check_notices)]
    cases += [(name, lambda path=path, name=name: check_trace(path, name)) for path, name in paths]
    cases += [("variants", lambda: check_variants(paths, options.variants))]
    cases += [("histories of the search", check_search)]
    cases += [(path, lambda path=path: check_histories(path)) for path in options.histories]
    print(f"1..{len(cases)}", flush=True)
    failed = 0
    for number, (name, check) in enumerate(cases, 1):
        told = check()
        failed += bool(told)
        for line in "\n".join(told).splitlines():
            print("# " + line)
        print(f"{'not ok' if told else 'ok'} {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
