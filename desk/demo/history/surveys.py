"""Who was asked how it went after their case was settled, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.demo.history.plan import Contact
from desk.model.case import Case
from desk.model.customer import Consent
from desk.model.inbound import ChannelKind
from desk.model.survey import ASK_AFTER, ONCE_IN_DAYS, Survey

ANSWERS = 0.22
_SCORES, _EFFORTS = (6, 6, 12, 32, 44), (3, 4, 6, 10, 20, 32, 25)
"""How likely each score from 1 on, and each answer about the effort from 1 on."""

_WORDS = {
    1: ("I had to write twice.", "Nobody read what I had written.", "It took far too long."),
    2: ("It took a while.", "I still do not know why it happened.", ""),
    3: ("", "", "A quicker answer would have been nice."),
    4: ("", "", "Thank you.", "Friendly, and settled."),
    5: ("", "", "Thank you!", "Quick and kind.", "Just what I needed to know."),
}


def surveys_of(
    session: Session, told: Sequence[tuple[Contact, int, int]], end: datetime
) -> list[dict[str, Any]]:
    """A row for each `(contact, case_id, customer_id)` that was no chat: asked once in a while, if they
    agreed to be written to, and answered by some."""
    written = [one for one in told if one[0].channel is not ChannelKind.CHAT]
    customer_ids = {customer_id for _, _, customer_id in written}
    consents = session.execute(
        select(Consent.customer_id, Consent.channel).where(
            Consent.customer_id.in_(customer_ids), Consent.granted
        )
    )
    agreed = {(row[0], row[1]) for row in consents}
    asked = session.execute(
        select(Case.customer_id, func.max(Survey.asked_at))
        .join(Survey, Survey.case_id == Case.id)
        .where(Survey.asked_at.is_not(None), Case.customer_id.in_(customer_ids))
        .group_by(Case.customer_id)
    )
    lately: dict[int, datetime] = {row[0]: row[1] for row in asked if row[1]}
    rows = []
    for contact, case_id, customer_id in sorted(written, key=lambda one: one[0].resolved_at):
        at = contact.resolved_at + ASK_AFTER
        before = lately.get(customer_id)
        if at >= end or (before is not None and at - before < timedelta(days=ONCE_IN_DAYS)):
            continue
        row = {"case_id": case_id, "decided_at": at, **_NOTHING}
        if (customer_id, contact.channel.value) in agreed:
            lately[customer_id] = at
            row |= {"way": contact.channel.value, "asked_at": at, **_answer(contact, at, end)}
        else:
            row["why_not"] = "They have not agreed to be written to."
        rows.append(row)
    return rows


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("way", "asked_at", "why_not", "score", "effort", "comment", "scored_at")
)


def _answer(contact: Contact, asked_at: datetime, end: datetime) -> dict[str, Any]:
    """What was said, by whoever said something; who had to come back liked it less."""
    dice = Random(f"survey {contact.person.address} {contact.opened_at}")
    at = asked_at + timedelta(minutes=dice.lognormvariate(0, 1.2) * 90)
    if dice.random() >= ANSWERS or at >= end:
        return {}
    worse = len(contact.exchanges) > 1
    score = dice.choices((1, 2, 3, 4, 5), _SCORES[::-1] if worse else _SCORES)[0]
    effort = dice.choices(range(1, 8), _EFFORTS[::-1] if worse else _EFFORTS)[0]
    return {
        "score": score,
        "effort": effort if dice.random() < 0.85 else None,
        "comment": dice.choice(_WORDS[score]) or None,
        "scored_at": at,
    }
