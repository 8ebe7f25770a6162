"""One pool of connections to PostgreSQL, with the time limits that keep one slow query from stopping all."""

from __future__ import annotations

import json
import select
import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError

from desk.store.line import keep_in_order
from desk.store.refusals import keep_values_out

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "30s"
IDLE_IN_TRANSACTION_TIMEOUT = "60s"
SEARCH_TIMEOUT = "5s"
"""After this long a search is given up: a person would not wait, and others need the database."""

SPEAKING = {"connect_timeout": 5, "client_encoding": "utf8"}

SEARCHES_AT_ONCE = 2
TRUSTED_SECONDS = 10.0
"""A connection that was used within this time is looked at before it is used again, but not asked."""

_READ = json.JSONDecoder().raw_decode
_LAST_USE = "desk_last_use"


def engine_for(url: str, *, name: str, pool_size: int = 10) -> Engine:
    """An engine for `postgresql://…`; nothing connects before the first query.

    Every connection is checked before use, so that a restarted server costs no failed request.
    """
    return _engine(
        make_url(url), name=name, pool_size=pool_size, limits=f"statement_timeout={STATEMENT_TIMEOUT}"
    )


def engine_for_searches(engine: Engine) -> Engine:
    """A few connections beside those of `engine`, that only read and give up soon.

    The limit costs no round trip, and however many people search, the others are served. Each
    statement is a transaction of its own.
    """
    return _engine(
        engine.url,
        name="search",
        pool_size=SEARCHES_AT_ONCE,
        limits=f"statement_timeout={SEARCH_TIMEOUT} -c default_transaction_read_only=on",
        isolation_level="AUTOCOMMIT",
    )


def _engine(url: URL, *, name: str, pool_size: int, limits: str, **more: Any) -> Engine:
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT} -c {limits} "
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT} -c timezone=UTC"
    )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_deserializer=_json,
        # An error of the database must not carry a customer's words into the log: see `keep_values_out`.
        hide_parameters=True,
        # The connection used last knows the most statements already, and the server has its memory warm.
        pool_use_lifo=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        connect_args={"application_name": f"desk {name}", "options": options, **SPEAKING},
        **more,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check_for(engine))
    keep_in_order(engine)
    keep_values_out(engine)
    return engine


def _json(kept: str | bytes) -> Any:
    """A page holds hundreds of small lists: `json.loads` would guess the encoding of each, and look for
    spaces around it, where the database leaves none.
    """
    value, _ = _READ(kept if isinstance(kept, str) else str(kept, "utf-8"))
    return value


def _note_use(_connection: Any, record: Any) -> None:
    record.info[_LAST_USE] = time.monotonic()


def _check_for(engine: Engine) -> Any:
    """Asking costs a round trip, which is dear on a busy machine. A server that ends says so on the socket;
    one that vanished without a word is noticed by asking, after a pause.
    """

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        last_use = record.info.get(_LAST_USE)
        if last_use is None or (time.monotonic() - last_use < TRUSTED_SECONDS and _is_silent(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except connection.Error as error:
            raise InvalidatePoolError from error

    return check


def _is_silent(connection: Any) -> bool:
    """Nothing was said on a connection that nobody uses; whatever is said there, is its end."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
