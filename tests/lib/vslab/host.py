# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole host: systemd as process 1, logind, journald, a bus, libvirtd and guests, which powers off and boots again."""

import json
import os
import shutil
import socket
import subprocess
import time
from typing import NamedTuple

from . import cgroups, images
from .daemon import Result
from .errors import Timeout, Unsupported
from .hostguest import HostGuest
from .hostroot import HostRoot
from .process import Process

BOOT_TIMEOUT = 90
DOWN_TIMEOUT = 120
COMMAND_TIMEOUT = 60
REBOOTS = 133  # what systemd-nspawn --keep-unit exits with where the host wants to boot again
SHARED = "/vslab"  # what the host calls the directory that it shares with us
RECORDS = "/var/lib/virtstop/stops.jsonl"
CONFIGURATION = "/etc/virtstop/virtstop.conf"
ENVIRON = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}


class Down(NamedTuple):
    """How a host went down: "poweroff" or "reboot", and how long it took."""
    how: str
    seconds: float


class Host:
    """Made by HostLab.host(), off. Its files stay when it is off, and it can be booted again. @units: what is
    enabled, besides libvirtd. @virtstop: whether `make install` put virtstop there."""

    booted = False  # one of them has

    def __init__(self, lab, name, units=(), virtstop=True, config=""):
        self.name = name
        self.events = lab.events
        self.guests = []
        self.leader = None  # process 1, while the host runs
        self._nspawn = None
        self._groups_name = os.path.join(os.path.basename(lab.directory), name)
        self._base = os.path.join(lab.directory, name)
        self.directory = os.path.join(self._base, "shared")
        self._console_path = os.path.join(self._base, "console")
        self._images = {}
        os.makedirs(self.directory)
        os.mkdir(os.path.join(self._base, "files"))
        self.root = HostRoot(os.path.join(self._base, "files"), name)
        if virtstop:
            self.root.install()
        self.configure(config)
        if units:
            self.root.systemctl("enable", *units)

    def close(self):
        """Leaves nothing of it but its directory."""
        self.kill()
        for guest in self.guests:
            guest.remove()
        self.root.close()
        cgroups.remove(self._groups_name)

    # Its life

    def boot(self):
        """Boots it, and returns it when all that is enabled has been started."""
        assert not self.running
        # An abstract one: the path of a directory of ours may be too long for a socket.
        address = f"vslab-notify-{self.name}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(f"\0{address}")
            self._spawn(f"@{address}")
            self._wait_booted(notify)
        return self

    @property
    def running(self):
        return self._nspawn is not None and self._nspawn.poll() is None

    def power_off(self, timeout=DOWN_TIMEOUT):
        return self.go_down("poweroff", timeout=timeout)

    def reboot(self, timeout=DOWN_TIMEOUT):
        """Goes down to boot again; boot() does that."""
        return self.go_down("reboot", timeout=timeout)

    def go_down(self, *verb, timeout=DOWN_TIMEOUT):
        """systemctl @verb, and waits until the host is down. Returns a Down."""
        self.ask_down(*verb)
        return self.wait_down(timeout)

    def ask_down(self, *verb):
        """systemctl @verb, and does not wait."""
        self.asked_at = time.monotonic()
        # It may be cut off with the host.
        self.run("systemctl", *verb, check=False)

    def schedule(self, verb, seconds):
        """What `shutdown` with a time asks logind for, which takes whole minutes only; and does not wait."""
        self.asked_at = time.monotonic() + seconds
        self.run("busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                 "ScheduleShutdown", "st", verb, str(int((time.time() + seconds) * 1000000)))

    def wait_down(self, timeout=DOWN_TIMEOUT):
        """Waits until it is down, asked to be so by ask_down(). Returns a Down."""
        try:
            status = self._nspawn.wait(timeout - (time.monotonic() - self.asked_at))
        except subprocess.TimeoutExpired:
            raise Timeout(f"{self.name} still is not down after {timeout} s") from None
        seconds = time.monotonic() - self.asked_at
        self.leader = None
        assert status in (0, REBOOTS), f"{self.name} ended with {status}"
        return Down("reboot" if status == REBOOTS else "poweroff", seconds)

    def kill(self):
        """As if its power failed."""
        if self.running:
            if self.leader:
                self.leader.kill()
            else:
                self._nspawn.kill()
            self._nspawn.wait(COMMAND_TIMEOUT)
        self.leader = None

    # What a test does in it

    def run(self, *command, check=True, timeout=COMMAND_TIMEOUT):
        """Runs a command in it; returns a Result."""
        done = subprocess.run(self._enter(command), env=ENVIRON, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=timeout, check=False)
        result = Result(done.returncode, done.stdout, done.stderr)
        assert not check or result.status == 0, f"{command}: {result}"
        return result

    def spawn(self, *command):
        """Starts a command in it; returns its Popen, with pipes for text."""
        return subprocess.Popen(self._enter(command), env=ENVIRON, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")

    def ctl(self, *args, **options):
        """Runs virtstopctl; its exit status is the caller's to check."""
        return self.run("virtstopctl", *args, **dict({"check": False}, **options))

    def guest(self, name, kind="tiny", cmdline="", **options):
        """A HostGuest, not started."""
        guest = HostGuest(self, name, kind, cmdline, **options)
        self.guests.append(guest)
        return guest

    def main_process(self, unit):
        """The main process of a service."""
        pid = int(self.run("systemctl", "show", "--value", "--property=MainPID", unit).out)
        return self.process(pid)

    def process(self, pid):
        """Its process @pid."""
        return Process(self._pid_out_here(pid))

    def configure(self, text):
        """Writes virtstop.conf; an empty one leaves that which was installed."""
        if text:
            self.write(CONFIGURATION, text)

    def write(self, path, text):
        self.root.write(path, text)

    # What a test looks at

    def read(self, path):
        """A file's text, also when the host is off, or None where there is none."""
        return self.root.read(path)

    @property
    def console(self):
        """What it said on its console, in all its runs."""
        with open(self._console_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def records(self, domain=None):
        """The stop records on disk, oldest first; @domain: a name, for these alone."""
        records = [json.loads(line) for line in (self.read(RECORDS) or "").splitlines(keepends=True)
                   if line.endswith("\n")]
        return [record for record in records if domain in (None, record["domain"]["name"])]

    def journal(self, *args):
        """What journalctl tells with these arguments, also when the host is off."""
        command = ["journalctl", "--quiet", "--no-pager", "-D", self.root.inside("var/log/journal"), *args]
        return subprocess.run(command, env=ENVIRON, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                              timeout=COMMAND_TIMEOUT, check=False).stdout

    def is_active(self, unit):
        return self.run("systemctl", "is-active", unit, check=False).out.strip() == "active"

    # For its guests

    def image(self, build):
        """The files that @build makes, copied to where QEMU may read them."""
        if build not in self._images:
            self._images[build] = []
            for path in build():
                inside = f"/var/lib/vslab/{os.path.basename(path)}"
                os.makedirs(self.root.inside("/var/lib/vslab"), exist_ok=True)
                shutil.copyfile(path, self.root.inside(inside))
                self._images[build].append(inside)
        return self._images[build]

    def inside(self, path):
        """What it calls a file in our shared directory."""
        return os.path.join(SHARED, os.path.relpath(path, self.directory))

    # How it is done

    def _spawn(self, notify_address):
        groups = cgroups.make(self._groups_name)
        join = 'for group in $GROUPS_TO_JOIN; do echo $$ >"$group/cgroup.procs" || exit; done; exec "$@"'
        command = ["systemd-nspawn", "-D", self.root.path, "-b", "--register=no", "--keep-unit", "-M", self.name,
                   "--private-network", "--notify-ready=yes", "--link-journal=no", "--resolv-conf=off",
                   "--timezone=off", f"--bind={self.directory}:{SHARED}"]
        environ = dict(ENVIRON, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1", NOTIFY_SOCKET=notify_address,
                       GROUPS_TO_JOIN=" ".join(groups))
        with open(self._console_path, "ab") as console:
            self._nspawn = subprocess.Popen(["sh", "-c", join, "sh", *command], env=environ,
                                            stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                            start_new_session=True)

    def _wait_booted(self, notify):
        deadline = time.monotonic() + BOOT_TIMEOUT
        while True:
            notify.settimeout(0.5)  # to see that nspawn has ended: it says nothing then
            try:
                lines = notify.recv(4096).decode().splitlines()
            except TimeoutError:
                lines = []
            for line in lines:
                key, _, value = line.partition("=")
                if key == "X_NSPAWN_LEADER_PID":
                    self.leader = Process(int(value))
                elif line == "READY=1":
                    Host.booted = True
                    return
            if not self.running:
                # Where one has booted, the next has to.
                assert not Host.booted, f"the host ended while it booted: {self.console}"
                raise Unsupported(f"this machine boots no host: {self.console}")
            if time.monotonic() > deadline:
                raise Timeout(f"{self.name} has not booted after {BOOT_TIMEOUT} s")

    def _enter(self, command):
        return ["nsenter", "-t", str(self.leader.pid), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]

    def _pid_out_here(self, pid):
        """The pid, in our PID namespace, of its process @pid."""
        space = os.readlink(f"/proc/{self.leader.pid}/ns/pid")
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{entry}/ns/pid") == space and _inner_pid(entry) == pid:
                    return int(entry)
            except OSError:
                continue
        raise ProcessLookupError(f"{self.name} has no process {pid}")


def _inner_pid(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return next(int(line.split()[-1]) for line in file if line.startswith("NSpid:"))
