# SPDX-License-Identifier: LGPL-2.1-or-later
"""A user's session on the lab's host: his directories, his bus, his libvirt and his virtstopd."""

import contextlib
import json
import os
import pwd
import shutil
import subprocess

import libvirt

from .bus import Bus, as_user, iterate_until
from .daemon import Daemon, Result
from .process import Process

USER = "nobody"
PATIENCE = 60
# Short: QEMU's sockets are made far below, and a socket's path has 107 bytes at most.
DIRECTORIES = {"XDG_RUNTIME_DIR": "ru", "XDG_CONFIG_HOME": "co", "XDG_CACHE_HOME": "ca", "XDG_DATA_HOME": "da",
               "XDG_STATE_HOME": "st"}


class Session:
    """A context manager. Its libvirt is run by whoever asks for it first, as libvirt has it; start_libvirt() does it
    before."""

    def __init__(self, lab):
        self.lab = lab
        self.user = pwd.getpwnam(USER)
        self.directory = lab.new_directory("s")
        self.events = lab.events
        self.directories = {name: os.path.join(self.directory, short) for name, short in DIRECTORIES.items()}
        for path in (self.directory, *self.directories.values()):
            os.makedirs(path, exist_ok=True)
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        # Where a session has it: the environment needs no address of it.
        self.bus = Bus(self.directories["XDG_RUNTIME_DIR"], self.user)
        self.environ = dict(self.directories, HOME=self.directory, PATH=os.environ["PATH"], LC_ALL="C.UTF-8",
                            DBUS_SYSTEM_BUS_ADDRESS=lab.bus.address)
        self.daemons = []
        self._connection = None

    def __enter__(self):
        self.bus.start()
        return self

    def __exit__(self, *exception):
        for daemon in self.daemons:
            daemon.stop()
        if self._connection:
            self._connection.close()
        for name in ("libvirtd.pid", "virtqemud.pid"):
            self.end_libvirt(name)
        self.bus.stop()

    def start_libvirt(self):
        """Returns the path of its socket."""
        pid_file = os.path.join(self.directory, "pid")
        subprocess.run(["/usr/sbin/libvirtd", "-d", "-p", pid_file], env=self.environ, check=True, timeout=PATIENCE,
                       stdin=subprocess.DEVNULL, **as_user(self.user))
        shutil.copy(pid_file, self.of_libvirt("libvirtd.pid"))
        return self.of_libvirt("libvirt-sock")

    def end_libvirt(self, name="libvirtd.pid"):
        with contextlib.suppress(FileNotFoundError):
            with open(self.of_libvirt(name), encoding="ascii") as file:
                Process(int(file.read())).end(PATIENCE)

    def of_libvirt(self, name):
        return os.path.join(self.directories["XDG_RUNTIME_DIR"], "libvirt", name)

    @property
    def connection(self):
        """The lab's own, to a libvirt that runs."""
        if not self._connection:
            iterate_until(lambda: os.path.exists(self.of_libvirt("libvirt-sock")), PATIENCE, "libvirt's socket", every=0.1)
            self._connection = libvirt.open(f"qemu+unix:///session?socket={self.of_libvirt('libvirt-sock')}")
        return self._connection

    def start(self, guest):
        """Starts a guest of the lab's in this session, and waits until it is up."""
        guest.expect()
        self.connection.createXML(guest.xml)
        guest.wait("console/ready", timeout=PATIENCE)

    def daemon(self, config="", environ=None):
        """A UserDaemon, not started."""
        daemon = UserDaemon(self, config, environ)
        self.daemons.append(daemon)
        return daemon

    def run(self, *command, environ=None, timeout=120):
        """Runs a program of ours as that user; a Result."""
        done = subprocess.run([self.lab.for_everybody(Daemon.program(command[0])), *command[1:]],
                              env=dict(self.environ, **(environ or {})), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", timeout=timeout,
                              check=False, **as_user(self.user))
        return Result(done.returncode, done.stdout, done.stderr)


class UserDaemon(Daemon):
    """virtstopd --user, with its things where XDG has them."""

    def __init__(self, session, config="", environ=None):
        self.lab = session
        self.args = ("--user",)
        self.directory = session.lab.new_directory("virtstopd")
        self.state_directory, self.runtime_directory, self.configuration_directory = (
            os.path.join(session.directories[name], "virtstop")
            for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"))
        os.makedirs(self.configuration_directory, exist_ok=True)
        self.environ = dict(session.environ, **(environ or {}))
        self._stderr_path = os.path.join(self.directory, "stderr")
        self._process = None
        self.configure(config)

    def spawn(self, stderr=None):
        assert not self.running
        with open(self._stderr_path, "ab") as file:
            self._process = subprocess.Popen(
                [self.lab.lab.for_everybody(self.program("virtstopd")), *self.args], env=self.environ,
                stdin=subprocess.DEVNULL, stdout=file, stderr=stderr or file, start_new_session=True,
                **as_user(self.lab.user))

    def ctl(self, *args, timeout=120, user=None, environ=None):
        return self.lab.run("virtstopctl", "--user", *args, timeout=timeout, environ=environ)

    def listed(self, name):
        return [one for one in json.loads(self.ctl("list", "--json=short").out or "[]") if one["name"] == name]
