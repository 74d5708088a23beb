# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirtd and virtlogd of the lab, and the lab's own connection to them."""

import os
import subprocess
import threading

import libvirt

from . import events
from .process import Process

URI = "qemu:///system"
START_TIMEOUT = 60
STOP_TIMEOUT = 30

# As root QEMU reads guests wherever they were built. Without controllers libvirt makes no cgroups,
# which two labs with guests of the same name would share, and which are not to be had everywhere.
QEMU_CONF = """\
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
"""
LIBVIRTD_CONF = """\
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "3:file:{log}"
"""


class Libvirtd:
    """The two daemons; they end with the lab, libvirtd also when a test says so."""

    def __init__(self, directory, bus_address, log):
        self.log_path = os.path.join(directory, "libvirtd.log")
        self.process = None
        self.virtlogd = None
        self._listening = None
        self._of_thread = threading.local()
        self._events = log
        self._environ = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus_address)
        self._write("/etc/libvirt/qemu.conf", QEMU_CONF)
        self._write("/etc/libvirt/libvirtd.conf", LIBVIRTD_CONF.format(log=self.log_path))

    @property
    def running(self):
        return self.process is not None and self.process.running

    @property
    def connection(self):
        """The lab's own connection; None while there is no libvirtd. Each thread has another: with
        calls of two threads on one, libvirt before 10.0 can forget about the second for 5 s."""
        if self._listening is None or threading.current_thread() is threading.main_thread():
            return self._listening
        own = self._of_thread.__dict__
        if own.get("beside") is not self._listening:
            own.update(beside=self._listening, connection=libvirt.open(URI))
        return own["connection"]

    def start(self):
        """Returns when libvirtd answers, and the lab is connected and listens."""
        if not self.virtlogd:
            self.start_virtlogd()
        self.start_alone()
        events.run_loop()
        self._listening = libvirt.open(URI)
        events.listen(self._listening, self._events)

    def start_alone(self):
        """Returns when libvirtd listens; the lab doesn't connect."""
        self.process = self._run("/usr/sbin/libvirtd", "/run/libvirtd.pid")

    def start_virtlogd(self):
        self.virtlogd = self._run("/usr/sbin/virtlogd", "/run/virtlogd.pid")

    def stop(self):
        """Ends libvirtd in order (SIGTERM). Guests go on running."""
        self.disconnect()
        if self.process:
            self.process.end(STOP_TIMEOUT)

    def kill(self):
        """Ends libvirtd with SIGKILL."""
        self.process.kill()
        self.disconnect()

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        try:
            self.stop()
        finally:
            if self.virtlogd:
                self.virtlogd.end()

    def disconnect(self):
        """The lab goes on without a connection."""
        connection, self._listening = self._listening, None
        if connection:
            try:
                connection.close()
            except libvirt.libvirtError:
                pass  # it was dead already

    def _run(self, program, pidfile):
        # With -d the program returns when it listens.
        subprocess.run([program, "-d", "-p", pidfile], env=self._environ, stdin=subprocess.DEVNULL,
                       timeout=START_TIMEOUT, check=True)
        with open(pidfile, encoding="ascii") as file:
            return Process(int(file.read()))

    @staticmethod
    def _write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
