#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every message can be translated, and is.
set -u

: "${top_srcdir:=$(dirname "$0")/..}"
cd "$top_srcdir" || exit 1
. tests/lib/tap.sh

potfiles()
{
    grep -v '^#' po/POTFILES.in | sort
}

template()
{
    potfiles | xgettext --keyword=_ --keyword=N_ --from-code=UTF-8 --files-from=- --output=-
}

languages=$(grep -v '^#' po/LINGUAS)
echo "1..$(($(echo "$languages" | wc -w) + 1))"

# The lines that one list has and the other has not; i18n.h only defines _().
ok 'po/POTFILES.in lists every source with messages' "$({
    potfiles
    grep -rlE '\<(N?_|ngettext)\(("|$)' src --include='*.[ch]' | grep -v 'util/i18n\.h$'
} | sort | uniq -u)"

for language in $languages; do
    name="po/$language.po has every message"
    if ! command -v msgcmp >/dev/null || ! command -v xgettext >/dev/null; then
        skip "$name" "gettext's tools are not installed"
    else
        ok "$name" "$({ template | msgcmp "po/$language.po" -; } 2>&1)"
    fi
done

exit "$tap_failed"
