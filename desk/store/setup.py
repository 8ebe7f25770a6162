"""The setup, read and kept: rows of any kind with the lists beside them, and what holds on to a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, delete, func, insert, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.model.record import Record

TAGS_LOOKED_AT = 2000
"""How many of the newest cases lend their tags to the list that the composer offers."""

_SETUP = text(
    """
    SELECT jsonb_build_object(
      'queues', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'name', q.name,
          'pulled_by_me', q.pull AND EXISTS (SELECT 1 FROM team_members tm JOIN queue_teams qt USING (team_id)
              WHERE tm.agent_id = :agent_id AND qt.queue_id = q.id))
          ORDER BY q.position, q.name), '[]') FROM queues q WHERE q.active),
      'agents', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name,
          'presence', coalesce(p.state, 'offline')) ORDER BY a.name, a.id), '[]')
          FROM agents a LEFT JOIN presences p ON p.agent_id = a.id WHERE a.disabled_at IS NULL),
      'teams', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name)
          ORDER BY name), '[]') FROM teams),
      'categories', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name,
          'parent_id', parent_id) ORDER BY position, name), '[]') FROM categories WHERE active),
      'canned', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'title', title,
          'text', text) ORDER BY key), '[]') FROM canned_replies),
      'macros', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name)
          ORDER BY name), '[]') FROM macros),
      'views', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name,
          'shared', shared, 'filter', filter) ORDER BY name, id), '[]')
          FROM saved_views WHERE shared OR agent_id = :agent_id),
      'channels', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind,
          'name', name, 'address', address) ORDER BY name, id), '[]') FROM channels WHERE enabled),
      'fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'label', label,
          'kind', kind, 'options', options) ORDER BY label), '[]') FROM custom_fields WHERE active),
      'tags', (SELECT coalesce(jsonb_agg(tag ORDER BY tag), '[]') FROM (
          SELECT unnest(add_tags) AS tag FROM triage_rules
          UNION SELECT unnest(tags) FROM (SELECT tags FROM cases ORDER BY id DESC LIMIT :looked_at) c) t)
    ) AS shown, (SELECT value FROM policies WHERE key = 'resolution_reasons') AS reasons
    """
)


@dataclass(frozen=True)
class Part:
    """A list that belongs to a row and lies in a table of its own.

    With one column the list holds plain values, e.g. `team_ids: [3, 4]`; with several, objects,
    e.g. `skills: [{"skill_id": 2, "minimum": 3}]`.
    """

    field: str
    noun: type[Record]
    owner: str
    columns: tuple[str, ...]

    def values(self, row: RowMapping) -> Any:
        """One entry of the list, out of its table's row."""
        if len(self.columns) == 1:
            return row[self.columns[0]]
        return {column: row[column] for column in self.columns}

    def columns_of(self, value: Any) -> dict[str, Any]:
        """One entry of the list, as its table keeps it."""
        return {self.columns[0]: value} if len(self.columns) == 1 else dict(value)


def parts_of(session: Session, part: Part, owner_ids: Collection[int]) -> dict[int, list[Any]]:
    """The list of each row, by the row's number."""
    table = part.noun.__table__
    rows = session.execute(
        select(table).where(table.c[part.owner].in_(owner_ids)).order_by(table.c[part.columns[0]])
    )
    found: dict[int, list[Any]] = {owner_id: [] for owner_id in owner_ids}
    for row in rows.mappings():
        found[row[part.owner]].append(part.values(row))
    return found


def replace_part(session: Session, part: Part, owner_id: int, values: Sequence[Any]) -> None:
    """The list is this from now on."""
    drop_part(session, part, owner_id)
    rows = [{part.owner: owner_id, **part.columns_of(value)} for value in values]
    if rows:
        session.execute(insert(part.noun), rows)


def drop_part(session: Session, part: Part, owner_id: int) -> None:
    """The list goes with its row."""
    session.execute(delete(part.noun).where(part.noun.__table__.c[part.owner] == owner_id))


def count_where(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many rows fulfil the conditions; their table is that of the columns in them."""
    return session.scalar(select(func.count()).where(*conditions)) or 0


def missing_ids(session: Session, noun: type[Record], ids: Collection[int]) -> list[int]:
    """Those of the numbers that no row has."""
    key: InstrumentedAttribute[int] = noun.id  # type: ignore[attr-defined]  # setup nouns have a number
    return sorted(set(ids) - set(session.scalars(select(key).where(key.in_(set(ids))))))


def setup_lists(session: Session, agent_id: int | None) -> Row[Any]:
    """The short lists that every agent's screen holds, as (shown, reasons), in one statement."""
    return session.execute(_SETUP, {"agent_id": agent_id, "looked_at": TAGS_LOOKED_AT}).one()


def members_of_teams(session: Session, team_ids: Collection[int]) -> set[int]:
    """Everybody in these teams."""
    found = session.scalars(
        text("SELECT DISTINCT agent_id FROM team_members WHERE team_id = ANY(:ids)"), {"ids": list(team_ids)}
    )
    return set(found)
