"""Texts as an agent and a customer see them: what they cost, that they arrive, and that STOP is obeyed."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from desk.actions.setup.channels import add_channel
from desk.channels.sms.webhooks import messages_url
from desk.demo.twilio_account import Text
from desk.demo.twilio_standin import TwilioStandin
from desk.model.rule import Policy
from desk.store.policies import set_policies
from desk.store.texts.sent import keep_text
from desk.store.vault import Vault
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, open_case, picture
from tests.people import STAGE

SignIn = Callable[..., Page]
CLEO, DAN = "+447700900123", "+447700900124"
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""One dot."""


@pytest.fixture(scope="module")
def twilio(desk: Desk) -> Iterator[TwilioStandin]:
    """The desk's number at the stand-in; what leaves is on the demo's phone page."""
    settings = desk.household.settings
    with desk.household.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work:
        set_policies(work.session, {"demo_traffic": False})
        account = {
            "account_sid": desk.twilio.account_sid,
            "auth_token": desk.twilio.auth_token,
            "countries": ["GB"],
            "mms_countries": ["GB"],
        }
        wanted = {"kind": "sms", "name": "Texts", "address": desk.twilio.number, "sms": account}
        channel = add_channel(work, wanted, Vault(settings.secret_key))
        desk.twilio.messages_url = messages_url(settings.public_url, channel.id)
    desk.twilio.on_sent = lambda text: keep_text(
        settings.home, text.to, text.body, from_shop=True, files=[one.content for one in text.media]
    )
    yield desk.twilio
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.execute(delete(Policy).where(Policy.key == "demo_traffic"))


def write(twilio: TwilioStandin, sender: str, body: str) -> None:
    """Somebody texts the desk's number."""
    _, answer = twilio.write(sender, body)
    assert answer == 200


def reply_to(page: Page, text: str) -> None:
    page.get_by_label("Reply to").first.fill(text)


def left(twilio: TwilioStandin, words: str) -> Text:
    """The text with these words that left; sending waits until it cannot be undone."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for text in twilio.sent():
            if words in text.body:
                return text
        time.sleep(0.2)
    raise AssertionError(f"no text with “{words}” left")


def test_a_text_comes_in_and_its_answer_says_what_it_costs(
    desk: Desk, sign_in: SignIn, twilio: TwilioStandin
) -> None:
    write(twilio, CLEO, "Where is my teapot?")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Where is my teapot?")
    composer = page.locator(".composer")
    expect(composer.get_by_text("1 segment · 0 of 160")).to_be_visible()

    reply_to(page, "It is on its way to you, Cleo.")
    expect(composer.get_by_text("1 segment · 30 of 160")).to_be_visible()
    assert page.get_by_label("Reply to").first.evaluate(
        "field => document.getElementById(field.getAttribute('aria-describedby')).textContent"
    ) == ("1 segment · 30 of 160")
    reply_to(page, "E pe drum, mulțumesc! " * 7)
    expect(composer.get_by_text("It costs as much as 3 texts.")).to_be_visible()
    expect(composer.get_by_text("makes it 67 a segment.")).to_be_visible()
    expect(composer.get_by_text("3 segments · 153 of 201")).to_be_visible()
    picture(page, "text-dear")
    assert barriers(page) == []
    reply_to(page, "It’s here. " * 12)
    composer.get_by_role("button", name="Use plain signs: 1 segment").click()
    expect(composer.get_by_text("1 segment · 131 of 160")).to_be_visible()
    reply_to(page, "long " * 400)
    expect(composer.get_by_text("1,999 of 1,600 characters")).to_be_visible()
    expect(composer.get_by_role("button", name="Send", exact=True)).to_have_attribute("aria-disabled", "true")

    reply_to(page, "It is on its way to you, Cleo.")
    attached = page.locator(".composer input[type=file]")
    attached.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    expect(composer.get_by_text("“logo.svg” cannot go by text")).to_be_visible()
    expect(composer.get_by_role("button", name="Send", exact=True)).to_have_attribute("aria-disabled", "true")
    composer.get_by_role("button", name="Remove logo.svg").click()
    expect(composer.get_by_text("1 segment · 30 of 160")).to_be_visible()
    attached.set_input_files({"name": "teapot.png", "mimeType": "image/png", "buffer": PNG})
    expect(composer.get_by_text("Goes as an MMS with 1 file; counts as 3 segments")).to_be_visible()
    picture(page, "text-with-a-picture")
    assert barriers(page) == []
    page.get_by_label("Reply to").first.press("Control+Enter")
    assert left(twilio, "on its way").to == CLEO
    expect(page.get_by_role("log").get_by_text("Delivered")).to_be_visible()
    page.goto(f"/demo/phone?number=%2B{CLEO[1:]}")
    expect(page.get_by_role("region", name=CLEO)).to_contain_text("It is on its way to you, Cleo.")
    shown = page.get_by_role("img", name="File 1 of the text")
    assert shown.evaluate("image => image.naturalWidth") == 1
    picture(page, "phone")


def test_stop_is_obeyed_until_start(desk: Desk, sign_in: SignIn, twilio: TwilioStandin) -> None:
    write(twilio, DAN, "Do you sell cups?")
    page = sign_in("ada", path="/desk/all")
    open_case(page, "Do you sell cups?")
    reply_to(page, "We do.")
    write(twilio, DAN, "STOP")
    send = page.locator(".composer").get_by_role("button", name="Send", exact=True)
    expect(page.locator(".composer")).to_contain_text("asked for no more texts (STOP)")
    expect(send).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Enter")
    picture(page, "text-stopped")

    write(twilio, DAN, "START")
    expect(send).not_to_have_attribute("aria-disabled", "true")
    reply_to(page, "We do, in blue.")
    page.keyboard.press("Control+Enter")
    left(twilio, "in blue")
    assert [text.body for text in twilio.sent() if "We do" in text.body] == ["We do, in blue."]
