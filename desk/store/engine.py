"""One pool of connections to PostgreSQL, with the time limits that keep one slow query from stopping all."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, make_url

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "30s"
IDLE_IN_TRANSACTION_TIMEOUT = "60s"


def engine_for(url: str, *, name: str, pool_size: int = 10) -> Engine:
    """An engine for `postgresql://…`; nothing connects before the first query.

    Every connection is checked before use, so that a restarted server costs no failed request.
    """
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout={STATEMENT_TIMEOUT} "
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT} -c timezone=UTC"
    )
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        # An error of the database must not carry a customer's words into the log.
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        connect_args={"application_name": f"desk {name}", "options": options, "connect_timeout": 5},
    )
