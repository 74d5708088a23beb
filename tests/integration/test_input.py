#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes from outside and is wrong: each time a clear error, the exit status of the manual, and
nothing stopped, lost or changed by it."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import images, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import (Client, DOMAIN, INVALID, NO_DOMAIN, ROOT, UNKNOWN_OBJECT,  # noqa: E402
                          check_fails)

PATIENCE = 60
OK, FAILED, USAGE, FORCED, NO_SUCH_DOMAIN, NOT_AUTHORISED = range(6)
NOBODY = 65534
BIDI = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
EVIL = "a b'\"$(reboot)`%s\\;<b>&..é"


class Refused(NamedTuple):
    """A command line, its exit status and what its one line of complaint must hold."""
    args: tuple
    status: int
    says: tuple


REFUSED = [
    Refused(("stop", "no-such-guest"), NO_SUCH_DOMAIN, ("no-such-guest", "no domain")),
    Refused(("why", "no-such-guest"), NO_SUCH_DOMAIN, ("no-such-guest",)),
    Refused(("status", "no-such-guest"), NO_SUCH_DOMAIN, ("no-such-guest",)),
    Refused(("history", "no-such-guest"), NO_SUCH_DOMAIN, ("no-such-guest",)),
    Refused(("stop", "00000000-0000-4000-8000-00000000dead"), NO_SUCH_DOMAIN, ("dead",)),
    Refused(("stop", "99999"), NO_SUCH_DOMAIN, ("99999",)),
    Refused(("stop", "../../etc/passwd"), NO_SUCH_DOMAIN, ("../../etc/passwd",)),
    Refused(("stop", ""), USAGE, ("DOMAIN", "empty")),
    Refused(("stop",), USAGE, ("DOMAIN",)),
    Refused(("cancel", "victim"), FAILED, ("victim", "in flight")),
    Refused(("escalate", "victim"), FAILED, ("victim", "in flight")),
    Refused(("extend", "victim", "10min"), FAILED, ("victim", "in flight")),
    Refused(("extend", "victim", "soon"), USAGE, ("soon", "allowed")),
    Refused(("extend", "victim", "-1"), USAGE, ("-1",)),
    Refused(("stop", "--ladder=agent:60s kick", "victim"), USAGE, ("kick", "agent", "destroy")),
    Refused(("stop", "--ladder=agent:soon", "victim"), USAGE, ("soon", "allowed")),
    Refused(("stop", "--ladder=", "victim"), USAGE, ("--ladder",)),
    Refused(("stop", "--ladder=destroy agent:5s", "victim"), USAGE, ("destroy",)),
    Refused(("stop", "--budget=-5", "victim"), USAGE, ("--budget", "-5")),
    Refused(("stop", "--budget=999999999999999y", "victim"), USAGE, ("--budget",)),
    Refused(("stop", "--reason=\xff\xfe".encode("latin-1"), "victim"), USAGE, ("--reason", "UTF-8")),
    Refused(("stop", "--uri=nonsense", "victim"), USAGE, ("nonsense", "URI")),
    Refused(("stop", "--uri=lxc:///system", "victim"), NO_SUCH_DOMAIN, ("lxc:///system",)),
    Refused(("list", "--json=xml"), USAGE, ("xml", "short", "pretty", "off")),
    Refused(("list", "--colour"), USAGE, ("--colour",)),
    Refused(("list", "extra"), USAGE, ("extra",)),
    Refused(("halt",), USAGE, ("halt",)),
    Refused(("replay",), USAGE, ("FILE",)),
    Refused(("replay", "/nonexistent/trace"), FAILED, ("/nonexistent/trace", "No such file")),
    Refused(("replay", "/"), FAILED, ("/",)),
]


def check_refused(daemon, case):
    done = daemon.ctl(*case.args)
    assert done.status == case.status, (case.args, done)
    assert done.out == "", (case.args, done)
    missing = [text for text in case.says if text.lower() not in done.err.lower()]
    assert not missing, f"{case.args}: no {missing} in {done.err!r}"
    assert "\x1b" not in done.err, done


