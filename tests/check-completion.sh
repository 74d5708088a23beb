#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Holds the shells' completions to what virtstopctl's help and the ladder's parser say, and has bash and zsh complete some.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}"
dir=$(cd "$top_srcdir/data/completion" && pwd) || exit 1
. "$top_srcdir/tests/lib/tap.sh"
lib=$(cd "$top_srcdir/tests/lib" && pwd) || exit 1

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

# complain_bash: of each line "EXPECTED|LINE<TAB>" of its input where bash makes something else of it.
complain_bash()
{
    PATH=$fake:$PATH python3 -B "$lib/complete-bash.py" "$dir/virtstopctl.bash" 2>&1
}

# The same in a directory with files, and with a guest called as a glob is.
complain_bash_wild()
{
    (cd "$fake/wild" && fake=$fake/wild/bin complain_bash)
}

# complete_zsh LINE: what zsh makes of it at its end.
complete_zsh()
{
    PATH=$fake:$PATH zsh -f "$top_srcdir/tests/lib/complete.zsh" "$dir" "$1" 2>&1
}

# expect SHELL EXPECTED LINE
expect()
{
    got=$("complete_$1" "$3" | sort | paste -sd ' ')
    [ "$got" = "$2" ] || echo "$3: \"$2\" was expected, it gave \"$got\""
}

fake=$(mktemp -d) || exit 1
trap 'rm -rf "$fake"' EXIT
cat >"$fake/virtstopctl" <<'END'
#!/bin/sh
case "$*" in
'list --name --running --no-pager') printf 'web1\nweb $(two)\n' ;;
'list --name --stopping --no-pager') printf 'web $(two)\n' ;;
'list --name --no-pager') printf 'web1\nweb $(two)\ndb1\n' ;;
'--uri=lxc:///system list --name --running --no-pager') printf 'box\nb:one\nb:two\n' ;;
'--user list --name --running --no-pager') printf 'mine\n' ;;
'history --limit=200 --json=short --no-pager')
    printf '{"host_stop":{"id":"%s","kind":"by-hand"}}\n' 1f0c-1 1f0c-1 77ab-2 ;;
check-config) printf '[Default]\nGroup=\n[Guest a]\nGroup=lab\n[Guest b]\nGroup=web\n' ;;
esac
END
cat >"$fake/busctl" <<'END'
#!/bin/sh
case "$2 $*" in
*' HostStops') echo 'ao 2 "/org/virtstop1/host_stop/aa_1" "/org/virtstop1/host_stop/bb_2"' ;;
*/aa_1*Phase) echo 's "stopping"' ;;
*/bb_2*Phase) echo 's "over"' ;;
esac
END
chmod +x "$fake/virtstopctl" "$fake/busctl"
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

# The keys that a policy can have.
keys=$(sed -n 's/^ *{"\([A-Z][A-Za-z]*\)", VS_CONF.*/\1=/p' "$top_srcdir/src/core/conf-keys.c" |
    { cat; echo Tags=; } | sort | paste -sd ' ')

# own_options VERB: what its help offers, one a line.
own_options()
{
    LC_ALL=C LANGUAGE= "$top_builddir/virtstopctl" help "$1" |
        sed -n 's/^  \(-[A-Za-z]\)\{0,1\} *\(--[a-z-]*\).*/\1 \2/p' | tr ' ' '\n' | grep . | sort | paste -sd ' '
}

echo 1..11

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
if command -v python3 >/dev/null; then
    ok 'bash: each verb has the options of its help' "$(for verb in $verbs; do
        echo "$(own_options "$verb")|virtstopctl $verb -<TAB>"
    done | complain_bash)"
    ok 'bash: it completes' "$(complain_bash <<END
