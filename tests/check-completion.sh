#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Holds the shells' completions to what virtstopctl's help and the ladder's parser say, and has bash and zsh complete some.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
dir=$(cd "$top_srcdir/data/completion" && pwd) || exit 1
. "$top_srcdir/tests/lib/tap.sh"

help=$(LC_ALL=C LANGUAGE= "$top_builddir/virtstopctl" --help) || exit 1
verbs=$(echo "$help" | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p')
options=$(echo "$help" | sed -n '/^Verbs:/,/^$/d; s/^  \(-[A-Za-z]\)\{0,1\} *\(--[a-z-]*\).*/\1 \2/p' |
    tr ' ' '\n' | grep . | sort -u)

# missing FILE WORDS: those that don't stand in FILE as words of their own.
missing()
{
    for word in $2; do
        grep -v '^ *#' "$1" | grep -qE -- "(^|[^A-Za-z-])$word([^A-Za-z-]|\$)" ||
            echo "$word is missing in $1"
    done
}

# The description of a verb for zsh stands behind a colon; bash has them in one list.
missing_in_list()
{
    list=$(tr '\n' ' ' <"$1" | sed "s/.* verbs='\([^']*\)'.*/ \1 /")
    for word in $2; do
        case $list in
        *" $word "*) ;;
        *) echo "the verb $word is missing in $1" ;;
        esac
    done
}

# complete_bash WORDS...: what bash makes of them; the last one is where the cursor is.
complete_bash()
{
    PATH=$fake:$PATH bash -c '. "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $(complete -p virtstopctl | sed "s/.*-F \([^ ]*\).*/\1/")
        printf "%s\n" "${COMPREPLY[@]}"' bash "$dir/virtstopctl.bash" "$@" 2>&1
}

# complete_bash_wild WORDS...: the same in a directory with files, and with a guest called as a glob is.
complete_bash_wild()
{
    (cd "$fake/wild" && fake=$fake/wild/bin complete_bash "$@")
}

# complete_zsh LINE: what zsh makes of it at its end.
complete_zsh()
{
    PATH=$fake:$PATH zsh -f "$top_srcdir/tests/lib/complete.zsh" "$dir" "$1" 2>&1
}

# expect SHELL EXPECTED WORDS...
expect()
{
    shell=$1
    expected=$2
    shift 2
    got=$("complete_$shell" "$@" | sort | paste -sd ' ')
    [ "$got" = "$expected" ] || echo "$*: \"$expected\" was expected, it gave \"$got\""
}

fake=$(mktemp -d) || exit 1
trap 'rm -rf "$fake"' EXIT
cat >"$fake/virtstopctl" <<'END'
#!/bin/sh
case "$*" in
'list --name --running --no-pager') printf 'web1\nweb $(two)\n' ;;
'list --name --stopping --no-pager') printf 'web $(two)\n' ;;
'list --name --no-pager') printf 'web1\nweb $(two)\ndb1\n' ;;
esac
END
chmod +x "$fake/virtstopctl"
touch "$fake/one trace.jsonl"
mkdir -p "$fake/wild/bin"
cat >"$fake/wild/bin/virtstopctl" <<'END'
#!/bin/sh
case $1 in list) printf '*\n~\n?\n$HOME\n' ;; esac
END
chmod +x "$fake/wild/bin/virtstopctl"
touch "$fake/wild/a" "$fake/wild/*.jsonl"

# The steps that a ladder can have, as the parser lists them to whoever writes another one.
printf '[Default]\nLadder=rope\n' >"$fake/rope.conf"
steps=$(LC_ALL=C LANGUAGE= "$top_builddir/virtstopctl" check-config "$fake/rope.conf" 2>&1 |
    sed -n 's/.* STEP one of \([a-z, -]*\).*/\1/p' | tr -d , | tr ' ' '\n' | sort | paste -sd ' ')

