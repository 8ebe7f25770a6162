"""What a command stands on: the settings, the running servers, and a schema that is far enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from desk import logs
from desk.model.errors import Misconfigured, Unavailable
from desk.model.permission import system
from desk.settings import Settings, read_settings
from desk.store import embedded
from desk.store.engine import engine_for
from desk.store.opening import open_store
from desk.store.schema import is_behind, migrate
from desk.store.unit_of_work import Store

COMMAND_LINE = system("command line")
"""Whose deeds those of a command are."""


@contextmanager
def servers_for(settings: Settings) -> Iterator[Settings]:
    """The settings with the addresses of running servers.

    A server that no setting names is embedded: started or joined, and given back at the end.
    """
    if settings.database_url and settings.redis_url:
        yield settings
        return
    started = embedded.start(
        settings.home,
        postgres=not settings.database_url,
        redis=not settings.redis_url,
        state_dir=settings.state_dir,
    )
    try:
        yield settings.model_copy(
            update={
                "database_url": settings.database_url or started.database_url,
                "redis_url": settings.redis_url or started.redis_url,
            }
        )
    finally:
        started.stop()


@contextmanager
def desk_at_hand(name: str) -> Iterator[tuple[Settings, Store]]:
    """For a short command: the settings and an open store, on embedded servers if need be.

    The embedded database is brought up to date by itself; another one only by `desk migrate`.
    Raises Misconfigured or Unavailable with what to do.
    """
    asked = read_settings()
    logs.configure(asked, name)
    with servers_for(asked) as settings:
        store = open_store(settings, name, pool_size=2)
        try:
            bring_up_to_date(settings, may_migrate=not asked.database_url)
            yield settings, store
        except OperationalError as error:
            raise Unavailable(f"The database does not answer: {first_line(error)}") from error
        finally:
            store.close()


def bring_up_to_date(settings: Settings, *, may_migrate: bool) -> None:
    """Migrate if we may; otherwise insist that somebody has. Raises Misconfigured, OperationalError."""
    engine = engine_for(settings.database_url, name="migrate", pool_size=2)
    try:
        if not is_behind(engine):
            return
        if not may_migrate:
            raise Misconfigured("The database's schema is older than this release. Run `desk migrate` first.")
        migrate(engine)
    finally:
        engine.dispose()


def first_line(error: OperationalError) -> str:
    """What the server said, without the statement and its values."""
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
