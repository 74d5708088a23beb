#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Somebody who means harm, through calls: an ordinary user who sends virtstopd as much as the bus takes, on a bus with
the rules of a system bus and the policy that we ship. Root is answered meanwhile, others too, and virtstopd stays as
small as it was."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from gi.repository import Gio, GLib  # noqa: E402

from vslab import flood, tap  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import Client, MANAGER, NO_STOP, ROOT  # noqa: E402
from vslab.daemon import BUS_NAME  # noqa: E402
from vslab.process import Process  # noqa: E402

TEST = "test:///default"
QUOTED = "a \"guest\" %d"
HARMFUL, HONEST = 65534, 1  # uids that every host has: nobody and daemon
SECONDS = 4
PATIENCE = 10  # seconds for an answer: without bounds none came for minutes
GROWTH = 64 << 20
FULL = "destination has a full message queue"  # so dbus-daemon itself says

# A build with AddressSanitizer holds back what is freed, 256 MiB of it, to find who uses it still.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"


class Flooders:
    """@number of processes of the harmful user. A context manager: they have begun inside, and are gone after it."""

    def __init__(self, lab, kind, size=20000, *more, number=1, seconds=SECONDS):
        program = lab.for_everybody(flood.__file__)
        os.chmod(lab.directory, 0o711)
        self.processes = [
            subprocess.Popen([sys.executable, "-B", program, lab.bus.address, str(seconds), kind, str(size), *more],
                             user=HARMFUL, group=HARMFUL, extra_groups=[], cwd="/", stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, encoding="utf-8")
            for _ in range(number)]

    def __enter__(self):
        for process in self.processes:
            assert process.stdout.readline() == "on\n"
        return self

    def __exit__(self, *exception):
        for process in self.processes:
            if exception[0]:
                process.kill()
            process.wait(60)
            process.stdout.close()

    @property
    def running(self):
        return any(process.poll() is None for process in self.processes)


def try_cancel(lab, timeout=PATIENCE):
    """A call of root that changes something: what becomes of it is the name of an error."""
    client = Client(lab.bus)
    try:
        client.connection.call_sync(BUS_NAME, ROOT, MANAGER, "Cancel", GLib.Variant("(sa{sv})", ("test", {})), None,
                                    Gio.DBusCallFlags.NONE, timeout * 1000, None)
    except GLib.Error as error:
        return FULL if FULL in error.message else Gio.DBusError.get_remote_error(error)
    finally:
        client.connection.set_exit_on_close(False)
        client.connection.close_sync(None)
    return None


def is_slow(daemon):
    """Built with a sanitizer, it reads less than the bus can send."""
    with open(daemon.program("virtstopd"), "rb") as file:
        return b"__asan_init" in file.read()


def check_cancel(lab, daemon):
    answer = try_cancel(lab)
    end = time.monotonic() + PATIENCE
    while answer == FULL and is_slow(daemon) and time.monotonic() < end:
        time.sleep(0.05)
        answer = try_cancel(lab)
    assert answer == f"{BUS_NAME}.Error.NoStopInFlight", answer


def withstand(lab, *args, daemon=None, **options):
    """Root is answered all the time while that floods, and after it, and the daemon doesn't grow."""
    daemon = daemon or lab.daemon("--uri", TEST).start()
    process = Process(daemon.pid)
    before = process.resident_bytes()
    with Flooders(lab, *args, **options) as flooders:
        while flooders.running:
            check_cancel(lab, daemon)
            time.sleep(0.1)
    check_cancel(lab, daemon)
    grown = process.resident_bytes() - before
    assert grown < GROWTH, f"virtstopd has grown by {grown >> 20} MiB"
    assert daemon.running and "lost" not in daemon.stderr, daemon.stderr


def large_calls(lab):
    """a user who floods with large calls that want no answer"""
    withstand(lab, "stop")


def small_calls(lab):
    """a user who floods with small ones, from several processes"""
    withstand(lab, "stop", 200, number=4)


def answered_calls(lab):
    """a user who floods with calls that want an answer"""
    withstand(lab, "stop-reply", 200, number=2)


def huge_calls(lab):
    """a user who floods with calls of 8 MiB"""
    withstand(lab, "stop", 8 << 20)


def objects(lab):
    """a user who asks for all objects again and again"""
    withstand(lab, "objects", number=2)


def signals(lab):
    """a user who floods with what only logind may say, and isn't believed"""
    withstand(lab, "signal", number=2)
    assert not Client(lab.bus).get(ROOT, MANAGER, "HostShutdown")


