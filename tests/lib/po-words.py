#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a translation has to leave as it is: what is put in, and what people type or look for.

po-words.py FILE.po prints a line for each message that doesn't."""

import re
import sys

SPEC = re.compile(r"%(?:(\d+)\$)?([-+ #0]*\d*(?:\.\d+)?(?:hh|ll|[hlzjt])?[a-zA-Z%])")

NAMES = re.compile(
    r"""--(?:[a-z][a-z-]*|%s)=?                        # options
    | \$\(\w+\)                                       # what polkit puts in
    | (?<!\w)[A-Z][a-z]\w*=(?<!Key=)(?:no|none|all|ignore)?  # settings, and some values
    | (?<!\w)[a-z]+=(?=[ ,]|$)                        # a step's options
    | [a-z][\w.-]*\(\d\)                              # man pages
    | (?<![\w@])[\w@.-]+\.(?:service|target|conf|jsonl|d)\b
    | (?<![\w:/.])/[a-z][\w/.-]*                      # paths
    | (?<!\w)[a-z]+:///[a-z]*                         # URIs
    | \borg\.\w[\w.]*\w                               # D-Bus, and channels
    | \b[A-Z]+_[A-Z_]+\b                              # the environment
    | \[(?:Default|Guest|Service)\b\]?                # sections
    | <[^>]+>                                         # XML
    | \b(?:title|tag|uri|name):(?=\w)
    | \b(?:virsh|virtstopctl)\ (?:edit|cancel|escalate|extend|plan|restore|edit-policy)\b
    | \b(?:auto_shutdown_\w+|on_\w+|qemu-[\w-]+|virtstop\w*(?:-guests)?|virtqemud?|libvirt(?:d|-guests)?)\b
    | \b(?:systemd(?:-logind)?|systemctl|journald|polkit|ssh|initctl|kexec|soft-reboot)\b
    | \b(?:QEMU|JSON|XML|UUID|URI|UTF-8|NUL|ACPI|SVG|SIGTERM|SIGKILL)(?=s?\b)
    """,
    re.VERBOSE,
)

TYPED = re.compile(r"“([^“”%]*)”")  # what stands in quotes is a word to type, or of a file


def messages(path):
    """Each as a dictionary: the keywords of the file, and their strings."""
    message, keyword = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            begin = re.match(r'(msg\w+(?:\[\d+\])?) (".*")$', line)
            if begin:
                if begin[1] == "msgid" and message:
                    yield message
                    message = {}
                keyword = begin[1]
                message[keyword] = unquote(begin[2])
            elif line.startswith('"'):
                message[keyword] += unquote(line.rstrip("\n"))
    if message:
        yield message


def unquote(text):
    escapes = {"n": "\n", "t": "\t"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[1]), text[1:-1])


def specs(text):
    """In the order of what is put in."""
    found = [(int(number or 0), spec) for number, spec in SPEC.findall(text)]
    if any(number for number, _ in found):
        found.sort(key=lambda one: one[0])
    return [f"%{spec}" for _, spec in found]


def plain(text):
    """Without the numbers of what is put in: %s, too, where it stands elsewhere."""
    return re.sub(r"%\d+\$", "%", text)


def complaints(source, text):
    if specs(source) != specs(text):
        yield f"it puts in {specs(text)}, not {specs(source)}"
    source, text = plain(source), plain(text)
    for name in dict.fromkeys(NAMES.findall(source) + TYPED.findall(source)):
        if name not in text:
            yield f"{name} is lost"
    for name in dict.fromkeys(NAMES.findall(text)):
        if name not in source and re.search(r"^--|[=./_]", name):
            yield f"{name} is not in the source"
    if source.endswith(" ") and text[-1:].isascii() and not text.endswith(" "):
        yield "it needs the blank at its end"


# Of history's table: who reads it tells its columns apart by these.
TITLES = ("TIME", "DOMAIN", "CAUSE", "CLEAN", "CONFIDENCE", "OUTCOME", "BY", "ASKED BY", "TOOK", "REASON")


def doubled(path):
    """The titles that are called as another one is."""
    names = {}
    for message in messages(path):
        if message["msgid"] in TITLES:
            names.setdefault(message["msgstr"], []).append(message["msgid"])
    return {name: titles for name, titles in names.items() if len(titles) > 1}


def main():
    for name, titles in doubled(sys.argv[1]).items():
        print(f"“{name}” is {' and '.join(titles)} alike")
    for message in messages(sys.argv[1]):
        source = message.get("msgid_plural", message["msgid"])
        for keyword, text in message.items():
            if keyword.startswith("msgstr") and text and message["msgid"]:
                for complaint in complaints(source, text):
                    print(f"“{text}”, for “{source}”: {complaint}")


main()
