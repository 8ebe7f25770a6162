"""Chat: the whole path of a word beside a plain Flask-SocketIO echo, which keeps nothing and asks nobody.

    python -m benchmarks.chat [--pairs 300] [--idle 500] [--seconds 3] [--hold 10] [--listeners 200 1000]

Both are served by gunicorn with gevent, one process, websocket. Ours is everything: token and rights,
message committed before it is acknowledged, journal, relay, Redis, the agent's line. Results are
checked before times: every word acknowledged is in the database once, and was heard.

- `pairs`: words a second with 64 on their way, ours beside the echo, in turn (ABBA).
- `paced`: 50 words a second; the acknowledgement, the agent's screen told, and holding the text.
- `memory`: what one more open line costs each web process.
- `hold`: the idle lines stay open while the pairs go on talking, 50 words a second.
- `broadcast`: what all agents' screens are told, to so many of them, beside one room of the echo.
- `churn`: the web process is killed; all lines come back at once and ask for everything.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from benchmarks.audience import Audience
from benchmarks.broadcast import broadcast, hall_of_ours, hall_of_the_echo
from benchmarks.ratio import compare, fsync_milliseconds, percentile
from benchmarks.talkers import Load, Side, Talkers, Told, answers, load
from desk.actions.chat.visiting import Said, speak
from desk.actions.chat.visitors import known, make_visitor
from desk.actions.people.signing_in import open_session
from desk.actions.routing.assignments import assign
from desk.model.access import ApiToken
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.message import Message
from desk.model.permission import Permission, Role, system
from desk.model.queue import Queue
from desk.sockets.visitor_lines import WORDS_SECONDS
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store
from tests.servers.household import Household
from tests.servers.ports import free_port

PROCESSES = ("web", "relay", "worker", "clock")
BENCH = system("benchmark")
SITE = "site-of-the-benchmark"
TOKEN = "a-benchmark-secret-of-no-worth"
CHATS_AN_AGENT = 6
CHATS_AT_ONCE = 24
WINDOW = 64
RATE = 50
PACED_SECONDS = 10
SHARE_OF_THE_ECHO = 0.25
ON_A_SHARED_MACHINE = 0.6
CHURN_SECONDS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.chat")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3, help="each turn of a side")
    parser.add_argument("--hold", type=float, default=10, help="how long the idle lines are looked at")
    parser.add_argument("--listeners", type=int, nargs="*", default=[200, 1000])
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as home, ExitStack() as stack:
        lines = 2 * (wanted.pairs + wanted.idle)
        household = Household(Path(home), PROCESSES, chat_lines_per_address=lines)
        stack.callback(household.close)
        side, idle = _set_up(household, wanted.pairs, wanted.idle)
        household.start()
        answers(household.settings.port)
        echo = stack.enter_context(_echo(wanted.pairs))
        ours = _Server(stack.enter_context(load(Talkers, side)), household.process("web"), side.port)
        theirs = _Server(stack.enter_context(load(Talkers, echo.side)), echo.process, echo.side.port)
        return _measure(household, ours, theirs, side, idle, wanted)


@dataclass
class _Server:
    """One side: its talkers, and the process that serves them."""

    load: Load
    process: int
    port: int

    def memory(self) -> int:
        """Bytes of the process and its children, shared pages by share."""
        root = psutil.Process(self.process)
        return sum(one.memory_full_info().pss for one in (root, *root.children(recursive=True)))


@dataclass
class _Marks:
    """The bars, printed as they are met or missed."""

    missed: list[str] = field(default_factory=list)

    def at_most(self, name: str, value: float, bar: float, unit: str) -> None:
        passed = value <= bar
        self.missed += [] if passed else [name]
        print(
            f"BAR {name} {value:.1f}{unit} target<={bar:g}{unit} {'PASS' if passed else 'FAIL'} "
            f"load={psutil.getloadavg()[0]:.1f}"
        )

    def exactly(self, name: str, value: int, wanted: int) -> None:
        """Results that are not right make times worthless."""
        if value != wanted:
            raise SystemExit(f"{name}: {value} where {wanted} were expected; no time is worth reading.")


def _measure(
    household: Household,
    ours: _Server,
    theirs: _Server,
    side: Side,
    idle: list[dict[str, Any]],
    wanted: argparse.Namespace,
) -> int:
    marks = _Marks()
    marks.exactly("lines of ours", ours.load.open(), len(side.auths) + len(side.listeners))
    marks.exactly("lines of the echo", theirs.load.open(), 2 * wanted.pairs)
    _pairs(marks, household, ours, theirs, wanted.seconds)
    _paced(marks, household.store, ours)
    _memory(marks, ours, theirs, idle)
    _hold(marks, household.store, ours, wanted.hold, len(idle))
    for listeners in wanted.listeners:
        _broadcast(marks, household, side, theirs, listeners)
    _churn(marks, household, ours, [*side.auths, *idle])
    word = "PASS" if not marks.missed else "FAIL " + " ".join(marks.missed)
    print(f"BENCH chat pairs={wanted.pairs} idle={wanted.idle} fsync={fsync_milliseconds():.2f}ms {word}")
    return 1 if marks.missed else 0


def _pairs(marks: _Marks, household: Household, ours: _Server, theirs: _Server, seconds: float) -> None:
    store, spent = household.store, Counter[str]()

    def turn(server: _Server, *, kept: bool) -> float:
        before, begun = _messages(store), _cpu(household, theirs.process)
        told: Told = server.load.closed_loop(seconds, WINDOW)
        _check(marks, told)
        used = _cpu(household, theirs.process) - begun
        spent.update({name: used[name] for name in used if (name != "echo") == kept})
        spent["words of ours" if kept else "words of the echo"] += len(told.acked)
        if kept:
            marks.exactly("words kept", _messages(store) - before, len(told.acked))
        return told.seconds / len(told.acked)

    turn(ours, kept=True)
    turn(theirs, kept=False)
    ratio = compare(
        "pairs",
        lambda: turn(ours, kept=True),
        lambda: turn(theirs, kept=False),
        target=SHARE_OF_THE_ECHO * ON_A_SHARED_MACHINE,
    )
    print(f"{ratio} ({1 / ratio.ours:.0f} words/s beside {1 / ratio.baseline:.0f}; bar {SHARE_OF_THE_ECHO})")
    marks.missed += [] if ratio.passed else ["pairs"]
    _print_cpu(spent)


def _cpu(household: Household, echo: int) -> Counter[str]:
    """CPU seconds so far, by process."""
    roots = (
        {name: household.process(name) for name in PROCESSES} | household.servers_running() | {"echo": echo}
    )
    return Counter({name: _cpu_of(number) for name, number in roots.items()})


def _cpu_of(number: int) -> float:
    root, seconds = psutil.Process(number), 0.0
    for one in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            seconds += times.user + times.system
    return seconds


def _print_cpu(spent: Counter[str]) -> None:
    """Where a word's CPU goes; a report, no bar."""
    parts = {name: spent[name] / max(1, spent["words of ours"]) for name in (*PROCESSES, "postgres", "redis")}
    echo = spent["echo"] / max(1, spent["words of the echo"])
    shares = " ".join(f"{name}={1000 * part:.1f}ms" for name, part in parts.items())
    print(
        f"CPU a word: ours={1000 * sum(parts.values()):.1f}ms ({shares}) echo={1000 * echo:.1f}ms "
        f"ratio={echo / sum(parts.values()):.2f}"
    )


