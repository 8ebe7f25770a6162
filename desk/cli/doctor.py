"""`desk doctor`: looks at every part, says how it is, and what to do where it is not well."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import urlsplit

import click
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from desk import assets, logs
from desk.cli.servers import first_line, servers_for
from desk.jobs.draft_writer import writer_named
from desk.jobs.probe import web_answers
from desk.model.agent import Agent
from desk.model.channel import Channel, ChannelState
from desk.model.errors import Misconfigured
from desk.model.inbound import ChannelKind
from desk.settings import Settings, read_settings
from desk.store.audit import first_broken
from desk.store.embedded.place import noted_place
from desk.store.engine import engine_for
from desk.store.opening import redis_for
from desk.store.schema import OLDEST_POSTGRES, current_revision, is_behind
from desk.store.standing import standing

LEAST_FREE_BYTES = 1024**3
LONGEST_LAG_SECONDS = 60
LARGEST_SKEW_SECONDS = 5
FIRST_SWEEP_SECONDS = 12
EXTENSIONS = ("pg_trgm",)
PROCESSES = ("worker", "relay", "clock", "mailroom")


class Health(Enum):
    WELL = click.style("ok   ", fg="green")
    NOTE = click.style("note ", fg="yellow")
    ILL = click.style("ILL  ", fg="red", bold=True)


@dataclass(frozen=True)
class Finding:
    """One part as it was found, and what to do about it."""

    health: Health
    what: str
    remedy: str = ""


@click.command()
def doctor() -> None:
    """Check every part and say what to do. Ends with 1 when a part is ill."""
    findings = list(_examine())
    ill = sum(finding.health is Health.ILL for finding in findings)
    click.echo(f"\n{ill} of {len(findings)} checks found trouble." if ill else "\nThe desk is well.")
    sys.exit(1 if ill else 0)


def _examine() -> Iterator[Finding]:
    """Every finding, shown as it is made: a check that hangs is the last line on the screen."""
    try:
        settings = read_settings()
    except Misconfigured as error:
        yield _shown(Finding(Health.ILL, "settings", error.sentence))
        return
    for check in (_python, _settings, _packages, _front_end, _writer, _disk):
        for finding in check(settings):
            yield _shown(finding)
    try:
        with servers_for(settings) as standing_settings:
            for examine in (_database, _redis, _processes):
                for finding in examine(standing_settings):
                    yield _shown(finding)
    except Misconfigured as error:
        yield _shown(Finding(Health.ILL, "embedded servers", error.sentence))


def _shown(finding: Finding) -> Finding:
    click.echo(f"{finding.health.value}{finding.what}")
    for line in finding.remedy.splitlines():
        click.echo(f"       → {line}")
    return finding


# --- this machine


def _python(_settings: Settings) -> Iterator[Finding]:
    yield Finding(Health.WELL, f"Python {sys.version.split()[0]}")


def _settings(settings: Settings) -> Iterator[Finding]:
    changed = sorted(settings.model_fields_set - {"secret_key"})
    names = ", ".join(f"DESK_{name.upper()}" for name in changed) or "all as delivered"
    yield Finding(Health.WELL, f"settings: {names}")
    host = urlsplit(settings.public_url).hostname or ""
    if not settings.is_https and host not in ("127.0.0.1", "localhost", "::1"):
        yield Finding(
            Health.NOTE,
            f"people reach the desk without encryption ({settings.public_url})",
            "Put a proxy with TLS in front, set DESK_PUBLIC_URL to https://… and DESK_TRUSTED_PROXIES=1.",
        )


def _packages(_settings: Settings) -> Iterator[Finding]:
    if importlib.util.find_spec("geventwebsocket"):
        yield Finding(
            Health.ILL,
            "gevent-websocket is installed",
            "It breaks every websocket: pip uninstall gevent-websocket",
        )


def _front_end(_settings: Settings) -> Iterator[Finding]:
    missing = [surface for surface in assets.SURFACES if assets.entry(surface) is None]
    if not missing:
        yield Finding(Health.WELL, "front end: built")
    else:
        yield Finding(
            Health.ILL,
            f"front end: {', '.join(missing)} not built",
            "Run `make setup`, or python hatch_build.py.",
        )


def _writer(settings: Settings) -> Iterator[Finding]:
    if not settings.draft_writer:
        return
    try:
        writer = writer_named(settings.draft_writer)
    except Misconfigured as error:
        yield Finding(Health.ILL, "writer of drafts", error.sentence)
    else:
        yield Finding(Health.WELL, f"drafts are reworded by {writer.name if writer else 'nobody'}")


def _disk(settings: Settings) -> Iterator[Finding]:
    for folder in sorted({settings.home, noted_place(settings.home) or settings.home}):
        free = shutil.disk_usage(folder).free
        what = f"disk: {free / 1024**3:.1f} GB free for {folder}"
        if free >= LEAST_FREE_BYTES:
            yield Finding(Health.WELL, what)
        else:
            yield Finding(Health.ILL, what, "Free some space: on a full disk no new mail is taken in.")


# --- PostgreSQL


def _database(settings: Settings) -> Iterator[Finding]:
    engine = engine_for(settings.database_url, name="doctor", pool_size=1)
    try:
        with engine.connect() as connection:
            yield from _server(connection)
        behind = is_behind(engine)
        yield from _schema(engine, behind)
        if not behind:
            with Session(engine) as session:
                yield from _people(session)
                yield from _journal(session)
                yield from _mailboxes(session)
                yield from _audit_log(session)
    except OperationalError as error:
        yield Finding(
            Health.ILL,
            f"PostgreSQL does not answer: {first_line(error)}",
            "Start it, or correct DESK_DATABASE_URL.",
        )
    except SQLAlchemyError as error:
        yield Finding(Health.ILL, f"PostgreSQL answers with trouble: {type(error).__name__}", "See its log.")
    finally:
        engine.dispose()


def _server(connection: Connection) -> Iterator[Finding]:
    number, version, now = connection.execute(
        text("SELECT current_setting('server_version_num')::int, current_setting('server_version'), now()")
    ).one()
    if number < OLDEST_POSTGRES:
        yield Finding(Health.ILL, f"PostgreSQL {version}", "Desk needs PostgreSQL 16 or newer.")
    else:
        yield Finding(Health.WELL, f"PostgreSQL {version}")
    found = set(
        connection.scalars(
            text("SELECT name FROM pg_available_extensions WHERE name = ANY(:names)"),
            {"names": list(EXTENSIONS)},
        )
    )
    missing = [name for name in EXTENSIONS if name not in found]
    if missing:
        yield Finding(
            Health.ILL,
            f"PostgreSQL lacks {', '.join(missing)}",
            "Install the package postgresql-contrib on its machine.",
        )
    else:
        yield Finding(Health.WELL, f"extensions: {', '.join(EXTENSIONS)}")
    skew = abs((datetime.now(UTC) - now).total_seconds())
    if skew > LARGEST_SKEW_SECONDS:
        yield Finding(Health.ILL, f"clocks differ by {skew:.0f} s from the database's", "Set both by NTP.")
    else:
        yield Finding(Health.WELL, "clock: in step with the database")


def _schema(engine: Engine, behind: bool) -> Iterator[Finding]:
    revision = current_revision(engine)
    if revision is None:
        yield Finding(Health.NOTE, "schema: none yet", "`desk run` makes it, and so does `desk migrate`.")
    elif behind:
        yield Finding(Health.ILL, f"schema: {revision}, older than this release", "Run `desk migrate`.")
    else:
        yield Finding(Health.WELL, f"schema: {revision}")


def _people(session: Session) -> Iterator[Finding]:
    if session.scalar(select(Agent.id).where(Agent.disabled_at.is_(None)).limit(1)) is None:
        yield Finding(
            Health.NOTE, "nobody can sign in yet", 'desk user add you@example.org "Your Name" --role admin'
        )


def _journal(session: Session) -> Iterator[Finding]:
    found = standing(session)
    oldest = found.oldest_unrelayed
    lag = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    if lag > LONGEST_LAG_SECONDS:
        yield Finding(
            Health.ILL,
            f"journal: {found.unrelayed} entries wait, the oldest for {lag:.0f} s",
            "Is `desk relay` running, and does Redis answer?",
        )
    else:
        yield Finding(Health.WELL, "journal: handed on")
    if found.set_aside:
        yield Finding(
            Health.NOTE,
            f"journal: {found.set_aside} entries are set aside",
            "They name an event this release does not know; see `trouble` in the table journal.",
        )


def _audit_log(session: Session) -> Iterator[Finding]:
    broken = first_broken(session)
    if broken is None:
        yield Finding(Health.WELL, "audit log: whole")
    else:
        yield Finding(
            Health.ILL,
            f"audit log: line {broken} does not follow from the one before",
            "Somebody changed or removed lines in the database. Compare with a backup.",
        )


def _mailboxes(session: Session) -> Iterator[Finding]:
    channels = session.scalars(select(Channel).where(Channel.enabled).order_by(Channel.name)).all()
    if not channels:
        yield Finding(Health.NOTE, "no channel is set up yet", "desk channel add email …")
    for channel in channels:
        if channel.kind is ChannelKind.SMS and not channel.secrets:
            yield Finding(
                Health.ILL,
                f"channel {channel.name}: no auth token, so nothing is taken in or sent",
                "Give it on the setup page of the channel.",
            )
        elif channel.state in (ChannelState.TROUBLE, ChannelState.NEEDS_SIGN_IN):
            yield Finding(
                Health.ILL,
                f"channel {channel.name}: {channel.state.value}. {channel.trouble or ''}".rstrip(),
                f"desk channel test {channel.name}",
            )
        else:
            yield Finding(Health.WELL, f"channel {channel.name}: {channel.state.value}")


# --- Redis and the processes


def _redis(settings: Settings) -> Iterator[Finding]:
    redis = redis_for(settings)
    try:
        version = redis.info("server")["redis_version"]
        policy = redis.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except RedisError as error:
        yield Finding(
            Health.ILL,
            f"Redis does not answer: {logs.trouble_of(error)}",
            "Start it, or correct DESK_REDIS_URL. Until then the desk is slower, not wrong.",
        )
        return
    finally:
        redis.close()
    yield Finding(Health.WELL, f"Redis {version}")
    if policy != "noeviction":
        yield Finding(Health.NOTE, f"Redis may forget ({policy})", "Set maxmemory-policy noeviction.")


def _processes(settings: Settings) -> Iterator[Finding]:
    """Each process is known to PostgreSQL by its name, on whatever machine it runs."""
    engine = engine_for(settings.database_url, name="doctor", pool_size=1)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            away = _away(connection)
            deadline = time.monotonic() + FIRST_SWEEP_SECONDS
            # A worker that has just started speaks to the database at its first sweep.
            while 0 < len(away) < len(PROCESSES) and time.monotonic() < deadline:
                time.sleep(1)
                away = _away(connection)
    except SQLAlchemyError:
        return
    finally:
        engine.dispose()
    if not web_answers(settings):
        away.insert(0, f"web (on {settings.host}:{settings.port})")
    if not away:
        yield Finding(Health.WELL, f"processes: web, {', '.join(PROCESSES)}")
    elif len(away) > len(PROCESSES):
        yield Finding(Health.NOTE, "no process of the desk runs", "desk run")
    else:
        yield Finding(
            Health.ILL, f"not running: {', '.join(away)}", "See the log of `desk run`, or start it."
        )


def _away(connection: Connection) -> list[str]:
    query = text("SELECT application_name FROM pg_stat_activity WHERE datname = current_database()")
    names = set(connection.scalars(query))
    return [name for name in PROCESSES if f"desk {name}" not in names]
