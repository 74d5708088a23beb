# SPDX-License-Identifier: LGPL-2.1-or-later
# TAP for the checks in shell: print the plan first, end with "exit $tap_failed".

tap_number=0
tap_failed=0

# ok NAME COMPLAINTS: one test, passed where nobody complains.
ok()
{
    tap_number=$((tap_number + 1))
    if [ -z "$2" ]; then
        echo "ok $tap_number - $1"
    else
        tap_failed=1
        echo "not ok $tap_number - $1"
        echo "$2" | sed 's/^/# /'
    fi
}

# skip NAME WHY
skip()
{
    tap_number=$((tap_number + 1))
    echo "ok $tap_number - $1 # SKIP $2"
}

# lack NAME WHAT: skips it for what isn't installed; where all has to be, that is a failure.
lack()
{
    if [ "${VS_LAB-}" = required ]; then
        ok "$1" "$2"
    else
        skip "$1" "$2"
    fi
}
