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


class Watcher:
    """virtstopctl watch, as @user; what it said."""

    def __init__(self, lab, daemon, user):
        ctl = lab.for_everybody(daemon.program("virtstopctl"))
        self._process = subprocess.Popen([ctl, "watch", "--json=short"], user=user, group=user, extra_groups=[], cwd="/",
                                         env=dict(daemon.environ, HOME="/"), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.first = self._process.stderr.readline()  # it listens before it says what isn't there

    def end(self, until):
        """All lines up to the one that has @until in it."""
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if until in line:
                break
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()
        return "".join(lines)


def bus_text(lab, user, path, member, *arguments):
    """What a call answers, as text, by another client than ours."""
    done = subprocess.run(["dbus-send", f"--bus={lab.bus.address}", "--print-reply", "--dest=org.virtstop1", path, member,
                           *arguments], user=user, cwd="/", env=lab.environ, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    return done.stdout + done.stderr


def in_flight(lab):
    """of a stop in flight an ordinary user sees that there is one; who asked, and why, only its own, group libvirt, and root"""
    guest = lab.guest("flies", cmdline="button=ignore")
    lab.start(guest)
    daemon = lab.daemon().start()
    assert daemon.ctl("stop", "--no-wait", "--reason=secret", LADDER, "flies").status == 0
    path = bus_text(lab, "root", "/org/virtstop1", "org.virtstop1.Manager.ListStops").split('object path "')[1].split('"')[0]
    for user, knows in (("root", True), ("member", True), ("ordinary", False)):
        done = daemon.ctl("status", "flies", user=user)
        assert done.status == 0 and "flies" in done.out and "power button" in done.out, done
        assert ("secret" in done.out) == knows, (user, done)
        assert ("root" in done.out) == knows, (user, done)
    for call in ((path, "org.freedesktop.DBus.Properties.GetAll", "string:org.virtstop1.Stop"),
                 ("/org/virtstop1", "org.freedesktop.DBus.ObjectManager.GetManagedObjects"),
                 (path, "org.freedesktop.DBus.Properties.Get", "string:org.virtstop1.Stop", "string:Reason"),
                 ("/org/virtstop1", "org.virtstop1.Manager.ListStops"),
                 (path, "org.virtstop1.Stop.GetRequest")):
        assert "secret" in bus_text(lab, "root", *call) or "All" in call[1] or "Managed" in call[1], call
        told = bus_text(lab, "ordinary", *call)
        assert "secret" not in told and any(word in told for word in ("flies", 'string ""', "org.virtstop1.history)")), \
            (call, told)
    assert "secret" in bus_text(lab, "member", path, "org.virtstop1.Stop.GetRequest")
    assert daemon.ctl("cancel", "flies").status == 0
    assert daemon.ctl("stop", "--no-wait", "--reason=of a member", LADDER, "flies", user="member").status == 0
    assert "of a member" in daemon.ctl("status", "flies").out
    assert "of a member" not in daemon.ctl("status", "flies", user="ordinary").out
    assert daemon.ctl("cancel", "flies").status == 0


def history(lab):
    """an ordinary user sees that a guest stopped, and how, not who asked for it and why; group libvirt and root see it all"""
    guests = lab.guest("one"), lab.guest("two")
    lab.start(*guests)
    daemon = lab.daemon("--uri", "qemu:///system", "--uri", "qemu+unix:///system?socket=/nowhere").start()
    watchers = {user: Watcher(lab, daemon, uid) for user, uid in (("ordinary", 41002), ("root", 0))}
    assert daemon.ctl("stop", "--reason=secret", "one").status == 0
    guests[1].domain.destroy()
    daemon.wait_records("two")
    for user, knows in (("root", True), ("member", True), ("ordinary", False)):
        for words in (("why", "one"), ("history",), ("history", "--json=short"), ("why", "--json=short", "one")):
            done = daemon.ctl(*words, user=user)
            if knows:
                assert done.status == 0 and "left out" not in done.err, (user, words, done)
            else:
                refused(done, "left out", "org.virtstop1.history")
            assert "one" in done.out and ("secret" in done.out) == knows, (user, words, done)
        for words in (("list",), ("status",), ("blame",)):
            done = daemon.ctl(*words, user=user)
            assert "left out" not in done.err and "secret" not in done.out, (user, words, done)
    for user, watcher in watchers.items():
        told = watcher.end('"name":"two"')
        assert '"cause":"power-button"' in told or '"cause":"guest-agent"' in told, told
        assert ("secret" in told) == (user == "root"), (user, told)
    told = bus_text(lab, "ordinary", "/org/virtstop1", "org.virtstop1.Manager.GetHistory", "string:one", "uint32:0")
    assert "secret" not in told and "denied" in told or "password" in told, told
    daemon.stop()
    ctl = lab.for_everybody(daemon.program("virtstopctl"))
    for user, status in (("ordinary", NOT_AUTHORISED), ("root", 0)):
        done = subprocess.run([ctl, "history"], user=user, group=user, extra_groups=[], cwd="/", env=daemon.environ,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              check=False)
        assert done.returncode == status and ("secret" in done.stdout) == (user == "root"), (user, done)


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
        assert daemon.ctl("stop", "--reason=secret", "rooted").status == 0
        assert "secret" in daemon.ctl("why", "rooted").out
        for user in ("member", "ordinary"):
            done = daemon.ctl("why", "rooted", user=user)
            refused(done, "without polkit")
            assert "secret" not in done.out and "rooted" in done.out, done
    finally:
        lab.polkit.start()


if __name__ == "__main__":
    tap.main([members, ordinary, in_flight, history, one_guest, password, no_polkit], set_up)
