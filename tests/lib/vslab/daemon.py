# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtstopd and virtstopctl of the build tree."""

import json
import os
import shutil
import signal
import subprocess
from typing import NamedTuple

from gi.repository import Gio

from . import images
from .bus import iterate_until
from .process import Process

BUS_NAME = "org.virtstop1"
START_TIMEOUT = 30
STOP_TIMEOUT = 20
CAPABILITIES = "-all,+dac_read_search,+kill"  # as virtstopd.service has them


class Result(NamedTuple):
    """What a program said, and how it ended."""
    status: int
    out: str
    err: str


class Daemon:
    """virtstopd, made by Lab.daemon(). State, run state and configuration stay when it ends, so it
    can be started again. @args: more options for it; @config: the text of virtstop.conf; @user: the user that it runs as,
    with the capabilities that its unit leaves it, in the place of root."""

    def __init__(self, lab, *args, config="", environ=None, user=None):
        self.lab = lab
        self.args = args
        self._user = user
        self.directory = lab.new_directory("virtstopd")
        self.state_directory = os.path.join(self.directory, "state")
        self.runtime_directory = os.path.join(self.directory, "run")
        self.configuration_directory = os.path.join(self.directory, "conf")
        for path in (self.state_directory, self.runtime_directory, self.configuration_directory):
            os.mkdir(path)
            if user:
                shutil.chown(path, user, user)
        self.environ = dict(lab.environ, STATE_DIRECTORY=self.state_directory,
                            RUNTIME_DIRECTORY=self.runtime_directory,
                            CONFIGURATION_DIRECTORY=self.configuration_directory, **(environ or {}))
        self._stderr_path = os.path.join(self.directory, "stderr")
        self._process = None
        self.configure(config)

    def configure(self, text):
        """Writes virtstop.conf; it is read at the next start or reload."""
        path = os.path.join(self.configuration_directory, "virtstop.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    # Its life

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    def start(self, stderr=None):
        """Starts it and waits until it owns its bus name. Returns the daemon."""
        self.spawn(stderr)
        if not self.lab.bus.wait_owned(BUS_NAME, START_TIMEOUT, unless_ends=self.pid):
            raise AssertionError(f"virtstopd ended with {self._process.wait()}: {self.stderr}")
        return self

    def spawn(self, stderr=None):
        """Starts it, and does not wait. @stderr: a file descriptor in the place of our file."""
        assert not self.running
        with open(self._stderr_path, "ab") as file:
            self._process = subprocess.Popen(
                [*self._command(), *self.args], env=self.environ,
                stdin=subprocess.DEVNULL, stdout=file, stderr=stderr or file, start_new_session=True)

    def _command(self):
        program = self.program("virtstopd")
        if not self._user:
            return [program]
        self.lab.for_everybody(self.program("virtstop-candidates"))
        return ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--init-groups", "--no-new-privs",
                *(f"--{which}={CAPABILITIES}" for which in ("inh-caps", "ambient-caps", "bounding-set")),
                self.lab.for_everybody(program)]

    def stop(self):
        """Ends it in order (SIGTERM). Returns its exit status."""
        if self.running:
            try:
                Process(self.pid).end(STOP_TIMEOUT)
            finally:
                self._process.wait(STOP_TIMEOUT)
        return self._process.returncode if self._process else None

    def kill(self):
        """Ends it with SIGKILL."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_TIMEOUT)

    def wait_ended(self, timeout=STOP_TIMEOUT):
        """Waits until it has ended of itself. Returns its exit status."""
        return self._process.wait(timeout)

    # What it says

    @property
    def stderr(self):
        """What it wrote to standard output and error, in all its runs."""
        if not os.path.exists(self._stderr_path):
            return ""
        with open(self._stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def ctl(self, *args, timeout=120, user=None, environ=None):
        """Runs virtstopctl, as @user if one is named."""
        program = self.program("virtstopctl")
        done = subprocess.run([self.lab.for_everybody(program) if user else program, *args],
                              env=dict(self.environ, **(environ or {})), user=user, cwd="/" if user else None,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=timeout,
                              check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def spawn_ctl(self, *args):
        """Starts virtstopctl and does not wait; returns its Popen, with pipes for text."""
        return subprocess.Popen([self.program("virtstopctl"), *args], env=self.environ,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, encoding="utf-8")

    @staticmethod
    def program(name):
        return os.path.join(images.build_root(), name)

    @property
    def records_path(self):
        return os.path.join(self.state_directory, "stops.jsonl")

    def records(self, domain=None):
        """The stop records on disk, oldest first; @domain: a name or UUID, for these alone."""
        if not os.path.exists(self.records_path):
            return []
        with open(self.records_path, encoding="utf-8") as file:
            lines = file.read().splitlines(keepends=True)
        # The last line may be on its way.
        records = [json.loads(line) for line in lines if line.endswith("\n")]
        return [record for record in records if domain in (None, record["domain"]["name"], record["domain"]["uuid"])]

    def kept(self):
        """The run states on disk, with which the next daemon goes on: one for every guest."""
        directory = os.path.join(self.runtime_directory, "guests")
        states = []
        for name in os.listdir(directory):
            try:
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    states.append(json.loads(json.load(file)["state"]))
            except (FileNotFoundError, json.JSONDecodeError):
                pass # on its way
        return states

    def wait_records(self, domain, count=1, timeout=30):
        """Waits until there are @count records of that guest at least, and returns them all."""
        file = Gio.File.new_for_path(self.records_path)
        monitor = file.monitor_file(Gio.FileMonitorFlags.NONE, None)
        monitor.set_rate_limit(0)
        try:
            iterate_until(lambda: len(self.records(domain)) >= count, timeout,
                          f"{count} records of {domain}")
        finally:
            monitor.cancel()
        return self.records(domain)
