# SPDX-License-Identifier: LGPL-2.1-or-later
"""A round in a lab of its own: eight guests, what is done to them, the faults, and the verdict."""

import json
import os
import time

import judge
import plan as plans
from play import Player, Service
from truth import Truth, runs_of
from vslab import Lab
from vslab.process import Process

LIMIT = 400
SETTLES = 150  # after the last fault: a stopped QEMU's destroy, libvirt's and our own looking again, a whole ladder
LATER = 2  # seconds in which a second record would come
BUS_NAME = "org.virtstop1"


def run(seed, number):
    """Plays it. Returns what came of it, for JSON. Exits in the lab's own process."""
    plan, truth = plans.draw(seed, number), Truth()
    with Lab(LIMIT) as lab:
        daemon = lab.daemon().start()
        guests = {name: lab.guest(name, cmdline=words, on_reboot=on_reboot, monitored=True)
                  for name, (words, on_reboot) in plan.guests.items()}
        lab.start(*sorted(guests.values(), key=lambda guest: "after=" in guest.xml))
        lab.libvirtd.disconnect()
        services = {service.name: service for service in (
            Service("virtstopd", truth, lambda: Process(daemon.pid), daemon.spawn),
            Service("libvirtd", truth, lambda: lab.libvirtd.process, lab.libvirtd.start_alone),
            Service("virtlogd", truth, lambda: lab.libvirtd.virtlogd, lab.libvirtd.start_virtlogd),
            Service("bus", truth, lambda: lab.bus.process, lambda: start_bus(lab)))}
        Player(plan, truth, daemon, guests, services).play()
        settle(lab, truth, daemon, guests)
        for service in services.values():
            service.leave()
        look_again(lab, truth, daemon)
        settle(lab, truth, daemon, guests)
        return report(lab, plan, truth, daemon, guests, services)


def start_bus(lab):
    lab.bus.stop()
    lab.bus.start()


def all_runs(lab, truth, guests):
    found = []
    for name, guest in guests.items():
        runs = runs_of(name, lab.events.of(guest.uuid), "after=" in guest.xml)
        for started in (done for done in truth.done if done.deed.what == "start" and done.deed.guest == name):
            for one in runs[1:]:
                one.certain &= not (started.status != 0 and started.began < one.began < started.ended + 1)
        found += runs
    return found


def read_records(daemon):
    """The records, and the lines that are none."""
    records, torn = [], []
    if os.path.exists(daemon.records_path):
        with open(daemon.records_path, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    records.append(json.loads(line))
                    if not line.endswith("\n"):
                        raise ValueError
                except ValueError:
                    torn.append(line)
    return records, torn


def verdict(lab, truth, daemon, guests):
    records, torn = read_records(daemon)
    files = os.listdir(os.path.join(daemon.runtime_directory, "guests"))
    kept = {name for name, guest in guests.items() if any(file.startswith(guest.uuid) for file in files)}
    return list(judge.judge(all_runs(lab, truth, guests), truth, records, torn, kept))


def settle(lab, truth, daemon, guests):
    """Waits until nothing is owed any more, a record for each end, an end for each stop; and no guest has something in mind."""
    until = time.monotonic() + SETTLES
    while time.monotonic() < until:
        owed = [fault for fault in verdict(lab, truth, daemon, guests) if fault.kind in ("lost", "forgotten")]
        if not owed and not any(run.is_ticking for run in all_runs(lab, truth, guests)):
            break
        time.sleep(0.5)


def look_again(lab, truth, daemon):
    """Another virtstopd finds nothing to add."""
    time.sleep(LATER)
    daemon.stop()
    daemon.start()
    time.sleep(LATER)
    truth.note("virtstopd was ended and started once more")


def report(lab, plan, truth, daemon, guests, services):
    faults = verdict(lab, truth, daemon, guests)
    # libvirtd ends when its bus does.
    faults += [judge.Fault("crashed", "virtstopd", why) for why in services["virtstopd"].crashed]
    runs = all_runs(lab, truth, guests)
    return {
        "faults": len(plan.faults),
        "stops": sum(one.is_over for one in runs),
        "what": "; ".join(str(fault) for fault in plan.faults),
        "deeds": ", ".join(f"{deed.what} {deed.guest or ''}".strip() for deed in plan.deeds),
        "bad": [fault._asdict() for fault in faults],
        "story": list(story(lab, truth, daemon, guests)) if faults else [],
    }


def story(lab, truth, daemon, guests):
    """All that one needs to understand what went wrong."""
    for name, guest in guests.items():
        for event in lab.events.of(guest.uuid):
            if event.text.startswith(("monitor/", "console/")):
                data = event.data or {}
                more = " ".join(str(data[key]) for key in ("reason", "action") if key in data)
                truth.note(f"    {name}: {event.text} {more}".rstrip(), data.get("at", event.time))
    yield "What was done, and what was seen of it (s):"
    yield from truth.timeline()
    yield "Records:"
    for record in read_records(daemon)[0]:
        yield json.dumps(record)
    yield f"virtstopd said (it began at {time.strftime('%H:%M:%S', time.localtime(truth.began + truth.epoch))}):"
    yield from daemon.stderr.splitlines()
    for name in guests:
        yield f"QEMU's log of {name}:"
        yield from (line for line in guests[name].qemu_log() if "terminating" in line or "shutting down" in line)
