#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completions know every verb and every option that virtstopctl has, and bash completes with one.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
bash_file=$top_srcdir/data/completion/virtstopctl zsh_file=$top_srcdir/data/completion/_virtstopctl
. "$top_srcdir/tests/lib/tap.sh"

verbs=$(LC_ALL=C "$top_builddir/virtstopctl" --help |
    sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p')
options=$(LC_ALL=C "$top_builddir/virtstopctl" --help | grep -oE -- '--[a-z-]+' | sort -u)

echo 1..6
# What @words of it the file doesn't have.
missing()
{
    local file=$1 word
    shift
    for word; do
        grep -qE -- "(^|[^a-z-])$word([^a-z-]|\$)" "$file" || echo "$word"
    done
}

# What bash would offer behind the words.
complete_words()
{
    COMP_WORDS=(virtstopctl "$@") COMP_CWORD=$# COMPREPLY=()
    _virtstopctl
    echo "${COMPREPLY[*]}"
}

ok 'there are verbs and options' "$([[ $(wc -w <<<"$verbs") -gt 10 && $(wc -w <<<"$options") -gt 10 ]] ||
    echo "verbs: $verbs; options: $options")"
# shellcheck disable=SC2086
ok 'bash knows every verb and option' "$(missing "$bash_file" $verbs $options)"
# shellcheck disable=SC2086
ok 'zsh knows every verb and option' "$(missing "$zsh_file" $verbs $options)"
ok 'bash can read its file' "$(bash -n "$bash_file" 2>&1)"
. "$bash_file"
ok 'can<TAB> is cancel' "$([[ $(complete_words can) == cancel ]] || complete_words can)"
ok '--json=<TAB> has the modes' "$([[ $(complete_words list --json = '') == 'short pretty off' ]] ||
    complete_words list --json = '')"
exit "$tap_failed"
