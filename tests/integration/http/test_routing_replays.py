"""Replays through their doors: asked for by a manager, done beside everything else, kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import change_presence
from desk.jobs.replay_days import replay_days
from desk.model.agent import Agent
from desk.model.customer import Tier
from desk.model.presence import PresenceState
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]

GOLD_FIRST: dict[str, Any] = {
    "order": "priority",
    "tier_points": {"gold": 3},
    "look_ahead": None,
}
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
DAY = str(NOON.date())


def a_day(store: Store, cast: Cast) -> None:
    """Two days ago: Ada is here from noon to six; six mails had come, the one of gold last."""
    for place in range(6):
        with store.unit_of_work(STAGE, now=NOON - timedelta(minutes=60 - place)) as work:
            tier = Tier.GOLD if place == 5 else Tier.BRONZE
            case = a_case(work, a_customer(work, f"C{place}", tier=tier), queue=cast.support, text="Help")
            if place == 0:
                assign(work, case, cast.ada.id)
    for state, hours in ((PresenceState.AVAILABLE, 0), (PresenceState.OFFLINE, 6)):
        with store.unit_of_work(STAGE, now=NOON + timedelta(hours=hours)) as work:
            change_presence(work, cast.ada.id, state)


def a_draft(sam: Browser) -> int:
    made = sam.api("POST", "/routing/policies", {"body": GOLD_FIRST})
    assert made.json is not None
    version: int = made.json["version"]
    return version


def asked(sam: Browser, version: int, first: str = DAY, last: str = DAY) -> Any:
    return sam.api("POST", "/routing/replays", {"first": first, "last": last, "version": version})


def test_a_replay_says_who_waits_less_and_is_kept(store: Store, cast: Cast, as_agent: SignIn) -> None:
    a_day(store, cast)
    sam = as_agent(cast.sam)
    made = asked(sam, a_draft(sam))
    assert made.status_code == 202 and (made.json["done"], made.json["total"]) == (0, 6), made.json
    assert replay_days(store) == 1
    assert replay_days(store) == 0
    told = sam.get(f"/api/v1/routing/replays/{made.json['id']}").json
    assert told is not None and told["problem"] is None, told
    assert told["done"] == told["total"]
    result = told["result"]
    assert result["contacts"] == 6 and result["read"]["assumed"] == 6
    gold = next(one for one in result["tiers"] if one["tier"] == "gold")
    assert gold["wait"]["after"]["mean"] <= gold["wait"]["before"]["mean"]
    assert [agent["name"] for agent in result["agents"]] == ["Ada Lovelace"]
    assert any(line.startswith("Gold customers wait") for line in result["words"])
    rows = sam.get("/api/v1/routing/replays").json
    assert rows is not None and [row["id"] for row in rows["rows"]] == [made.json["id"]]


def test_a_day_on_which_nothing_was_is_told_as_a_problem_in_words(
    store: Store, cast: Cast, as_agent: SignIn
) -> None:
    sam = as_agent(cast.sam)
    made = asked(sam, a_draft(sam))
    replay_days(store)
    told = sam.get(f"/api/v1/routing/replays/{made.json['id']}").json
    assert told is not None and "No customer opened a case" in told["problem"]


def test_what_cannot_be_replayed_is_refused_at_once(store: Store, cast: Cast, as_agent: SignIn) -> None:
    sam = as_agent(cast.sam)
    version = a_draft(sam)
    for first, last in ((DAY, "2026-01-01"), (DAY, "2999-01-01"), ("x", DAY)):
        assert asked(sam, version, first, last).status_code in (400, 422)
    assert asked(sam, 0).status_code == 422
    assert asked(sam, 10**9).status_code == 404
    assert asked(sam, version).status_code == 202
    assert asked(sam, version).status_code == 409


def test_only_who_edits_policies_may_ask_and_only_who_reads_the_setup_may_look(
    store: Store, cast: Cast, as_agent: SignIn
) -> None:
    ada, otto = as_agent(cast.ada), as_agent(cast.otto)
    assert asked(ada, 0).status_code == 403
    assert asked(otto, 0).status_code == 403
    assert ada.get("/api/v1/routing/replays").status_code == 403