def command_lines(lab):
    """command lines that are wrong: what, where and what is allowed; nothing is stopped by them"""
    victim = lab.guest("victim", cmdline="button=obey")
    lab.start(victim)
    daemon = lab.daemon().start()
    for case in REFUSED:
        check_refused(daemon, case)
    done = daemon.ctl("stop", "no-such-guest", "victim")
    assert done.status == NO_SUCH_DOMAIN, done
    assert "victim" in done.out, done
    assert [record["domain"]["name"] for record in daemon.records()] == ["victim"]


def ambiguous(lab):
    """a domain that two hypervisors have: both are named, --uri decides"""
    twin = lab.guest("test", cmdline="button=ignore")
    lab.start(twin)
    daemon = lab.daemon("--uri", "qemu:///system", "--uri", "test:///default").start()
    iterate_until(lambda: "test:///default" in daemon.ctl("list").out, PATIENCE, "both", every=0.2)
    done = daemon.ctl("stop", "test")
    assert done.status == FAILED, done
    assert "qemu:///system" in done.err and "test:///default" in done.err, done
    assert twin.state()[0] == lab.RUNNING and daemon.records() == []
    done = daemon.ctl("stop", "--uri=test:///default", "test")
    assert done.status == OK, done
    assert twin.state()[0] == lab.RUNNING


def bus_calls(lab):
    """D-Bus calls that are wrong: named errors, and the daemon goes on"""
    guest = lab.guest("called", cmdline="button=ignore")
    lab.start(guest)
    daemon = lab.daemon().start()
    client = Client(lab.bus)
    check_fails(INVALID, ("kick",), client.stop, "called", ladder="kick")
    check_fails(INVALID, ("99999999999y",), client.stop, "called", ladder="agent:99999999999y")
    check_fails(INVALID, ("wish",), client.stop, "called", wish="x")
    check_fails(INVALID, ("budget",), client.stop, "called", budget="soon")
    check_fails(NO_DOMAIN, (), client.stop, "x" * 100000)
    check_fails(NO_DOMAIN, (), client.stop, "\x1b[2J\n")
    check_fails(UNKNOWN_OBJECT, (), client.get, f"{ROOT}/domain/__", DOMAIN, "Name")
    assert daemon.running and guest.state()[0] == lab.RUNNING
    assert daemon.ctl("list").status == OK


def hostile_names(lab):
    """a name and a reason with spaces, quotes, escapes and '..' harm nothing, and come back whole"""
    guest = lab.guest(EVIL, cmdline="button=obey", persistent=True)
    lab.start(guest)
    daemon = lab.daemon().start()
    reason = "line one\nline two \x1b[2J'\""
    done = daemon.ctl("stop", f"--reason={reason}", EVIL)
    assert done.status == OK, done
    record = daemon.records()[0]
    assert record["domain"]["name"] == EVIL and record["request"]["reason"] == reason, record
    for args in (("list",), ("history",), ("why", EVIL), ("status", EVIL), ("watch", "--help")):
        done = daemon.ctl(*args)
        assert done.status == OK, (args, done)
        assert "\x1b" not in done.out + done.err, (args, done)
    assert "\x1b" not in daemon.stderr, daemon.stderr
    told = json.loads(daemon.ctl("history", "--json=short").out)
    assert told == record


def not_authorised(lab):
    """somebody who isn't root may look and may not touch"""
    guest = lab.guest("guarded", cmdline="button=ignore")
    lab.start(guest)
    daemon = lab.daemon().start()
    os.chmod(daemon.directory, 0o755)
    done = daemon.ctl("stop", "guarded", user=NOBODY)
    assert done.status == NOT_AUTHORISED and "guarded" in done.err, done
    assert daemon.ctl("list", user=NOBODY).status == OK
    assert guest.state()[0] == lab.RUNNING


def wait_said(daemon, text):
    iterate_until(lambda: text in daemon.stderr, PATIENCE, f"“{text}” in the log", every=0.1)


