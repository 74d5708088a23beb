#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The configurations and ladders that the documentation shows are such as virtstopd takes, without a warning.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/lib/tap.sh"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# complaints FILE: what is wrong with this configuration; what is in force goes to FILE.now.
complaints()
{
    LC_ALL=C.UTF-8 LANGUAGE='' "$top_builddir/virtstopctl" check-config "$1" 2>&1 >"$1.now" ||
        echo "it is refused"
}

# The indented blocks that begin with a section, each in a file of its own.
extract()
{
    awk -v prefix="$dir/$(basename "$1")" '
        /^[^ ]/ || !NF && !file { file = ""; fresh = 1; if (NF) fresh = 0; next }
        fresh && /^    \[/ { file = prefix "." ++n ".conf" }
        { fresh = 0 }
        file { print substr($0, 5) >file }' "$1"
}

# check FILE: every block of it.
check()
{
    extract "$top_srcdir/$1"
    for block in "$dir/$(basename "$1")".*.conf; do
        [ -e "$block" ] || echo "$1 shows no configuration"
        complaints "$block" | sed "s|^$dir/||"
    done
}

# as_shipped SED-SCRIPT: data/virtstop.conf with some of its comments taken away.
as_shipped()
{
    sed "$1" "$top_srcdir/data/virtstop.conf" >"$dir/shipped.conf"
    complaints "$dir/shipped.conf"
}

# The ladders inside sentences, a line each, as a configuration.
ladders()
{
    cat "$top_srcdir/README.md" "$top_srcdir"/man/*.rst |
        grep -oE "Ladder=[a-z][^\`\"']*|--ladder=[\"'][^\"']*" | sed "s/.*adder=[\"']*/Ladder=/" >"$dir/found"
    [ "$(wc -l <"$dir/found")" -gt 5 ] || echo "few ladders are found: $(cat "$dir/found")"
    while read -r ladder; do
        case $ladder in *initctl* | *signal*) uris=lxc:///system ;; *) uris=qemu:///system ;; esac
        printf '[Daemon]\nUris=%s\n[Default]\n%s\n' "$uris" "$ladder" >"$dir/ladder.conf"
        complaints "$dir/ladder.conf" | sed "s|^|$ladder: |"
    done <"$dir/found"
}

echo 1..6

ok 'README.md' "$(check README.md)"
ok 'virtstop.conf(5)' "$(check man/virtstop.conf.5.rst)"
ok 'the ladders in README.md and the manual pages' "$(ladders)"

: >"$dir/empty.conf"
complaints "$dir/empty.conf"
ok 'data/virtstop.conf changes nothing' "$(as_shipped ''
    diff "$dir/empty.conf.now" "$dir/shipped.conf.now")"
ok 'data/virtstop.conf shows the defaults' "$(as_shipped 's/^#\([A-Z]\)/\1/'
    diff "$dir/empty.conf.now" "$dir/shipped.conf.now")"
ok 'data/virtstop.conf: its example' "$(as_shipped 's/^#  \(\[\|[A-Z][A-Za-z]*=\)/\1/'
    grep -q '^Before=db-\* @storage$' "$dir/shipped.conf.now" || echo 'the example is not in force')"

exit "$tap_failed"
