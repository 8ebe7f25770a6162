"""Proposals before a manager: one is proven, one is not, and one becomes an article that takes effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from desk.actions.insights.proposals import accept_proposal, put_in_effect
from desk.actions.knowledge.collections import new_collection
from desk.jobs.make_proposals import make_proposals
from desk.jobs.measure_effects import measure_effects
from desk.jobs.reading_space import Reading
from desk.model.proposal import Proposal, ProposalKind
from desk.store.unit_of_work import Work
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture
from tests.integration.topics.planted import SHOE, a_space, asked, counted
from tests.people import STAGE

SignIn = Callable[..., Page]
BEFORE, AFTER = 63, 45
NAMES = [f"{one}{other}" for one in ("apple", "birch", "cedar", "daisy", "elder") for other in "vwxyz"]
LABEL = "How does the applex work?"
# Long ago, so that what other tests ask today stands alone.
FIRST = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=500)
CHANGED = FIRST + timedelta(days=BEFORE)
NOW = CHANGED + timedelta(days=AFTER)


@pytest.fixture(scope="module")
def season(desk: Desk) -> None:
    """Months of questions; two changes, of which the first helped; and one answer that nobody wrote down."""
    store, cast = desk.household.store, desk.cast
    dice = np.random.default_rng(12)
    rates = np.full((len(NAMES), BEFORE + AFTER), 6.0)
    rates[0, BEFORE:] = 2
    with store.unit_of_work(STAGE, now=FIRST) as work:
        topics = a_space(work, NAMES)
    counted(store, topics, dice.poisson(rates), FIRST)
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        new_collection(work, title="Shoes and sizes")
        asked(
            work, cast, topics[2], NAMES[2], 30, NOW - timedelta(days=20), answer=SHOE,
            agents=[cast.ada, cast.ben, cast.sam],
        )  # fmt: skip
    with store.unit_of_work(cast.actor(cast.sam), now=CHANGED) as work:
        for topic, title in zip(topics, ("Ask for the size first", "Close it when it is over"), strict=False):
            _in_effect(work, topic, title, cast.ada.id)
        _planted(work, topics[3], "Tell them how far it is", ProposalKind.PROACTIVE)
    measure_effects(store, NOW)
    make_proposals(Reading(store, lambda: None), NOW)


def _in_effect(work: Work, topic_id: int, title: str, owner_id: int) -> None:
    proposal = _planted(work, topic_id, title, ProposalKind.PROCESS_FIX)
    accept_proposal(work, proposal.id, owner_id, None)
    put_in_effect(work, proposal.id, CHANGED.date())


def _planted(work: Work, topic_id: int, title: str, kind: ProposalKind) -> Proposal:
    proposal = Proposal(
        kind=kind,
        rule="missing_data",
        topic_id=topic_id,
        title=title,
        evidence={
            "contacts": 168, "weeks": 4, "trend": [40, 42, 41, 45], "minutes": 6.0, "missed": 0, "repeats": 4,
            "searches": 0, "in_vain": 0, "quotes": [], "article": None, "cause": None, "draft": None,
            "detectable": 0.24, "like": [],
            "signals": [{"rule": "missing_data", "why": "90 of 160 first answers asked for the size.",
                         "fix": "Make the size a field of the form.", "hits": 90, "of": 160}],
        },
        saving={
            "contacts": [200.0, 380.0, 690.0], "hours": [20.0, 38.0, 69.0], "formula": "contacts × hours",
            "weekly": 42.0, "addressable": 0.56, "effect": [0.13, 0.31, 0.54], "repeat_rate": 0.02,
            "minutes": 6.0,
        },
        confidence=0.91,
        created_at=CHANGED,
        updated_at=CHANGED,
    )  # fmt: skip
    work.session.add(proposal)
    work.session.flush()
    return proposal


def test_what_was_measured_is_told_beside_what_was_expected(
    desk: Desk, sign_in: SignIn, season: None
) -> None:
    page = sign_in("sam", path="/desk/all")
    page.keyboard.type("go")
    expect(page.get_by_role("heading", name="Proposals", level=1)).to_be_visible()
    proven = page.get_by_role("region", name="Proven", exact=False).first
    expect(page.get_by_role("region", name="Not proven").get_by_role("link")).to_contain_text(
        "Close it when it is over"
    )
    expect(proven.get_by_role("link")).to_contain_text("Ask for the size first")
    picture(page, "proposals-board")
    assert barriers(page) == []
    proven.get_by_role("link").press("Enter")
    dialog = page.get_by_role("dialog", name="Ask for the size first")
    effect = dialog.get_by_role("region", name="Did it work?")
    expect(effect).to_contain_text("fewer (95 % interval:")
    expect(effect).to_contain_text("Expected: 17 % fewer")
    expect(effect).to_contain_text("neither chance nor a trend")
    expect(effect.get_by_role("img")).to_be_visible()
    effect.get_by_text("The weeks as a table").click()
    expect(effect.get_by_role("table")).to_contain_text("in effect")
    picture(page, "proposals-effect")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Not proven").get_by_role("link").click()
    other = page.get_by_role("dialog", name="Close it when it is over")
    expect(other).to_contain_text("the interval spans zero")


def test_an_answer_becomes_an_article_and_takes_effect_when_it_is_published(
    desk: Desk, sign_in: SignIn, season: None
) -> None:
    page = sign_in("sam", path="/desk/proposals")
    new = page.get_by_role("region", name="New")
    card = new.get_by_role("link").filter(has_text=LABEL)
    card.click()
    dialog = page.get_by_role("dialog", name=LABEL)
    draft = dialog.get_by_role("region", name="The draft")
    expect(draft).to_contain_text("You can send it back within 30 days")
    expect(draft.get_by_role("link").first).to_have_accessible_name(re.compile("From case"))
    dialog.get_by_label("Why not").fill("We stop selling them.")
    dialog.get_by_role("button", name="Decline it").click()
    expect(dialog.get_by_text("We stop selling them.", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Take back").click()
    expect(dialog.get_by_role("button", name="Decline it")).to_be_visible()
    picture(page, "proposals-draft")
    assert barriers(page) == []
    dialog.get_by_label("Collection").select_option("Shoes and sizes")
    dialog.get_by_role("button", name="Make the article").click()
    title = page.get_by_label("Title", exact=True)
    expect(title).to_have_value(re.compile("How does the applex work"))
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. Customers can read it.")).to_be_visible()
    page.goto("/desk/proposals")
    expect(page.get_by_role("region", name="In effect")).to_contain_text(LABEL)
    page = sign_in("sam", dark=True, path="/desk/proposals")
    page.get_by_role("region", name="In effect").get_by_role("link").filter(has_text=LABEL).click()
    expect(page.get_by_role("dialog")).to_contain_text("The first look is two weeks and three days after")
    picture(page, "proposals-dark")
    assert barriers(page) == []


def test_a_message_is_written_tried_out_started_and_stopped(
    desk: Desk, sign_in: SignIn, season: None
) -> None:
    page = sign_in("sam", path="/desk/proposals")
    page.get_by_role("region", name="New").get_by_role("link").filter(has_text="Tell them how far").click()
    page.get_by_role("dialog").get_by_role("button", name="Write a message").click()
    page.get_by_label("Subject").fill("It is on its way")
    page.get_by_label("Text").fill("Hello {{customer.first_name}}, it is on its way.")
    page.get_by_role("button", name="Try out").click()
    expect(page.get_by_role("heading", name=re.compile("It would reach"))).to_be_visible()
    picture(page, "proactive-draft")
    assert barriers(page) == []
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Did it spare contacts?")).to_be_visible()
    page.get_by_role("button", name="Stop for good").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    assert barriers(page) == []


def test_agents_see_no_proposals(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada", path="/desk/proposals")
    expect(page.get_by_text("Proposals are for those who watch the floor.")).to_be_visible()
