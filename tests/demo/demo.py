#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job, shown on real guests: virtstop stops some, others end by themselves or by force, and it says of
each what ended it. Called by ./quickstart demo; with --keep everything stays until it is told to end."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from vslab import Lab, images  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402

LIMIT = 180
KEEP_LIMIT = 24 * 3600
BEAT = 50
WIDTH = 80

GUESTS = (
    ("web1", "linux", "vs.shutdown=2", "a Linux with its guest agent, two seconds to go down"),
    ("db1", "tiny", "button=slow:3", "no agent; obeys the power button after three seconds"),
    ("stubborn", "tiny", "button=ignore", "no agent; ignores the power button"),
    ("batch1", "tiny", "after=25:poweroff", "powers itself off when its work is done"),
    ("victim1", "tiny", "", "will get a SIGTERM from outside"),
    ("victim2", "tiny", "", "will get a SIGKILL from outside"),
)


def say(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


@contextlib.contextmanager
def signs_of_life():
    """A slow machine may have nothing to say for long."""
    done = threading.Event()

    def tell():
        while not done.wait(BEAT):
            print("... it goes on", flush=True)

    threading.Thread(target=tell, daemon=True).start()
    yield
    done.set()


def command_line(args):
    """As one would type it, in lines that a terminal of 80 columns has room for."""
    lines = ["$ virtstopctl"]
    for arg in args:
        option, equals, value = arg.partition("=")
        word = option + equals + shlex.quote(value) if equals else arg
        if len(f"{lines[-1]} {word} \\") > WIDTH:
            lines.append("   ")
        lines[-1] += f" {word}"
    return " \\\n".join(lines)


def show(daemon, *args):
    """Runs virtstopctl for all to see."""
    say(command_line(args))
    program = os.path.join(images.build_root(), "virtstopctl")
    return subprocess.run([program, "--no-pager", *args], env=daemon.environ, stdin=subprocess.DEVNULL,
                          timeout=LIMIT, check=False).returncode


def boot(lab):
    say("Booting six real guests, without KVM, under a libvirtd of their own:")
    guests = {}
    for name, kind, cmdline, story in GUESTS:
        print(f"  {name:9} {story}")
        guests[name] = lab.guest(name, kind, cmdline, persistent=True)
    lab.start(*guests.values())
    return guests


def run(lab):
    guests = boot(lab)
    daemon = lab.daemon().start()
    show(daemon, "list")
    status = show(daemon, "stop", "web1", "db1", "stubborn", "--reason=the demo",
                  "--ladder=agent:30s power-button:8s destroy")
    print(f"(exit status {status}: every guest is off, one was forced)")

    kill = f"kill -TERM {guests['victim1'].pid}; kill -KILL {guests['victim2'].pid}"
    say(f"$ {kill}")
    with kill_from_shell(kill) as shell:
        print(f"(the QEMUs of victim1 and victim2; a shell, pid {shell}, sends both.\n"
              "Meanwhile batch1 powers itself off.)")
        iterate_until(lambda: len(daemon.records()) == len(GUESTS), 90, "six records", every=0.2)

    show(daemon, "history")
    show(daemon, "why", "web1")
    explain_missing_answer(daemon)
    show(daemon, "why", "victim1")
    return daemon, status


@contextlib.contextmanager
def kill_from_shell(command):
    """Runs it by a shell that stays until all is over, so that QEMU and virtstopd can see who it was."""
    shell = subprocess.Popen(["/bin/sh", "-c", f"{command}; read _"], stdin=subprocess.PIPE)
    try:
        yield shell.pid
    finally:
        shell.communicate(timeout=LIMIT)


def explain_missing_answer(daemon):
    """What looks like a failure, and is none."""
    record = next(record for record in daemon.records() if record["domain"]["name"] == "web1")
    if any(item["source"] == "reply" and item.get("ok") is False for item in record["evidence"]):
        say("About “no answer” there: the agent took the request, and its system went down\n"
            "before it could say so, as agents do. That it was the guest itself which powered\n"
            "off is shown by “SHUTDOWN” with “guest”.")


PLAY = (
    ("play1", "linux", "vs.shutdown=3", "a Linux with its guest agent"),
    ("play2", "tiny", "button=ignore", "ignores the power button"),
    ("play3", "tiny", "button=slow:2", "obeys it after two seconds"),
    ("play4", "tiny", "", "obeys it at once"),
)


def keep(lab, daemon):
    lab.start(*(lab.guest(name, kind, cmdline, persistent=True) for name, kind, cmdline, _ in PLAY))
    say("It is all still running, with four fresh guests to play with:")
    for name, _, _, story in PLAY:
        print(f"  {name:9} {story}")
    print(f"\nIn other terminals, as root; first, in each of them:\n"
          f"  export DBUS_SYSTEM_BUS_ADDRESS={lab.bus.address}\n"
          f"  PATH={shlex.quote(images.build_root())}:$PATH\n"
          f"Then, for example:\n"
          f"  virtstopctl watch                   # what happens, as it happens: leave it\n"
          f"                                      # in a terminal of its own\n"
          f"  virtstopctl plan --budget=1min      # what stopping all of them would take\n"
          f"  virtstopctl stop play1 play2        # play2 is destroyed after two minutes\n"
          f"  virtstopctl escalate play2          # ... or at once, from another terminal\n"
          f"  virtstopctl why play2\n"
          f"  virtstopctl stop-all --budget=1min  # those that still run\n"
          f"  virtstopctl blame                   # what that took\n"
          f"  virtstopctl restore                 # starts them again\n"
          f"Its libvirt is in a namespace of its own. This is virsh there\n"
          f"(it misses polkit, and needs none):\n"
          f"  nsenter -t {os.getpid()} -m virsh list --all\n"
          f"  nsenter -t {os.getpid()} -m virsh start play1\n"
          f"The records are in {daemon.state_directory}/stops.jsonl.\n"
          f"Ctrl-C here ends it and cleans up.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()


def check(daemon, status):
    causes = {record["domain"]["name"]: record["cause"] for record in daemon.records()}
    wanted = {"web1": "guest-agent", "db1": "power-button", "stubborn": "destroyed", "batch1": "guest-initiated",
              "victim1": "host-signal", "victim2": causes.get("victim2")}
    # Who ended victim2 is seen only where the kernel lets virtstopd watch for that.
    if causes != wanted or causes.get("victim2") not in ("host-signal", "crashed") or status != 3:
        sys.exit(f"demo: not as it should be: {causes}, exit status {status}")


def main():
    kept = "--keep" in sys.argv[1:]
    with Lab(limit=KEEP_LIMIT if kept else LIMIT) as lab:
        with signs_of_life():
            daemon, status = run(lab)
        check(daemon, status)
        if kept:
            keep(lab, daemon)
    say("Everything is cleaned up.")
    if not kept:
        print("Next:\n"
              "  ./quickstart demo --keep   leaves guests to play with\n"
              "  README.md, “Install”       puts it on this host, where “virtstopctl doctor”\n"
              "                             says what will go wrong")


try:
    main()
except KeyboardInterrupt:
    sys.exit(128 + signal.SIGINT)
