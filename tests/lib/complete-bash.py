#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""complete-bash.py FILE: types each line of standard input, "EXPECTED|LINE<TAB>", to a bash with the completion in FILE, and complains of each where what there is to choose from, in order and with blanks between, isn't what is expected; where
that begins with "> ", what stands on the line then isn't. It is a bash on a terminal of its own, for only there is a line taken
apart as it is for a person."""

import os
import sys
import tempfile

from vslab.terminal import Terminal

RC = """\
. "$COMPLETION"
told() { _virtstopctl "$@"; printf '%s\\n' "${COMPREPLY[@]}" >"$TMPDIR/hits"; }
complete -F told virtstopctl
bind 'set bell-style none'
bind 'set completion-query-items -1'
bind 'set page-completions off'
bind -x '"\\C-xl": line'
line() { printf '%s' "$READLINE_LINE" >"$TMPDIR/line"; READLINE_LINE= READLINE_POINT=0; echo "line $((++n)) is done"; }
PS1='ready> '
"""


def read(directory, name):
    path = os.path.join(directory, name)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def complete(bash, directory, number, line):
    """The words to choose from, and the line as it is then."""
    bash.press(line.encode() + b"\t\x18l")
    bash.wait_text(f"line {number} is done")
    hits = sorted(hit for hit in read(directory, "hits").splitlines() if hit)
    return " ".join(hits), "> " + read(directory, "line")


def main(completion):
    with tempfile.TemporaryDirectory() as directory:
        rc = os.path.join(directory, "rc")
        with open(rc, "w", encoding="utf-8") as file:
            file.write(RC)
        environ = dict(os.environ, COMPLETION=completion, TERM="dumb", INPUTRC="/dev/null")
        with Terminal(directory, "bash", "--noprofile", "--rcfile", rc, "-i", environ=environ) as bash:
            bash.wait_text("ready> ")
            for number, row in enumerate(sys.stdin, 1):
                expected, line = row.rstrip("\n").removesuffix("<TAB>").split("|")
                hits, whole = complete(bash, directory, number, line)
                got = whole if expected.startswith("> ") else hits
                if got != expected:
                    print(f'{line}: "{expected}" was expected, it gave "{got}"')
            bash.press(b"exit\n")
            bash.wait_end()


main(*sys.argv[1:])
