"""What customers ask, mailed on Mondays to whoever asked for it, whole or narrowed, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.insights.questions_mail import mail_questions
from desk.actions.mail.letters import letter_for
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.model.agent import Agent
from desk.model.permission import Role
from desk.model.transit import Outbox
from desk.store.unit_of_work import Store
from tests.integration.topics.conftest import EVENING
from tests.people import STAGE, Cast, a_case, a_customer
from tests.security.browser import Browser
from tests.unit.insights.asked import SAID

SignIn = Callable[[Agent], Browser]
PAGE = "https://desk.example/desk/questions"
MONDAY = EVENING + timedelta(days=7 - EVENING.weekday())
"""At nine in the morning; the week before it is over."""


@pytest.fixture
def a_week(asked_for_weeks: Reading, store: Store, cast: Cast) -> None:
    """Three questions about invoices, one of them in Billing."""
    asked_at = MONDAY - timedelta(days=2)
    with store.unit_of_work(STAGE, now=asked_at) as work:
        for number, queue in enumerate((cast.support, cast.support, cast.billing)):
            a_case(
                work, a_customer(work, f"C{number}"), queue=queue, text=SAID["invoice"][number], at=asked_at
            )
    read_questions(asked_for_weeks, MONDAY - timedelta(days=1))


def mailed(store: Store, after: timedelta = timedelta(0)) -> int:
    with store.unit_of_work(STAGE, now=MONDAY + after) as work:
        return mail_questions(work, page=PAGE)


def letters(store: Store) -> dict[str, Any]:
    """The last letter by whom it is for."""
    with store.reading(STAGE) as work:
        rows = work.session.scalars(select(Outbox).order_by(Outbox.id)).all()
        return {address: row.content for row in rows for address in row.recipients}


def test_a_letter_is_asked_for_mailed_once_and_ended(
    as_agent: SignIn, store: Store, cast: Cast, a_week: None
) -> None:
    sam, otto = as_agent(cast.sam), as_agent(cast.otto)
    form = {"rhythm": "weekly", "queue_id": cast.billing.id}
    asked: Any = sam.api("POST", "/question-letters", form).json
    assert asked["narrowed"] == {"queue_id": cast.billing.id}
    assert sam.api("POST", "/question-letters", form).json["id"] == asked["id"]
    assert otto.api("POST", "/question-letters", {"rhythm": "weekly"}).status_code == 201
    assert otto.api("POST", "/question-letters", {"rhythm": "quarterly"}).status_code == 201
    assert otto.api("DELETE", f"/question-letters/{asked['id']}").status_code == 404

    assert [mailed(store, timedelta(hours=-3)), mailed(store), mailed(store, timedelta(hours=3))] == [0, 2, 0]
    theirs = letters(store)
    sams, ottos = theirs[cast.sam.email], theirs[cast.otto.email]
    assert sams["subject"].endswith(", queue Billing")
    assert "- 1 question\n" in sams["text"]
    assert f"queue_id={cast.billing.id}" in sams["text"]
    assert PAGE in ottos["text"] and "Most asked:\n- " in ottos["text"]
    assert "queue" not in ottos["subject"]
    with store.reading(STAGE, now=MONDAY) as work:
        row = work.session.scalars(select(Outbox)).all()[0]
        assert letter_for(work, row, secret="secret").envelope_from == ""

    assert sam.api("DELETE", f"/question-letters/{asked['id']}").status_code == 204
    assert sam.api("GET", "/question-letters").json == {"rows": [], "next": None}
    assert mailed(store, timedelta(days=7)) == 1


def test_whoever_may_not_see_questions_any_more_is_told_nothing(
    as_agent: SignIn, store: Store, cast: Cast
) -> None:
    assert as_agent(cast.ada).api("POST", "/question-letters", {"rhythm": "weekly"}).status_code == 403
    sam = as_agent(cast.sam)
    for tier in ("gold", "silver"):
        assert sam.api("POST", "/question-letters", {"rhythm": "weekly", "tier": tier}).status_code == 201
    for language in range(8):
        sam.api("POST", "/question-letters", {"rhythm": "weekly", "language": f"x{language}"})
    full = sam.api("POST", "/question-letters", {"rhythm": "monthly"})
    assert full.status_code == 422
    with store.unit_of_work(STAGE) as work:
        work.session.merge(cast.sam).role = Role.AGENT
    assert mailed(store) == 0
