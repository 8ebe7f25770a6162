"""The canary sweep: every route and socket event, as everybody, and no secret where it does not belong.

`python -m drills.canary` prints one line. It asks, then writes, and reads the mails that leave and the
log. A sweep that finds nothing may be blind: so each canary that somebody may see must be seen by one
who may.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from flask import Flask

from desk.app import create_app
from desk.jobs.keep_facts import keep_facts
from desk.logs import configure
from desk.model.agent import Agent
from desk.model.permission import Role
from desk.settings import Settings
from desk.store import embedded
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.insights.facts import kept
from desk.store.schema import migrate
from desk.store.unit_of_work import Store
from drills.leaving import SECRET, letters
from drills.planting import BILLING, CUSTOMER, Cage, plant
from drills.planting_help import plant_help
from drills.writes import Counted, Watch, filled, writes_as
from tests.people import STAGE, Cast, the_cast
from tests.security.browser import Browser, sign_in_at_once
from tests.security.line import Line, served

QUERIES = (
    "",
    "?q={word}",
    "?view=all",
    "?view=all&tab=resolved",
    "?since=0",
    "?images=1",
    "?kind=all&q={word}",
)
"""Asked of every route; what a route does not know it refuses with a sentence, which is swept as well."""


@dataclass
class Sweep:
    """What was asked, and which canaries turned up before whom."""

    answers: int = 0
    leaks: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def look(self, cage: Cage, name: str, where: str, content: str) -> None:
        """Look for every canary in an answer that `name` was given."""
        self.answers += 1
        for canary in cage.canaries:
            # What one asked for comes back in one's own question; that is no leak.
            if canary.word not in content.replace(_asked(where), ""):
                continue
            if name in canary.known_to:
                self.seen.add(canary.place)
            else:
                self.leaks.add(f"{canary.place} before {name or 'a stranger'} at {where}")

    def blind(self, cage: Cage) -> list[str]:
        """Places whose canary nobody saw, though somebody may."""
        return [c.place for c in cage.canaries if not c.is_silent and c.place not in self.seen]


def sweep(app: Flask, cage: Cage, *, one_in: int = 1) -> Sweep:
    """Ask everything as everybody; of the addresses with a question one in so many, each actor others."""
    found = Sweep()
    everybody = list(_everybody(app, cage))
    words = [canary.word for canary in cage.canaries]
    addresses = list(_addresses(app, cage))
    # Who carries a canary in the address comes last: what is searched for is shown to who keeps the articles.
    for asks in (False, True):
        for place, (name, browser) in enumerate(everybody):
            for number, address in enumerate(addresses):
                if any(word in address for word in words) is not asks:
                    continue
                if "?" in address and (number + place) % one_in:
                    continue
                # A page that says "too often" would hide what it does not show: each asks from many places.
                browser.address = f"203.0.113.{number % 250}"
                answer = browser.get(address)
                found.look(cage, name, address, answer.text + str(answer.headers))
    _sweep_sockets(app, cage, found)
    return found


def _everybody(app: Flask, cage: Cage) -> Iterator[tuple[str, Browser]]:
    """A stranger, the agents, and customers who are signed in to their own cases."""
    yield "", Browser(app)
    for agent in cage.agents:
        yield agent.name, sign_in_or_not(app, agent)
    for guest in cage.guests:
        browser = Browser(app)
        browser.keep_cookie(guest.secret, "desk-help-cases")
        yield guest.name, browser


def sweep_writes(app: Flask, cage: Cage) -> tuple[Sweep, Counted]:
    """Write everything as everybody below the admin, the lowest first: they hand on what they may see."""
    found, counted = Sweep(), Counted()
    watch = Watch(app.extensions["desk"].store.engine)
    for agent in (None, *sorted(cage.agents, key=_height)):
        if agent is None or agent.role is not Role.ADMIN:
            for where, content in writes_as(app, agent, cage, watch, counted):
                found.look(cage, agent.name if agent else "", where, content)
    return found, counted


def _height(agent: Agent) -> tuple[bool, bool]:
    """Who knows the planted case comes last: from then on others may rightly be shown of it."""
    return agent.role is Role.MANAGER, agent.name in BILLING


def sweep_alone(app: Flask, cage: Cage) -> Sweep:
    """Ask as a stranger, while the database and Redis are away."""
    found, browser = Sweep(), Browser(app)
    # Who holds no cookie is not looked up; with one, each answer needs the database.
    browser.keep_cookie("a session of old")
    for address in _addresses(app, cage):
        if "{" not in address and address.count("=") < 2:
            answer = browser.get(address)
            found.look(cage, "", address, answer.text + str(answer.headers))
    return found


def sweep_mails(store: Store, cast: Cast, cage: Cage) -> Sweep:
    """Read what leaves as the customer who gets it."""
    found = Sweep()
    for where, content in letters(store, cast, cage):
        found.look(cage, CUSTOMER, where, content)
    if "message" not in found.seen:
        found.leaks.add("the reply without its quote: this sweep of the mails is blind")
    return found


def sign_in_or_not(app: Flask, agent: Agent) -> Browser:
    """The agent's browser; one who is disabled holds only an old cookie."""
    return Browser(app) if agent.disabled_at else sign_in_at_once(app, agent)


