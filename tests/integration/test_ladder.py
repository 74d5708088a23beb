#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests of every behaviour are stopped by the ladder, side by side."""

import json
import os
import signal
import sys
import threading
from datetime import datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lib"))

from vslab import tap, world  # noqa: E402
from vslab.bus import iterate_until  # noqa: E402
from vslab.client import BUS_NAME, CallError, DOMAIN, NOTHING, STOP  # noqa: E402
from vslab.ladders import BY_BUS, PATIENCE, Row, Scene, Step  # noqa: E402
from vslab.ladders import check_steps, outcome_of, stop_id  # noqa: E402

CASE_TIMEOUT = 240
NO_STOP = f"{BUS_NAME}.Error.NoStopInFlight"
SECOND = 1000000

AGENT_FIRST = "agent:60s power-button:60s destroy"
WENT_DOWN, FORCED = Step("power-button", "went down"), Step("destroy", "forced")


def presses(way, **options):
    return {"cmdline": f"button={way}", **options}


def linux(words):
    return {"kind": "linux", "cmdline": words}


ROWS = [
    # Begun first: the others must not wait for them.
    Row("hangs", "an agent that hangs: on when it shows, at the deadline at the latest",
        linux("vs.agent=hang vs.button=0"), "agent:30s power-button:60s destroy", "clean",
        "power-button", "certain", (Step("agent", None, 2000), WENT_DOWN)),
    Row("hangs-on", "an agent that hangs for longer than its step's time",
        linux("vs.agent=hang vs.button=0"), "agent:2s power-button:60s destroy", "clean",
        "power-button", "likely", (Step("agent", "deadline", 2000), WENT_DOWN), BY_BUS),
    Row("hung", "a QEMU that hangs", presses("obey"), "power-button:3s destroy", "forced",
        "destroyed", "certain", (Step("power-button", "deadline", 3000), FORCED)),

    Row("saved", "a guest that is saved instead", presses("ignore", persistent=True),
        "save:60s destroy", "clean", "saved", "certain", (Step("save", "clean"),)),

    Row("no-room", "a guest that is to be saved where there is no room", presses("obey fill", persistent=True),
        "save:60s power-button:60s destroy", "clean", "power-button", "certain", (Step("save", None), WENT_DOWN)),

    # The agent
    Row("agent", "an agent that obeys", linux("vs.shutdown=1"), AGENT_FIRST, "clean",
        "guest-agent", "certain", (Step("agent", "went down"),)),
    Row("agent-by-bus", "the same over D-Bus", linux("vs.shutdown=1"), AGENT_FIRST, "clean",
        "guest-agent", "certain", (Step("agent", "went down"),), BY_BUS),
    Row("agent-at-once", "a system that goes down before the agent can answer",
        linux("vs.shutdown=0"), AGENT_FIRST, "clean", "guest-agent", "certain",
        (Step("agent", "went down"),)),
    Row("agent-quits", "an agent that ends before the system does",
        linux("vs.agent=quit vs.shutdown=2"), AGENT_FIRST, "clean", "guest-agent", "certain",
        (Step("agent", "went down"),)),
    Row("agent-never", "an agent that takes the request, and nothing comes of it",
        linux("vs.shutdown=never vs.button=0"), "agent:4s power-button:60s destroy", "clean",
        "power-button", "likely", (Step("agent", "deadline", 4000), WENT_DOWN)),
    Row("agent-fails", "an agent whose command fails", linux("vs.shutdown=fail vs.button=0"),
        AGENT_FIRST, "clean", "power-button", "certain", (Step("agent", None), WENT_DOWN)),
    Row("no-channel", "no agent channel", presses("obey"), AGENT_FIRST, "clean", "power-button",
        "certain", (Step("agent", "no agent channel"), WENT_DOWN)),
    Row("not-connected", "an agent channel that nobody has opened", presses("obey", agent=True),
        AGENT_FIRST, "clean", "power-button", "certain",
        (Step("agent", "the agent isn't connected"), WENT_DOWN), BY_BUS),

    # The power button
    Row("obeys", "a press that is obeyed", presses("obey"), "power-button:60s destroy", "clean",
        "power-button", "certain", (WENT_DOWN,)),
    Row("slow", "a press that is obeyed after a while", presses("slow:3"),
        "power-button:60s destroy", "clean", "power-button", "certain",
        (Step("power-button", "went down", 2500),)),
    Row("second", "a guest that wants two presses", presses("second"),
        "power-button:60s,press=2,gap=1s destroy", "clean", "power-button", "certain",
        (Step("power-button", "went down", 1000),)),
    Row("ignores", "a press that is ignored", presses("ignore"), "power-button:3s destroy",
        "forced", "destroyed", "certain", (Step("power-button", "deadline", 3000), FORCED)),
    Row("ignores-by-bus", "the same over D-Bus", presses("ignore"), "power-button:3s destroy",
        "forced", "destroyed", "certain", (Step("power-button", "deadline", 3000), FORCED),
        BY_BUS),
    Row("reboots", "a press that is a reboot", presses("reboot"), "power-button:4s destroy",
        "forced", "destroyed", "certain", (Step("power-button", "rebooted"), FORCED)),
    Row("halts", "a press that halts the system", presses("halt"), "power-button:3s destroy",
        "forced", "destroyed", "certain", (Step("power-button", "deadline", 3000), FORCED)),
    Row("panics", "a press that is a panic", presses("panic"), "power-button:60s destroy",
        "forced", "guest-panic", "certain", (Step("power-button", "forced"),)),

    # The ends
    Row("destroyed", "destroy and nothing before it", presses("obey"), "destroy", "forced",
        "destroyed", "certain", (FORCED,)),
    Row("left", "a guest that is never forced", presses("ignore"), "power-button:2s leave",
        "timed-out", None, None, ()),
    Row("left-by-bus", "the same over D-Bus", presses("ignore"), "power-button:2s leave",
        "timed-out", None, None, (), BY_BUS),
    Row("paused", "a guest that is paused", presses("obey"), "power-button:60s destroy", "clean",
        "power-button", "certain", (Step("resume", "resumed"), WENT_DOWN)),
]

