#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk that hangs or is full, a journald and a log that nobody reads: the guests are stopped in time all the same."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import Skip, tap, world  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.journal import SOCKET  # noqa: E402
from vslab.ladders import Step, check_steps  # noqa: E402

PATIENCE = 60
SPAN = 3  # seconds: of a step that the guest lets pass
LADDER = f"power-button:{SPAN}s destroy"
DEAF = (Step("power-button", "deadline", SPAN * 1000), Step("destroy", "forced"))
F_SETPIPE_SZ = 1031


def run(*args):
    subprocess.run(args, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def disk_at(lab, path):
    """An ext4 of its own at @path."""
    image = os.path.join(lab.new_directory("disk"), "image")
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    try:
        run("mkfs.ext4", "-q", "-E", "nodiscard", image)
        run("mount", "-o", "loop", image, path)
    except (OSError, subprocess.CalledProcessError) as why:
        raise Skip(f"needs a file system of its own: {why}") from why
    try:
        yield
    finally:
        run("umount", "-l", path)


@contextlib.contextmanager
def frozen(path):
    """Whoever writes there sleeps."""
    run("fsfreeze", "--freeze", path)
    try:
        yield
    finally:
        run("fsfreeze", "--unfreeze", path)


def check_answers(daemon, *names):
    """virtstopd answers, and knows the guests."""
    listed = daemon.ctl("list", "--no-legend", timeout=PATIENCE)
    assert listed.status == 0, listed
    missing = [name for name in names if name not in listed.out]
    assert not missing, (missing, listed.out)


def stop(daemon, name, status=3):
    stopped = daemon.ctl("stop", f"--ladder={LADDER}", name, timeout=PATIENCE)
    assert stopped.status == status, stopped
    return stopped


def started(lab, daemon, name, cmdline="button=ignore"):
    """A guest that runs, and that virtstopd has heard of."""
    guest = lab.guest(name, cmdline=cmdline).start()
    iterate_until(lambda: name in daemon.ctl("list", "--no-legend", timeout=PATIENCE).out, PATIENCE,
                  f"{name} in the list", every=0.1)
    return guest


def state_directory_hangs(lab):
    """a disk that hangs under the records: the ladder's time is kept, virtstopd answers, the record comes late"""
    daemon = lab.daemon()
    with disk_at(lab, daemon.state_directory):
        daemon.start()
        for name in ("deaf", "second", "stays"):
            started(lab, daemon, name)
        with frozen(daemon.state_directory):
            stop(daemon, "deaf")
            stop(daemon, "second")
            check_answers(daemon, "stays")
            assert not daemon.records(), daemon.records()
            status = daemon.ctl("status", timeout=PATIENCE)
            assert "2 records are not on disk" in status.err, status
            doctor = daemon.ctl("doctor", timeout=PATIENCE)
            assert "records" in doctor.out and "no answer" in doctor.out, doctor
        for name in ("deaf", "second"):
            record, = daemon.wait_records(name, timeout=PATIENCE)
            check_steps(DEAF, record)
        assert [record["domain"]["name"] for record in daemon.records()] == ["deaf", "second"]
        iterate_until(lambda: not daemon.ctl("status", timeout=PATIENCE).err, PATIENCE,
                      "a status without complaint")
        daemon.stop()


def runtime_directory_hangs(lab):
    """a disk that hangs under the run states: the act is done, the record says that it could not be noted"""
    daemon = lab.daemon()
    with disk_at(lab, daemon.runtime_directory):
        daemon.start()
        for name in ("deaf", "stays"):
            started(lab, daemon, name)
        with frozen(daemon.runtime_directory):
            stopped = stop(daemon, "deaf")
            assert "could not be noted before" in stopped.err, stopped
            check_answers(daemon, "stays")
        record, = daemon.wait_records("deaf", timeout=PATIENCE)
        check_steps(DEAF, record)
        unkept = [item for item in record["evidence"] if item["source"] == "intent"]
        assert {item["method"] for item in unkept} == {"power-button", "destroy"}, record
        daemon.stop()


def both_hang_at_the_end(lab):
    """SIGTERM while the disks hang: virtstopd ends all the same, and the next one records what it could not"""
    daemon = lab.daemon()
    with disk_at(lab, daemon.state_directory):
        daemon.start()
        started(lab, daemon, "deaf")
        with frozen(daemon.state_directory):
            stop(daemon, "deaf")
            # The signal is taken, but a thread sleeps in the kernel until the disk is back.
            os.kill(daemon.pid, signal.SIGTERM)
            iterate_until(lambda: "can't be written before the end" in daemon.stderr, PATIENCE, "the end", every=0.1)
        daemon.wait_ended()
        daemon.start()
        record, = daemon.wait_records("deaf", timeout=PATIENCE)
        check_steps(DEAF, record)
        daemon.stop()


@contextlib.contextmanager
def deaf_journald():
    """A socket in journald's place that nobody reads, and that takes no more."""
    os.rename(SOCKET, SOCKET + ".lab")
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as deaf, \
            contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as filler:
        deaf.bind(SOCKET)
        filler.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                filler.sendto(b"MESSAGE=full\n", SOCKET)
        try:
            yield
        finally:
            os.rename(SOCKET + ".lab", SOCKET)


def journald_hangs(lab):
    """a journald that reads nothing: guests are stopped, records written, questions answered"""
    daemon = lab.daemon().start()
    for name in ("deaf", "second", "stays"):
        started(lab, daemon, name)
    with deaf_journald():
        for name in ("deaf", "second"):
            stop(daemon, name)
            record, = daemon.wait_records(name, timeout=PATIENCE)
            check_steps(DEAF, record)
        check_answers(daemon, "stays")
        status = daemon.ctl("status", timeout=PATIENCE)
        assert "The journal has not taken" in status.err, status
    daemon.stop()


def nobody_reads_stderr(lab):
    """a log that nobody reads: likewise, and what was lost of it is said"""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x")
    os.set_blocking(writer, True)
    daemon = lab.daemon()
    try:
        daemon.start(writer)
        for name in ("deaf", "stays"):
            started(lab, daemon, name)
        stop(daemon, "deaf")
        check_answers(daemon, "stays")
        record, = daemon.wait_records("deaf", timeout=PATIENCE)
        check_steps(DEAF, record)
        daemon.stop()
    finally:
        os.close(reader)
        os.close(writer)


def fill(path):
    """Leaves no room where that file is."""
    with open(path, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def runtime_directory_full(lab):
    """a full /run: `stop` says that it could not be noted, does it, and is noted as soon as there is room"""
    daemon = lab.daemon()
    world.mount("tmpfs", daemon.runtime_directory, "tmpfs", "mode=0755,size=256k")
    filler = os.path.join(daemon.runtime_directory, "filler")
    try:
        daemon.start()
        started(lab, daemon, "obeys", "button=obey")
        started(lab, daemon, "deaf")
        iterate_until(lambda: len(daemon.kept()) == 2, PATIENCE, "two run states", every=0.1)
        fill(filler)
        stopped = stop(daemon, "obeys", 0)
        assert "could not be noted before" in stopped.err and "No space left" in stopped.err, stopped
        record, = daemon.wait_records("obeys", timeout=PATIENCE)
        unkept, = [item for item in record["evidence"] if item["source"] == "intent"]
        assert "No space left" in unkept["message"], record
        iterate_until(lambda: len(daemon.kept()) == 1, PATIENCE, "the end of a run state", every=0.1)
        fill(filler)
        asked = daemon.ctl("stop", "--no-wait", "--ladder=power-button:10min destroy", "deaf")
        assert asked.status == 0 and "could not be noted before" in asked.err, asked
        doctor = daemon.ctl("doctor", timeout=PATIENCE)
        assert "No space left" in doctor.out, doctor
        os.unlink(filler)
        iterate_until(lambda: any(state["stop"] for state in daemon.kept()), PATIENCE, "the stop's state", every=0.1)
        daemon.kill()
        daemon.start()
        cancelled = daemon.ctl("cancel", "deaf", timeout=PATIENCE)
        assert cancelled.status == 0, cancelled
    finally:
        daemon.stop()
        world.unmount(daemon.runtime_directory)


if __name__ == "__main__":
    tap.main([state_directory_hangs, runtime_directory_hangs, both_hang_at_the_end, journald_hangs,
              nobody_reads_stderr, runtime_directory_full])