# list OPTION: the words that it can have, as virtstopctl lists them to whoever writes another one.
list()
{
    LC_ALL=C LANGUAGE= "$top_builddir/virtstopctl" history "--$1=zzz" 2>&1 |
        sed -n 's/.*there are \(.*\)/\1/p' | tr -d , | tr ' ' '\n' | sort | paste -sd ' '
}
causes=$(list cause)
outcomes=$(list outcome)

echo 1..9

ok 'the help lists verbs and options' "$([ -n "$verbs" ] && [ -n "$options" ] || echo "$help")"
ok 'the parser lists steps' "$(case " $steps " in
*' agent '*' power-button '*) ;;
*) echo "it lists \"$steps\"" ;;
esac)"
ok 'bash: every verb' "$(missing_in_list "$dir/virtstopctl.bash" "$verbs")"
ok 'bash: every option' "$(missing "$dir/virtstopctl.bash" "$options")"
ok 'zsh: every verb' "$(for verb in $verbs; do
    grep -q "^ *'$verb:" "$dir/_virtstopctl" || echo "the verb $verb is missing in $dir/_virtstopctl"
done)"
ok 'zsh: every option' "$(missing "$dir/_virtstopctl" "$options")"
ok 'bash: it is a script' "$(bash -n "$dir/virtstopctl.bash" 2>&1)"
ok 'bash: it completes' "$(
    expect bash cancel virtstopctl can
    expect bash 'stop stop-all' virtstopctl sto
    expect bash --no-wait virtstopctl stop --no-w
    expect bash '' virtstopctl list --no-w
    expect bash 'web1 web\ \$\(two\)' virtstopctl stop we
    expect bash db1 virtstopctl --json = short why d
    expect bash 'off pretty short' virtstopctl list --json =
    expect bash pretty virtstopctl list --json = pr
    expect bash power-button virtstopctl stop --ladder = pow
    expect bash "$steps" virtstopctl stop --ladder =
    expect bash '' virtstopctl list we
    expect bash db1 virtstopctl -H host status d
    expect bash '' virtstopctl stop d
    expect bash 'web\ \$\(two\)' virtstopctl cancel ''
    expect bash "$causes" virtstopctl history --cause =
    expect bash crashed,watchdog virtstopctl history --cause = crashed,wat
    expect bash "$outcomes" virtstopctl history --outcome =
    expect bash history virtstopctl help hist
    expect bash "$fake/one trace.jsonl" virtstopctl replay "$fake/one"
    expect bash "$fake/one trace.jsonl" virtstopctl check-config "$fake/one"
    expect bash --all virtstopctl cancel --a
    expect bash_wild '\$HOME \* \? \~' virtstopctl stop ''
    expect bash_wild '\*' virtstopctl stop '*'
    expect bash_wild '*.jsonl' virtstopctl replay '*.'
)"
if command -v zsh >/dev/null; then
    ok 'zsh: it completes' "$(
        expect zsh cancel 'virtstopctl can'
        expect zsh 'stop stop-all' 'virtstopctl sto'
        expect zsh --no-wait 'virtstopctl stop --no-w'
        expect zsh '' 'virtstopctl list --no-w'
        expect zsh 'web1 web\ \$\(two\)' 'virtstopctl stop we'
        expect zsh db1 'virtstopctl --json=short why d'
        expect zsh 'off pretty short' 'virtstopctl list --json='
        expect zsh power-button 'virtstopctl stop --ladder=pow'
        expect zsh "$steps" 'virtstopctl stop --ladder='
        expect zsh "$steps" "virtstopctl stop-all --ladder='agent:60s "
        expect zsh '' 'virtstopctl list we'
        expect zsh db1 'virtstopctl -H host status d'
        expect zsh '' 'virtstopctl stop d'
        expect zsh 'web\ \$\(two\)' 'virtstopctl cancel '
        expect zsh "$causes" 'virtstopctl history --cause='
        expect zsh 'one\ trace.jsonl' "virtstopctl replay $fake/one"
        expect zsh --all 'virtstopctl cancel --a'
    )"
else
    skip 'zsh: it completes' 'zsh is not installed'
fi

exit "$tap_failed"
