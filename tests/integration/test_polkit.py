#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may stop guests, by polkit's own daemon: a member of group libvirt, whoever a rule lets, whoever knows root's
password; others may look."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap  # noqa: E402
from vslab.images import SOURCE_ROOT  # noqa: E402
from vslab.polkit import Polkit, add_users  # noqa: E402
from vslab.terminal import Terminal  # noqa: E402

NOT_AUTHORISED = 5
LADDER = "--ladder=power-button:60s leave"


def rule_of_manual():
    """The example of virtstopd(8)."""
    with open(os.path.join(SOURCE_ROOT, "man", "virtstopd.8.rst"), encoding="utf-8") as file:
        text = file.read()
    begin = text.index("    polkit.addRule(")
    return text[begin:text.index("    });\n", begin)] + "    });\n"


def set_up(lab):
    add_users(lab, member=("libvirt",), ordinary=(), anna=())
    lab.polkit = Polkit(lab, {"50-anna.rules": rule_of_manual()}).start()
    # polkit's helper, which checks a password, has no other way to it.
    os.makedirs("/run/dbus")
    os.symlink(lab.bus.address.partition("=")[2], "/run/dbus/system_bus_socket")


def refused(done, *parts):
    assert done.status == NOT_AUTHORISED and all(part in done.err for part in parts), done


def plain_error(lab, user, method):
    """What a call of the manager by another client fails with, as @user."""
    done = subprocess.run(["dbus-send", f"--bus={lab.bus.address}", "--print-reply", "--dest=org.virtstop1",
                           "/org/virtstop1", f"org.virtstop1.Manager.{method}"], user=user, cwd="/", env=lab.environ,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          check=False)
    assert done.returncode != 0, done
    return done.stderr


def members(lab):
    """a member of group libvirt may stop, extend, cancel and cut off; the record names him"""
    stays = lab.guest("stays", cmdline="button=ignore")
    goes = lab.guest("goes")
    lab.start(stays, goes)
    daemon = lab.daemon().start()
    assert daemon.ctl("stop", "goes", user="member").status == 0
    by = daemon.wait_records("goes")[-1]["request"]["by"]
    assert by["user"] == "member" and by["uid"] == 41001, by
    for words in (("set-policy", "stays", "Priority=3"), ("stop", "--no-wait", LADDER, "stays"),
                  ("extend", "stays", "10s"), ("cancel", "stays"), ("stop", "--no-wait", LADDER, "stays"),
                  ("cancel", "--all"), ("stop-all", "--no-wait", "--budget=60s"), ("escalate", "stays")):
        done = daemon.ctl(*words, user="member")
        assert done.status == 0, (words, done)
    record = daemon.wait_records("stays")[-1]
    assert record["cause"] == "destroyed" and record["request"]["by"]["user"] == "member", record


def ordinary(lab):
    """an ordinary user may look, and is refused all else: a named error, exit 5, and what is missing in a sentence"""
    guest = lab.guest("kept")
    lab.start(guest)
    daemon = lab.daemon().start()
    assert "kept" in daemon.ctl("list", user="ordinary").out
    for words, action in ((("stop", "kept"), "stop"), (("stop", "--ladder=destroy", "kept"), "force"),
                          (("stop", "--budget=1s", "kept"), "force"), (("stop-all",), "stop-all"),
                          (("cancel", "--all"), "cancel"), (("extend", "--all"), "extend"), (("restore",), "restore"),
                          (("set-policy", "kept", "Priority=3"), "manage-policy")):
        refused(daemon.ctl(*words, user="ordinary"), f"org.virtstop1.{action})", "password")
    error = plain_error(lab, "ordinary", "Reload")
    assert "org.freedesktop.DBus.Error.AccessDenied" in error and "org.virtstop1.reload)" in error, error
    assert guest.qemu.running and not daemon.records()


def one_guest(lab):
    """the manual's rule gives a user one guest, and not by force"""
    hers, other = lab.guest("web1"), lab.guest("web2")
    lab.start(hers, other)
    daemon = lab.daemon().start()
    refused(daemon.ctl("stop", "web2", user="anna"), "org.virtstop1.stop)")
    refused(daemon.ctl("stop", "--ladder=destroy", "web1", user="anna"), "org.virtstop1.force)")
    refused(daemon.ctl("stop-all", user="anna"), "org.virtstop1.stop-all)")
    assert hers.qemu.running and other.qemu.running
    done = daemon.ctl("stop", hers.uuid, user="anna")
    assert done.status == 0, done
    assert daemon.wait_records("web1")[-1]["request"]["by"]["user"] == "anna"
    assert other.qemu.running


def password(lab):
    """on a terminal an ordinary user is asked for root's password, for each guest, and may with it; a wrong one won't do"""
    guests = lab.guest("asked"), lab.guest("second")
    lab.start(*guests)
    daemon = lab.daemon().start()
    ctl = lab.for_everybody(daemon.program("virtstopctl"))
    environ = dict(daemon.environ, HOME="/")
    for typed, status in ((b"wrong\r", NOT_AUTHORISED), (b"lab\r", 0)):
        with Terminal(lab.new_directory("terminal"), "setpriv", "--reuid=41002", "--regid=41002", "--init-groups", ctl,
                      "stop", "asked", "second", environ=environ) as terminal:
            for name in "asked", "second":
                terminal.wait_text(f"stop the guest “{name}”")
                terminal.wait_text("Password:", after=f"“{name}”")
                terminal.wait_hidden()
                terminal.press(typed)
            assert terminal.wait_end(30) == status, terminal.text
            assert not terminal.left(), "an agent is left behind"
        assert all(guest.qemu.running == (status != 0) for guest in guests)


def no_polkit(lab):
    """without polkit it is root only"""
    guest = lab.guest("rooted")
    lab.start(guest)
    daemon = lab.daemon().start()
    lab.polkit.stop()
    try:
        for user in ("member", "ordinary"):
            refused(daemon.ctl("stop", "rooted", user=user), "without polkit, only root")
        assert guest.qemu.running
        assert daemon.ctl("stop", "rooted").status == 0
    finally:
        lab.polkit.start()


if __name__ == "__main__":
    tap.main([members, ordinary, one_guest, password, no_polkit], set_up)
