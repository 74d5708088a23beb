#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""quickstart on a terminal. What it calls is played, but for the last case: it takes minutes, and installs packages."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import Skip, Unavailable, images, tap  # noqa: E402
from vslab.terminal import CTRL_C, Terminal  # noqa: E402

PROMPTLY = 5  # it takes one second, on a machine that has nothing else to do
PATIENCE = 180
INTERRUPTED = 130

NOTHING = "#!/bin/sh\n"
# All that makes a terminal stop who isn't in its foreground.
USES_TERMINAL = """\
#!/bin/bash
{ read -r -t 0.1; read -r -t 0.1 </dev/tty; stty sane; stty -F /dev/tty sane; } 2>/dev/null
echo "${0##*/} $1"
"""
# Hears nothing that can be ignored, nor does its child in another process group.
STUBBORN = """\
#!/bin/bash
trap '' INT TERM HUP
set -m
sleep 600 &
echo "${0##*/} works"
[ -t 1 ] || echo "${0##*/} works" >"$VS_TEST_TREE/working"
wait
"""
INSTALLS_SLOWLY = """\
#!/bin/sh
case $* in *install*) ;; *) exit ;; esac
echo 'Setting up zero'
echo 'Setting up one'
sleep 3
"""
FAILS = """\
#!/bin/sh
echo 'E: no mirror'
exit 100
"""
TESTS_SLOWLY = """\
#!/bin/sh
case $* in *check*) ;; *) exit ;; esac
echo 'PASS: tests/one 1 - first'
sleep 3
echo 'PASS: tests/one 2 - second'
"""
CONFIGURE = "#!/bin/sh\ntouch config.status\n"
DEMO = "print('the demo is shown')\n"


class Tree:
    """A source tree with nothing but quickstart, and @programs in front of PATH."""

    def __init__(self, lab, installed=True, **programs):
        self.path = lab.new_directory("tree")
        self.programs = lab.new_directory("programs")
        self.scratch = lab.new_directory("scratch")
        shutil.copy(os.path.join(images.SOURCE_ROOT, "quickstart"), self.path)
        self.write("tests/packages.txt", "gcc\n")
        self.write("tests/demo/demo.py", DEMO)
        self.write("configure", CONFIGURE)
        self.write("Makefile.in", "")
        programs.setdefault("make", NOTHING)
        programs.setdefault("apt_get", NOTHING)
        programs["dpkg_query"] = "#!/bin/sh\n" + ("echo installed\n" if installed else "exit 1\n")
        programs["dpkg"] = NOTHING
        for name, text in programs.items():
            self.write(os.path.join(self.programs, name.replace("_", "-")), text)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def run(self, *args, **environ):
        """quickstart with these arguments, on a Terminal."""
        environ = dict(os.environ, PATH=f"{self.programs}:{os.environ['PATH']}", VS_TEST_TREE=self.path, **environ)
        return Terminal(self.scratch, os.path.join(self.path, "quickstart"), *args, environ=environ)


def need_root():
    if os.geteuid() != 0:
        raise Unavailable("needs root, as quickstart does to install packages")


def need_guests():
    need_root()
    if os.environ.get("VS_LAB") == "skip":
        raise Skip("VS_LAB=skip is set: no guests in this run")
    if not importlib.util.find_spec("libvirt"):
        raise Unavailable("needs python3-libvirt")


def check_interrupted(terminal, scratch):
    """Ctrl-C ends it at once, and nothing is left of it."""
    terminal.press(CTRL_C)
    status = terminal.wait_end(PROMPTLY)
    assert status == INTERRUPTED, (status, terminal.text)
    assert terminal.left() == [], terminal.text
    assert os.listdir(scratch) == [], os.listdir(scratch)


def wait_working(tree):
    """Waits until the stubborn one, whose words go to a log, works."""
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(os.path.join(tree.path, "working")):
        assert time.monotonic() < deadline, "it doesn't work yet"
        time.sleep(0.05)


def apt_get_and_terminal(lab):
    """apt-get may use the terminal"""
    need_root()
    tree = Tree(lab, installed=False, apt_get=USES_TERMINAL)
    with tree.run("demo") as terminal:
        assert terminal.wait_end() == 0, terminal.text
        assert "Installing" in terminal.text and "the demo is shown" in terminal.text, terminal.text
        assert "apt-get" not in terminal.text, terminal.text
        assert os.listdir(tree.scratch) == [], os.listdir(tree.scratch)