def others(lab):
    """another user is answered while one floods"""
    daemon = lab.daemon("--uri", TEST).start()
    daemon.ctl("list", user=HONEST)
    with Flooders(lab, "stop-reply", 200, number=2) as flooders:
        while flooders.running:
            done = daemon.ctl("list", user=HONEST, timeout=PATIENCE)
            assert done.status == 0, done.err


# Costly questions


def record(number, name):
    """A record's line, some 1.3 KB as that of a guest which was asked."""
    event = {"time": "2026-01-01T00:00:00.000000Z", "type": "lifecycle", "event": "stopped", "detail": "shutdown"}
    return json.dumps({
        "schema": 1, "id": str(uuid.UUID(int=number)), "time": "2026-01-01T00:00:00.000000Z", "boot_id": "b",
        "uri": TEST, "domain": {"name": name, "uuid": str(uuid.UUID(int=1 << 100)), "id": -1},
        "cause": "guest-initiated", "clean": True, "confidence": "certain", "request": None,
        "host_shutdown": False, "took_ms": 1000, "evidence": [event] * 10}, separators=(",", ":"))


def with_history(lab):
    """A daemon with a long history, whose guests' names need quoting; one in 500 is QUOTED's."""
    daemon = lab.daemon("--uri", TEST)
    text = "".join(f"{record(i, QUOTED % (i % 500))}\n" for i in range(4000))
    for number in range(5):
        with open(daemon.records_path + (f".{number}" if number else ""), "w", encoding="utf-8") as file:
            file.write(text)
    return daemon.start()


def ask(client, method, signature, *args):
    """Asks, and doesn't wait. Returns the list that the answer will be in."""
    answers = []

    def done(connection, result):
        try:
            answers.append(connection.call_finish(result).unpack())
        except GLib.Error as error:
            answers.append(Gio.DBusError.get_remote_error(error))

    client.connection.call(BUS_NAME, ROOT, MANAGER, method, GLib.Variant(signature, args), None,
                           Gio.DBusCallFlags.NONE, 60000, None, done)
    return answers


def quoted_names(lab):
    """a user who asks for the records of a name that needs quoting; root's own question is answered meanwhile"""
    daemon = with_history(lab)
    assert len(Client(lab.bus).history(QUOTED % 7)) == 40
    with Flooders(lab, "history", 60, number=2, seconds=2) as flooders:
        while flooders.running:
            assert len(Client(lab.bus).history(QUOTED % 7, 20)) == 20
    withstand(lab, "history", 60, number=2, daemon=daemon)


def everything(lab):
    """a user who asks for all records again and again"""
    withstand(lab, "everything", number=3, daemon=with_history(lab))


def plans(lab):
    """a user who asks for plans again and again"""
    withstand(lab, "plan", number=2, daemon=with_history(lab))


def order(lab):
    """a caller's answers come in the order of its calls, the costly and the cheap"""
    with_history(lab)
    client = Client(lab.bus)
    calls = [ask(client, "GetHistory", "(su)", QUOTED % 7, 0), ask(client, "GetStop", "(s)", str(uuid.UUID(int=1))),
             ask(client, "ListRecords", "(a{sv})", {}), ask(client, "Plan", "(a{sv})", {}),
             ask(client, "GetHistory", "(su)", QUOTED % 7, 1)]
    came = []
    while len(came) < len(calls):
        iterate_until(lambda: any(call and call not in came for call in calls), PATIENCE, "an answer")
        came += [call for call in calls if call and not any(call is one for one in came)]
    assert all(one is other for one, other in zip(came, calls)), came
    assert len(calls[0][0][0]) == 40 and len(calls[4][0][0]) == 1 and calls[1][0] == NO_STOP, calls


def ends_at_once(lab):
    """SIGTERM isn't held up by questions"""
    daemon = with_history(lab)
    client = Client(lab.bus)
    for _ in range(50):
        ask(client, "GetHistory", "(su)", "", 0)
        ask(Client(lab.bus), "Plan", "(a{sv})", {})
    Client(lab.bus).get(ROOT, MANAGER, "Version")  # all these have come in
    os.kill(daemon.pid, signal.SIGTERM)
    assert daemon.wait_ended(PATIENCE) == 0


if __name__ == "__main__":
    tap.main([large_calls, small_calls, answered_calls, huge_calls, objects, signals, others, quoted_names, everything,
              plans, order, ends_at_once])
