# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be changed in a C file of ours, one thing at a time: operators, constants, statements, conditions, and the
flags of a table's rows. By the text alone, which clang-format keeps in one shape."""

import random
import re
from collections import namedtuple

Mutant = namedtuple("Mutant", "path function start end new kind")

TOKEN = re.compile(r"""
    (?P<skip>/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|^\#(?:\\\n|[^\n])*|\s+)
    |(?P<word>[A-Za-z_]\w*)|(?P<number>\d\w*)
    |(?P<operator>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""", re.VERBOSE | re.DOTALL | re.MULTILINE)
SWAPS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
         "&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",), "+=": ("-=",), "-=": ("+=",)}
FLAGS = {"true": "false", "false": "true"}
ASSIGNED = re.compile(r"[\w>.\[\]()*-]+ (=|\+=|-=|\|=|&=) ")
CALLED = re.compile(r"(?!if|for|while|switch|return|do|else|case|g_autofree|g_autoptr)\w+\(")


def _parts(text):
    """(name, start, end, whether it is a function) of each body and table that begins at the line's first column."""
    for found in re.finditer(r"^(?:(\w+)\(.*?\)\n\{\n|static const .*?(\w+)(?:\[[^=;]*\])? = \{\n)", text, re.M | re.S):
        body = found.end()
        end = text.find("\n}", body)
        if "\n\n" in text[found.start():body]:  # it ran over an end
            head = re.search(r"^(\w+)\([^{}]*\)\n\{\n$", text[found.start():body], re.M)
            if not head:
                continue
            yield head[1], body, end, True
        else:
            yield found[1] or found[2], body, end, found[1] is not None


def _closing(text, at):
    """Behind the bracket that closes the one at @at."""
    depth = 0
    for found in TOKEN.finditer(text, at):
        depth += (found["operator"] == "(") - (found["operator"] == ")")
        if depth == 0 and not found["skip"]:
            return found.end()
    raise ValueError("a bracket that isn't closed")


def _tokens(text, start, end):
    """(token, the one before) in a part."""
    before = None
    for found in TOKEN.finditer(text, start, end):
        if not found["skip"]:
            yield found, before
            before = found


def _is_binary(before):
    return before and (before["word"] not in (None, "return", "case") or before["number"] or before[0] in ")]")


def _of_token(text, token, before, is_function):
    """(start, end, new, kind) of each change."""
    start, end, told = token.start(), token.end(), token[0]
    if told in FLAGS:
        yield start, end, FLAGS[told], "constant" if is_function else "flag"
    elif not is_function:
        return
    elif told in ("if", "while") and text[end:end + 2] == " (":
        close = _closing(text, end + 1)
        for value in ("true", "false") if told == "if" else ("false",):
            yield end + 2, close - 1, value, "condition"
    elif told in SWAPS and (told not in "+-" or _is_binary(before)):
        for new in SWAPS[told]:
            yield start, end, new, "operator"
    elif told == "!":
        yield start, end, "", "operator"
    elif token["number"] and re.fullmatch(r"\d+", told):
        yield start, end, {"0": "1", "1": "0"}.get(told, str(int(told) + 1)), "constant"


def _of_lines(text, start, end):
    """Statements that are removed: a call, an assignment, an early return, break and continue."""
    at, last = start, text.rfind(";", start, end)
    for line in text[start:end].splitlines(keepends=True):
        bare = line.strip()
        begin, close = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        at += len(line)
        stop = text.find(";", begin, end)
        if not bare or stop < 0 or "{" in text[begin:stop] or re.match(r"(const |static |bool |int|Vs|json_object \*)", bare):
            continue
        fresh = re.search(r"[;{}:)]\s*$|^\s*else\s*$", re.sub(r"/\*.*?\*/\s*$", "", text[start:begin], flags=re.S)) or begin <= start + 4
        if not fresh or close > stop + 1 and stop < close - 1:
            continue
        if ASSIGNED.match(bare) or CALLED.match(bare) or bare in ("break;", "continue;"):
            yield begin, stop + 1, ";", "statement"
        elif bare.startswith("return") and stop != last:
            yield begin, stop + 1, ";", "statement"


def _is_assertion(text, at):
    """It says what our own code must hold, and does nothing."""
    return text[text.rfind("\n", 0, at) + 1:].lstrip().startswith(("g_assert", "G_STATIC_ASSERT"))


def mutants(path, text):
    """All of a file's, by the function or table they are in."""
    found = {}
    for name, start, end, is_function in _parts(text):
        changes = [one for token, before in _tokens(text, start, end) for one in _of_token(text, token, before, is_function)]
        changes += _of_lines(text, start, end) if is_function else []
        changes = [one for one in changes if not _is_assertion(text, one[0])]
        if changes:
            found.setdefault(name, []).extend(Mutant(path, name, *one) for one in changes)
    return found


def choose(files, seed):
    """Without an end to it but that of all mutants: evenly by files, in a file by its functions, in one by kinds. What is
    chosen of a file doesn't depend on the others."""
    rest = {path: mutants(path, text) for path, text in sorted(files.items())}
    chances = {path: random.Random(f"{seed} {path}") for path in rest}
    turns = {path: [] for path in rest}
    while any(rest.values()):
        for path in [one for one in rest if rest[one]]:
            chance = chances[path]
            if not turns[path]:
                turns[path] = chance.sample(sorted(rest[path]), len(rest[path]))
            name = turns[path].pop()
            kinds = sorted({one.kind for one in rest[path][name]})
            kind = chance.choice(kinds)
            chosen = chance.choice([one for one in rest[path][name] if one.kind == kind])
            rest[path][name].remove(chosen)
            if not rest[path][name]:
                del rest[path][name]
            yield chosen


def applied(mutant, text):
    return text[:mutant.start] + mutant.new + text[mutant.end:]


def told(mutant, text):
    """"file:line function: old -> new", on one line."""
    line = text.count("\n", 0, mutant.start) + 1
    begin, end = text.rfind("\n", 0, mutant.start) + 1, text.find("\n", mutant.end)
    old, new = (" ".join(one.split()) for one in (text[begin:end], text[begin:mutant.start] + mutant.new + text[mutant.end:end]))
    return f"{mutant.path}:{line} {mutant.function}: {old} -> {new}"