# With AgentCall=shutdown; begun when the others are through.
CALLS = [
    Row("call-hangs", "AgentCall=shutdown: an agent that hangs",
        linux("vs.agent=hang vs.button=0"), "agent:30s power-button:60s destroy", "clean",
        "power-button", "likely", (Step("agent", None, 2000), WENT_DOWN)),
    Row("call-never", "AgentCall=shutdown: nothing comes of the request",
        linux("vs.shutdown=never vs.button=0"), "agent:4s power-button:60s destroy", "clean",
        "power-button", "likely", (Step("agent", "deadline", 4000), WENT_DOWN)),
    Row("call", "AgentCall=shutdown: an agent that obeys", linux("vs.shutdown=1"), AGENT_FIRST,
        "clean", "guest-agent", "certain", (Step("agent", "went down"),)),
    Row("call-at-once", "AgentCall=shutdown: a system that goes down at once",
        linux("vs.shutdown=0"), AGENT_FIRST, "clean", "guest-agent", "certain",
        (Step("agent", "went down"),), BY_BUS),
]

# Guests for the cases in two parts.
PLAYERS = {"extended": "button=ignore", "cancelled": "button=slow:8", "late": "button=obey",
           "unwaited": "button=slow:4", "hasty": "button=ignore",
           "gone": "button=ignore after=8:poweroff", "terminated": "button=ignore",
           "hangs-on-sigterm": "button=ignore", "spared": "button=ignore", "slow-disk": "button=obey fill",
           "slow-again": "button=ignore fill"}
SAVED = "/var/lib/libvirt/qemu/save"

scene = None  # what all cases share
begun = {}  # the cases in two parts, by function


