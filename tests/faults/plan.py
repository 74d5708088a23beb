# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is going to happen in a round: drawn from its seed and number alone, so that it can be played again."""

import random
from typing import NamedTuple

SPREAD = 10  # seconds in which deeds are done
LATEST = 14  # the last fault
LONGEST_PAUSE = 9
SERVICES = ("virtstopd", "libvirtd", "virtlogd", "bus")
SIGNALS = ("KILL", "TERM", "STOP")


class Step(NamedTuple):
    """A power button's: @presses, @gap seconds apart, and how long the guest has."""
    span: int
    presses: int = 1
    gap: int = 1

    def __str__(self):
        many = f",press={self.presses},gap={self.gap}s" if self.presses > 1 else ""
        return f"power-button:{self.span}s{many}"


class Ask(NamedTuple):
    """A stop's ladder: the button, if any, and whether it ends in destroy. @agent: seconds of an agent's step before it, that
    no guest here has."""
    step: Step = None
    forces: bool = True
    budget: int = 0
    agent: int = 0

    @property
    def ladder(self):
        words = [f"agent:{self.agent}s"] if self.agent else []
        words += [str(self.step)] if self.step else []
        return " ".join(words + ["destroy" if self.forces else "leave"])

    @property
    def presses(self):
        return self.step.presses if self.step else 0

    @property
    def asking(self):
        """The time that its steps have, all in all."""
        if not self.budget:
            return (self.step.span if self.step else 0) + self.agent
        reserve = min(15, self.budget / 2) if self.forces else 0
        return min(self.budget - reserve, (self.step.span if self.step else 0) + self.agent)

    def __str__(self):
        return f"{self.ladder}{f', budget {self.budget} s' if self.budget else ''}"


class Deed(NamedTuple):
    """Something done to guests, or by somebody to their daemons. @at: seconds of the round. @what: stop, stop-all, press, destroy,
    term, kill, start. @guest is None for a stop of all."""
    at: float
    what: str
    guest: str = None
    ask: Ask = None

    def __str__(self):
        return " ".join(str(word) for word in (self.what, self.guest, self.ask and f"({self.ask})") if word)


class Fault(NamedTuple):
    """@target: a service, or qemu:GUEST. @pause: until it goes on (STOP), or is started again."""
    at: float
    target: str
    signal: str
    pause: float

    def __str__(self):
        return f"{self.at:.1f}s {self.signal} {self.target} for {self.pause:.1f}s"


class Plan(NamedTuple):
    guests: dict  # {name, which is its behaviour: (command line, on_reboot)}
    deeds: list
    faults: list


def draw(seed, number):
    """The plan of round @number."""
    rng = random.Random(f"virtstop faults {seed} {number}")
    guests = {
        "obeys": "button=obey",
        "slow": "button=slow:3",
        "second": "button=second",
        "deaf": "button=ignore",
        "halts": "button=halt",
        "itself": f"after={rng.randint(3000, 16000)}ms:poweroff",
        "panics": rng.choice((f"after={rng.randint(3000, 16000)}ms:panic", "button=panic")),
        "reboots": rng.choice((f"after={rng.randint(3000, 16000)}ms:reboot", "button=reboot")),
    }
    guests = {name: (words, rng.choice(("restart", "destroy")) if name == "reboots" else "restart")
              for name, words in guests.items()}
    deeds = []
    for name in guests:
        deeds += _deeds_to(rng, name)
    if rng.random() < 0.25:
        deeds.append(Deed(rng.uniform(0, SPREAD), "stop-all", None, _ask(rng, (0, 0, 40, 60))))
    deeds.sort()
    return Plan(guests, deeds, _faults(rng, deeds, list(guests)))


def _ask(rng, budgets):
    step = rng.choice((Step(3), Step(5), Step(6), Step(8), Step(6, 2, 1), Step(6, 2, 2), Step(9, 3, 2), None))
    step = step or (Step(4) if rng.random() < 0.8 else None)
    return Ask(step, rng.random() < 0.85, rng.choice(budgets), rng.choice((0, 0, 0, 3)) if step else 0)


def _deeds_to(rng, name):
    """What is done to one guest, if anything."""
    kinds = rng.choices(("stop", "press", "destroy", "term", "kill", None), (50, 12, 10, 8, 6, 14))
    if kinds == ["stop"] and rng.random() < 0.25:
        kinds += rng.choices(("press", "destroy", "term", "kill", "stop"), (30, 25, 20, 15, 10))
    elif kinds == ["press"] and rng.random() < 0.3:
        kinds += ["press"]
    if rng.random() < 0.2:
        kinds += ["start"]  # if it is off then
    return [Deed(rng.uniform(6, LATEST) if kind == "start" else rng.uniform(0, SPREAD), kind, name, _ask(rng, (0, 0, 0, 10, 20, 40)) if kind == "stop" else None)
            for kind in kinds if kind]


def _faults(rng, deeds, guests):
    """One to three, half of them aimed at what is done then."""
    faults = []
    for _ in range(rng.choices((1, 2, 3), (30, 40, 30))[0]):
        target = rng.choices((*SERVICES, "qemu"), (30, 35, 8, 10, 17))[0]
        signal = rng.choice(SIGNALS)
        if target == "qemu":
            target, signal = f"qemu:{rng.choice(guests)}", "STOP"
        at = rng.uniform(0, LATEST)
        if deeds and rng.random() < 0.5:
            at = max(0, rng.choice(deeds).at + rng.choice((rng.uniform(-2, 0), rng.uniform(0, 0.3), rng.uniform(0, 6))))
        faults.append(Fault(at, target, signal, rng.uniform(0.2, LONGEST_PAUSE)))
    if len(faults) > 1 and rng.random() < 0.5:  # one while another lasts
        first, second = faults[:2]
        faults[1] = second._replace(at=first.at + rng.uniform(0, first.pause))
        if rng.random() < 0.4 and first.target in SERVICES:  # what was said to the one that is stopped is lost
            faults[0] = first._replace(signal="STOP")
            faults[1] = faults[1]._replace(target=first.target, signal="KILL")
    return sorted(faults)
