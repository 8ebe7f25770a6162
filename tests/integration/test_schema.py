"""The migrations and the nouns say the same."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Engine, text

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
