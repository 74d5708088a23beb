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
    potfiles | xgettext --keyword=_ --keyword=N_ --keyword=C_:1c,2 --from-code=UTF-8 --files-from=- --output=-
}

languages=$(grep -v '^#' po/LINGUAS)
echo "1..$(($(echo "$languages" | wc -w) * 3 + 1))"

# The lines that one list has and the other has not; i18n.h only defines _().
ok 'po/POTFILES.in lists every source with messages' "$({
    potfiles
    grep -rlE '\<([NC]?_|ngettext)\(("|$)' src --include='*.[ch]' | grep -v 'util/i18n\.h$'
} | sort | uniq -u)"

# judge NAME PROGRAM COMMAND...: what COMMAND prints are complaints; it needs PROGRAM.
judge()
{
    name=$1
    if command -v "$2" >/dev/null; then
        shift 2
        ok "$name" "$("$@" 2>&1)"
    else
        skip "$name" "$2 is not installed"
    fi
}

# One that is only guessed (fuzzy) counts for none.
missing()
{
    template | msgcmp "po/$1.po" -
}

for language in $languages; do
    judge "po/$language.po has every message" xgettext missing "$language"
    judge "po/$language.po is a catalog without a fault" msgfmt msgfmt -c -o /dev/null "po/$language.po"
    judge "po/$language.po leaves names and what is put in as they are" python3 \
        python3 -B tests/lib/po-words.py "po/$language.po"
done

exit "$tap_failed"
