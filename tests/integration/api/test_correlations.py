"""What goes together, over HTTP: a planted pair is listed, opens its cases, and is for those who watch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.model.agent import Agent
from desk.model.case import CaseChange
from desk.model.customer import Tier
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_customer
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
PAIR = "fact=queue&value=Billing&outcome=reopened"


def a_resolved_case(work: Work, cast: Cast, number: int) -> int | None:
    """Of 30 in Billing every other is reopened, of 60 in Support every twelfth; its number if it was."""
    in_billing = number < 30
    # All on one day, whatever the hour of the run: else the days of the week would tell themselves apart.
    at = (datetime.now(UTC) - timedelta(days=20)).replace(hour=12) - timedelta(minutes=number)
    who = a_customer(work, f"Customer {number}", tier=Tier.GOLD if number % 3 else Tier.BRONZE)
    case = a_case(work, who, f"Case {number}", queue=cast.billing if in_billing else cast.support, at=at)
    case.last_inbound_position, case.resolved_at = 1, at + timedelta(hours=2)
    reopened = number % (2 if in_billing else 12) == 0
    steps = [("open", "resolved")] + ([("resolved", "open"), ("open", "resolved")] if reopened else [])
    for before, after in steps:
        work.session.add(
            CaseChange(
                case_id=case.id, at=at, actor="t", sentence="…", what="status", before=before, after=after
            )
        )  # fmt: skip
    return case.id if reopened else None


def test_a_planted_pair_is_listed_and_opens_its_cases(as_agent: SignIn, cast: Cast, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        reopened = [a_resolved_case(work, cast, number) for number in range(90)]
    sam = as_agent(cast.sam)
    shown: Any = sam.api("GET", "/correlations").json
    told = {(row["fact"], row["value"]): row for row in shown["rows"]}
    assert set(told) == {("queue", "Billing"), ("queue", "Support")}
    billing = told["queue", "Billing"]
    assert (billing["outcome"], billing["cases"], billing["events"]) == ("reopened", 30, 15)
    assert billing["others_share"] * 60 == 5
    assert billing["low"] < billing["ratio"] < billing["high"]
    assert shown["looks"] >= 4
    behind: Any = sam.api("GET", f"/correlations/cases?{PAIR}").json
    assert {row["case_id"] for row in behind["rows"]} == {one for one in reopened[:30] if one}


def test_it_is_for_those_who_watch_and_an_empty_desk_has_nothing_to_say(as_agent: SignIn, cast: Cast) -> None:
    assert as_agent(cast.ada).api("GET", "/correlations").status_code == 403
    assert as_agent(cast.otto).api("GET", "/correlations").json == {"looks": 0, "rows": [], "next": None}
    for wrong in ("fact=agent&value=7&outcome=reopened", "fact=queue&value=Billing&outcome=1=1"):
        assert as_agent(cast.sam).api("GET", f"/correlations/cases?{wrong}").status_code == 422
