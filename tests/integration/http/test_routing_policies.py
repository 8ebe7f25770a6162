"""Routing policies through their doors: drafted, tried, put in force, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from desk.actions.routing.floor import the_floor
from desk.actions.routing.offers import offer_all_waiting, offer_next
from desk.actions.routing.presence import change_presence
from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.customer import Tier
from desk.model.presence import PresenceState
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]

WORTHY: dict[str, Any] = {
    "value_by": "tier",
    "tier_values": {"bronze": 1.0, "gold": 50.0},
    "most_tier_minutes": {"bronze": 0, "gold": 180},
    "look_ahead": None,
    "capacity": 64,
}


def drafted(sam: Browser, body: dict[str, Any], **more: Any) -> int:
    made = sam.api("POST", "/routing/policies", {"body": body, **more})
    assert made.status_code == 201 and made.json is not None, made.json
    version: int = made.json["version"]
    return version


def states(sam: Browser) -> dict[int, str]:
    rows = sam.get("/api/v1/routing/policies").json
    assert rows is not None
    return {row["version"]: row["state"] for row in rows["rows"]}


def two_cases(store: Store, cast: Cast) -> tuple[Case, Case]:
    """A plain customer's, and an hour later a gold one's."""
    with store.unit_of_work(STAGE) as work:
        gold = a_customer(work, "Gil Gold", "gil@example.org", tier=Tier.GOLD)
        plain = a_case(work, cast.cleo, "Plain", queue=cast.support, at=work.now - timedelta(minutes=80))
        return plain, a_case(work, gold, "Gold", queue=cast.support, at=work.now - timedelta(minutes=20))


def test_a_draft_decides_once_it_is_in_force_and_no_more_once_it_is_taken_back(
    store: Store, cast: Cast, as_agent: SignIn
) -> None:
    sam, (_, gold) = as_agent(cast.sam), two_cases(store, cast)
    version = drafted(sam, WORTHY, note="Gold first", based_on=0)
    assert states(sam) == {version: "draft", 0: "active"}

    assert sam.api("POST", f"/routing/policies/{version}/activation", {"expected": 0}).status_code == 200
    assert states(sam) == {version: "active", 0: "retired"}
    with store.unit_of_work(STAGE) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
        assert the_floor(work).in_force.version == version
        offer = offer_next(work, gold.id)
        assert offer is not None and offer.reason["version"] == version
        assert "Customer value moves it 2 h 56 min forward" in offer.reason["reasons"]

    assert sam.api("POST", "/routing/policies/0/activation", {"expected": version}).status_code == 200
    assert states(sam) == {version: "retired", 0: "active"}
    with store.unit_of_work(STAGE) as work:
        assert offer_all_waiting(work) == 1
        assert the_floor(work).in_force.version == 0
        told = work.session.scalars(select(AuditEntry.what)).all()
        assert told.count("routing policy activated") == 2


def test_a_policy_is_tried_on_what_waits_and_changes_nothing(
    store: Store, cast: Cast, as_agent: SignIn
) -> None:
    sam, (plain, gold) = as_agent(cast.sam), two_cases(store, cast)
    with store.unit_of_work(STAGE) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)

    tried = sam.api("POST", "/routing/policies/trial", {"body": WORTHY}).json
    assert tried is not None and tried["waiting"] == 2
    (line,) = tried["lines"]
    assert (line["queue"], line["channel"], line["waiting"]) == ("Support", "email", 2)
    assert (line["next"]["case_id"], line["next_then"]["case_id"]) == (plain.id, gold.id)
    assert tried["moved"] == [
        {"case_id": plain.id, "subject": "Plain", "place": 1, "place_then": 2},
        {"case_id": gold.id, "subject": "Gold", "place": 2, "place_then": 1},
    ]
    assert tried["in_force"] == tried["tried"] == {"offers": 2, "agents": 1}
    assert states(sam) == {0: "active"}

    kept_for_chats = {"channels": {"email": {"units": 1}}, "look_ahead": {"match_quantile": 0.9}}
    held = sam.api("POST", "/routing/policies/trial", {"body": kept_for_chats}).json
    assert held is not None and held["lines"][0]["held_then"] == 2


def test_what_cannot_be_is_refused_in_words_and_what_was_in_force_stays_as_it_was(
    cast: Cast, as_agent: SignIn
) -> None:
    sam = as_agent(cast.sam)
    for body, field in (
        ({"channels": {"email": {"units": 9}}}, "channels.email.units"),
        ({"overdue_facto": 8}, "overdue_facto"),
        ({"channels": {"email": {"asks": 5}}}, "channels.email.asks"),
    ):
        refused = sam.api("POST", "/routing/policies", {"body": body})
        assert refused.status_code == 422 and refused.json is not None
        assert refused.json["error"]["field"] == field

    version = drafted(sam, WORTHY)
    assert sam.api("POST", f"/routing/policies/{version}/activation", {"expected": 7}).status_code == 409
    assert sam.api("POST", f"/routing/policies/{version}/activation", {"expected": 0}).status_code == 200
    assert sam.api("PUT", f"/routing/policies/{version}", {"body": {}}).status_code == 409
    assert sam.api("DELETE", f"/routing/policies/{version}").status_code == 409
    again = sam.api("POST", f"/routing/policies/{version}/activation", {"expected": version})
    assert again.status_code == 409
    other = drafted(sam, {})
    assert sam.api("PUT", f"/routing/policies/{other}", {"body": WORTHY, "note": "n"}).status_code == 200
    assert sam.api("DELETE", f"/routing/policies/{other}").status_code == 204
    assert sam.api("POST", f"/routing/policies/{other}/activation", {"expected": version}).status_code == 404
    assert as_agent(cast.ada).api("POST", "/routing/policies", {"body": {}}).status_code == 403


def test_a_case_tells_its_place_and_every_decision(store: Store, cast: Cast, as_agent: SignIn) -> None:
    plain, gold = two_cases(store, cast)
    ada = as_agent(cast.ada)

    waits = ada.get(f"/api/v1/cases/{gold.id}/decisions").json
    assert waits is not None and (waits["place"], waits["length"], waits["decisions"]) == (2, 2, [])
    with store.unit_of_work(STAGE) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
        assert offer_all_waiting(work) == 2
    told = ada.get(f"/api/v1/cases/{plain.id}/decisions").json
    assert told is not None
    (decision,) = told["decisions"]
    assert (decision["agent"], decision["state"], decision["version"]) == ("Ada Lovelace", "live", 0)
    assert decision["figures"]["chosen"]["case"] == plain.id
    assert as_agent(cast.ben).get("/api/v1/cases/999999/decisions").status_code == 404
