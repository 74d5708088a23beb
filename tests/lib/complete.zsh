# SPDX-License-Identifier: LGPL-2.1-or-later
# zsh -f complete.zsh DIR LINE: what zsh, with the completions in DIR, makes of LINE at its end, one a line. It is typed
# to an interactive zsh on a terminal of its own, for completions work nowhere else.

zmodload zsh/zpty || exit 1
export ZDOTDIR=$(mktemp -d) || exit 1
trap 'rm -rf $ZDOTDIR' EXIT

cat >$ZDOTDIR/.zshrc <<END
fpath=(${(q)1:A} \$fpath)
autoload -Uz compinit && compinit -D -u
bindkey '^I' complete-word
compadd() {
    local -a options=("\${(@)@[1,(i)(-|--)]}") hits
    # With -A, -D or -O it only tells what matches.
    if (( ! \${options[(I)-*[ADO]]} )); then
        builtin compadd -A hits "\$@"
        print -rl -- \$hits >>\$ZDOTDIR/hits
    fi
    builtin compadd "\$@"
}
comppostfuncs=(leave)
leave() {
    touch \$ZDOTDIR/end
    exit
}
END

zpty shell exec zsh -i
zpty -w -n shell "$2"$'\t'
while zpty -r shell _; do :; done
if [[ ! -e $ZDOTDIR/end ]]; then
    print "zsh did not complete it"
elif [[ -e $ZDOTDIR/hits ]]; then
    grep . $ZDOTDIR/hits | sort -u
fi
