#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stops that are asked for in the moment in which the guest is started."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import NO_DOMAIN, Client, check_fails  # noqa: E402

PATIENCE = 60
ROUNDS = 4
HOOK = "/etc/libvirt/hooks/qemu"
# A start waits as long as there is a file of the guest's name, and fails where its name ends so.
HELD = """\
#!/bin/sh
if [ "$2" = start ]; then
    touch /run/begun-"$1"
    while [ -e /run/hold-"$1" ]; do sleep 0.05; done
    case "$1" in *-fails) exit 1;; esac
fi
exit 0
"""


METADATA = '<v:policy xmlns:v="https://virtstop.org/xmlns/policy/1.0" Group="ours" Priority="50"/>'


@contextlib.contextmanager
def frozen(daemon):
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(daemon.pid, signal.SIGCONT)


def right_after(lab):
    """asked when virsh's start has just come back, many times: by name, UUID and id, defined and not"""
    daemon = lab.daemon().start()
    client = Client(lab.bus)
    defined = lab.guest("defined", cmdline="button=obey", persistent=True)
    lab.connection.defineXML(defined.xml)
    client.wait_domain("defined")

    def stop_as_it_starts(guest, n):
        """What libvirt tells of it, and the call, wait for virtstopd together."""
        before = len(daemon.records(guest.name))
        with frozen(daemon):
            guest.start(wait=False)
            names = (guest.name, guest.uuid, str(guest.domain.ID()))
            thread = threading.Thread(target=client.stop, args=(names[n % 3],), kwargs={"ladder": "destroy"})
            thread.start()
            time.sleep(0.1)  # the call is on its way, and nothing tells that it has come
        record = daemon.wait_records(guest.name, before + 1, timeout=PATIENCE)[-1]
        thread.join()
        assert record["request"] and record["request"]["outcome"] == "forced", (n, record)

    for n in range(ROUNDS):
        stop_as_it_starts(lab.guest(f"transient-{n}", cmdline="button=obey"), n)
        stop_as_it_starts(defined, n)
    check_fails(NO_DOMAIN, ["nobody"], client.stop, "nobody")
    done = daemon.ctl("stop", "nobody")
    assert done.status == 4, done
    done = daemon.ctl("stop", "defined")
    assert done.status == 0 and "off already" in done.out + done.err, done


def of_a_part(lab):
    """a part that only the guest's metadata names, asked for as it starts for the first time: it is stopped, and no other is"""
    daemon = lab.daemon().start()
    for n in range(2):
        guest = lab.guest(f"ours-{n}", cmdline="button=obey", metadata=METADATA)
        with frozen(daemon):
            guest.start(wait=False)
            others = daemon.spawn_ctl("stop-all", "--priority=..10", "--ladder=destroy")
            time.sleep(0.1)
        out, err = others.communicate(timeout=PATIENCE)
        assert others.returncode == 0 and "No guest of that part runs" in out, (n, out, err)
        again = lab.guest(f"again-{n}", cmdline="button=obey", metadata=METADATA)
        with frozen(daemon):
            again.start(wait=False)
            asked = daemon.spawn_ctl("stop-all", "--group=ours", "--ladder=destroy")
            time.sleep(0.1)
        out, err = asked.communicate(timeout=PATIENCE)
        assert asked.returncode == 3, (n, asked.returncode, out, err)
        for name in (guest.name, again.name):
            assert daemon.wait_records(name)[0]["host_stop"]["part"] == {"groups": ["ours"]}, (n, daemon.records(name))


def begin_start(guest):
    """virsh start, which is held up in libvirt's hook when this returns."""
    with open(f"/run/hold-{guest.name}", "w", encoding="utf-8"):
        pass
    guest.expect()
    start = subprocess.Popen(["virsh", "-q", "-c", "qemu:///system", "start", guest.name],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    iterate_until(lambda: os.path.exists(f"/run/begun-{guest.name}"), PATIENCE, "libvirt's hook", every=0.1)
    return start


def held_start(lab):
    """asked while libvirt's hook holds up its start: it is waited for; one that fails is off; a long one is named"""
    os.makedirs(os.path.dirname(HOOK), exist_ok=True)
    with open(HOOK, "w", encoding="utf-8") as file:
        file.write(HELD)
    os.chmod(HOOK, 0o755)
    lab.libvirtd.restart()
    guests = {name: lab.guest(name, cmdline="button=obey", persistent=True)
              for name in ("comes", "start-fails", "too-long")}
    for guest in guests.values():
        lab.connection.defineXML(guest.xml)
    daemon = lab.daemon().start()
    starts, asked = {}, {}
    for name, guest in guests.items():
        starts[name] = begin_start(guest)
        asked[name] = daemon.spawn_ctl("stop", "--ladder=destroy", name)

    def release(name, status):
        os.unlink(f"/run/hold-{name}")
        out, err = asked[name].communicate(timeout=PATIENCE)
        starts[name].wait(PATIENCE)
        assert asked[name].returncode == status, (name, asked[name].returncode, out, err)
        return out + err

    said = release("comes", 3)
    assert "cut off" in said, said
    said = release("start-fails", 0)
    assert "off already" in said, said
    out, err = asked["too-long"].communicate(timeout=PATIENCE)
    assert asked["too-long"].returncode == 1 and "whether “too-long” runs" in err, (out, err)
    asked["too-long"] = daemon.spawn_ctl("stop", "--ladder=destroy", "too-long")
    said = release("too-long", 3)
    assert [daemon.wait_records(name)[0]["cause"] for name in ("comes", "too-long")] == ["destroyed"] * 2
    assert not daemon.records("start-fails"), daemon.records("start-fails")


if __name__ == "__main__":
    tap.main([right_after, of_a_part, held_start])
