"""A whole desk in throw-away folders, whose processes can be killed at will and always come back."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from desk.settings import Settings
from desk.store import embedded
from desk.store.failpoints import STRUCK
from desk.store.opening import open_store
from desk.store.schema import migrate
from desk.store.unit_of_work import Store


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Household:
    """The servers and processes of one desk; `killed` counts how often any of them was."""

    def __init__(self, home: Path, processes: tuple[str, ...]) -> None:
        self.servers = embedded.start(home)
        self.settings = Settings(
            home=home,
            database_url=self.servers.database_url,
            redis_url=self.servers.redis_url,
            secret_key="drill" * 8,
            port=free_port(),
            smtp_in_port=free_port(),
            log_level="error",
        )
        self.store: Store = open_store(self.settings, "drill")
        migrate(self.store.engine)
        self.killed = 0
        self._home = home
        self._names = processes
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._armed: dict[int, str] = {}
        self._closing = threading.Event()
        self._log = (home / "drill.log").open("ab")
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        for place in range(len(self._names)):
            self._start(place)
        self._keeper.start()

    def kill(self, name: str) -> None:
        """SIGKILL the process of that name; it comes back by itself."""
        self._running[self._names.index(name)].kill()

    def kill_one(self, dice: random.Random, arm: Callable[[str], str] = lambda name: "") -> None:
        """SIGKILL one process, whatever it is doing.

        Its next life, and only that one, kills itself at the fail-points that `arm` names for the process.
        """
        place = dice.randrange(len(self._names))
        self._armed[place] = arm(self._names[place])
        self._running[place].kill()

    def struck(self) -> Counter[str]:
        """How often processes died at each fail-point."""
        notes = self.settings.home / STRUCK
        return Counter(notes.read_text().split() if notes.exists() else ())

    def close(self) -> None:
        """Stop everything this household started."""
        self._closing.set()
        self._keeper.join()
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        self.store.close()
        self.servers.stop()
        self._log.close()

    def kill_postgres(self) -> None:
        """Kill the server as a power cut would, then start it again; it recovers by itself."""
        with psycopg.connect(self.servers.database_url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        postmaster = int(Path(row[0], "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        self.killed += 1
        deadline = time.monotonic() + 30
        while True:
            time.sleep(0.5)
            try:
                embedded.start(self._home)
                return
            except Exception:
                if time.monotonic() > deadline:
                    raise

    def _start(self, place: int) -> None:
        environment = {
            **os.environ,
            **{
                f"DESK_{name.upper()}": str(getattr(self.settings, name))
                for name in (
                    *("home", "database_url", "redis_url", "secret_key"),
                    *("port", "smtp_in_port", "log_level"),
                )
            },
            "DESK_FAILPOINTS": self._armed.pop(place, ""),
        }
        self._running[place] = subprocess.Popen(
            [sys.executable, "-m", "desk", self._names[place], "--supervisor", str(os.getpid())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def _keep(self) -> None:
        """A dead process comes back at once: the drill wants many deaths, not rest."""
        while not self._closing.wait(0.05):
            for place, process in list(self._running.items()):
                if process.poll() is not None and not self._closing.is_set():
                    self.killed += 1
                    self._start(place)
