# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a round: does to guests and daemons what the plan says, and starts again what died, as systemd would."""

import os
import signal
import subprocess
import threading
import time

from truth import Done

RETRY = 1  # seconds between two tries of who was refused
PATIENCE = 40  # for somebody who asks, with all tries
CALL_TIMEOUT = 30
HANGS = 40  # a daemon that was told to end and doesn't
LOOK = 0.25


class Service:
    """A daemon, watched: it is started again after a pause whenever it ended. @process(): its process.Process now.
    @start(): starts it."""

    def __init__(self, name, truth, process, start):
        self.name = name
        self.process = process
        self.crashed = []  # why, where nobody had told it to end
        self._truth = truth
        self._start = start
        self._pause = RETRY
        self._told = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)
        self._thread.start()

    def fault(self, number, pause):
        """Sends the signal; returns the process that got it, or None where it is dead."""
        process = self.process()
        if not process or not process.running:
            return None
        if number != signal.SIGSTOP:
            self._pause, self._told = pause, True
        process.send_signal(number)
        return process

    @property
    def running(self):
        process = self.process()
        return bool(process and process.running)

    def leave(self):
        """Whoever stops it now is somebody else."""
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.is_set():
            process = self.process()
            try:
                process.wait(LOOK)
            except AssertionError:
                continue
            died = time.monotonic()
            self._truth.note(f"{self.name} ({process.pid}) has ended")
            if not self._told:
                self.crashed.append(f"{self.name} ended, and nobody had told it to")
            pause, self._pause, self._told = self._pause, RETRY, False
            self._over.wait(pause)
            self._start_again()
            self._truth.add_away(self.name, died, True)
            self._truth.note(f"{self.name} is started again")

    def _start_again(self):
        while not self._over.is_set():
            try:
                self._start()
                return
            except (subprocess.SubprocessError, OSError, RuntimeError, AssertionError) as error:
                self._truth.note(f"{self.name} can't be started: {error}")
                self._over.wait(RETRY)


class Player:
    """Does what @plan says. @guests: {name: Guest}, which run. @services: {name: Service}."""

    def __init__(self, plan, truth, daemon, guests, services):
        self.services = services
        self._plan = plan
        self._truth = truth
        self._daemon = daemon
        self._guests = guests

    def play(self):
        """Returns when all is done, and all runs again."""
        self._truth.began = time.monotonic()
        threads = []
        for what in sorted((*self._plan.deeds, *self._plan.faults), key=lambda one: one.at):
            time.sleep(max(0, self._truth.began + what.at - time.monotonic()))
            threads.append(threading.Thread(target=self._fault if hasattr(what, "signal") else self._deed, args=(what,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        while not all(service.running for service in self.services.values()):
            time.sleep(LOOK)
        self._truth.note("no fault any more")

    # Faults

    def _fault(self, fault):
        target, number = fault.target, getattr(signal, f"SIG{fault.signal}")
        try:
            if target.startswith("qemu:"):
                process = self._guests[target[5:]].qemu
                if process.running:
                    process.send_signal(number)
                else:
                    process = None
            else:
                process = self.services[target].fault(number, fault.pause)
        except ProcessLookupError:
            process = None
        began = time.monotonic()
        self._truth.note(f"*** SIG{fault.signal} to {target}{'' if process else ', which does not run'}")
        if process and number == signal.SIGSTOP:
            time.sleep(fault.pause)
            try:
                process.send_signal(signal.SIGCONT)
            except ProcessLookupError:
                pass
            self._truth.add_away(target, began, False)
            self._truth.note(f"*** SIGCONT to {target}")

    # Deeds

    def _deed(self, deed):
        {"stop": self._stop, "stop-all": self._stop, "press": self._press, "destroy": self._destroy, "term": self._signal,
         "kill": self._signal, "start": self._start}[deed.what](deed)

    def _stop(self, deed):
        """Asks until somebody listens."""
        budget = [f"--budget={deed.ask.budget}s"] if deed.ask.budget else []
        command = [self._daemon.program("virtstopctl"), deed.what, *([deed.guest] if deed.guest else []), "--no-wait",
                   f"--ladder={deed.ask.ladder}", "--reason=faults", *budget]
        until = time.monotonic() + PATIENCE
        while self._run(deed, command, self._daemon.environ) != 0 and time.monotonic() < until:
            if deed.guest and not self._guests[deed.guest].qemu.running:
                return
            time.sleep(RETRY)

    def _press(self, deed):
        self._run(deed, ["virsh", "shutdown", "--mode", "acpi", deed.guest])

    def _destroy(self, deed):
        self._run(deed, ["virsh", "destroy", deed.guest])

    def _start(self, deed):
        if self._guests[deed.guest].qemu.running:
            return
        path = os.path.join(self._daemon.directory, f"{deed.guest}.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._guests[deed.guest].xml)
        self._run(deed, ["virsh", "create", path])

    def _signal(self, deed):
        began = time.monotonic()
        number = signal.SIGTERM if deed.what == "term" else signal.SIGKILL
        try:
            self._guests[deed.guest].kill(number)
            status = 0
        except ProcessLookupError:
            status = 1
        self._truth.add_done(Done(began, time.monotonic(), deed, status, ""))

    def _run(self, deed, command, environ=None):
        """Returns the exit status; None where it took too long."""
        began = time.monotonic()
        try:
            done = subprocess.run(command, env=environ or dict(os.environ, LC_ALL="C.UTF-8"), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                                  errors="replace", timeout=CALL_TIMEOUT, check=False)
            status, said = done.returncode, " ".join(done.stdout.split())
        except subprocess.TimeoutExpired:
            status, said = None, "given up"
        self._truth.add_done(Done(began, time.monotonic(), deed, status, said))
        return status