def slow_apt_get(lab):
    """how far apt-get is, where that takes long"""
    need_root()
    tree = Tree(lab, installed=False, apt_get=INSTALLS_SLOWLY)
    with tree.run("demo", VS_CHECK_BEAT="1") as terminal:
        assert terminal.wait_end() == 0, terminal.text
        assert "still installing packages (Setting up one)" in terminal.text, terminal.text
        assert "Setting up zero" not in terminal.text, terminal.text


def failing_apt_get(lab):
    """what apt-get said, where it failed"""
    need_root()
    tree = Tree(lab, installed=False, apt_get=FAILS)
    with tree.run("demo") as terminal:
        assert terminal.wait_end() == 1, terminal.text
        assert "E: no mirror" in terminal.text and "cannot install the packages" in terminal.text, terminal.text
        assert os.listdir(tree.scratch) == [], os.listdir(tree.scratch)


def build_and_terminal(lab):
    """so may what is run by the build, and by the check"""
    need_root()
    tree = Tree(lab, make=USES_TERMINAL)
    for args in ("demo",), ("check", "--plain"):
        with tree.run(*args) as terminal:
            assert terminal.wait_end() == 0, terminal.text


def interrupted_apt_get(lab):
    """Ctrl-C while packages are installed"""
    need_root()
    tree = Tree(lab, installed=False, apt_get=STUBBORN)
    with tree.run("demo") as terminal:
        wait_working(tree)
        check_interrupted(terminal, tree.scratch)


def interrupted_build(lab):
    """Ctrl-C while the demo is built"""
    need_root()
    tree = Tree(lab, make=STUBBORN)
    with tree.run("demo") as terminal:
        wait_working(tree)
        check_interrupted(terminal, tree.scratch)


def interrupted_check(lab):
    """Ctrl-C in the check, also where there are no namespaces"""
    for programs in {}, {"unshare": "#!/bin/sh\nexit 1\n"}:
        tree = Tree(lab, make=STUBBORN, **programs)
        with tree.run("check") as terminal:
            wait_working(tree)
            check_interrupted(terminal, tree.scratch)


def sign_of_life(lab):
    """the check tells again and again how far it is, and last of all how it came out"""
    tree = Tree(lab, make=TESTS_SLOWLY)
    with tree.run("check", "--plain", VS_CHECK_BEAT="1") as terminal:
        assert terminal.wait_end() == 0, terminal.text
        assert re.search(r"^check: +1 passed, 0 failed, 0 skipped so far", terminal.text, re.M), terminal.text
        assert terminal.text.endswith("\n2 passed, 0 failed, 0 skipped\n"), terminal.text


def no_noise(lab):
    """where that is soon, it tells nothing else"""
    tree = Tree(lab, make=TESTS_SLOWLY)
    with tree.run("check", "--plain") as terminal:
        assert terminal.wait_end() == 0, terminal.text
        assert "so far" not in terminal.text, terminal.text


def demo_as_user(lab):
    """the demo says at once that it needs root, before anything is installed or built"""
    need_root()
    tree = Tree(lab, make=STUBBORN)
    os.chmod(lab.directory, 0o755)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/bin/bash",
                           os.path.join(tree.path, "quickstart"), "demo"], capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode != 0 and "the demo needs root" in done.stderr, done
    assert not os.path.exists(os.path.join(tree.path, "build")), "it began to build"


def unknown_option(lab):
    """what the demo doesn't know it says at once, too"""
    tree = Tree(lab, make=STUBBORN)
    for args in ("--kep",), ("--keep", "more"):
        with tree.run("demo", *args) as terminal:
            assert terminal.wait_end(PROMPTLY) == 1, terminal.text
            assert f"not '{' '.join(args)}'" in terminal.text, terminal.text
    assert not os.path.exists(os.path.join(tree.path, "build")), "it began to build"


def demo_interrupted(lab):
    """Ctrl-C in the demo itself, while it boots guests and while it stops them"""
    need_guests()
    program = os.path.join(images.SOURCE_ROOT, "tests/demo/demo.py")
    for moment in "Booting", "virtstopctl stop":
        # Not below the lab's own directory: a socket's path has 107 bytes.
        with (tempfile.TemporaryDirectory(prefix="vs-", dir="/tmp") as scratch,
              Terminal(scratch, "/usr/bin/python3", "-B", program) as terminal):
            terminal.wait_text(moment)
            time.sleep(1)  # into the midst of it
            check_interrupted(terminal, scratch)
            assert "Traceback" not in terminal.text, terminal.text


if __name__ == "__main__":
    tap.main([apt_get_and_terminal, slow_apt_get, failing_apt_get, build_and_terminal, interrupted_apt_get,
              interrupted_build, interrupted_check, sign_of_life, no_noise, demo_as_user, unknown_option,
              demo_interrupted], kind="BareLab")
