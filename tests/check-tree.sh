#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is tracked is what people wrote: nothing that was built, and nothing large.
set -u

: "${top_srcdir:=$(dirname "$0")/..}"
. "$top_srcdir/tests/lib/tap.sh"

largest=1048576

# git for somebody else's tree, too. Only a file says so to every release of it.
tree_git()
{
    HOME=$home GIT_CONFIG_GLOBAL=$home/.gitconfig git -C "$top_srcdir" "$@"
}

listed()
{
    tree_git ls-files --error-unmatch configure.ac >/dev/null
}

large()
{
    tree_git ls-files --stage | while read -r _ blob _ file; do
        echo "$blob $file"
    done | tree_git cat-file --batch-check='%(objectsize) %(rest)' | while read -r size file; do
        [ "$size" -le $largest ] || echo "$file has $size bytes"
    done
}

# git's own notion of it, which objects, programs and what is compressed all fall under.
binary()
{
    tree_git diff --cached --numstat "$(tree_git hash-object -t tree /dev/null)" |
        sed -n 's/^-\t-\t\(.*\)/\1 is binary/p'
}

ignored()
{
    tree_git ls-files --cached --ignored --exclude-standard | sed 's/$/ is held out by .gitignore/'
}

# judge NAME FUNCTION. Unpacked by distcheck the tree lies inside of a checkout, and is none.
judge()
{
    if ! [ -e "$top_srcdir/.git" ]; then
        skip "$1" 'this is no git checkout'
    elif ! command -v git >/dev/null; then
        lack "$1" 'git is not installed'
    else
        ok "$1" "$("$2" 2>&1)"
    fi
}

home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
printf '[safe]\n\tdirectory = *\n[core]\n\tquotePath = off\n' >"$home/.gitconfig"

echo 1..4

judge 'git lists the files' listed
judge 'no tracked file is over 1 MiB' large
judge 'no tracked file is binary' binary
judge 'no tracked file is one that .gitignore holds out' ignored

exit "$tap_failed"
