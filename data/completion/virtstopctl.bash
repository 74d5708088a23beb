# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for virtstopctl(1). tests/check-completion.sh holds it to what --help says.

# _virtstopctl_domains [OPTION]: the guests' names, one a line; of list's option, only those.
_virtstopctl_domains()
{
    # A bus that isn't there is no reason to write into somebody's prompt.
    virtstopctl $user ${uri:+--uri="$uri"} list --name $1 --no-pager 2>/dev/null </dev/null
}

# _virtstopctl_host_stops PHASES: the ids of the stops of all guests, or of a part, that are in one of these.
_virtstopctl_host_stops()
{
    local path phase name=org.virtstop1 root=/org/virtstop1

    for path in $(busctl ${user:---system} get-property $name $root $name.Manager HostStops 2>/dev/null </dev/null); do
        path=${path//\"/}
        [[ $path == /* ]] || continue
        phase=$(busctl ${user:---system} get-property $name "$path" $name.HostStop Phase 2>/dev/null </dev/null)
        phase=${phase#s \"}
        if [[ " $1 " == *" ${phase%\"} "* ]]; then
            path=${path##*/}
            printf '%s\n' "${path//_/-}"
        fi
    done
}

# The ids of those that the last records tell of.
_virtstopctl_recorded()
{
    virtstopctl $user history --limit=200 --json=short --no-pager 2>/dev/null </dev/null |
        sed -n 's/.*"host_stop":{"id":"\([0-9a-f-]*\)".*/\1/p' | sort -u
}

_virtstopctl_groups()
{
    virtstopctl $user check-config 2>/dev/null </dev/null | sed -n 's/^Group=\(..*\)/\1/p' | sort -u
}

# _virtstopctl_reply WORDS: what of WORDS, one a line, begins as the current word does. Names may hold
# anything but a line feed, so they are quoted for the shell, and never stand where it expands them.
_virtstopctl_reply()
{
    local word before=

    # Readline puts it behind the last of these signs.
    [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && before=${cur%"${cur##*:}"}
    COMPREPLY=()
    while IFS= read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then
            COMPREPLY+=("$(printf '%q' "${word#"$before"}")")
        fi
    done <<<"$1"
}

# _virtstopctl_list WORDS: the last word of a list with commas between them, "crashed,watch".
_virtstopctl_list()
{
    local before=

    [[ $cur == *,* ]] && before=${cur%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
    compopt -o nospace 2>/dev/null
}

_virtstopctl_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# The last word of a ladder, "agent:60s power-button".
_virtstopctl_ladder()
{
    _virtstopctl_reply "${steps// /$'\n'}"
    compopt -o nospace 2>/dev/null
}

# The words up to the cursor as the shell takes them: to readline "--uri=qemu:///system" is several.
_virtstopctl_words()
{
    local line=${COMP_LINE:0:COMP_POINT} i word gap

    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        gap=${line%%[![:space:]]*}
        line=${line#"$gap"}
        ((i == COMP_CWORD)) && word=$line
        line=${line#"$word"}
        if [[ -z $gap && ${#words[@]} -gt 0 && ($word == [:=]* || ${words[-1]} == *[:=]) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
}

_virtstopctl()
{
    local cur verb option words i n_args=0
    local verbs='stop list status history why plan blame plot doctor watch cancel escalate extend
replay stop-all restore show-policy set-policy edit-policy check-config help'
    local steps='agent power-button initctl signal paravirt save terminate destroy leave'
    local causes='guest-initiated guest-agent power-button guest-request guest-reboot host-signal monitor-quit destroyed
guest-panic watchdog crashed out-of-memory saved migrated start-failed snapshot-reverted host-failure unknown'
    local outcomes='clean forced halted already-off refused cancelled timed-out failed unknown'
    local keys='Tags Ladder Paused Asleep Jobs Retries ProgressGrace Priority OnBoot StartDelay Restart
StartLimitBurst StartLimitInterval Owner Group Before After'
    local global='--help -h --version' bus='--host -H --user' only='--uri -c'
    local own= user= uri=

    _virtstopctl_words
    cur=${words[-1]}
    COMPREPLY=()
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        case ${words[i]} in
        --uri | -c)
            option=${words[i]}
            uri=${words[++i]}
            ;;
        --uri=*) uri=${words[i]#*=} ;;
        --host | --json | --ladder | --budget | --reason | --limit | --group | --priority | --stop | --since | --until | --cause | --outcome | -H | -n)
            option=${words[i]}
            ((++i))
            ;;
        --user) user=--user ;;
        --all | --stop=*) ((n_args++)) ;; # it says of which guests
        -*) ;;
        *)
            if [[ -z $verb ]]; then
                verb=${words[i]}
            else
                ((++n_args))
            fi
            ;;
        esac
    done
    ((i < ${#words[@]})) && option=
    if [[ $cur == --*=* ]]; then
        option=${cur%%=*} cur=${cur#*=}
    fi

    case $option in
    '') ;;
    --json)
        _virtstopctl_reply $'short\npretty\noff'
        return
        ;;
    --cause)
        _virtstopctl_list "$causes"
        return
        ;;
    --outcome)
        _virtstopctl_list "$outcomes"
        return
        ;;
    --ladder)
        _virtstopctl_ladder
        return
        ;;
    --group)
        _virtstopctl_reply "$(_virtstopctl_groups)"
        return
        ;;
    --stop)
        case $verb in
        blame | plot) _virtstopctl_reply "$(_virtstopctl_recorded)" ;;
        cancel | extend) _virtstopctl_reply "$(_virtstopctl_host_stops 'taken-over stopping last-call given-up')" ;;
        esac
        return
        ;;
    --host | -H)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
        return
        ;;
    --uri | -c)
        _virtstopctl_reply $'qemu:///system\nqemu:///session\nlxc:///system\nxen:///system'
        return
        ;;
    *) return ;;
    esac

    case $verb in
    '' | list) own="$bus $only --json --no-pager --no-legend --all --running --inactive --stopping --name" ;;
    stop) own="$bus $only --json --no-wait --ladder --budget --reason" ;;
    stop-all) own="$bus $only --json --no-wait --ladder --budget --reason --group --priority --host-shutdown" ;;
    status | why) own="$bus $only --json --no-pager" ;;
    plan) own="$bus $only --json --no-pager --no-legend --budget --group --priority" ;;
    plot) own="$bus $only --plan --budget --stop" ;;
    blame) own="$bus $only --json --no-pager --no-legend --stop" ;;
    doctor) own="$bus $only --json --no-pager --libvirt-guests" ;;
    history) own="$bus $only --json --no-pager --no-legend --limit -n --requests --since --until --cause --outcome --unclean
