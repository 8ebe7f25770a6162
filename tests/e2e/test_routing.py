"""Routing before everybody's eyes: worth overtakes within its bound, and the page says why."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from desk.actions.routing.policies import activate_policy, routing_policies_shown
from desk.model.case import Case
from desk.model.customer import Customer, Tier
from desk.model.permission import system
from desk.model.queue import Queue
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture
from tests.e2e.shop import be_present, give_what_waits_to_sam

SignIn = Callable[..., Page]


@pytest.fixture
def quiet(desk: Desk, sign_in: SignIn) -> Iterator[Page]:
    """Ada is here and away, and nothing waits."""
    page = sign_in("ada", path="/desk/mine")
    be_present(page, "away")
    give_what_waits_to_sam(desk)
    yield page
    be_present(page, "away")


def waits(desk: Desk, sender: str, subject: str, *, minutes: float, tier: Tier) -> int:
    """A mail that came so many minutes ago, from a customer of this tier."""
    desk.receive(sender, subject, "Where is it?")
    _once_read(desk, subject)
    with desk.household.store.unit_of_work(system("test")) as work:
        case = work.session.scalars(select(Case).where(Case.subject == subject)).one()
        case.waiting_since = work.now - timedelta(minutes=minutes)
        case.due_at = None
        work.session.get_one(Customer, case.customer_id).tier = tier
        return case.id


def _once_read(desk: Desk, subject: str) -> None:
    for _ in range(1200):
        with desk.household.store.reading(system("test")) as work:
            if work.session.scalar(select(Case.id).where(Case.subject == subject)):
                return
        time.sleep(0.1)


def test_worth_overtakes_within_its_bound_and_the_page_says_why(desk: Desk, quiet: Page) -> None:
    plain = waits(desk, "Paul <paul@example.org>", "Plain, an hour ago", minutes=60, tier=Tier.BRONZE)
    waits(desk, "Gina <gina@example.org>", "Gold, 45 minutes ago", minutes=45, tier=Tier.GOLD)
    waits(desk, "Gerd <gerd@example.org>", "Gold, 35 minutes ago", minutes=35, tier=Tier.GOLD)

    quiet.goto(f"/desk/cases/{plain}")
    expect(quiet.get_by_text("Still waiting: 1 agent works this queue; Ada Lovelace is away")).to_be_visible()
    expect(quiet.get_by_text("cannot pass it, whatever it is worth")).to_be_visible()

    be_present(quiet, "available")
    offer = quiet.get_by_role("alertdialog")
    for subject in ("Gold, 45 minutes ago", "Plain, an hour ago", "Gold, 35 minutes ago"):
        expect(offer).to_contain_text(subject)
        if subject.startswith("Gold, 45"):
            expect(offer).to_contain_text(f"before case {plain}: customer value +20 min")
            picture(quiet, "offer-why")
        quiet.wait_for_timeout(600)  # a key or click sooner was meant for something else
        offer.get_by_role("button", name="Decline").click()
    expect(offer).to_have_count(0)


@pytest.fixture
def pulled(desk: Desk) -> Iterator[None]:
    """Support is pulled from, one case at a time, and nothing waits; afterwards it is as before."""
    give_what_waits_to_sam(desk, and_of=desk.cast.ada)
    for pull in (True, False):
        with desk.household.store.unit_of_work(system("test")) as work:
            queue = work.session.get_one(Queue, desk.cast.support.id)
            queue.pull, queue.pull_limit = pull, int(pull)
        if pull:
            yield


def test_the_next_case_is_taken_by_key_on_a_phone_too_and_what_there_is_not_is_told(
    desk: Desk, quiet: Page, pulled: None
) -> None:
    quiet.reload()
    button = quiet.get_by_role("button", name="Take the next case")
    button.click()
    expect(quiet.get_by_text("Nothing waits in Support.")).to_be_visible()
    waits(desk, "Petra <petra@example.org>", "Plain, to be taken", minutes=50, tier=Tier.BRONZE)
    waits(desk, "Gabi <gabi@example.org>", "Gold, to be taken", minutes=40, tier=Tier.GOLD)

    quiet.keyboard.press("Shift+N")
    expect(quiet.get_by_role("heading", name="Gold, to be taken")).to_be_visible()
    expect(quiet.get_by_text("Ada Lovelace asked for the next case of Support: before case")).to_be_visible()
    picture(quiet, "next-case")
    quiet.set_viewport_size({"width": 390, "height": 800})
    button.click()
    expect(quiet.get_by_text("You have 1 of 1 from Support at hand")).to_be_visible()
    picture(quiet, "next-case-phone")
    assert barriers(quiet) == []


def test_a_manager_tries_a_policy_puts_it_in_force_and_goes_back(
    desk: Desk, quiet: Page, sign_in: SignIn
) -> None:
    first = waits(desk, "Pia <pia@example.org>", "Plain, two hours ago", minutes=120, tier=Tier.BRONZE)
    other = waits(desk, "Gus <gus@example.org>", "Gold, half an hour ago", minutes=30, tier=Tier.GOLD)
    page = sign_in("sam", path="/desk/routing")
    page.get_by_role("button", name="Copy into a draft").click()
    page.get_by_label("What it is for").fill("Gold within two hours")
    page.get_by_label("Gold: Worth").fill("9")
    page.get_by_label("Gold: At most").fill("120")
    page.get_by_role("link", name="Version 0").click()
    expect(page.get_by_label("Gold: At most")).to_be_disabled()
    page.get_by_role("link", name="not saved").click()
    expect(page.get_by_label("Gold: At most")).to_have_value("120")
    page.get_by_role("button", name="Try on what waits").click()
    trial = page.get_by_role("status", name="Tried on what waits now")
    expect(trial.get_by_role("link", name=f"#{first} ").first).to_be_visible()
    expect(trial.get_by_role("row", name="Support · Email").get_by_role("link").last).to_contain_text(
        f"#{other}"
    )
    assert barriers(page) == []
    picture(page, "routing-trial")

    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("in force since")).to_be_visible()
    try:
        page.get_by_role("link", name="Version 0").click()
        page.get_by_role("button", name="Go back to this version").click()
        page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
        expect(page.get_by_text("Version 0 is in force", exact=True)).to_be_visible()
        expect(page.get_by_label("Gold: Worth")).to_be_disabled()
    finally:
        _back_to_the_first(desk)


def _back_to_the_first(desk: Desk) -> None:
    with desk.household.store.unit_of_work(desk.cast.actor(desk.cast.sam)) as work:
        active = next(one for one in routing_policies_shown(work) if one["state"] == "active")
        if active["version"]:
            activate_policy(work, 0, expected=active["version"])
