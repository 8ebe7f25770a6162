"""What the database says when it refuses something, without the values that it refused.

`hide_parameters` keeps them out of SQLAlchemy's own words, not out of PostgreSQL's: the DETAIL of a broken
constraint holds the row, and the first line about a value that cannot be read holds that value.
"""

from __future__ import annotations

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

_NAMES_VALUES = ("22", "42601")
"""SQLSTATEs whose first line repeats what was sent: data exceptions, and words that are no query."""


def say_less(error: psycopg.Error) -> None:
    """Leave of the error's words those that hold no value; `sqlstate` and `diag` stay as they are."""
    said = error.diag.message_primary
    if said is not None:
        state = error.sqlstate or ""
        error.args = (f"SQLSTATE {state}" if state.startswith(_NAMES_VALUES) else said,)


def keep_values_out(engine: Engine) -> None:
    """Let every error of this engine say less, before anybody catches or logs it."""
    event.listen(engine, "handle_error", _say_less)


def _say_less(context: ExceptionContext) -> None:
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error):
        say_less(error)
        if wrapped is not None:
            kind = type(error)
            wrapped.args = (f"({kind.__module__}.{kind.__qualname__}) {error}",)
