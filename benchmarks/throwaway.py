"""A desk's servers for one measurement, as durable as in operation, and gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.settings import Settings
from desk.store import embedded
from desk.store.embedded.place import remove_place


@contextmanager
def throwaway_desk() -> Iterator[Settings]:
    """Settings of PostgreSQL and Redis that were started for this run; the database is empty."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as home:
        servers = embedded.start(Path(home))
        try:
            yield Settings(
                home=Path(home),
                database_url=servers.database_url,
                redis_url=servers.redis_url,
                secret_key="bench" * 8,
            )
        finally:
            servers.stop()
            remove_place(Path(home))
