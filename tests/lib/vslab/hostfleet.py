# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guests that whole hosts run in tests, and how they should go down with them."""

import signal

from . import tap

CASE_TIMEOUT = 150
BUDGET = 60
# What a host takes to go down besides its guests: logind waits up to 5 s for those who delay it, systemd stops the rest.
OWN_TIME = 15

WATCHES = ("virtstopd.service",)
UNITS = WATCHES + ("virtstop-guests.service", "virtstop-restore.service")

# Dependents come down first: front needs middle, which needs back.
CHAIN = ("front", "middle", "back")
CONFIG = """\
[Daemon]
Budget={budget}s
[Default]
OnBoot=start
Ladder=agent:20s power-button:10s destroy
Paused=resume
[Guest second]
Ladder=power-button:15s,press=2,gap=1s destroy
[Guest front]
Before=middle
[Guest middle]
Before=back
"""
# Name: the kind of guest and what it does, whether it can come down clean.
FLEET = {
    "agent": ("linux", "vs.button=ignore", True),
    "obeys": ("tiny", "button=obey", True),
    "slow": ("tiny", "button=slow:3", True),
    "second": ("tiny", "button=second", True),
    "ignores": ("tiny", "button=ignore", False),
    "paused": ("tiny", "button=obey", True),
    "hung": ("tiny", "button=obey", False),
    **{name: ("tiny", "button=slow:1", True) for name in CHAIN},
}
CAN_BE_CLEAN = {name for name, (_, _, clean) in FLEET.items() if clean}


def boot(lab, units=UNITS, names=tuple(FLEET), virtstop=True, config=CONFIG.format(budget=BUDGET), prepare=None):
    """A host that runs these guests of the fleet. Returns it and the guests by name."""
    host = lab.host(units, virtstop=virtstop, config=config)
    if prepare:
        prepare(host)
    host.boot()
    guests = {name: host.guest(name, *FLEET[name][:2]) for name in names}
    for guest in guests.values():
        guest.start(wait=False)
    for guest in guests.values():
        guest.wait_ready()
    for name, guest in guests.items():
        assert guest.in_scope, f"{name} is in no scope of systemd-machined"
    if "paused" in guests:
        guests["paused"].pause()
    if "hung" in guests:
        guests["hung"].kill(signal.SIGSTOP)
    return host, guests


def tell(what, down, guests):
    """The row of a table, and what each guest did."""
    clean = sorted(name for name, guest in guests.items() if guest.came_down_clean)
    cut_off = sorted(set(guests) - set(clean))
    tap.diagnose(f"{what} | {len(clean)} clean | {len(cut_off)} cut off | {down.seconds:.1f} s",
                 f"    clean: {', '.join(clean) or 'none'}", f"    cut off: {', '.join(cut_off) or 'none'}")
    return set(clean), set(cut_off)


def only_ready(guest):
    """It has run from its start, and nobody has asked it for anything."""
    return guest.heard == ["console/ready"] and guest.qemu.running


def check_untouched(guests):
    for name, guest in guests.items():
        assert only_ready(guest), f"{name}: {guest.heard}, running: {guest.qemu.running}"


def asked_at(guest):
    return min(filter(None, map(guest.heard_at, ("console/agent", "console/button"))))


def check_chain(guests):
    """None was asked before those that depend on it were off."""
    for first, then in zip(CHAIN, CHAIN[1:]):
        off, asked = guests[first].heard_at("console/poweroff"), asked_at(guests[then])
        assert off < asked, f"{then} was asked {off - asked:.2f} s before {first} was off"


def check_records(host, names, host_shutdown=True):
    """One record each. Returns them by name."""
    records = host.records()
    told = sorted(record["domain"]["name"] for record in records)
    assert told == sorted(names), \
        f"records of {told}, not of {sorted(names)}: {[r for r in records if told.count(r['domain']['name']) > 1]}"
    for record in records:
        assert record["host_shutdown"] is host_shutdown, record
        assert record["request"] is not None, record
    return {record["domain"]["name"]: record for record in records}


def check_kind(records, kind):
    """How the host went down is told of those that were off after the hook was there; before, this systemd doesn't."""
    told = {record["host_stop"].get("kind") for record in records}
    assert told <= {kind, None}, told
    return kind in told


def check_went_down(host, guests, down, clean=None, budget=BUDGET, how="poweroff"):
    """As the fleet should: those that can were clean, in order, the others were forced, in time."""
    clean = CAN_BE_CLEAN & set(guests) if clean is None else clean
    found, _ = tell(f"virtstop, {how}", down, guests)
    assert down.how == how, down
    assert found == clean, f"clean were {sorted(found)}, not {sorted(clean)}"
    assert down.seconds < budget + OWN_TIME, down
    for name, record in check_records(host, guests).items():
        assert record["clean"] is (name in clean), record
        assert record["request"]["outcome"] == ("clean" if name in clean else "forced"), record
    if set(CHAIN) <= clean:
        check_chain(guests)


def check_comes_back(host, guests, down):
    """Boots again, and what ran before runs."""
    assert not host.running, down
    for guest in guests.values():
        guest.expect()
    host.boot()
    for guest in guests.values():
        guest.wait_ready()
    states = {name: guest.state() for name, guest in guests.items()}
    assert set(states.values()) == {"running"}, states


def boot_and_ask_down(lab, **options):
    """A host that goes down past logind, which would have virtstopd begin earlier, and systemd start again what dies
    meanwhile: all that is done is done while the hook waits for it."""
    host, guests = boot(lab, **options)
    host.ask_down("start", "poweroff.target", "--job-mode=replace-irreversibly", "--no-block")
    return host, guests