--reverse -r --follow -f" ;;
    watch) own="$bus $only --json" ;;
    cancel | extend) own="$bus $only --all --stop" ;;
    escalate | set-policy | edit-policy) own="$bus $only" ;;
    restore) own="$bus --json" ;;
    show-policy) own="$bus $only --json --no-pager --no-legend --explain" ;;
    check-config) own='--user' ;;
    replay) own='--json --foreign' ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$global $own" -- "$cur")
        return
    fi
    # What takes one argument, or another one behind the first.
    case $verb in
    why | show-policy | edit-policy | extend | check-config | replay | restore | help) ((n_args > 0)) && return ;;
    esac
    case $verb in
    '') mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
    stop | stop-all | plan) _virtstopctl_reply "$(_virtstopctl_domains --running)" ;;
    cancel | escalate | extend) _virtstopctl_reply "$(_virtstopctl_domains --stopping)" ;;
    set-policy)
        if ((n_args > 0)); then
            mapfile -t COMPREPLY < <(compgen -S = -W "$keys" -- "$cur")
            compopt -o nospace 2>/dev/null
        else
            _virtstopctl_reply "$(_virtstopctl_domains)"
        fi
        ;;
    status | history | why | show-policy | edit-policy) _virtstopctl_reply "$(_virtstopctl_domains)" ;;
    restore) _virtstopctl_reply "$(_virtstopctl_host_stops 'over called-off restoring')" ;;
    replay | check-config) _virtstopctl_files ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
    esac
}

complete -F _virtstopctl virtstopctl
