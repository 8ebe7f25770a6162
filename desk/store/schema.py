"""The schema's own affairs: bring it to the head, say where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from desk.model.errors import Misconfigured

MIGRATION_LOCK = 0x4445534B_0002

OLDEST_POSTGRES = 160000
"""As the server counts its versions."""


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Bring the schema to the head; safe when several processes start at once.

    Raises Misconfigured of a database in which Desk cannot keep what it is given.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        _insist_on_a_fit(guard)
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        try:
            with engine.begin() as connection:
                config = alembic_config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})


def _insist_on_a_fit(connection: Connection) -> None:
    number, version, encoding = connection.execute(
        text(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
            " current_setting('server_encoding')"
        )
    ).one()
    if number < OLDEST_POSTGRES:
        raise Misconfigured(f"Desk needs PostgreSQL 16 or newer; this is {version}.")
    if encoding != "UTF8":
        raise Misconfigured(
            f"The database is kept in {encoding}, which cannot hold every language. Make one with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
        )


def heads() -> list[str]:
    """The newest revisions in the source; there is never more than one."""
    return list(ScriptDirectory.from_config(alembic_config()).get_heads())


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at; None before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_behind(engine: Engine) -> bool:
    """Whether the database lacks a migration of ours. A newer database is not behind: migrations are
    safe beside the previous release, so its processes may go on until they are replaced."""
    current = current_revision(engine)
    script = ScriptDirectory.from_config(alembic_config())
    known = {revision.revision for revision in script.walk_revisions()}
    return current is None or (current in known and current not in script.get_heads())
