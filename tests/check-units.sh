#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The units' sandboxes stay as tight as SECURITY.md says.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/lib/tap.sh"

# Tenths of systemd's exposure: https://www.freedesktop.org/software/systemd/man/systemd-analyze.html
MOST_DAEMON=15
MOST_RESTORE=11

analyze()
{
    systemd-analyze security --offline=yes --no-pager --threshold="$1" "$top_builddir/systemd/$2.service"
}

check()
{
    name="$2.service is exposed by no more than $1 tenths"
    if ! systemd-analyze security --help 2>/dev/null | grep -q -e --offline; then
        skip "$name" "systemd-analyze can't look at files here"
    else
        ok "$name" "$(analyze "$1" "$2" 2>&1 >/dev/null || analyze "$1" "$2" 2>&1 | tail -n 1)"
    fi
}

echo 1..2
check "$MOST_DAEMON" virtstopd
check "$MOST_RESTORE" virtstop-restore
exit "$tap_failed"