def _paced(marks: _Marks, store: Store, ours: _Server) -> None:
    # Nobody may say more than so many words within this time, and they have just said what they could.
    time.sleep(WORDS_SECONDS)
    before = _messages(store)
    told: Told = ours.load.paced(PACED_SECONDS, RATE)
    if told.failed:
        # More than this machine can take just now: what was not answered was not promised either.
        print(f"BAR paced {len(told.failed)} of {told.said} not answered: {', '.join(set(told.failed))} FAIL")
        marks.missed.append("paced")
        return
    _check(marks, told)
    marks.exactly("words kept", _messages(store) - before, len(told.acked))
    marks.exactly("texts fetched", len(told.seen), len(told.acked))
    marks.at_most("paced-ack-p99", 1000 * percentile(told.acked, 0.99), 60, "ms")
    for name, times in (("told", told.heard), ("text", told.seen)):
        marks.at_most(f"paced-{name}-p95", 1000 * percentile(times, 0.95), 80, "ms")
        marks.at_most(f"paced-{name}-p99", 1000 * percentile(times, 0.99), 200, "ms")


def _check(marks: _Marks, told: Told) -> None:
    marks.exactly(f"words that failed ({'; '.join(sorted(set(told.failed)))})", len(told.failed), 0)
    marks.exactly("words acknowledged", len(told.acked), told.said)
    marks.exactly("words heard by the other side", len(told.heard), told.said)


def _broadcast(marks: _Marks, household: Household, side: Side, theirs: _Server, listeners: int) -> None:
    cookies = [cookie for _, cookie in side.listeners]

    def spent() -> tuple[float, float]:
        return _cpu_of(household.process("web")), _cpu_of(theirs.process)

    with (
        load(Audience, hall_of_ours(household.settings, cookies, listeners)) as ours,
        load(Audience, hall_of_the_echo(theirs.port, listeners)) as echo,
    ):
        marks.exactly("screens", ours.open(), listeners)
        marks.exactly("lines of the echo", echo.open(), listeners)
        for bar in broadcast(ours, echo, listeners, spent):
            print(bar, flush=True)
            marks.missed += [] if bar.holds else [bar.name]


