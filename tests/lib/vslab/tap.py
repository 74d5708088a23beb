# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test cases that say TAP (Test Anything Protocol)."""

import importlib
import os
import signal
import sys
import time
import traceback

from . import world
from .errors import Timeout, Unavailable, Unsupported

CASE_TIMEOUT = 120
REASON_COLUMNS = 400


class Skip(Exception):
    """Raised by a case that can't be run here; the message says why."""


def main(cases, setup=None, case_timeout=CASE_TIMEOUT, kind="Lab"):
    """Runs @cases, each in turn, in one lab, or what of @kind the package has else, and exits. A case is a function of the lab whose
    docstring's first line describes it, or a pair of description and function. What a case starts
    is ended with it, what @setup(lab) starts stays. Words on the command line choose the cases
    whose description holds one of them, for work on these."""
    cases = [case if isinstance(case, tuple) else (case.__doc__.splitlines()[0], case)
             for case in cases]
    if sys.argv[1:]:
        cases = [case for case in cases if any(word in case[0] for word in sys.argv[1:])]
    failed = 0
    try:
        with _lab(kind, 2 * case_timeout + 30 * len(cases)) as lab:
            _limit(case_timeout, lambda: setup and setup(lab))
            print(f"1..{len(cases)}", flush=True)
            for number, (description, function) in enumerate(cases, 1):
                failed += not _run(number, description, function, lab, case_timeout)
    except Unavailable as why:
        _skip_all(why)
    sys.exit(1 if failed else 0)


def _lab(kind, limit):
    if os.environ.get("VS_LAB") == "skip" and kind != "BareLab":
        raise Unavailable("VS_LAB=skip is set: no guests in this run")
    try:
        make = getattr(importlib.import_module(__package__), kind)  # not above: what it lacks is told here
    except ImportError as error:
        raise Unavailable(f"needs python3-libvirt and python3-gi: {error}") from error
    return make(limit)


def _is_required():
    """Whether what this machine lacks is a failure, no reason to skip."""
    return os.environ.get("VS_LAB") == "required"


def _skip_all(why):
    if _is_required() and not isinstance(why, Unsupported):
        print(f"Bail out! {_one_line(why)}", flush=True)
        sys.exit(1)
    print(f"1..0 # SKIP {_one_line(why)}", flush=True)
    sys.exit(0)


def _run(number, description, function, lab, timeout):
    position, heard = lab.position(), lab.events.position()
    began = time.monotonic()
    verdict, directive, why = "ok", "", ""
    try:
        _limit(timeout, lambda: function(lab))
    except Exception as error:
        if isinstance(error, (Skip, Unsupported)) or (isinstance(error, Unavailable) and not _is_required()):
            directive = f" # SKIP {_one_line(error)}"
        else:
            verdict, why = "not ok", f" ({_one_line(repr(error))[:REASON_COLUMNS]})"
            diagnose(traceback.format_exc())
            diagnose(*lab.diagnosis(heard))
    try:
        _limit(timeout, lambda: lab.reset(position))
    except Exception:
        verdict = "not ok"
        diagnose("while tidying up:", traceback.format_exc())
    diagnose(f"{time.monotonic() - began:.1f} s")
    print(f"{verdict} {number} - {description}{why.replace('#', '')}{directive}", flush=True)
    return verdict == "ok"


def _limit(seconds, function):
    def expire(number, frame):
        raise Timeout(f"took more than {seconds} s")

    signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        return function()
    finally:
        signal.alarm(0)


def diagnose(*texts):
    """Prints lines that are no result."""
    for text in texts:
        for line in str(text).splitlines():
            print(f"# {line}")
    sys.stdout.flush()


def _one_line(text):
    return " ".join(str(text).split())