def _addresses(app: Flask, cage: Cage) -> Iterator[str]:
    """Every GET route with every id and token that something was planted under, and with every query."""
    words = [canary.word for canary in cage.canaries if not canary.is_silent]
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for place in filled(rule.rule, cage):
            for ask in QUERIES if "<" not in rule.rule else ("", "?images=1"):
                if "{word}" not in ask:
                    yield place + ask
                # Not of exports: the audit log rightly keeps what was exported, words and all.
                elif rule.rule.endswith(("/search", "/suggestions", "/cases", "/customers")):
                    yield from (place + ask.format(word=word) for word in words)


def _asked(where: str) -> str:
    return where.rpartition("q=")[2] if "q=" in where else "\0"


def _sweep_sockets(app: Flask, cage: Cage, found: Sweep) -> None:
    """Every event about every planted case; what comes back and what is overheard."""
    with served(app) as port:
        for agent in cage.agents:
            line = Line(port, cookie=sign_in_or_not(app, agent).cookie() or "")
            if line.connect():
                said: list[Any] = [line.ask("position", {})]
                for case_id in sorted(cage.case_ids):
                    said.append(line.ask("viewing", {"case_id": case_id}))
                    said.append(line.ask("typing", {"case_id": case_id, "kind": "reply"}))
                found.look(cage, agent.name, "the live line", str([*said, *line.heard]))
            line.close()


def planted(app: Flask, store: Store, cast: Cast) -> Cage:
    """Canaries everywhere, the help centre included."""
    cage = plant(store, cast, app.extensions["desk"].vault)
    with store.unit_of_work(STAGE) as work:
        plant_help(work, cage, cast)
    return cage


def main() -> int:
    """Run on throw-away servers; prints one line, and exits with 1 when a canary was out of its cage."""
    with tempfile.TemporaryDirectory(prefix="desk-canary-") as home:
        servers = embedded.start(Path(home), durable=False)
        try:
            # A hand-made line names the host it connects to, and a browser the one we answer to.
            settings = Settings(
                home=Path(home),
                redis_url=servers.redis_url,
                public_url=PUBLIC,
                secret_key=SECRET,
                log_level="debug",
                log_format="json",
            )
            engine = engine_for(servers.database_url, name="canary")
            migrate(engine)
            store = Store(engine, FileStore(Path(home) / "files"), lambda: None)
            with overheard(settings) as log:
                passed = _swept(settings, store, log, servers.stop)
            store.close()
        finally:
            servers.stop()
    return 0 if passed else 1


def _swept(settings: Settings, store: Store, log: StringIO, take_servers_away: Callable[[], None]) -> bool:
    """All sweeps of one desk, and the line that tells of them."""
    app, cast = create_app(settings, store), the_cast(store)
    cage = planted(app, store, cast)
    kept.want_newer(settings.home)
    keep_facts(store, settings.home, datetime.now(UTC))
    found = sweep(app, cage)
    mailed = sweep_mails(store, cast, cage)
    written, counted = sweep_writes(app, cage)
    app.extensions["desk_live"].close()
    # A desk that works has little to log: without its servers every answer is one, and a line of the log.
    take_servers_away()
    alone = sweep_alone(app, cage)
    logged = Sweep()
    logged.look(cage, "whoever reads it", "the log", log.getvalue())
    lines = len(log.getvalue().splitlines())
    actors = len(cage.agents) + len(cage.guests) + 1
    blind = [*found.blind(cage), *(["log"] if not lines else [])]
    leaks = found.leaks | mailed.leaks | written.leaks | alone.leaks | logged.leaks
    passed = not leaks and not blind and not counted.trespasses
    for fault in sorted(leaks | counted.trespasses):
        print(fault, file=sys.stderr)
    print(
        f"DRILL canary: canaries={len(cage.canaries)} actors={actors} answers={found.answers} "
        f"writes={counted.total} done={counted.done} refused={counted.refused} letters={mailed.answers} "
        f"log_lines={lines} found={len(leaks)} trespasses={len(counted.trespasses)} "
        f"blind={','.join(blind) or 0} {'PASS' if passed else 'FAIL'}"
    )
    return passed


@contextmanager
def overheard(settings: Settings) -> Iterator[StringIO]:
    """What the process would write to its log, at its most talkative."""
    log = StringIO()
    with redirect_stderr(log):
        configure(settings, "web")
    try:
        yield log
    finally:
        logging.getLogger().handlers = []


PUBLIC = "http://127.0.0.1"

if __name__ == "__main__":
    sys.exit(main())
