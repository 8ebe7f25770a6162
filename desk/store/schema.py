"""The schema's own affairs: bring it to the head, say where it stands.

Every process asks where it stands, and one in a thousand moves it: Alembic is imported by that one alone, as
it takes as long to import as all the rest of a small process.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from desk.model.errors import Misconfigured

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_FOLLOWS = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)

MIGRATION_LOCK = 0x4445534B_0002

OLDEST_POSTGRES = 160000
"""As the server counts its versions."""


def alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Bring the schema to the head; safe when several processes start at once.

    Raises Misconfigured of a database in which Desk cannot keep what it is given.
    """
    from alembic import command

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


def revisions() -> tuple[set[str], set[str]]:
    """All revisions in the source, and the newest of them; there is never more than one newest."""
    known, followed = set[str](), set[str]()
    for path in (MIGRATIONS / "versions").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        known.update(_REVISION.findall(source))
        followed.update(_FOLLOWS.findall(source))
    return known, known - followed


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at; None before the first migration."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def is_behind(engine: Engine) -> bool:
    """Whether the database lacks a migration of ours. A newer database is not behind: migrations are
    safe beside the previous release, so its processes may go on until they are replaced."""
    current, (known, newest) = current_revision(engine), revisions()
    return current is None or (current in known and current not in newest)
