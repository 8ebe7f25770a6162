"""Offers through their doors: seen, accepted and refused by the agent they are for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.actions.routing.offers import offer_next
from desk.actions.routing.presence import change_presence
from desk.model.agent import Agent, Capacity
from desk.model.assignment import Offer
from desk.model.inbound import ChannelKind
from desk.model.presence import PresenceState
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


@pytest.fixture
def offer(store: Store, cast: Cast) -> Offer:
    """A case of Support, offered to Ada."""
    with store.unit_of_work(STAGE) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
        made = offer_next(work, a_case(work, cast.cleo, queue=cast.support, text="Where is it?").id)
        assert made is not None
        return made


def test_an_agent_sees_their_offer_with_the_case_and_the_reason(
    as_agent: SignIn, cast: Cast, offer: Offer
) -> None:
    shown = as_agent(cast.ada).get("/api/v1/offers").json

    assert shown is not None
    (row,) = shown["rows"]
    assert (row["id"], row["customer_name"], row["queue"]) == (offer.id, "Cleo Patterson", "Support")
    assert row["case"]["id"] == offer.case_id and row["now"] < row["expires_at"]
    assert row["sentence"].startswith("Ada Lovelace: 0 of 5 places taken")
    assert as_agent(cast.ben).get("/api/v1/offers").json == {"rows": []}


def test_who_waits_on_the_line_is_shown_before_a_mail_that_was_offered_earlier(
    as_agent: SignIn, store: Store, cast: Cast, offer: Offer
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.add(Capacity(agent_id=cast.ada.id, channel="chat", limit=1))
        chat = a_case(work, cast.cleo, "Are you there?", queue=cast.support, text="Are you there?")
        chat.channel = ChannelKind.CHAT
        work.session.flush()
        made = offer_next(work, chat.id)
        assert made is not None

    shown = as_agent(cast.ada).get("/api/v1/offers").json

    assert shown is not None and made.expires_at > offer.expires_at
    assert [row["id"] for row in shown["rows"]] == [made.id, offer.id]


def test_accepting_answers_with_the_whole_case_and_a_second_time_with_a_conflict(
    as_agent: SignIn, cast: Cast, offer: Offer
) -> None:
    ada = as_agent(cast.ada)

    taken = ada.api("PUT", f"/offers/{offer.id}/acceptance", {})

    assert taken.status_code == 200 and taken.json is not None
    assert taken.json["case"]["assignee_id"] == cast.ada.id
    assert [message["kind"] for message in taken.json["messages"]] == ["inbound", "event"]
    assert taken.json["case"]["routing"]["sentence"] == offer.reason["sentence"]
    assert ada.api("PUT", f"/offers/{offer.id}/acceptance", {}).status_code == 409


def test_refusing_is_the_agents_own_to_do(as_agent: SignIn, cast: Cast, offer: Offer) -> None:
    assert as_agent(cast.ben).api("PUT", f"/offers/{offer.id}/refusal", {}).status_code == 404
    assert as_agent(cast.otto).api("PUT", f"/offers/{offer.id}/refusal", {}).status_code == 403
    assert as_agent(cast.ada).api("PUT", f"/offers/{offer.id}/refusal", {}).status_code == 204
    assert as_agent(cast.ada).get("/api/v1/offers").json == {"rows": []}


def test_the_next_case_of_a_pull_queue_is_taken_and_its_absence_told(
    as_agent: SignIn, store: Store, cast: Cast
) -> None:
    manager, ada = as_agent(cast.sam), as_agent(cast.ada)
    changed = manager.api("PATCH", f"/queues/{cast.support.id}", {"pull": True, "pull_limit": 1})
    assert changed.json is not None and changed.json["pull"] is True
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support, text="Where is it?")

    assert {row["name"]: row["pulled_by_me"] for row in ada.get("/api/v1/setup").json["queues"]} == {
        "Support": True,
        "Billing": False,
    }
    assert ada.get("/api/v1/next-case").json == {
        "rows": [{"id": cast.support.id, "name": "Support", "waiting": 1, "at_hand": 0, "limit": 1}]
    }
    taken = ada.api("POST", "/next-case", {})
    assert taken.status_code == 200 and taken.json is not None
    assert (taken.json["case"]["id"], taken.json["case"]["assignee_id"]) == (case.id, cast.ada.id)
    assert taken.json["case"]["routing"]["sentence"] == (
        "Ada Lovelace asked for the next case of Support, and could take no other"
    )
    again = ada.api("POST", "/next-case", {})
    assert again.status_code == 409 and again.json is not None
    assert again.json["error"]["sentence"].startswith("You have 1 of 1 from Support at hand.")
    assert as_agent(cast.otto).api("POST", "/next-case", {}).status_code == 403


def test_an_agent_says_whether_they_take_work_and_an_auditor_cannot(as_agent: SignIn, cast: Cast) -> None:
    ada = as_agent(cast.ada)

    assert ada.api("PUT", "/me/presence", {"state": "available"}).json["state"] == "available"
    assert ada.get("/api/v1/me").json["presence"]["state"] == "available"
    assert ada.api("PUT", "/me/presence", {"state": "asleep"}).status_code == 422
    assert as_agent(cast.otto).api("PUT", "/me/presence", {"state": "available"}).status_code == 403
