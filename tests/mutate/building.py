# SPDX-License-Identifier: LGPL-2.1-or-later
"""A copy of the tree, built once, with src/core as a shared library: a mutant costs one compiled file and a link."""

import os
import resource
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
COPIED_NOT = (".git", "autom4te.cache", "__pycache__", "images")
LIBRARY = "libvscoretest.so"


def run(command, cwd, env=None, timeout=None, cpu=None, told=None):
    """Whether it went well, and what it said; @told is its input. With all that it began it is ended when its time is over."""
    def limit():
        if cpu:
            resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE if told else subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True, preexec_fn=limit) as child:
        try:
            said, _ = child.communicate(told, timeout=timeout)
        except subprocess.TimeoutExpired:
            said = None
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return child.wait() == 0 and said is not None, said or "it hangs"


def must(command, cwd):
    fine, said = run(command, cwd)
    if not fine:
        sys.exit(f"{' '.join(command)}: {said[-3000:]}")
    return said


class Build:
    """@objects: of each file what it compiles to, plain (to be compared), and @checked, with the sanitizer (to be run)."""
    def __init__(self, top):
        self.top, self.source, self.build = top, os.path.join(top, "source"), os.path.join(top, "build")
        shutil.copytree(SOURCE, self.source, symlinks=True, ignore=self._left_out, dirs_exist_ok=True)
        os.makedirs(self.build, exist_ok=True)
        if not os.path.exists(os.path.join(self.source, "configure")):
            must(["autoreconf", "-fi"], self.source)
        if not os.path.exists(os.path.join(self.build, "Makefile")):
            must(["../source/configure", "-q", "CC=" + os.environ.get("CC", "gcc"),
                  "CFLAGS=-O1 -fPIC -g0 -fno-semantic-interposition", "LDFLAGS=-fsanitize=leak"], self.build)
        self.make("libcore.a", "libutil.a")
        self.files = sorted(name for name in os.listdir(os.path.join(self.source, "src/core")) if name.endswith(".c"))
        self.texts = {name: self._read(name) for name in self.files}
        self.command = self._command()
        self.libraries = must(["pkg-config", "--libs", "glib-2.0", "gio-2.0", "json-c"], self.build).split()
        self.whole, self.covered = os.path.join(top, "whole"), os.path.join(top, "covered")
        self.plain = {name: self.compile(name, self.texts[name], self._in(self.whole, name, ".plain.o")) for name in self.files}
        self.checked = {name: self.check(name, self.texts[name], self._in(self.whole, name, ".o")) for name in self.files}
        covered = {name: self.cover(name, self.texts[name], self._in(self.covered, name, ".o")) for name in self.files}
        self.link(self.whole, self.checked)
        self.link(self.covered, covered, "--coverage")
        self._stand_in()

    @staticmethod
    def _left_out(directory, names):
        return [name for name in names
                if name in COPIED_NOT or os.path.exists(os.path.join(directory, name, "config.status"))]

    def _read(self, name):
        with open(os.path.join(self.source, "src/core", name), encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def _in(directory, name, end):
        os.makedirs(directory, exist_ok=True)
        return os.path.join(directory, name[:-2] + end)

    def _stand_in(self):
        """Whatever is linked with src/core's archive gets the library."""
        with open(os.path.join(self.build, "libcore.a"), "r+b") as script:
            if not script.read(8).startswith(b"INPUT("):
                script.seek(0)
                script.truncate()
                script.write(f"INPUT({self.whole}/{LIBRARY})\n".encode())

    def make(self, *targets):
        return must(["make", "-s", f"-j{len(os.sched_getaffinity(0))}", *targets], self.build)

    def _command(self):
        """How make compiles a file of src/core, up to the names."""
        said = must(["make", "-n", "V=1", "-W", "../source/src/core/cause.c", "src/core/cause.o"], self.build)
        words = next(line for line in said.splitlines() if " -c " in line and "cause.c" in line).split("&&")[0].split(";")[-1].split()
        words = words[:words.index("-MT")] + words[words.index("-MF") + 2:words.index("-c")]
        return [word for word in words if word != "ccache"] + ["-w", "-x", "c", "-c", "-"]

    def compile(self, name, text, into, *flags):
        """@into, or None; it depends on nothing but the text."""
        return into if run([*self.command, *flags, "-o", into], self.build, told=f'# 1 "{name}"\n{text}')[0] else None

    def check(self, name, text, into):
        return self.compile(name, text, into, "-fsanitize=undefined", "-fno-sanitize-recover=all")

    def cover(self, name, text, into):
        return self.compile(name, text, into, "-O0", "--coverage")

    def link(self, into, objects, *flags):
        return run(["gcc", "-shared", "-fsanitize=undefined", *flags, f"-Wl,-soname,{LIBRARY}", "-o", os.path.join(into, LIBRARY),
                    *objects.values(), "-Wl,--whole-archive", "libutil.a", "-Wl,--no-whole-archive", *self.libraries], self.build)[0]
