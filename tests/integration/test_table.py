#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of behaviours and policies, stops.table, on real guests, side by side."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import stoptable, tap  # noqa: E402

CASE_TIMEOUT = 300

rows = stoptable.read("tests/integration/stops.table")
if sys.argv[1:]:  # only what is asked for is played, too
    rows = [row for row in rows if any(word in row.what for word in sys.argv[1:])]
table = None


def set_up(lab):
    global table
    table = stoptable.Table(lab, rows)


def comes_out(row):
    return row.what, lambda lab: table.check(row)


if __name__ == "__main__":
    tap.main([comes_out(row) for row in rows], set_up, CASE_TIMEOUT, kind="MixedLab")
