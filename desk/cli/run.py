"""`desk run`: the whole desk on one machine, from its database to its web page, under one supervisor."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from types import FrameType

import click
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from desk import logs
from desk.cli import load
from desk.cli.children import by_command, by_fork
from desk.cli.collector import set_aside
from desk.cli.process import end_with, run_process
from desk.cli.processes import BODIES
from desk.cli.servers import first_line, servers_for
from desk.cli.supervisor import Supervisor
from desk.jobs.probe import web_answers
from desk.model.agent import Agent
from desk.model.errors import Misconfigured, Unavailable
from desk.settings import PREFIX, Settings, read_settings
from desk.store.engine import engine_for
from desk.store.schema import migrate

READY_SECONDS = 60


@click.command()
@click.option("--demo", is_flag=True, help="Open a made-up shop whose customers go on writing.")
def run(demo: bool) -> None:
    """Start the whole desk on this machine and keep it running.

    PostgreSQL and Redis are started too, unless DESK_DATABASE_URL and DESK_REDIS_URL name others.
    A process that dies comes back. SIGTERM or Ctrl-C ends everything in order.
    """
    asked = read_settings()
    logs.configure(asked, "run")
    stop = threading.Event()
    with _the_only_one(asked), _stopping(stop):
        _check_ports(asked)
        click.echo("Starting …", err=True)
        with servers_for(asked) as settings:
            if demo:
                settings = load("desk.demo:with_standins")(settings)
            _prepare(settings)
            signs_in = _open_the_demo(settings) if demo else []
            supervisor = _supervisor(settings, demo=demo)
            welcome = partial(_welcome, settings, signs_in, os.getpid())
            supervisor.add("welcome", partial(by_fork, welcome, os.environ), once=True)
            supervisor.start()
            supervisor.look_after(stop)


@contextmanager
def _the_only_one(settings: Settings) -> Iterator[None]:
    """A second `desk run` on this home would only fight for its ports. Raises Misconfigured."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"This desk runs already (process {_noted(lock)}, {settings.public_url}), and goes on. "
                "For a second desk set DESK_HOME, DESK_PORT, DESK_PUBLIC_URL and DESK_SMTP_IN_PORT."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _noted(lock: TextIOWrapper) -> str:
    lock.seek(0)
    return lock.read().strip() or "unknown"


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT end us in order, also while we are still starting."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    yield


def _check_ports(settings: Settings) -> None:
    """A port that is taken is told now and in words, not by a process that dies again and again."""
    doors = (
        ("DESK_HOST", settings.host, "DESK_PORT", settings.port),
        ("DESK_SMTP_IN_HOST", settings.smtp_in_host, "DESK_SMTP_IN_PORT", settings.smtp_in_port),
        ("DESK_SMTP_IN_HOST", settings.smtp_in_host, "DESK_LMTP_IN_PORT", settings.lmtp_in_port),
    )
    for of_host, host, of_port, port in doors:
        try:
            if port:
                _try_door(host, port)
        except socket.gaierror as error:
            raise Misconfigured(f"{of_host}: there is no address {host} ({error.strerror}).") from error
        except OSError as error:
            raise Misconfigured(
                f"{of_port}: {host}:{port} cannot be opened ({error.strerror}). Choose another port."
            ) from error


def _try_door(host: str, port: int) -> None:
    """Open the port and close it again. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)


def _prepare(settings: Settings) -> None:
    engine = engine_for(settings.database_url, name="run", pool_size=2)
    try:
        migrate(engine)
    except OperationalError as error:
        raise Unavailable(f"The database does not answer: {first_line(error)}") from error
    finally:
        engine.dispose()


def _open_the_demo(settings: Settings) -> Sequence[str]:
    """The demo's lines for the screen: addresses, and who may sign in."""
    lines: Sequence[str] = load("desk.demo:open_shop")(settings)
    return lines


def _supervisor(settings: Settings, *, demo: bool) -> Supervisor:
    """All of them begun. The web is a program of its own, since gevent has to come first; the others are
    forks of this one, and have what most of them need in the same memory.
    """
    environment, own = _environment(settings), os.getpid()
    web = [sys.executable, "-m", "desk", "web", "--supervisor", str(own)]
    supervisor = Supervisor(settings.drain_seconds)
    supervisor.add("web", partial(by_command, web, environment))
    supervisor.start()
    for shared in ("worker", "relay", "clock", "mailroom"):
        load(BODIES[shared])
    set_aside()
    for name, command in _forks(settings, demo=demo):
        body = partial(run_process, command, BODIES[command], supervisor=own)
        supervisor.add(name, partial(by_fork, body, environment))
    supervisor.start()
    return supervisor


def _forks(settings: Settings, *, demo: bool) -> Iterator[tuple[str, str]]:
    """By what name each runs, and which command it is."""
    for number in range(1, settings.workers + 1):
        yield f"worker {number}", "worker"
    yield "analyst", "analyst"
    for number in range(2, settings.analysts + 1):
        yield f"analyst {number}", "analyst"
    for name in ("relay", "clock", "mailroom", *(("traffic",) if demo else ())):
        yield name, name


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, with the addresses of the servers that we hold or have chosen for the children."""
    return {
        **os.environ,
        f"{PREFIX}HOME": str(settings.home),
        f"{PREFIX}DATABASE_URL": settings.database_url,
        f"{PREFIX}REDIS_URL": settings.redis_url,
        f"{PREFIX}TWILIO_API": settings.twilio_api,
    }


def _welcome(settings: Settings, signs_in: Sequence[str], supervisor: int) -> None:
    """Tell the person at the terminal where to go, once there is something to see."""
    end_with(supervisor)
    deadline = time.monotonic() + READY_SECONDS
    while not web_answers(settings):
        time.sleep(0.2)
        if time.monotonic() > deadline:
            click.echo(
                "The web process does not answer; the lines above say why. `desk doctor` checks every part.",
                err=True,
            )
            return
    click.echo(f"\n  Desk is ready: {settings.public_url}")
    for line in signs_in or _first_steps(settings):
        click.echo(f"  {line}")
    click.echo("  Ctrl-C ends it.\n")


def _first_steps(settings: Settings) -> Sequence[str]:
    """Nobody can sign in to a new desk; say how somebody gets in."""
    engine = engine_for(settings.database_url, name="run", pool_size=2)
    try:
        with Session(engine) as session:
            people = session.scalar(select(func.count()).select_from(Agent))
    finally:
        engine.dispose()
    if people:
        return ()
    return ('Nobody can sign in yet: desk user add you@example.org "Your Name" --role admin',)
