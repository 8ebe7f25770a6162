"""One look tells what time alone has made due, and nothing before its moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from desk.actions.cases.deeds import snooze_case
from desk.actions.people.reminders import remind
from desk.actions.routing.assignments import assign
from desk.model.article import Article, Collection
from desk.model.assignment import Offer
from desk.model.portal import SignInLink
from desk.store.due import what_is_due
from desk.store.unit_of_work import Store, Work
from tests.people import MORNING, Cast, a_case, minutes


def a_snoozed_case(work: Work, cast: Cast) -> None:
    snooze_case(work, a_case(work, cast.cleo, queue=cast.support).id, minutes(10))


def an_offer(work: Work, cast: Cast) -> None:
    case = a_case(work, cast.cleo, queue=cast.support)
    work.session.flush()
    offer = Offer(
        case_id=case.id, agent_id=cast.ada.id, offered_at=work.now, expires_at=minutes(10), reason={}
    )
    work.session.add(offer)


def a_reminder(work: Work, _: Cast) -> None:
    remind(work, minutes(10), "Ring Cleo")


def an_article(work: Work, _: Cast) -> None:
    shelf = Collection(slug="making", title="Making", created_at=work.now)
    work.session.add(shelf)
    work.session.flush()
    work.session.add(
        Article(
            collection_id=shelf.id,
            slug="steam",
            title="Steam",
            created_at=work.now,
            changed_at=work.now,
            publish_at=minutes(10),
        )
    )


def somebodys_case(work: Work, cast: Cast) -> None:
    assign(work, a_case(work, cast.cleo, queue=cast.support), cast.ada.id)


def a_link(work: Work, _: Cast) -> None:
    work.session.add(
        SignInLink(
            address="cleo@example.org",
            nonce="nonce",
            secret_hash="hash",
            asked_at=work.now,
            expires_at=minutes(60),
        )
    )


@pytest.mark.parametrize(
    ("plant", "name", "waits"),
    [
        (a_snoozed_case, "snoozed", True),
        (an_offer, "offers", True),
        (a_reminder, "reminders", True),
        (an_article, "articles", True),
        (somebodys_case, "held", False),
        (a_link, "links", False),
    ],
)
def test_it_is_due_at_its_moment_and_not_before(
    store: Store, cast: Cast, plant: Callable[[Work, Cast], None], name: str, waits: bool
) -> None:
    def due(at: float) -> set[str]:
        with store.reading(cast.actor(cast.ada)) as work:
            return {kind for kind, is_due in asdict(what_is_due(work.session, minutes(at))).items() if is_due}

    assert due(60) == set()
    with store.unit_of_work(cast.actor(cast.ada), now=MORNING) as work:
        plant(work, cast)
    assert due(9) == (set() if waits else {name})
    assert due(10) == {name}
