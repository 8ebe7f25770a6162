"""What a manager may change without an operator, by key; absent means the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.rule import Policy

Value = TypeVar("Value")


def policy(session: Session, key: str, default: Value) -> Value:
    """The policy kept under `key`, which is checked on its way in; `default` where there is none."""
    found = session.scalar(select(Policy.value).where(Policy.key == key))
    return default if found is None else cast("Value", found)


def policies(session: Session) -> dict[str, Any]:  # whatever JSON holds
    """All that differ from the defaults."""
    return {row.key: row.value for row in session.execute(select(Policy.key, Policy.value))}


def set_policies(session: Session, values: Mapping[str, Any]) -> None:
    """Keep these; the others stay as they are."""
    if not values:
        return
    statement = insert(Policy).values([{"key": key, "value": value} for key, value in values.items()])
    session.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
    )
