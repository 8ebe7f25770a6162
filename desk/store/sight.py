"""Which of some cases an actor sees."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.permission import Actor
from desk.store.cases.reading import visible_to


def seen_among(session: Session, actor: Actor, case_ids: Collection[int]) -> frozenset[int]:
    """Those of `case_ids` that exist and that the actor may know of."""
    if not case_ids:
        return frozenset()
    return frozenset(session.scalars(select(Case.id).where(Case.id.in_(case_ids), visible_to(actor))))
