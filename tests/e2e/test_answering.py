"""The main job: a mail comes in, an agent answers it in the browser, the answer leaves into the thread."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, mail_to, open_case, picture

SignIn = Callable[..., Page]


def test_a_mail_is_answered_into_its_thread(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada", path="/desk/unassigned")
    asked = desk.receive("Rosa Mori <rosa@example.org>", "Where is my grinder?", "It should be here by now.")
    open_case(page, "Where is my grinder?")
    expect(page.get_by_role("log")).to_contain_text("It should be here by now.")

    page.keyboard.press("r")
    page.keyboard.type("It leaves the house today. Ada")
    picture(page, "answering")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("log")).to_contain_text("It leaves the house today.")
    answer = mail_to(desk, "rosa@example.org", "It leaves the house today.")
    assert answer["In-Reply-To"] == asked
    assert asked in answer["References"]
    expect(page.get_by_role("log")).to_contain_text("Sent")


def test_a_second_mail_of_the_customer_appears_without_a_reload(desk: Desk, sign_in: SignIn) -> None:
    first = desk.receive("Idris <idris@example.org>", "Two payments left my account", "See the statement.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Two payments left my account")

    desk.receive(
        "Idris <idris@example.org>",
        "Re: Two payments left my account",
        "It is three by now.",
        In_Reply_To=first,
        References=first,
    )

    expect(page.get_by_role("log")).to_contain_text("It is three by now.")


def test_an_answer_can_be_taken_back_into_the_draft(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Vera <vera@example.org>", "A hasty question", "Quick, please.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "A hasty question")
    page.keyboard.press("r")
    page.keyboard.type("This was too quick.")
    page.keyboard.press("Control+Enter")

    page.get_by_role("button", name="Undo").first.click()

    expect(page.get_by_label("Reply to Vera")).to_have_value("This was too quick.")
    assert not [m for m in desk.sink.kept if b"too quick" in m.raw]


def test_a_note_that_was_begun_is_there_when_its_case_is_opened_again(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Nia <nia@example.org>", "Half a note", "Who knows about this?")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Half a note")
    page.keyboard.press("n")
    page.keyboard.type("The depot says")
    expect(page.get_by_text("Draft saved")).to_be_visible()

    page.reload()

    expect(page.get_by_label("Private note")).to_have_value("The depot says")
