"""The migrations and the nouns say the same."""

from __future__ import annotations

import re

import pytest
from alembic import command
from sqlalchemy import Engine, text

from desk.store.chat.words import _SAY_MORE
from desk.store.line import Statement
from desk.store.messages.conversations import _OPEN
from desk.store.messages.reading import _KEEP
from desk.store.nouns import know_all_nouns
from desk.store.schema import alembic_config, current_revision, heads, is_behind, migrate


def test_a_migrated_database_has_exactly_what_the_nouns_declare(engine: Engine) -> None:
    know_all_nouns()
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert current_revision(engine) == heads()[0]
    assert not is_behind(engine)


def test_a_database_of_a_newer_release_is_not_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    try:
        assert not is_behind(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": heads()[0]})


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
