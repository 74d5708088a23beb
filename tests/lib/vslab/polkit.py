# SPDX-License-Identifier: LGPL-2.1-or-later
"""polkit's own daemon on the lab's bus, with this tree's policy and rules, and users of the lab's own."""

import os
import shutil
import subprocess

from . import world
from .errors import Unavailable
from .images import SOURCE_ROOT
from .process import Process

POLKITD = ("/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/libexec/polkit-1/polkitd")
NAME = "org.freedesktop.PolicyKit1"
USERS = "/etc/passwd", "/etc/group", "/etc/shadow"
ACTIONS, VENDOR_RULES, RULES = "/usr/share/polkit-1/actions", "/usr/share/polkit-1/rules.d", "/etc/polkit-1/rules.d"
START_TIMEOUT = 30
LAB = ("$6$virtstop$FKfFpSusnjhs2rIqg0ai2noLy6w2.o1yim3ImFIbrMAKip2f"
       "HQRhFcxFcRhtyV7Ya/AsOWvjIA.J4Nflz3.vv/")  # of "lab"


def add_users(lab, **groups):
    """Users NAME=(group, ...) of this world alone, without passwords; and root, whose password is "lab"."""
    directory = lab.new_directory("users")
    copies = [os.path.join(directory, os.path.basename(path)) for path in USERS]
    for path, copy in zip(USERS, copies):
        shutil.copy(path, copy)
        world.mount(copy, path, bind=True)
    lines = {copy: open(copy, encoding="utf-8").read().splitlines() for copy in copies}
    passwd, group, shadow = copies
    uids = iter(range(41001, 41100))
    for name, of in groups.items():
        uid = next(uids)
        lines[passwd].append(f"{name}:x:{uid}:{uid}::/:/bin/sh")
        lines[group] = [line + ("" if line.endswith(":") else ",") + name if line.split(":")[0] in of else line
                        for line in lines[group]] + [f"{name}:x:{uid}:"]
        lines[shadow].append(f"{name}:*:1::::::")
    lines[shadow] = [f"root:{LAB}:1::::::" if line.startswith("root:") else line
                     for line in lines[shadow]]
    for copy, its in lines.items():
        with open(copy, "w", encoding="utf-8") as file:
            file.write("\n".join(its) + "\n")


class Polkit:
    """polkitd. @rules: {name: text} of an administrator's own."""

    def __init__(self, lab, rules=None):
        self._lab = lab
        self._process = None
        self._program = next((path for path in POLKITD if os.path.exists(path)), None)
        if not self._program:
            raise Unavailable("needs polkitd")
        self._mount(ACTIONS, {"org.virtstop1.policy": self._shipped("org.virtstop1.policy")})
        self._mount(VENDOR_RULES, {"60-virtstop.rules": self._shipped("60-virtstop.rules"),
                                   "50-default.rules": "polkit.addAdminRule(function() { return [\"unix-user:root\"]; });"})
        self._mount(RULES, rules or {})

    @staticmethod
    def _shipped(name):
        with open(os.path.join(SOURCE_ROOT, "data", name), encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def _mount(path, files):
        world.mount("tmpfs", path, "tmpfs", "size=1m,mode=0755")
        for name, text in files.items():
            with open(os.path.join(path, name), "w", encoding="utf-8") as file:
                file.write(text)

    def start(self):
        log = open(os.path.join(self._lab.directory, "polkitd.log"), "ab")
        with log:
            self._process = subprocess.Popen([self._program, "--no-debug"], env=self._lab.environ,
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not self._lab.bus.wait_owned(NAME, START_TIMEOUT, unless_ends=self._process.pid):
            raise AssertionError(f"polkitd ended with {self._process.wait()}: {self.log}")
        return self

    def stop(self):
        if self._process:
            Process(self._process.pid).end()
            self._process.wait()
            self._process = None

    @property
    def log(self):
        with open(os.path.join(self._lab.directory, "polkitd.log"), encoding="utf-8", errors="replace") as file:
            return file.read()
