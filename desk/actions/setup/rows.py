"""Setting the desk up: one way to list, add, change and delete a row of every kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desk.actions.setup.audit import audit
from desk.actions.setup.kinds import MEMBERS, QUEUES_OF_TEAM, SKILLS, TEAMS_OF_QUEUE, Kind
from desk.model.agent import Proficiency
from desk.model.errors import Invalid, NotFound
from desk.model.events import RightsChanged, SetupChanged
from desk.model.permission import Permission
from desk.model.record import Record
from desk.store.setup import (
    Part,
    count_where,
    drop_part,
    members_of_teams,
    missing_ids,
    parts_of,
    replace_part,
    setup_lists,
)
from desk.store.unit_of_work import Work

RESOLUTION_REASONS = ("Solved", "Question answered", "Refunded", "No answer", "Duplicate", "Spam")
_LEVELS = Part("agents", Proficiency, "skill_id", ("agent_id",))
_GRANTS = (MEMBERS, QUEUES_OF_TEAM, TEAMS_OF_QUEUE)


def setup_shown(work: Work) -> dict[str, Any]:
    """The short reference lists that every agent's screen holds."""
    row = setup_lists(work.session, work.actor.agent_id)
    return {**row.shown, "resolution_reasons": row.reasons or list(RESOLUTION_REASONS)}


def rows_shown(work: Work, kind: Kind) -> list[dict[str, Any]]:
    """Every row of a kind with all that its form needs, in the order of the setup page."""
    work.require(Permission.READ_SETUP)
    order = [getattr(kind.noun, name) for name in kind.order]
    return _shown(work, kind, work.session.scalars(select(kind.noun).order_by(*order)).all())


def add(work: Work, kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """A new row. Raises Invalid where a value cannot be, e.g. a name that is taken."""
    work.require(Permission.EDIT_WORK_SETUP)
    columns = {kind.column(name): values[name] for name in kind.columns if name in values}
    if kind.dated:
        columns["created_at"] = work.now
    row = kind.noun(**columns)
    _keep(work, kind, row, values)
    return _told(work, kind, row, "added", values)


def change(work: Work, kind: Kind, row_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given of a row; the rest stays. Raises NotFound and Invalid."""
    work.require(Permission.EDIT_WORK_SETUP)
    row = _row(work, kind, row_id)
    affected = _whose_rights(work, kind, row_id, values)
    with work.session.no_autoflush:
        for name in kind.columns:
            if name in values:
                setattr(row, kind.column(name), values[name])
        _keep(work, kind, row, values)
    _tell_rights(work, affected)
    return _told(work, kind, row, "changed", values)


def remove(work: Work, kind: Kind, row_id: int) -> None:
    """Delete a row. Raises NotFound, and Invalid while something holds on to it, saying what to do."""
    work.require(Permission.EDIT_WORK_SETUP)
    row = _row(work, kind, row_id)
    if kind.leave is not None:
        kind.leave(work, row, {})
    for hold in kind.holds:
        count = count_where(work.session, hold.rows(row))
        if count:
            why = hold.one if count == 1 else hold.many.format(n=count)
            raise Invalid(f"{getattr(row, kind.title)} cannot be deleted: {why}")
    _tell_rights(work, _whose_rights(work, kind, row_id, {part.field: [] for part in kind.parts}))
    for part in (*kind.parts, *((_LEVELS,) if kind is SKILLS else ())):
        drop_part(work.session, part, row_id)
    work.session.delete(row)
    work.session.flush()
    audit(work, f"{kind.word} deleted", f"{kind.table}:{row_id}", {kind.title: getattr(row, kind.title)})
    work.record(SetupChanged(table=kind.table, row_id=row_id))


def _row(work: Work, kind: Kind, row_id: int) -> Any:
    row = work.session.get(kind.noun, row_id, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no {kind.word} {row_id}.")
    return row


def _keep(work: Work, kind: Kind, row: Any, values: Mapping[str, Any]) -> None:
    _check_references(work, kind, values)
    with work.session.no_autoflush:
        if kind.check is not None:
            kind.check(work, row, values)
    work.session.add(row)
    try:
        work.session.flush()
    except IntegrityError as error:
        field = kind.columns[0] if "key" in kind.columns else "name"
        raise Invalid(f"There is a {kind.word} “{values.get(field)}” already.", field) from error
    for part in kind.parts:
        if part.field in values:
            replace_part(work.session, part, row.id, values[part.field])


def _check_references(work: Work, kind: Kind, values: Mapping[str, Any]) -> None:
    for name, noun in kind.refers.items():
        missing = missing_ids(work.session, noun, _ids_in(kind, name, values))
        if missing:
            raise Invalid(f"There is no {noun.__name__.lower()} {missing[0]}.", name)


def _ids_in(kind: Kind, name: str, values: Mapping[str, Any]) -> list[int]:
    """The numbers given under `name`: one, a list, or a column of a list's objects."""
    if name in values:
        given = values[name]
        return list(given) if isinstance(given, list | tuple) else [given] if given is not None else []
    lists = [part for part in kind.parts if name in part.columns and len(part.columns) > 1]
    return [entry[name] for part in lists for entry in values.get(part.field, [])]


def _shown(work: Work, kind: Kind, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]  # type: ignore[attr-defined]  # setup nouns have a number
    lists = {part.field: parts_of(work.session, part, ids) for part in kind.parts}
    return [
        {
            "id": row_id,
            **{name: getattr(row, kind.column(name)) for name in kind.columns},
            **{name: values[row_id] for name, values in lists.items()},
        }
        for row_id, row in zip(ids, rows, strict=True)
    ]


def _told(work: Work, kind: Kind, row: Any, deed: str, values: Mapping[str, Any]) -> dict[str, Any]:
    if deed == "added":
        _tell_rights(work, _whose_rights(work, kind, row.id, values))
    audit(work, f"{kind.word} {deed}", f"{kind.table}:{row.id}", dict(values))
    work.record(SetupChanged(table=kind.table, row_id=row.id))
    return _shown(work, kind, [row])[0]


def _whose_rights(work: Work, kind: Kind, row_id: int, values: Mapping[str, Any]) -> set[int]:
    """Everybody who sees other cases when these lists of the row change: members before and after."""
    affected: set[int] = set()
    for part in kind.parts:
        if part not in _GRANTS or part.field not in values:
            continue
        ids = {*parts_of(work.session, part, [row_id])[row_id], *values[part.field]}
        if part is MEMBERS:
            affected |= ids
        elif part is TEAMS_OF_QUEUE:
            affected |= members_of_teams(work.session, ids)
        else:
            affected |= members_of_teams(work.session, [row_id])
    return affected


def _tell_rights(work: Work, agent_ids: set[int]) -> None:
    for agent_id in sorted(agent_ids):
        work.record(RightsChanged(agent_id=agent_id))
