"""A whole desk in throw-away folders, whose processes can be killed at will and always come back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from redis.exceptions import RedisError

from desk.settings import Settings
from desk.store import embedded
from desk.store.embedded.place import remove_place
from desk.store.failpoints import STRUCK
from desk.store.opening import open_store, redis_for
from desk.store.schema import migrate
from desk.store.unit_of_work import Store
from tests.servers.ports import free_port


class Household:
    """The servers and processes of one desk; `killed` counts how often any of them was."""

    def __init__(self, home: Path, processes: tuple[str, ...], **settings: Any) -> None:
        self.servers = embedded.start(home)
        self.settings = Settings(
            home=home,
            database_url=self.servers.database_url,
            redis_url=self.servers.redis_url,
            secret_key="drill" * 8,
            port=free_port(),
            smtp_in_port=free_port(),
            log_level="error",
            **settings,
        )
        self.store: Store = open_store(self.settings, "drill")
        migrate(self.store.engine)
        self.killed = 0
        self._home = home
        self._names = processes
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._armed: dict[int, str] = {}
        self._children: dict[int, set[int]] = {}
        self._born: dict[int, float] = {}
        told = ("home", "database_url", "redis_url", "secret_key", "port", "smtp_in_port", "log_level")
        self._told = (*told, *settings)
        self._failpoints = ""
        self._closing = threading.Event()
        self._log = (home / "drill.log").open("ab")
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        for place in range(len(self._names)):
            self._start(place)
        self._keeper.start()

    def arm(self, failpoints: str) -> None:
        """From their next start on, processes kill themselves at these points with these chances."""
        self._failpoints = failpoints

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

    def process(self, name: str) -> int:
        """The number of the first process of that name, as it is now."""
        return self._running[self._names.index(name)].pid

    def servers_running(self) -> dict[str, int]:
        """The numbers of PostgreSQL's and Redis's processes."""
        return {
            "postgres": self._postmaster(),
            "redis": int(redis_for(self.settings).info("server")["process_id"]),
        }

    def age(self, name: str) -> float:
        """For how many seconds the first process of that name, and whatever it forked, have been there."""
        return time.monotonic() - self._born[self._names.index(name)]

    def kill_child_of(self, name: str) -> None:
        """SIGKILL what a process has forked to do its work, as gunicorn does; nothing where there is none."""
        for child in self._children.get(self._names.index(name), ()):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def restart_all(self) -> None:
        """Everybody begins anew, and so with the fail-points that are armed now."""
        for process in list(self._running.values()):
            process.kill()

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
        remove_place(self._home)
        self._log.close()

    def kill_postgres(self) -> None:
        """Kill the server as a power cut would, then start it again; it recovers by itself."""
        os.kill(self._postmaster(), signal.SIGKILL)
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

    def _postmaster(self) -> int:
        with psycopg.connect(self.servers.database_url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        return int(Path(row[0], "postmaster.pid").read_text().split()[0])

    def kill_redis(self) -> None:
        """Kill the server, with all that it has not synced, and start it again."""
        redis = redis_for(self.settings)
        try:
            number = int(redis.info("server")["process_id"])
        except RedisError:
            return
        os.kill(number, signal.SIGKILL)
        self.killed += 1
        embedded.start(self._home, postgres=False)

    def _start(self, place: int) -> None:
        environment = {
            **os.environ,
            **{f"DESK_{name.upper()}": str(getattr(self.settings, name)) for name in self._told},
            "DESK_FAILPOINTS": self._armed.pop(place, self._failpoints),
        }
        self._born[place] = time.monotonic()
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
                    self._children.pop(place, None)
                    self._start(place)
                else:
                    self._look_at_children(place, process.pid)

    def _look_at_children(self, place: int, number: int) -> None:
        """A forked child that is gone died as well: at a fail-point, or because we killed it."""
        now = children_of(number)
        before = self._children.get(place, set())
        self.killed += len(before - now)
        if now - before:
            self._born[place] = time.monotonic()
        self._children[place] = now


def children_of(number: int) -> set[int]:
    """The processes that a process has forked and that have not ended; Linux only (proc(5))."""
    try:
        found = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        return set()
    return {int(child) for child in found if not is_over(int(child))}


def is_over(number: int) -> bool:
    """The process has ended, whether or not its parent has looked."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