def check_start_fails(daemon, *texts):
    daemon.spawn()
    status = daemon.wait_ended()
    assert status != 0, daemon.stderr
    missing = [text for text in texts if text not in daemon.stderr]
    assert not missing, f"no {missing} in: {daemon.stderr}"


def directories(lab):
    """a state or run directory that can't be written: said with its path, and no start"""
    for key, variable in (("state_directory", "STATE_DIRECTORY"), ("runtime_directory", "RUNTIME_DIRECTORY")):
        daemon = lab.daemon()
        daemon.environ[variable] = "/proc/1/nowhere"
        check_start_fails(daemon, "/proc/1/nowhere")
        daemon = lab.daemon()
        path = getattr(daemon, key)
        os.rmdir(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write("a file\n")
        check_start_fails(daemon, path)


def full_disk(lab):
    """a full disk under the records: said, the stop goes on, and it is recorded when there is room"""
    guests = [lab.guest(name, cmdline="button=obey") for name in ("squeezed", "roomy")]
    lab.start(*guests)
    daemon = lab.daemon()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", daemon.state_directory], check=True)
    filler = os.path.join(daemon.state_directory, "filler")
    try:
        daemon.start()
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        done = daemon.ctl("stop", "squeezed")
        assert done.status == OK, done
        assert "stops.jsonl" in daemon.stderr and "No space left" in daemon.stderr, daemon.stderr
        os.unlink(filler)
        assert daemon.ctl("stop", "roomy").status == OK
        iterate_until(lambda: len(daemon.records()) == 2, PATIENCE, "both records", every=0.2)
        names = [record["domain"]["name"] for record in daemon.records()]
        assert sorted(names) == ["roomy", "squeezed"], (names, daemon.stderr)
    finally:
        daemon.stop()
        subprocess.run(["umount", "--lazy", daemon.state_directory], check=True)


def damaged_files(lab):
    """damaged run state and records: said with the file's name, put aside or left out, nothing else lost"""
    guest = lab.guest("sturdy", cmdline="button=obey")
    lab.start(guest)
    daemon = lab.daemon().start()
    assert daemon.ctl("stop", "sturdy").status == OK
    daemon.stop()
    kept = daemon.records()
    with open(daemon.records_path, "ab") as file:
        file.write(b'{"schema":1,"id":"torn')
    for directory, _, names in os.walk(daemon.runtime_directory):
        for name in names:
            with open(os.path.join(directory, name), "wb") as file:
                file.write(b"\0\xff{nonsense")
    guest.start()
    daemon.start()
    assert daemon.ctl("stop", "sturdy").status == OK
    records = daemon.records()
    assert records[:1] == kept and len(records) == 2, records


def configuration(lab):
    """a configuration that is wrong: file, line and what is allowed; on reload the last good one stays"""
    daemon = lab.daemon(config="[Default]\nLadder=agent:60s kick\n")
    check_start_fails(daemon, "virtstop.conf:2", "kick", "power-button")
    daemon.configure("[Default]\nLadder=power-button:2s leave\nLader=x\n")
    daemon.start()
    assert "virtstop.conf:3" in daemon.stderr and "Lader" in daemon.stderr, daemon.stderr
    daemon.configure("[Daemon]\nUris=not a uri\n")
    client = Client(lab.bus)
    check_fails(INVALID, ("virtstop.conf:2",), client.call, "Reload")
    guest = lab.guest("kept", cmdline="button=ignore")
    lab.start(guest)
    done = daemon.ctl("stop", "kept")
    assert done.status == FAILED and guest.state()[0] == lab.RUNNING, done


def nobody_there(lab):
    """no bus, no daemon: each said, with what to do"""
    daemon = lab.daemon()
    done = daemon.ctl("list")
    assert done.status == FAILED and "virtstopd" in done.err, done
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
    done = daemon.ctl("list", environ=nowhere)
    assert done.status == FAILED and "/nonexistent/bus" in done.err, done
    lonely = lab.daemon()
    lonely.environ.update(nowhere)
    lonely.spawn()
    wait_said(lonely, "/nonexistent/bus")
    assert lonely.stop() == 0, lonely.stderr
    check_start_fails(lab.daemon("--uri", "nonsense"), "nonsense")
    check_start_fails(lab.daemon("--wish"), "--wish")


def json_everywhere(lab):
    """--json=short is one object a line, pretty is JSON too, --no-legend leaves the words out"""
    guest = lab.guest("told", cmdline="button=obey", persistent=True)
    lab.start(guest)
    daemon = lab.daemon().start()
    json.loads(daemon.ctl("stop", "--json=short", "told").out)
    for verb in (("list",), ("status",), ("history",), ("why", "told")):
        for line in daemon.ctl(*verb, "--json=short").out.splitlines():
            json.loads(line)
        decoder, text = json.JSONDecoder(), daemon.ctl(*verb, "--json=pretty").out.strip()
        while text:
            value, end = decoder.raw_decode(text)
            assert value, value
            text = text[end:].lstrip()
    legend, plain = daemon.ctl("list").out, daemon.ctl("list", "--no-legend").out
    assert legend.split()[0] == "NAME" and plain.split()[0] == "told", (legend, plain)
    assert len(plain.splitlines()) == 1, plain


def on_terminal(daemon, columns, *args):
    """What virtstopctl prints on a terminal that wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environ = dict(daemon.environ, TERM="xterm")
    environ.pop("COLUMNS", None)
    with subprocess.Popen([daemon.program("virtstopctl"), *args], env=environ, stdin=slave,
                          stdout=slave, stderr=slave, close_fds=True) as process:
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 65536):
                text += chunk
        except OSError:
            pass  # the other side is closed
        process.wait(PATIENCE)
    os.close(master)
    return text.decode()


def without_escapes(text):
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def tables(lab):
    """tables fit the terminal, colours are for terminals alone"""
    lab.start(lab.guest("a-guest-with-quite-a-long-name-" + "x" * 60, cmdline="button=ignore"))
    daemon = lab.daemon().start()
    assert "\x1b" not in daemon.ctl("list").out
    for columns in (40, 80, 200):
        text = on_terminal(daemon, columns, "list", "--no-pager")
        lines = without_escapes(text).splitlines()
        assert any("a-guest" in line for line in lines), text
        assert all(len(line) <= columns for line in lines), (columns, [(len(line), line) for line in lines])
    assert "\x1b" in on_terminal(daemon, 80, "list", "--no-pager")


def absurd_records(lab):
    """records with times and names that nobody has: told on a terminal, which obeys nothing of them"""
    daemon = lab.daemon().start()
    daemon.stop()
    corpus = os.path.join(images.SOURCE_ROOT, "tests", "fuzz", "corpus", "story")
    with open(daemon.records_path, "wb") as records:
        for name in sorted(os.listdir(corpus)):
            with open(os.path.join(corpus, name), "rb") as file:
                records.write(file.read())
    daemon.start()
    evil = "*\n\x1b]0;x\x07\u2066"
    for args in (("history",), ("history", "--json=short"), ("history", "--json=pretty"), ("why", evil),
                 ("why", "--json=pretty", evil), ("why", "web7"), ("why", "web8"), ("blame",), ("plot",)):
        text = on_terminal(daemon, 100, *args, "--no-pager")
        shown = without_escapes(text).replace("\r\n", "\n")
        assert len(shown) > 50, (args, text)
        unsafe = [char for char in shown if char != "\n" and (ord(char) < 32 or 127 <= ord(char) < 160 or char in BIDI)]
        assert not unsafe, (args, unsafe, text)
    records = [json.loads(line) for line in daemon.ctl("history", "--json=short").out.splitlines()]
    assert evil in [record["domain"].get("name") for record in records]
    assert daemon.running


if __name__ == "__main__":
    tap.main([command_lines, ambiguous, bus_calls, hostile_names, not_authorised, directories, full_disk,
              damaged_files, configuration, nobody_there, json_everywhere, tables,
              absurd_records])