def _memory(marks: _Marks, ours: _Server, theirs: _Server, idle: list[dict[str, Any]]) -> None:
    costs = []
    for server, auths in ((ours, idle), (theirs, [{"pair": -1 - n} for n in range(len(idle))])):
        before = server.memory()
        marks.exactly("idle lines", server.load.idle(auths), len(idle))
        time.sleep(1)
        costs.append((server.memory() - before) / len(idle) / 1024)
    print(f"RATIO memory ours={costs[0]:.0f}KB baseline={costs[1]:.0f}KB ratio={costs[1] / costs[0]:.2f}")
    marks.at_most("memory", costs[0] / costs[1], 1, "x")


def _hold(marks: _Marks, store: Store, ours: _Server, seconds: float, idle: int) -> None:
    time.sleep(WORDS_SECONDS)
    before = _messages(store)
    told: Told = ours.load.paced(seconds, RATE)
    _check(marks, told)
    marks.exactly("words kept", _messages(store) - before, len(told.acked))
    marks.exactly("idle lines still open", ours.load.still_open(), idle)
    print(f"HOLD {idle} idle lines and {told.said} words for {seconds:.0f} s: none lost")


def _churn(marks: _Marks, household: Household, ours: _Server, auths: list[dict[str, Any]]) -> None:
    household.kill("web")
    household.kill_child_of("web")
    ours.load.cut()
    time.sleep(1)
    answers(household.settings.port)
    seconds, has = ours.load.come_back(auths)
    marks.exactly("lines that came back", len([one for one in has if one >= 0]), len(auths))
    marks.exactly("messages on all pages", sum(has), _messages(household.store))
    marks.at_most(f"churn-of-{len(auths)}", seconds, CHURN_SECONDS, "s")


def _messages(store: Store) -> int:
    with store.reading(BENCH) as work:
        return work.session.scalar(select(func.count()).where(Message.sequence.is_not(None))) or 0


def _set_up(household: Household, pairs: int, idle: int) -> tuple[Side, list[dict[str, Any]]]:
    """A widget, visitors in chats with agents who see their own cases alone, and others who only look."""
    now = datetime.now(UTC)
    with household.store.unit_of_work(BENCH) as work:
        queue = Queue(name="Support", created_at=now, is_default=True)
        agents = [
            Agent(
                name=f"Agent {n}", email=f"a{n}@bench.example", role=Role.AGENT, created_at=now,
                assigned_only=True,
            )
            for n in range(-(-pairs // CHATS_AN_AGENT))
        ]  # fmt: skip
        work.session.add_all([queue, *agents])
        work.session.flush()
        cookies = [open_session(work, a.id, browser="bench", lasts=timedelta(days=1)).secret for a in agents]
        channel = Channel(
            kind=ChannelKind.CHAT, name="Chat", address=SITE, created_at=now, queue_id=queue.id,
            config={"chat": {"sites": []}},
        )  # fmt: skip
        manager = Agent(name="Sam", email="sam@bench.example", role=Role.MANAGER, created_at=now)
        work.session.add_all([channel, manager])
        work.session.flush()
        work.session.add(
            ApiToken(
                name="bench", prefix=TOKEN[:8], secret_hash=hash_of(TOKEN), agent_id=manager.id,
                scopes=[permission.value for permission in Permission], created_at=now,
            )
        )  # fmt: skip
        visitors = [make_visitor(work, channel) for _ in range(pairs + idle)]
    auths = [{"site": SITE, "token": token} for token, _ in visitors]
    talking = [known(visitor, channel) for _, visitor in visitors[:pairs]]
    cases: list[int] = []
    for first in range(0, pairs, CHATS_AT_ONCE):
        with household.store.unit_of_work(BENCH) as work:
            for number, visitor in enumerate(talking[first : first + CHATS_AT_ONCE], first):
                heard = speak(work, visitor, Said("first", "Is anybody there?"))
                case = work.session.get_one(Case, work.session.get_one(Message, heard.message_id).case_id)
                assign(work, case, agents[number // CHATS_AN_AGENT].id)
                cases.append(case.id)
    side = Side(
        household.settings.port, "/visitor", "/desk", auths[:pairs],
        [(None, f"desk={cookie}") for cookie in cookies], cases, "change", "case_id",
        "/api/v1/cases/{pair}/messages?after={after}", f"Bearer {TOKEN}",
    )  # fmt: skip
    return side, auths[pairs:]


@dataclass
class _Echo:
    side: Side
    process: int


@contextmanager
def _echo(pairs: int) -> Iterator[_Echo]:
    """The echo in the same deployment: gunicorn, one gevent worker."""
    port, auths = free_port(), [{"pair": n} for n in range(pairs)]
    served = ("-w", "1", "-k", "gevent", "--worker-connections", "8000", "--log-level", "error")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *served, "-b", f"127.0.0.1:{port}", "benchmarks.echo:app"]
    )
    try:
        answers(port)
        listeners: list[tuple[dict[str, Any] | None, str]] = [(auth, "") for auth in auths]
        yield _Echo(
            Side(port, "/pairs", "/pairs", auths, listeners, list(range(pairs)), "news", "pair"), process.pid
        )
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    sys.exit(main())
