"""One command keeps a desk running: what dies returns, and an end leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest

from desk.cli.children import by_command
from desk.cli.supervisor import Child, Supervisor
from tests.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# --- the supervisor by itself, with children of our own making


def supervised(*programs: str, drain_seconds: int = 5) -> Supervisor:
    children = [
        Child(f"child {n}", partial(by_command, [sys.executable, "-c", text], os.environ))
        for n, text in enumerate(programs)
    ]
    supervisor = Supervisor(drain_seconds, children)
    supervisor.start()
    return supervisor


def number_of(child: Child) -> int | None:
    return child.running.pid if child.running else None


def test_a_dead_child_returns_and_the_others_never_notice() -> None:
    supervisor = supervised("import time; time.sleep(60)", "import time; time.sleep(60)")
    unlucky, lucky = supervisor.children
    before, untouched = number_of(unlucky), number_of(lucky)
    stop = threading.Event()
    watch = threading.Thread(target=supervisor.look_after, args=(stop,))
    watch.start()
    assert unlucky.running
    unlucky.running.send_signal(signal.SIGKILL)
    assert within(120, lambda: number_of(unlucky) not in (None, before))
    assert number_of(lucky) == untouched
    stop.set()
    watch.join(60)
    assert not any(child.running for child in supervisor.children)


def test_a_child_that_dies_at_once_is_started_ever_less_often() -> None:
    supervisor = supervised("raise SystemExit(3)")
    (child,) = supervisor.children
    pauses = []
    for _ in range(4):
        assert child.running
        child.running.wait()
        now = time.monotonic()
        supervisor.bury_the_dead(now)
        pauses.append(child.due_at - now)
        child.due_at = 0
        supervisor.start()
    supervisor.drain()
    assert pauses == pytest.approx([1, 2, 4, 8])


def test_a_child_that_was_well_for_a_minute_starts_over() -> None:
    supervisor = supervised("raise SystemExit(3)")
    (child,) = supervisor.children
    child.deaths = 5
    assert child.running
    child.running.wait()
    supervisor.bury_the_dead(child.started_at + 61)
    assert child.deaths == 1


def test_a_child_that_will_not_end_is_ended_with_its_family() -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
        "time.sleep(60)"
    )
    supervisor = supervised(stubborn, drain_seconds=0)
    (child,) = supervisor.children
    number = number_of(child)
    assert number
    assert within(120, lambda: bool(psutil.Process(number).children()))
    (grandchild,) = psutil.Process(number).children()
    supervisor.drain()
    assert within(120, lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_a_child_that_is_to_end_by_itself_is_not_brought_back() -> None:
    supervisor = Supervisor(5)
    supervisor.add("greeting", partial(by_command, [sys.executable, "-c", ""], os.environ), once=True)
    supervisor.start()
    (child,) = supervisor.children
    assert child.running
    child.running.wait()
    supervisor.bury_the_dead(time.monotonic())
    assert not supervisor.children


FORKING = """
import fcntl, os, signal, sys, time
from desk.cli.children import by_fork

lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
seen = f"{sys.argv[1]}.seen"

def look():
    is_led, on_end = os.getpgid(0) == os.getpid(), signal.getsignal(signal.SIGTERM)
    with open(seen, "w") as file:
        file.write(f"{os.environ['WORD']} {is_led} {on_end!r}")

def fail():
    raise ZeroDivisionError

def wait():
    print("waits", flush=True)
    time.sleep(60)

signal.signal(signal.SIGTERM, lambda *_: None)
codes = [by_fork(body, {"WORD": "hello"}).wait() for body in (look, fail, lambda: sys.exit(7))]
print(codes, open(seen).read(), flush=True)
patient = by_fork(wait, {})
sys.stdin.readline()
lock.close()
with open(sys.argv[1], "w") as again:
    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
