"""The properties of a case, by keys: subject, level and the desk's own fields, with their line of history."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from desk.model.case import CustomField
from tests.e2e.barriers import barriers_in_both
from tests.e2e.conftest import Desk, open_case
from tests.people import STAGE

SignIn = Callable[..., Page]


@pytest.fixture
def fields(desk: Desk) -> Iterator[None]:
    """The desk records a serial number, and whether it is under warranty."""
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.add(CustomField(key="serial", label="Serial number", kind="text", options=[]))
        work.session.add(CustomField(key="warranty", label="Under warranty", kind="yes_no", options=[]))
    yield
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.query(CustomField).delete()


@pytest.mark.usefixtures("fields")
def test_subject_and_fields_are_edited_by_keys_and_told_in_the_history(desk: Desk, sign_in: SignIn) -> None:
    subject = "Broken in the light"
    desk.receive("Gus <gus@example.org>", subject, "It is broken.")
    page = sign_in("sam", path="/desk/all")
    open_case(page, subject)

    page.keyboard.press("d")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Subject")).to_be_focused()
    assert barriers_in_both(page, "details") == []
    form.get_by_label("Subject").fill(f"{subject}: grinder")
    form.get_by_label("Serial number").fill("SN-4711")
    form.get_by_label("Under warranty").select_option("Yes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)

    expect(page.get_by_role("heading", name=f"{subject}: grinder")).to_be_visible()
    panel = page.get_by_role("complementary", name="Customer")
    expect(panel).to_contain_text("SN-4711")
    page.keyboard.press("v")
    page.get_by_role("option", name="Second").click()
    expect(panel.get_by_role("button", name="Second")).to_be_visible()
    page.reload()
    expect(panel).to_contain_text("SN-4711")

    page.keyboard.press("Shift+Y")
    history = page.get_by_role("dialog")
    expect(history).to_contain_text("changed “Serial number”, “Under warranty”")
    expect(history).to_contain_text("raised the case to level 2")


@pytest.mark.usefixtures("fields")
def test_a_field_opens_where_it_is_shown_and_undo_takes_it_back(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Gil <gil@example.org>", "Serial by mouse", "Which one is it?")
    page = sign_in("sam", path="/desk/all")
    open_case(page, "Serial by mouse")
    panel = page.get_by_role("complementary", name="Customer")
    panel.get_by_role("button", name="None").nth(-2).click()

    field = page.get_by_role("dialog").get_by_label("Serial number")
    expect(field).to_be_focused()
    field.fill("SN-1")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("SN-1")
    page.keyboard.press("z")
    expect(panel).not_to_contain_text("SN-1")


def test_letters_typed_before_the_palette_is_here_wait_for_it(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Pia <pia@example.org>", "Faster than the net", "Be quick.")
    page = sign_in("sam", path="/desk/all")
    waiting: list[Route] = []
    page.route("**/assets/Palette-*.js", lambda route: waiting.append(route))
    open_case(page, "Faster than the net")

    page.keyboard.press("Control+k")
    page.keyboard.type("eex")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("very")
    while not waiting:
        page.wait_for_timeout(50)
    waiting[0].continue_()

    expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("every")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Resolved", exact=True)).to_have_count(0)


def test_a_page_that_cannot_be_fetched_says_so(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("sam", path="/desk/all")
    expect(page.get_by_role("heading", name="All open")).to_be_visible()
    page.route("**/assets/Preferences-*.js", lambda route: route.abort())
    page.keyboard.type("gp")

    expect(page.get_by_text("This part could not be loaded.").first).to_be_visible()
    expect(page.get_by_role("heading", name="All open")).to_be_visible()
