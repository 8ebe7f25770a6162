"""`desk migrate`: the schema brought to this release, before its processes start."""

from __future__ import annotations

import click
from sqlalchemy.exc import OperationalError

from desk.cli.servers import first_line, servers_for
from desk.model.errors import Unavailable
from desk.settings import read_settings
from desk.store.engine import engine_for
from desk.store.schema import current_revision
from desk.store.schema import migrate as bring_to_head


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date. Safe to run twice, and beside running processes."""
    with servers_for(read_settings()) as settings:
        engine = engine_for(settings.database_url, name="migrate", pool_size=2)
        try:
            before = current_revision(engine)
            bring_to_head(engine)
            after = current_revision(engine)
        except OperationalError as error:
            raise Unavailable(f"The database does not answer: {first_line(error)}") from error
        finally:
            engine.dispose()
    click.echo(
        f"The schema is at {after}." if before == after else f"The schema went from {before} to {after}."
    )
