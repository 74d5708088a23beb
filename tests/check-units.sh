#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The units' sandboxes stay as tight as SECURITY.md says.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/lib/tap.sh"

# Tenths of systemd's exposure: https://www.freedesktop.org/software/systemd/man/systemd-analyze.html
MOST_DAEMON=9
MOST_WAY=7
MOST_RESTORE=11

analyze()
{
    systemd-analyze security --offline=yes --no-pager --threshold="$1" "$3/systemd/$2.service"
}

check()
{
    name="$2.service is exposed by no more than $1 tenths"
    if ! systemd-analyze security --help 2>/dev/null | grep -q -e --offline; then
        skip "$name" "systemd-analyze can't look at files here"
    else
        ok "$name" "$(analyze "$@" 2>&1 >/dev/null || analyze "$@" 2>&1 | tail -n 1)"
    fi
}

# What is stopped with all else as the host goes down is gone before the guests are: nothing of these two may bring that.
never_stopped()
{
    for setting in DefaultDependencies=no IgnoreOnIsolate=yes Slice=system.slice; do
        grep -qx "$setting" "$1" || echo "$setting is missing"
    done
    grep -E '^(Conflicts|PartOf|BindsTo|Requires|PrivateTmp|RequiresMountsFor|StopWhenUnneeded)=' "$1"
}

echo 1..5
check "$MOST_DAEMON" virtstopd "$top_builddir"
check "$MOST_RESTORE" virtstop-restore "$top_builddir"
check "$MOST_WAY" virtstop-libvirt@ "$top_srcdir"
for kind in socket service; do
    ok "nothing stops virtstop-libvirt@.$kind" "$(never_stopped "$top_srcdir/systemd/virtstop-libvirt@.$kind")"
done
exit "$tap_failed"
