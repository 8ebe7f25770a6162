"""Who is in a chat: visitors that the shop vouches for or not, those who leave, and whoever whispers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import jwt
from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy import update

from desk.model.chat import Chat
from desk.model.customer import AddressKind
from desk.store.customers.finding import keep_address
from tests.e2e.conftest import Desk, mail_to, picture
from tests.e2e.shop import SIGNS_WITH, Visit, accept, answer, say, write_first
from tests.people import STAGE

SignIn = Callable[..., Page]
NUMBER_AT_THE_SHOP = "K-1815"


def signed(secret: str) -> str:
    """What the shop's server says of who is signed in."""
    said = {"sub": NUMBER_AT_THE_SHOP, "name": "Cleo Patterson", "exp": int(time.time()) + 3600}
    return jwt.encode(said, secret, algorithm="HS256")


def known_at_the_shop(desk: Desk) -> None:
    """Cleo, of whom we know more than a chat would tell, is a customer of the shop."""
    with desk.household.store.unit_of_work(STAGE) as work:
        external = AddressKind.EXTERNAL
        keep_address(
            work.session, desk.cast.cleo.id, external, NUMBER_AT_THE_SHOP, at=work.now, verified_at=work.now
        )


def begin(page: Page, token: str, words: str) -> FrameLocator:
    """The page says who has signed in, and the visitor writes."""
    page.get_by_role("button", name="Open chat").wait_for()
    page.evaluate("token => Desk.identify(token)", token)
    return write_first(page, words)


def test_a_signed_visitor_is_who_they_are_and_a_forged_one_a_stranger(
    desk: Desk, ben: Page, visit: Visit
) -> None:
    known_at_the_shop(desk)
    panel = ben.get_by_role("complementary", name="Customer")

    begin(visit(), signed("a secret that somebody has made up for themselves"), "Forged hello")
    accept(ben, "Forged hello")
    expect(ben.get_by_text("is on the page.", exact=False)).to_be_visible()
    expect(panel.get_by_text("Chat visitor", exact=True)).to_be_visible()
    expect(panel).not_to_contain_text(NUMBER_AT_THE_SHOP)
    expect(panel).not_to_contain_text("cleo@")
    expect(panel).not_to_contain_text("Verified")
    picture(ben, "chat-stranger")

    begin(visit(), signed(SIGNS_WITH), "Signed hello")
    accept(ben, "Signed hello")
    expect(ben.get_by_text("signed in there")).to_be_visible()
    expect(panel).to_contain_text(NUMBER_AT_THE_SHOP)
    expect(panel).to_contain_text("cleo@")
    expect(ben.get_by_role("log")).not_to_contain_text("Forged hello")
    picture(ben, "chat-signed")


def test_a_chat_goes_on_by_mail_after_the_visitor_left(desk: Desk, ben: Page, visit: Visit) -> None:
    page = visit()
    frame = write_first(page, "Do you deliver to Whitby?")
    frame.get_by_label("Where may we write to you if you leave?").fill("whitby@example.org")
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_text("what you miss goes to whitby@example.org")).to_be_visible()
    accept(ben, "Do you deliver to Whitby?")
    page.close()
    answer(ben, "We do, on Tuesdays.")
    expect(ben.get_by_role("log")).to_contain_text("We do, on Tuesdays.")
    _ten_minutes_later(desk, "whitby@example.org")

    mail = mail_to(desk, "whitby@example.org", "We do, on Tuesdays.")
    assert "Do you deliver" not in str(mail), "whose address it is nobody knows: not a word of the visitor's"
    asked = str(mail["Message-ID"])
    subject = f"Re: {mail['Subject']}"
    desk.receive("whitby@example.org", subject, "Tuesday is fine.", In_Reply_To=asked, References=asked)

    expect(ben.get_by_role("log")).to_contain_text("Tuesday is fine.")
    expect(ben.get_by_role("log")).to_contain_text("Do you deliver to Whitby?")
    expect(ben.get_by_text("what is unread goes to whitby@example.org")).to_be_visible()
    picture(ben, "chat-by-mail")


def _ten_minutes_later(desk: Desk, email: str) -> None:
    with desk.household.store.unit_of_work(STAGE) as work:
        earlier = {"visitor_seen_at": Chat.visitor_seen_at - timedelta(minutes=10)}
        work.session.execute(update(Chat).where(Chat.email == email).values(earlier))


def test_a_whisper_reaches_the_agent_wherever_they_look(sign_in: SignIn, ben: Page, visit: Visit) -> None:
    frame = write_first(visit(), "I want my money back!")
    accept(ben, "I want my money back!")
    ben.goto("/desk/preferences")
    expect(ben.get_by_role("heading", name="Preferences")).to_be_visible()

    sam = sign_in("sam", path="/desk/all")
    sam.get_by_role("link", name="I want my money back!").first.click()
    sam.get_by_role("button", name="Note", exact=True).click()
    sam.get_by_label("Whisper to Ben Franklin").check()
    sam.get_by_label("Private note").fill("Offer half of it.")
    sam.keyboard.press("Control+Enter")
    expect(sam.get_by_label("Private note")).to_be_empty()  # the next words are private, too

    toast = ben.get_by_text("whispers: Offer half of it.")
    expect(toast).to_be_visible()
    picture(ben, "whisper")
    ben.get_by_role("link", name="Open", exact=True).click()
    expect(ben.get_by_role("log")).to_contain_text("Offer half of it.")
    say(frame, "Well?")
    expect(ben.get_by_role("log")).to_contain_text("Well?")
    expect(frame.get_by_role("log")).not_to_contain_text("half")

    sam.get_by_role("button", name="Take over").click()
    expect(sam.get_by_role("button", name="End chat")).to_be_visible()
    expect(ben.get_by_role("button", name="End chat")).to_have_count(0)
