"""Send later: an answer waits for its time, is held back when the customer writes first, and leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import update

from desk.actions.messages.reply import Reply
from desk.actions.messages.scheduled import schedule_reply
from desk.model.scheduled_reply import ScheduledReply
from tests.e2e.barriers import barriers, barriers_in_both
from tests.e2e.conftest import Desk, mail_to, open_case
from tests.people import STAGE

SignIn = Callable[..., Page]


def write_later(page: Page, text: str, entry: str) -> None:
    page.keyboard.press("r")
    page.keyboard.type(text)
    page.get_by_role("button", name="More ways to send").click()
    page.get_by_role("menuitem", name=entry).click()


def test_an_answer_waits_is_changed_and_comes_back_into_the_composer(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Lena <lena@example.org>", "A slow question", "No hurry.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "A slow question")
    write_later(page, "It leaves on Monday.", "Send tomorrow morning")

    waits = page.get_by_role("article", name="Scheduled reply of Ada")
    expect(waits).to_contain_text("It leaves on Monday.")
    expect(waits).to_contain_text("09:00")
    expect(page.get_by_label("Reply to Lena")).to_have_value("")
    assert barriers_in_both(page, "scheduled") == []
    waits.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name="Change the scheduled reply")
    assert barriers(page) == []
    dialog.get_by_label("Reply").fill("It leaves on Tuesday.")
    dialog.get_by_role("button", name="Next Monday").click()
    dialog.get_by_role("button", name="Save").click()
    expect(waits).to_contain_text("It leaves on Tuesday.")

    waits.get_by_role("button", name="Cancel").click()
    expect(waits).to_have_count(0)
    expect(page.get_by_label("Reply to Lena")).to_have_value("It leaves on Tuesday.")
    assert not [mail for mail in desk.sink.kept if b"It leaves on" in mail.raw]


def test_by_key_it_asks_when_and_says_what_was_promised(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Omar <omar@example.org>", "A question by key", "Hello?")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "A question by key")
    page.keyboard.press("r")
    page.keyboard.type("On Friday.")
    page.keyboard.press("Control+Shift+L")
    dialog = page.get_by_role("dialog", name="Send later")
    dialog.get_by_label("Leaves at").fill("2020-01-01T09:00")
    expect(dialog.get_by_text("Choose a time that is still to come.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Schedule")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Reply to Omar")).to_have_value("On Friday.")


def test_the_customers_word_holds_it_back_until_its_agent_has_read_it(desk: Desk, sign_in: SignIn) -> None:
    first = desk.receive("Mira <mira@example.org>", "Where does it stay?", "Nothing came.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Where does it stay?")
    write_later(page, "We look on Monday.", "Send on Monday morning")
    expect(page.get_by_role("article", name="Scheduled reply of Ada")).to_be_visible()

    desk.receive(
        "Mira <mira@example.org>",
        "Re: Where does it stay?",
        "It is here, thank you.",
        In_Reply_To=first,
        References=first,
    )
    held = page.get_by_role("article", name="Scheduled reply of Ada")
    expect(held).to_contain_text("Held back, not sent: Mira wrote meanwhile.")
    expect(page.get_by_role("status").filter(has_text="was held back").first).to_be_visible()
    assert barriers_in_both(page, "scheduled-held-back") == []
    held.get_by_role("button", name="Send now").click()
    expect(held).to_have_count(0)
    mail_to(desk, "mira@example.org", "We look on Monday.")


def test_at_its_time_it_leaves(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Pia <pia@example.org>", "At its time", "When?")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "At its time")
    case_id = int(page.url.rstrip("/").rpartition("/")[2])
    with desk.household.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        reply = Reply(text="Right on time.", client_id="on-time")
        schedule_reply(work, case_id, reply, datetime.now(UTC) + timedelta(hours=1))
    expect(page.get_by_role("article", name="Scheduled reply of Ada")).to_contain_text("Right on time.")
    with desk.household.store.unit_of_work(STAGE) as work:
        its_time = update(ScheduledReply).where(ScheduledReply.client_id == "on-time")
        work.session.execute(its_time.values(at=work.now))
    mail_to(desk, "pia@example.org", "Right on time.")
    expect(page.get_by_role("article", name="Scheduled reply of Ada")).to_have_count(0)
    expect(page.get_by_role("log")).to_contain_text("Right on time.")
