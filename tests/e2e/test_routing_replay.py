"""A manager compares a draft with the policy in force, over the desk's own days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from desk.actions.routing.policies import draft_policy
from desk.jobs.replay_days import replay_days
from desk.model.customer import Tier
from desk.model.permission import system
from desk.model.presence import PresenceSpan, PresenceState
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture
from tests.people import a_case, a_customer

SignIn = Callable[..., Page]
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)


def a_past(desk: Desk) -> int:
    """Three days in which mails waited for Ada, the one of gold last; a draft that serves gold first."""
    with desk.household.store.unit_of_work(system("test")) as work:
        for back in range(3):
            at = NOON + timedelta(days=back)
            span = PresenceSpan(
                agent_id=desk.cast.ada.id,
                state=PresenceState.AVAILABLE,
                since=at,
                until=at + timedelta(hours=6),
            )
            work.session.add(span)
            for place in range(8):
                tier = Tier.GOLD if place > 5 else Tier.BRONZE
                who = a_customer(work, f"Replayed {back} {place}", tier=tier)
                moment = at - timedelta(minutes=60 - place)
                case = a_case(
                    work, who, queue=desk.cast.support, text="Help", at=moment, assignee=desk.cast.sam
                )
                case.resolve(work.now, "solved")
        body = {"order": "priority", "tier_points": {"gold": 3}, "look_ahead": None}
        version: int = draft_policy(work, body, note="Gold first", based_on=None)["version"]
        return version


def test_a_manager_sees_what_a_draft_would_have_done(desk: Desk, sign_in: SignIn) -> None:
    version = a_past(desk)
    page = sign_in("sam", path=f"/desk/routing/{version}")
    replay = page.get_by_role("region", name="Your own days again")
    expect(replay.get_by_text("This version has not been tried on your days yet.")).to_be_visible()
    replay.get_by_role("button", name="Replay these days").click()
    expect(replay.get_by_text("You may leave this page; the result is kept.")).to_be_visible()
    replay_days(desk.household.store)
    expect(replay.get_by_text("Gold customers wait")).to_be_visible(timeout=60_000)
    expect(replay.get_by_role("rowheader", name="Ada Lovelace")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Kept, and read again; no colour is on its way from one scheme to the other.
        page.reload()
        expect(replay.get_by_text("Gold customers wait")).to_be_visible()
        assert barriers(page) == []
        picture(page, f"replay-{scheme}")
