"""Writing and reading the audit log: who did what about what, from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.permission import Permission
from desk.store import audit as chain
from desk.store.unit_of_work import Work

_AGENT = "agent:"


def audit(work: Work, what: str, about: str, detail: Mapping[str, Any] | None = None) -> None:
    """Note a deed that touches setup, access, exports, merges or quarantine; it commits with the deed.

    `what` is the deed (`token made`), `about` its object (`token:7`); `detail` holds ids and plain
    values of before and after, never a secret.
    """
    who = f"{work.actor.name} ({work.actor.key})"
    entry = AuditEntry(
        at=work.now,
        who=who[:120],
        what=what[:80],
        about=about[:80],
        address=work.address[:64],
        detail=dict(detail or {}),
    )
    chain.append(work.session, entry)


def people_in(work: Work, lines: Sequence[AuditEntry]) -> dict[str, str]:
    """The names that agents have now, by how lines name them when they are about one (`agent:7`)."""
    numbers = {line.about.removeprefix(_AGENT) for line in lines if line.about.startswith(_AGENT)}
    wanted = Agent.id.in_([int(number) for number in numbers if number.isdecimal()])
    found = work.session.execute(select(Agent.id, Agent.name).where(wanted))
    return {f"{_AGENT}{number}": name for number, name in found}


def audit_lines(
    work: Work, *, before_id: int | None, limit: int = 50, asked: str = "", refused: bool = False
) -> Sequence[AuditEntry]:
    """The log, newest first, for those who may read it: the lines with every word that is `asked` for."""
    work.require(Permission.READ_AUDIT)
    return chain.latest(work.session, before_id=before_id, limit=limit, words=asked.split(), refused=refused)