def set_up(lab):
    global scene
    os.makedirs(SAVED, exist_ok=True)
    world.mount("tmpfs", SAVED, "tmpfs", "size=4m,mode=0755")
    scene = Scene(lab, ROWS + CALLS)
    lab.start(*scene.guests.values())
    for name, cmdline in PLAYERS.items():
        scene.guests[name] = lab.guest(name, cmdline=cmdline, persistent="slow" in name)
    scene.guests["hung"].kill(signal.SIGSTOP)
    scene.guests["paused"].domain.suspend()
    scene.guests["paused"].wait("suspended/paused")
    for row in ROWS:
        if row.name == "no-room":
            scene.guests["saved"].wait("stopped/saved")  # its image would have none, either
        scene.ask(row)


def comes_out(row):
    return row.what, lambda lab: scene.check(row)


def passed_over_at_once(lab):
    """a step that can't work costs no time, and guests don't wait for each other"""
    hangs = scene.daemon.records("hangs")[0]["request"]["steps"]
    for name in "no-channel", "not-connected":
        record = scene.daemon.records(name)[0]
        passed, pressed = record["request"]["steps"]
        assert passed["took_ms"] < 2000, record
        assert hangs[0]["started"] < record["time"] < hangs[1]["started"], (record, hangs)


def held_to_the_deadline(lab):
    """no guest was destroyed early, none is left, and a slow agent had no more than its time"""
    for name, span in (("reboots", 4), ("ignores", 3), ("halts", 3), ("hung", 3)):
        record = scene.daemon.records(name)[0]
        pressed, destroyed = (item["time"] for item in record["evidence"]
                              if item["source"] == "request" and "method" in item)
        assert seconds_between(pressed, destroyed) > span - 0.05, record
        scene.guests[name].qemu.wait(PATIENCE)
    step = scene.daemon.records("hangs")[0]["request"]["steps"][0]
    assert step["took_ms"] < 45000, step


