"""A migrated database for every test, empty at its start, and the cast on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from desk.model.record import Record
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.line import Line, Statement
from desk.store.nouns import know_all_nouns
from desk.store.schema import migrate
from desk.store.unit_of_work import Store
from tests.people import Cast, the_cast


@pytest.fixture(scope="session")
def database_url(postgres_url: str) -> Iterator[str]:
    """A database of this test run alone, migrated once."""
    name = f"desk_test_{uuid4().hex[:12]}"
    admin = create_engine(
        make_url(postgres_url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    engine = engine_for(url, name="migration")
    migrate(engine)
    apart(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def apart(engine: Engine) -> None:
    """Every table numbers its rows from a place of its own, as on a desk that has run for years: whoever
    takes a number of one for that of another, or leans on small ones, is found in the first run.
    """
    with engine.begin() as connection:
        sequences = connection.scalars(
            text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        )
        for turn, name in enumerate(sorted(sequences), start=1):
            connection.execute(text(f'ALTER SEQUENCE "{name}" RESTART WITH {turn * 1_000_003}'))


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """One pool for the run; whatever is written while a test runs is gone before the next."""
    made = engine_for(database_url, name="test")
    yield made
    made.dispose()


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> Iterator[Store]:
    """An empty desk: a migrated database and a folder for files."""
    empty(engine)
    made = Store(engine=engine, files=FileStore(tmp_path / "files"), nudge=lambda: None)
    yield made
    made.searches.dispose()


@pytest.fixture
def cast(store: Store) -> Cast:
    """Everybody on stage; see tests/people.py."""
    return the_cast(store)


def empty(engine: Engine) -> None:
    """Empty every table that has rows; numbers go on, so that no test can lean on an id of 1."""
    with engine.begin() as connection:
        (filled,) = Line(connection).ask(_filled(), {})
        names = [table for table, full in zip(_tables(), filled, strict=True) if full]
        if names:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))


@cache
def _tables() -> tuple[str, ...]:
    know_all_nouns()
    return tuple(sorted(Record.metadata.tables))


@cache
def _filled() -> Statement:
    """Which tables have rows: asked before every test, and planned once."""
    asked = (f"EXISTS (SELECT 1 FROM {table}) AS t{n}" for n, table in enumerate(_tables()))
    return Statement(f"SELECT {', '.join(asked)}")
