"""The supervisor: starts the processes of a desk, brings a dead one back, and ends them all in order."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

import structlog

from desk.cli.children import Begin, Running

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
LOOK_SECONDS = 0.2
LAST_WORD_SECONDS = 3
"""How much longer than a process's own patience we wait before SIGKILL."""

log = structlog.get_logger()


def pause_after(deaths: int) -> float:
    """How long a process rests after so many deaths in a row: 1 s, doubling, 30 s at most."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(deaths - 1, 10), LONGEST_PAUSE_SECONDS)


@dataclass
class Child:
    """One process that ought to run."""

    name: str
    begin: Begin
    running: Running | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    deaths: int = 0
    once: bool = False
    """Whether its end is an end, and no death."""


@dataclass
class Supervisor:
    """Watches its children from one thread: the kernel ends a child with the thread that started it."""

    drain_seconds: int
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, begin: Begin, *, once: bool = False) -> None:
        """Have what this begins run under this name; `once`, until it ends by itself."""
        self.children.append(Child(name, begin, once=once))

    def start(self) -> None:
        """Start whatever is due."""
        now = time.monotonic()
        for child in self.children:
            if child.running is None and child.due_at <= now:
                self._start(child, now)

    def look_after(self, stop: threading.Event) -> None:
        """Keep everything running until `stop` is set, then drain."""
        while not stop.wait(LOOK_SECONDS):
            self.bury_the_dead(time.monotonic())
            self.start()
        self.drain()

    def bury_the_dead(self, now: float) -> None:
        """Note who has died, and when each may come back; a healthy minute wipes the slate."""
        for child in tuple(self.children):
            code = child.running.poll() if child.running else None
            if code is None:
                continue
            child.running = None
            if child.once:
                self.children.remove(child)
                continue
            child.deaths = 1 if now - child.started_at >= HEALTHY_SECONDS else child.deaths + 1
            pause = pause_after(child.deaths)
            child.due_at = now + pause
            log.warning("process_died", child=child.name, code=code, back_in_seconds=pause)

    def drain(self) -> None:
        """Ask all at once to end, wait as long as they may take, and end the rest with their families."""
        running = [child.running for child in self.children if child.running]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.drain_seconds + LAST_WORD_SECONDS
        for child in self.children:
            if child.running is None:
                continue
            try:
                child.running.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("process_killed", child=child.name, reason="it did not end in time")
                os.killpg(child.running.pid, signal.SIGKILL)
                child.running.wait()
            child.running = None

    def _start(self, child: Child, now: float) -> None:
        child.started_at = now
        child.running = child.begin()
        log.info("process_started", child=child.name, number=child.running.pid)