def seconds_between(first, second):
    parsed = [datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ") for time in (first, second)]
    return (parsed[1] - parsed[0]).total_seconds()


# What a stop in flight can be told


def wait_outcome(path):
    return scene.client.wait("StopFinished", stop_id(path), timeout=PATIENCE).args[4]


def the_record(name):
    (record,) = scene.daemon.wait_records(name, timeout=PATIENCE)
    return record


def joins_and_escalates(lab):
    """further requests join the first, are told that their ladder isn't used, and all see it escalated"""
    lab.guest("joined", cmdline="button=ignore").start()
    path = scene.client.stop("joined", ladder="power-button:10min destroy", reason="first")
    assert scene.client.stop("joined", ladder="destroy", reason="second") == path
    assert scene.client.call("Stop", "(a{sv})", {}, path=scene.client.domain("joined"),
                             interface=DOMAIN) == path
    waiting = [scene.daemon.spawn_ctl("stop", "joined") for _ in range(2)]
    for asked in waiting:
        assert "power button" in asked.stdout.readline()
    harder = scene.daemon.spawn_ctl("stop", "joined", "--ladder=destroy")
    assert "is not used" in (told := harder.stderr.readline()) and "escalate" in told, told
    waiting.append(harder)
    told = scene.daemon.ctl("stop", "joined", "--no-wait", "--ladder=destroy").err
    assert "is not used" in told, told
    assert scene.daemon.ctl("escalate", "joined").status == 0
    for asked in waiting:
        out, err = asked.communicate(timeout=PATIENCE)
        assert asked.returncode == 3, (out, err)
    assert wait_outcome(path) == "forced"
    record = the_record("joined")
    check_steps((Step("power-button", "escalated"), FORCED), record)
    request = record["request"]
    assert (request["stop"], request["reason"]) == (stop_id(path), "first"), record
    assert [item.get("verb") for item in record["evidence"]].count("stop") == 7, record


def extends(lab):
    """extend moves the deadline"""
    path = scene.client.stop("extended", ladder="power-button:3s destroy")
    before = scene.client.get(path, STOP, "Deadline")
    scene.client.call("Extend", "(t)", 4 * SECOND, path=path, interface=STOP)
    assert scene.daemon.ctl("extend", "extended", "1s").status == 0
    assert scene.client.get(path, STOP, "Deadline") == before + 5 * SECOND
    yield
    assert wait_outcome(path) == "forced"
    check_steps((Step("power-button", "deadline", 8000), FORCED), the_record("extended"))


def cancels(lab):
    """a stop is called off; the guest still does what it was asked, and that is told"""
    guest = scene.guests["cancelled"]
    asked = scene.spawn_stop("cancelled", "--ladder=power-button:60s destroy")
    guest.wait("console/button")
    assert scene.daemon.ctl("cancel", "cancelled").status == 0
    assert outcome_of(asked) == "cancelled"
    assert "cancelled" not in [stop[3] for stop in scene.client.call("ListStops")]
    assert guest.state()[0] == lab.RUNNING and not scene.daemon.records("cancelled")
    yield
    record = the_record("cancelled")
    told = (record["cause"], record["confidence"], record["request"]["outcome"])
    assert told == ("power-button", "likely", "cancelled"), record


def too_late(lab):
    """what comes too late is refused, by name and by exit status"""
    guest = scene.guests["late"]
    guest.kill(signal.SIGSTOP)
    path = scene.client.stop("late", ladder="destroy")
    refuse_all()
    assert scene.client.get(path, STOP, "Phase") == "asked"
    yield
    assert wait_outcome(path) == "forced"
    assert not guest.qemu.running


def refuse_all():
    for method, signature, *args in (("Cancel", "(sa{sv})", "late", {}),
                                     ("Escalate", "(sa{sv})", "late", {}),
                                     ("Extend", "(sta{sv})", "late", SECOND, {})):
        try:
            scene.client.call(method, signature, *args)
        except CallError as error:
            assert error.name == NO_STOP, error.name
        else:
            raise AssertionError(f"{method} was accepted")
        done = scene.daemon.ctl(method.lower(), "late")
        assert done.status == 1 and "late" in done.err, done


# Others meanwhile


def destroyed_meanwhile(lab):
    """somebody else's destroy during a stop of ours"""
    guest = lab.guest("taken", cmdline="button=ignore").start()
    asked = scene.spawn_stop("taken", "--ladder=power-button:10min destroy")
    guest.wait("qmp/POWERDOWN")
    guest.destroy()
    assert outcome_of(asked) == "forced"
    record = the_record("taken")
    assert (record["cause"], record["confidence"]) == ("destroyed", "certain"), record
    check_steps((Step("power-button", "forced"),), record)


def goes_meanwhile(lab):
    """a guest that ignores us and powers itself off during a stop of ours"""
    guest = scene.guests["gone"].start()
    asked = scene.spawn_stop("gone", "--ladder=power-button:10min destroy")
    guest.wait("qmp/POWERDOWN")
    assert "console/poweroff" not in guest.heard
    yield
    assert outcome_of(asked) == "clean"
    # It had been asked, and nobody can see from outside that it didn't listen.
    assert the_record("gone")["cause"] == "power-button"
    check_steps((WENT_DOWN,), the_record("gone"))


# The client


def no_wait(lab):
    """--no-wait says which stop it is, and doesn't wait"""
    done = scene.daemon.ctl("stop", "unwaited", "--no-wait", "--json=short",
                            "--ladder=power-button:60s destroy")
    assert done.status == 0 and not scene.daemon.records("unwaited"), done
    stop = json.loads(done.out)["stop"]
    yield
    assert scene.client.wait("StopFinished", stop).args[4] == "clean"
    assert the_record("unwaited")["request"]["stop"] == stop


def budget(lab):
    """--budget shortens the ladder"""
    asked = scene.spawn_stop("hasty", "--ladder=power-button:10min destroy", "--budget=8s")
    yield
    assert outcome_of(asked) == "forced"
    check_steps((Step("power-button", "deadline", 4000), FORCED), the_record("hasty"))


def paused_and_left(lab):
    """Paused=leave: a paused guest stays as it is"""
    scene.configure("[Daemon]\nAgentCall=shutdown\n[Default]\nPaused=leave\n")
    guest = lab.guest("stays-paused").start()
    guest.domain.suspend()
    asked = scene.spawn_stop("stays-paused", "--ladder=power-button:60s destroy")
    assert outcome_of(asked) == "timed-out"
    assert guest.state()[0] == lab.PAUSED and not scene.daemon.records("stays-paused")


def already_off(lab):
    """a guest that is off already"""
    guest = lab.guest("off", persistent=True)
    lab.connection.defineXML(guest.xml)
    iterate_until(lambda: [domain for domain in scene.client.call("ListDomains")
                           if domain[3] == "off"], PATIENCE, "the domain", every=0.1)
    assert outcome_of(scene.spawn_stop("off")) == "already-off"
    path = scene.client.stop("off")
    assert path != NOTHING and wait_outcome(path) == "already-off"
    assert not scene.daemon.records("off")


def exit_statuses(lab):
    """exit statuses 2, 4 and 5, and nothing is stopped by them"""
    guest = lab.guest("safe").start()
    for status, args, user in ((2, ("stop", "safe", "--ladder=jump:3s"), None),
                               (4, ("stop", "nobody-knows"), None),
                               (5, ("stop", "safe"), "nobody"),
                               (5, ("cancel", "safe"), "nobody"),
                               (1, ("cancel", "safe"), None),
                               (4, ("escalate", "nobody-knows"), None)):
        done = scene.daemon.ctl(*args, user=user)
        assert done.status == status and done.err, (status, args, done)
    assert guest.state()[0] == lab.RUNNING


def twenty(lab):
    """twenty guests of every kind, side by side"""
    kinds = {"obey": 8, "slow:2": 4, "ignore": 4, "reboot": 2, "halt": 2}
    names = {f"{way}-{number}": way for way, count in kinds.items() for number in range(count)}
    lab.start(*(lab.guest(name, cmdline=f"button={way}") for name, way in names.items()))
    done = scene.daemon.ctl("stop", *names, "--ladder=power-button:8s destroy", "--json=short")
    assert done.status == 3, done
    came_out = {told["domain"]: told["outcome"] for told in map(json.loads, done.out.splitlines())}
    assert came_out == {name: "clean" if way in ("obey", "slow:2") else "forced"
                        for name, way in names.items()}
    records = [the_record(name) for name in names]
    forced = [record for record in records if record["request"]["outcome"] == "forced"]
    for record in forced:
        times = record["request"]["steps"][:-1] if record["domain"]["name"].startswith("reboot") else ["once"]
        check_steps((*(Step("power-button", None) for _ in times), FORCED), record)
    began = min(record["request"]["steps"][0]["started"] for record in records)
    assert 7.95 < seconds_between(began, min(record["time"] for record in forced))
    assert seconds_between(began, max(record["time"] for record in records)) < 8 * len(forced)


def agent_call_is_read_again(lab):
    """AgentCall= is changed by a reload"""
    scene.configure("[Daemon]\nAgentCall=shutdown\n")
    for row in CALLS:
        scene.ask(row)


def marks(lab):
    """a guest whose agent got a raw command is tainted, with AgentCall=shutdown it isn't"""
    for name, tainted in (("agent", True), ("call", False)):
        log = "".join(scene.guests[name].qemu_log())
        assert ("custom-ga-command" in log) == tainted, f"{name}: {log}"


def terminates(lab):
    """terminate: SIGTERM by virtstopd itself, and nothing harder"""
    for name in "hangs-on-sigterm", "spared":
        scene.guests[name].kill(signal.SIGSTOP)
    asked = {name: scene.spawn_stop(name, f"--ladder=terminate:{ladder}") for name, ladder in
             (("terminated", "60s destroy"), ("hangs-on-sigterm", "2s destroy"), ("spared", "2s leave"))}
    yield
    assert outcome_of(asked["terminated"]) == "forced"
    was_terminated("terminated", "forced")
    check_steps((Step("terminate", "forced"),), the_record("terminated"))
    assert "But that request" not in scene.daemon.ctl("why", "terminated").out
    assert outcome_of(asked["hangs-on-sigterm"]) == "forced"
    check_steps((Step("terminate", "deadline", 2000), FORCED), the_record("hangs-on-sigterm"))
    assert outcome_of(asked["spared"]) == "timed-out" and not scene.daemon.records("spared")
    assert scene.guests["spared"].qemu.running
    scene.guests["spared"].kill(signal.SIGCONT)
    was_terminated("spared", "timed-out")


def was_terminated(name, outcome):
    record = the_record(name)
    told = (record["cause"], record["confidence"], record["clean"], record["signal"], record["killer"]["pid"],
            record["request"]["outcome"])
    assert told == ("host-signal", "certain", False, "SIGTERM", scene.daemon.pid, outcome), record


def no_room(lab):
    """saving where there is no room is told with libvirt's words, and nothing of it stays"""
    step = the_record("no-room")["request"]["steps"][0]
    assert "No space left on device" in step["result"], step
    assert_unsaved("no-room")


def assert_unsaved(name):
    assert not scene.guests[name].domain.hasManagedSaveImage()
    assert not os.path.isfile(os.path.join(SAVED, f"{name}.save"))


class SlowDisk:
    """Takes the images of guests' saves, 64 KiB ten times a second: a context manager."""

    def __init__(self, *names):
        self._files = []
        for name in names:
            path = os.path.join(SAVED, f"{name}.save")
            os.mkfifo(path)
            self._files.append(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drain)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._over.set()
        self._thread.join()
        for file in self._files:
            os.close(file)

    def _drain(self):
        while not self._over.wait(0.1):
            for file in self._files:
                try:
                    os.read(file, 65536)
                except BlockingIOError:
                    pass  # nothing is written


def saves_slowly(lab):
    """a save that isn't done in its time is cut off, and the next step is taken of a guest that runs"""
    with SlowDisk("slow-disk", "slow-again"):
        asked = scene.spawn_stop("slow-disk", "--ladder=save:2s power-button:60s destroy")
        escalated = scene.spawn_stop("slow-again", "--ladder=save:10min leave")
        scene.guests["slow-again"].wait("suspended/paused")
        assert scene.daemon.ctl("escalate", "slow-again").status == 0
        yield
        assert outcome_of(asked) == "clean"
        record = the_record("slow-disk")
        assert (record["cause"], record["confidence"]) == ("power-button", "certain"), record
        check_steps((Step("save", "deadline", 2000), WENT_DOWN), record)
        assert outcome_of(escalated) == "timed-out" and not scene.daemon.records("slow-again")
        scene.guests["slow-again"].wait("resumed/unpaused", 2)
    for name in "slow-disk", "slow-again":
        assert_unsaved(name)


# What takes its time in the middle is a generator: the first parts of all are run before the
# second part of any.


TWO_PARTS = [terminates, saves_slowly, extends, cancels, too_late, goes_meanwhile, no_wait, budget]


def begin(lab):
    """stops are begun, to be watched or steered"""
    lab.start(*(scene.guests[name] for name in PLAYERS if name != "gone"))
    for function in TWO_PARTS:
        begun[function] = function(lab)
        try:
            next(begun[function])
        except AssertionError as error:
            begun[function] = error


def second_part(function):
    def case(lab):
        if isinstance(begun[function], AssertionError):
            raise begun[function]
        for _ in begun[function]:
            pass
    return function.__doc__, case


if __name__ == "__main__":
    tap.main([*map(comes_out, ROWS), no_room, passed_over_at_once, held_to_the_deadline,
              agent_call_is_read_again, begin, joins_and_escalates, destroyed_meanwhile,
              already_off, exit_statuses, twenty, *map(second_part, TWO_PARTS),
              *map(comes_out, CALLS), marks, paused_and_left],
             setup=set_up, case_timeout=CASE_TIMEOUT)
