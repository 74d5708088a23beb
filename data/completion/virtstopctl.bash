# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for virtstopctl(1). tests/check-completion.sh holds it to what --help says.

# _virtstopctl_domains [OPTION]: the guests' names, one a line; of list's option, only those.
_virtstopctl_domains()
{
    # A bus that isn't there is no reason to write into somebody's prompt.
    virtstopctl $user list --name $1 --no-pager 2>/dev/null </dev/null
}

# _virtstopctl_reply WORDS: what of WORDS, one a line, begins as the current word does. Names may hold
# anything but a line feed, so they are quoted for the shell, and never stand where it expands them.
_virtstopctl_reply()
{
    local word

    COMPREPLY=()
    while IFS= read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then
            COMPREPLY+=("$(printf '%q' "$word")")
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

_virtstopctl()
{
    local cur prev verb option i
    local verbs='stop list status history why plan blame plot doctor watch cancel escalate extend
replay stop-all restore show-policy set-policy edit-policy check-config help'
    local global='--help -h --version --host -H --user --uri -c --json --no-pager --no-legend'
    local steps='agent power-button initctl signal paravirt save terminate destroy leave'
    local causes='guest-initiated guest-agent power-button guest-request guest-reboot host-signal monitor-quit destroyed
guest-panic watchdog crashed out-of-memory saved migrated start-failed snapshot-reverted host-failure unknown'
    local outcomes='clean forced halted already-off refused cancelled timed-out failed unknown'
    local own= user=

    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()

    # "--json=sh" are three words to bash.
    if [[ $cur == '=' ]]; then
        option=$prev cur=
    elif [[ $prev == '=' ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    else
        option=$prev
    fi

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --host | --uri | --json | --ladder | --budget | --reason | --limit | --group | --priority | --stop | --since | --until | --cause | --outcome | -H | -c | -n)
            [[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
            ((i++))
            ;;
        --user) user=--user ;;
        -* | =) ;;
        *)
            verb=${COMP_WORDS[i]}
            break
            ;;
        esac
    done

    case $option in
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
    --host | -H)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
        return
        ;;
    --uri | -c)
        _virtstopctl_reply $'qemu:///system\nqemu:///session\nlxc:///system\nxen:///system'
        return
        ;;
    --budget | --reason | --limit | --group | --priority | --stop | --since | --until | -n) return ;;
    esac

    case $verb in
    '' | list) own='--all --running --inactive --stopping --name' ;;
    stop) own='--no-wait --ladder --budget --reason' ;;
    stop-all) own='--no-wait --ladder --budget --reason --group --priority --host-shutdown' ;;
    plan) own='--budget --group --priority' ;;
    plot) own='--plan --budget --stop' ;;
    blame) own='--stop' ;;
    doctor) own='--libvirt-guests' ;;
    history) own='--limit -n --requests --since --until --cause --outcome --unclean --reverse -r --follow -f' ;;
    replay) own='--foreign' ;;
    cancel | extend) own='--all --stop' ;;
    show-policy) own='--explain' ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$global $own" -- "$cur")
        return
    fi
    case $verb in
    '') mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
    stop | stop-all | plan) _virtstopctl_reply "$(_virtstopctl_domains --running)" ;;
    cancel | escalate | extend) _virtstopctl_reply "$(_virtstopctl_domains --stopping)" ;;
    status | history | why | show-policy | set-policy | edit-policy) _virtstopctl_reply "$(_virtstopctl_domains)" ;;
    replay | check-config) _virtstopctl_files ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
    esac
}

complete -F _virtstopctl virtstopctl
