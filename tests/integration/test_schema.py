"""The migrations and the nouns say the same."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, make_url, text

from desk.model.errors import Misconfigured
from desk.store.chat.words import _SAY_MORE
from desk.store.engine import engine_for
from desk.store.line import Statement
from desk.store.messages.conversations import _OPEN
from desk.store.messages.reading import _KEEP
from desk.store.nouns import know_all_nouns
from desk.store.schema import alembic_config, current_revision, is_behind, migrate, revisions


def test_a_migrated_database_has_exactly_what_the_nouns_declare(engine: Engine) -> None:
    know_all_nouns()
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert {current_revision(engine)} == revisions()[1]
    assert not is_behind(engine)


def test_what_is_read_off_the_migrations_is_what_alembic_finds() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    known, newest = revisions()
    assert known == {one.revision for one in script.walk_revisions()}
    assert newest == set(script.get_heads())


def test_a_database_of_a_newer_release_is_not_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    try:
        assert not is_behind(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :head"), {"head": revisions()[1].pop()}
            )


@pytest.mark.parametrize(
    ("table", "written"),
    [("cases", _OPEN), ("messages", _OPEN), ("messages", _KEEP), ("messages", _SAY_MORE)],
    ids=["a case", "its first message", "another message", "a further word"],
)
def test_statements_past_the_mapping_write_all_that_a_row_must_have(
    engine: Engine, table: str, written: Statement
) -> None:
    asked = """SELECT column_name FROM information_schema.columns WHERE table_name = :table
      AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER' AND column_name <> 'id'"""
    with engine.connect() as connection:
        must = set(connection.scalars(text(asked), {"table": table}))
    inserts = re.findall(rf"INSERT INTO {table} \(([^)]*)\)", str(written))

    assert len(inserts) == 1
    assert must
    assert must <= set(re.findall(r"\w+", inserts[0]))


def test_a_database_that_cannot_hold_every_language_is_refused_in_words(postgres_url: str) -> None:
    name = f"desk_ascii_{uuid4().hex[:12]}"
    admin = engine_for(postgres_url, name="test").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(
                f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
        )
        poor = engine_for(make_url(postgres_url).set(database=name).render_as_string(False), name="test")
        try:
            with pytest.raises(Misconfigured, match=r"kept in SQL_ASCII.*ENCODING 'UTF8'"):
                migrate(poor)
            assert current_revision(poor) is None
        finally:
            poor.dispose()
            connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()