cancel|virtstopctl can<TAB>
stop stop-all|virtstopctl sto<TAB>
--no-wait|virtstopctl stop --no-w<TAB>
|virtstopctl list --no-w<TAB>
web1 web\\ \\\$\\(two\\)|virtstopctl stop we<TAB>
db1|virtstopctl --json=short why d<TAB>
off pretty short|virtstopctl list --json=<TAB>
pretty|virtstopctl list --json=pr<TAB>
pretty|virtstopctl list --json pr<TAB>
power-button|virtstopctl stop --ladder=pow<TAB>
$steps|virtstopctl stop --ladder=<TAB>
|virtstopctl list we<TAB>
db1|virtstopctl -H host status d<TAB>
|virtstopctl stop d<TAB>
b:one b:two box|virtstopctl -c lxc:///system stop <TAB>
b:one b:two box|virtstopctl stop --uri=lxc:///system <TAB>
> virtstopctl -c lxc:///system stop b:one |virtstopctl -c lxc:///system stop b:o<TAB>
> virtstopctl --uri=lxc:///system |virtstopctl --uri=lx<TAB>
> virtstopctl --uri=lxc:///system |virtstopctl --uri=lxc:/<TAB>
> virtstopctl -c qemu:///session |virtstopctl -c qemu:///se<TAB>
db1|virtstopctl history --since=10:00 d<TAB>
mine|virtstopctl --user stop <TAB>
web\\ \\\$\\(two\\)|virtstopctl cancel <TAB>
web\\ \\\$\\(two\\)|virtstopctl extend <TAB>
|virtstopctl extend web1 <TAB>
|virtstopctl extend --all <TAB>
aa-1|virtstopctl cancel --stop=<TAB>
aa-1|virtstopctl extend --stop <TAB>
bb-2|virtstopctl restore <TAB>
|virtstopctl restore bb-2 <TAB>
1f0c-1 77ab-2|virtstopctl blame --stop=<TAB>
77ab-2|virtstopctl plot --stop 7<TAB>
lab web|virtstopctl stop-all --group=<TAB>
|virtstopctl why db1 <TAB>
Priority= ProgressGrace=|virtstopctl set-policy db1 Pr<TAB>
$keys|virtstopctl set-policy db1 <TAB>
$causes|virtstopctl history --cause=<TAB>
crashed,watchdog|virtstopctl history --cause=crashed,wat<TAB>
$outcomes|virtstopctl history --outcome=<TAB>
history|virtstopctl help hist<TAB>
$fake/one trace.jsonl|virtstopctl replay $fake/one<TAB>
$fake/one trace.jsonl|virtstopctl check-config $fake/one<TAB>
--all|virtstopctl cancel --a<TAB>
END
complain_bash_wild <<END
\\\$HOME \\* \\? \\~|virtstopctl stop <TAB>
\\*|virtstopctl stop *<TAB>
*.jsonl|virtstopctl replay *.<TAB>
END
)"
else
    skip 'bash: each verb has the options of its help' 'python3 is not installed'
    skip 'bash: it completes' 'python3 is not installed'
fi
if command -v zsh >/dev/null; then
    ok 'zsh: a verb has the options of its help' "$(for verb in stop status plot doctor cancel restore set-policy check-config replay help; do
        expect zsh "$(own_options "$verb")" "virtstopctl $verb -"
    done)"
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
        expect zsh 'web\ \$\(two\)' 'virtstopctl extend '
        expect zsh aa-1 'virtstopctl cancel --stop='
        expect zsh bb-2 'virtstopctl restore '
        expect zsh '1f0c-1 77ab-2' 'virtstopctl blame --stop='
        expect zsh 'lab web' 'virtstopctl stop-all --group='
        expect zsh box 'virtstopctl -c lxc:///system stop bo'
        expect zsh 'Priority= ProgressGrace=' 'virtstopctl set-policy db1 Pr'
    )"
else
    skip 'zsh: a verb has the options of its help' 'zsh is not installed'
    skip 'zsh: it completes' 'zsh is not installed'
fi

exit "$tap_failed"
