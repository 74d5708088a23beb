#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is lost where daemons die: guests of which nothing is left, calls that never reached libvirt."""

import contextlib
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import kernel, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.ladders import Step, check_steps  # noqa: E402

PATIENCE = 60
TEST_URI = "test+unix:///default"
TEST_XML = """\
<domain type='test'>
  <name>simulated</name>
  <memory>8192</memory>
  <os><type>hvm</type></os>
  <on_poweroff>restart</on_poweroff>
</domain>
"""  # it takes the request, and stays up
SPAN = 3  # seconds: as long as virtstopd holds back after a restart, until libvirt is settled


def wait_said(daemon, text):
    iterate_until(lambda: text in daemon.stderr, PATIENCE, f"“{text}” in the log", every=0.1)


def wait_asked(daemon):
    """Waits until the one stop in flight has its libvirt's answer."""
    def answered():
        return [item for state in daemon.kept() for item in state["run"]["evidence"]
                if item["source"] == "reply"]

    iterate_until(answered, PATIENCE, "the answer to the press", every=0.1)


def check_killed(daemon, name, asked):
    """The kernel has told of its process, if nobody else did."""
    out, err = asked.communicate(timeout=PATIENCE)
    record, = daemon.wait_records(name, timeout=PATIENCE)
    told = (record["cause"], record["confidence"], record["clean"], record["signal"], record["request"]["outcome"])
    assert told == ("host-signal", "likely", False, "SIGKILL", "forced"), (told, record)
    assert asked.returncode == 3, (asked.returncode, out, err)


def check_unknown(daemon, name, asked):
    """It is gone and nobody knows how: so the record says, and so does virtstopctl."""
    out, err = asked.communicate(timeout=PATIENCE)
    record, = daemon.wait_records(name, timeout=PATIENCE)
    told = (record["cause"], record["confidence"], record["clean"], record["request"]["outcome"])
    assert told == ("unknown", "unknown", None, "unknown"), (told, record)
    assert "forced" not in [step["result"] for step in record["request"]["steps"]], record
    assert asked.returncode == 1, (asked.returncode, out, err)
    assert name in out + err and "cut off" not in out + err, (out, err)


def vanished(lab):
    """a guest of which libvirt and its log know nothing any more: what the kernel says, or outcome unknown, exit status 1"""
    guest = lab.guest("vanished", cmdline="button=ignore").start()
    daemon = lab.daemon().start()
    asked = daemon.spawn_ctl("stop", "--ladder=power-button:10min destroy", "vanished")
    guest.wait("qmp/POWERDOWN")
    wait_asked(daemon)
    lab.libvirtd.kill()
    wait_said(daemon, "went away")
    guest.kill(signal.SIGKILL)
    guest.qemu.wait(PATIENCE)
    for path in ("/run/libvirt/qemu/vanished.xml", "/var/log/libvirt/qemu/vanished.log"):
        os.unlink(path)
    lab.libvirtd.start()
    (check_killed if kernel.tells_ends() else check_unknown)(daemon, "vanished", asked)


def vanished_simulated(lab):
    """a guest of libvirt's test driver, whose libvirtd was killed: the same"""
    import libvirt
    with contextlib.closing(libvirt.open(TEST_URI)) as connection:
        connection.createXML(TEST_XML)
        daemon = lab.daemon("--uri", TEST_URI).start()
        asked = daemon.spawn_ctl("stop", "--ladder=power-button:10min destroy", "simulated")
        wait_asked(daemon)
        lab.libvirtd.kill()
        wait_said(daemon, "went away")
        lab.libvirtd.start()
        check_unknown(daemon, "simulated", asked)


@contextlib.contextmanager
def frozen(process):
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def never_pressed(lab):
    """virtstopd killed before a press reached libvirt: it is made, and its step has all its time"""
    guests = [lab.guest(name, cmdline=f"button={name}") for name in ("obey", "ignore")]
    lab.start(*guests)
    daemon = lab.daemon().start()
    with frozen(lab.libvirtd.process):
        done = daemon.ctl("stop", "--no-wait", f"--ladder=power-button:{SPAN}s destroy",
                          *(guest.name for guest in guests))
        assert done.status == 0, done
        # Its intent is on disk, but no connection for the press could be opened.
        daemon.kill()
    daemon.start()
    assert not any("qmp/POWERDOWN" in guest.heard for guest in guests), "a press got through"
    obeyed, = daemon.wait_records("obey", timeout=PATIENCE)
    assert obeyed["request"]["outcome"] == "clean" and obeyed["cause"] == "power-button", obeyed
    check_steps((Step("power-button", "went down"),), obeyed)
    ignored, = daemon.wait_records("ignore", timeout=PATIENCE)
    check_steps((Step("power-button", "deadline", SPAN * 1000), Step("destroy", "forced")), ignored)
    pressed, destroyed = (next(event.time for event in guests[1].history if event.text == text)
                          for text in ("qmp/POWERDOWN", "qmp/SHUTDOWN"))
    assert destroyed - pressed > SPAN - 0.1, (destroyed - pressed, ignored)


if __name__ == "__main__":
    tap.main([vanished, vanished_simulated, never_pressed])
