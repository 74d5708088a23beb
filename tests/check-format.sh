#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The C is as `make format` leaves it. Each release of clang-format has its own mind: ours is Debian 12's.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${CLANG_FORMAT:=clang-format}"
cd "$top_srcdir" || exit 1
. tests/lib/tap.sh

release=14

# What it would change, a line each.
changes()
{
    find "$1" -name '*.[ch]' -exec "$CLANG_FORMAT" --dry-run -Werror {} + 2>&1 |
        grep -E '^[^ ]+: error: |^Error ' | sed 's/ \[-Wclang-format-violations\]$//'
}

# judge DIRECTORY
judge()
{
    name="clang-format changes nothing in $1"
    version=$("$CLANG_FORMAT" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
    if [ -z "$version" ]; then
        lack "$name" 'clang-format is not installed'
    elif [ "$version" != $release ]; then
        skip "$name" "this is clang-format $version, not $release"
    else
        ok "$name" "$(changes "$1")"
    fi
}

echo 1..2

judge src
judge tests

exit "$tap_failed"
