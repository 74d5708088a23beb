# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another host to migrate guests to, as far as libvirt can tell."""

import contextlib
import os
import subprocess

import libvirt

from .libvirtd import START_TIMEOUT, STOP_TIMEOUT
from .process import Process

# In mounts of its own, where only the lab's directory is the same, and with a name of its own: libvirt refuses to
# migrate a guest to where it is.
SCRIPT = """\
set -e
for path in /run/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
    mount -t tmpfs none $path
done
cp -r /etc/libvirt etc
sed -i '/^log_outputs/d' etc/libvirtd.conf
echo 'host_uuid = "8b63b5a2-6f0e-4a53-8a0c-0c1f6f0b4a6e"' >>etc/libvirtd.conf
echo "log_outputs = \\"3:file:$PWD/libvirtd.log\\"" >>etc/libvirtd.conf
mount --bind etc /etc/libvirt
hostname elsewhere
/usr/sbin/virtlogd -d -p $PWD/virtlogd.pid
/usr/sbin/libvirtd -d -p $PWD/libvirtd.pid
"""


@contextlib.contextmanager
def elsewhere(lab):
    """The host exists inside the with statement. Gives a connection to its libvirtd, and the URI to be given as
    VIR_MIGRATE_PARAM_URI."""
    directory = lab.new_directory("elsewhere")
    subprocess.run(["unshare", "--mount", "--uts", "sh", "-c", SCRIPT], cwd=directory, check=True,
                   timeout=START_TIMEOUT)
    daemons = [Process(_read_pid(directory, name)) for name in ("libvirtd", "virtlogd")]
    try:
        socket = f"/proc/{daemons[0].pid}/root/run/libvirt/libvirt-sock"
        with contextlib.closing(libvirt.open(f"qemu+unix:///system?socket={socket}")) as connection:
            yield connection, f"unix://{directory}/migration"
    finally:
        for daemon in daemons:
            daemon.end(STOP_TIMEOUT)


def _read_pid(directory, name):
    with open(os.path.join(directory, name + ".pid"), encoding="ascii") as file:
        return int(file.read())