patient.send_signal(signal.SIGKILL)
print(patient.wait(60))
"""


def test_a_fork_is_a_process_of_its_own_that_holds_nothing_of_its_parent(tmp_path: Path) -> None:
    # In a program of one thread: pytest has more.
    program = subprocess.Popen(
        [sys.executable, "-c", FORKING, tmp_path / "lock"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with program:
        assert program.stdin
        assert program.stdout
        assert program.stderr
        try:
            assert program.stdout.readline() == "[0, 1, 7] hello True <Handlers.SIG_DFL: 0>\n"
            assert program.stdout.readline() == "waits\n"
            program.stdin.write("\n")
            program.stdin.flush()
            assert program.stdout.readline() == "-9\n"
            assert "ZeroDivisionError" in program.stderr.read()
        finally:
            program.kill()


# --- the whole desk


@dataclass
class RunningDesk:
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    log: Path

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.log.read_text(errors="replace")) is not None

    def children(self) -> dict[str, psutil.Process]:
        """The processes of the desk by the name that each has in `ps -e`."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                name = Path(f"/proc/{child.pid}/comm").read_text().strip()
                if name.startswith("desk ") and child.status() != psutil.STATUS_ZOMBIE:
                    found[name.removeprefix("desk ")] = child
        return found

    def whole_family(self) -> list[psutil.Process]:
        family: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return family


@contextmanager
def running_desk() -> Iterator[RunningDesk]:
    with tempfile.TemporaryDirectory(prefix="desk-run-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DESK_")},
            "DESK_HOME": str(home / "home"),
            "DESK_STATE_DIR": str(home / "state"),
            "DESK_PORT": str(port),
            "DESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DESK_SMTP_IN_PORT": str(free_port()),
            "DESK_DRAIN_SECONDS": "10",
        }
        home.chmod(0o755)
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "desk", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        running = RunningDesk(process, environment, home / "log")
        try:
            assert within(120, lambda: running.says("Desk is ready")), running.log.read_text()
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(120)
            # The keepers of a killed desk need a moment to notice.
            time.sleep(0 if process.returncode == 0 else 3)


@pytest.fixture(scope="module")
def lasting_desk() -> Iterator[RunningDesk]:
    """One desk for all who leave it as they found it."""
    with running_desk() as desk:
        yield desk


@pytest.fixture
def desk() -> Iterator[RunningDesk]:
    """A desk to end."""
    with running_desk() as desk:
        yield desk


def test_a_process_that_is_killed_comes_back(lasting_desk: RunningDesk) -> None:
    desk = lasting_desk
    relay = desk.children()["relay"]
    relay.kill()
    assert within(120, lambda: desk.children().get("relay", relay).pid != relay.pid)


def test_a_second_run_by_mistake_says_so_and_harms_nothing(lasting_desk: RunningDesk) -> None:
    desk = lasting_desk
    assert within(120, lambda: len(desk.children()) == 6)
    before = {name: child.pid for name, child in desk.children().items()}
    second = subprocess.run(
        [sys.executable, "-m", "desk", "run"],
        cwd=ROOT,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert second.returncode == 1
    assert f"runs already (process {desk.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    assert {name: child.pid for name, child in desk.children().items()} == before


def test_sigterm_ends_everything_in_order(desk: RunningDesk) -> None:
    family = desk.whole_family()
    url = database_of(desk)
    desk.process.terminate()
    assert desk.process.wait(120) == 0
    assert not [child for child in family if child.is_running()]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=20)


def test_a_killed_supervisor_leaves_no_orphan(desk: RunningDesk) -> None:
    family = desk.whole_family()
    url = database_of(desk)
    desk.process.send_signal(signal.SIGKILL)
    desk.process.wait()
    assert within(120, lambda: not [child for child in family if child.is_running()])
    assert within(120, lambda: not answers(url))


def database_of(desk: RunningDesk) -> str:
    return str(desk.children()["web"].environ()["DESK_DATABASE_URL"])


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=20).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_host_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, "DESK_HOME": str(tmp_path), "DESK_HOST": "nowhere.invalid"}
    command = [sys.executable, "-m", "desk", "run"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: DESK_HOST: there is no address nowhere.invalid")
