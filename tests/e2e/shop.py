"""A shop whose pages carry the widget, its visitors, and the agent who has their chats."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from sqlalchemy import select

from desk.actions.routing.assignments import assign
from desk.model.agent import Agent, Capacity
from desk.model.case import ACTIVE, Case
from desk.model.inbound import ChannelKind
from desk.store.vault import Vault
from tests.people import STAGE, a_channel

if TYPE_CHECKING:
    from tests.e2e.conftest import Desk

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
SITE = "site-in-the-browser"
SIGNS_WITH = "a secret that the shop's server shares with us"
SHOP_PAGE = """<!doctype html>
  <html lang="en"><head><title>The shop</title></head>
  <body><main><h1>The shop</h1><p><a href="/tea">Tea</a></p></main>
  <script src="{desk}/static/widget/loader.js" data-site="{site}" async></script></body></html>"""


@pytest.fixture(scope="package")
def shop(desk: Desk) -> Iterator[str]:
    """A site of its own, whose pages carry the loader; its origin."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(SHOP_PAGE.format(desk=desk.url, site=SITE).encode())

        def log_message(self, *_: object) -> None:
            """Nothing is told of what is fetched."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # By name, so that it is another site than the desk, whose address is a number.
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="package")
def chat_id(desk: Desk, shop: str) -> int:
    """A widget for the pages of the shop, whose chats go to Billing, where no mail comes in."""
    household = desk.household
    with household.store.unit_of_work(STAGE) as work:
        channel = a_channel(work, SITE, kind=ChannelKind.CHAT, queue=desk.cast.billing)
        look = {"title": "The shop", "colour": "#7a4e2d", "help": False, "pre_chat": {"name": "required"}}
        channel.config = {"chat": {"sites": [shop], **look}}
        channel.secrets = Vault(household.settings.secret_key).seal_values({"identity_secret": SIGNS_WITH})
        work.session.add(Capacity(agent_id=desk.cast.ben.id, channel="chat", limit=50))
        return channel.id


@pytest.fixture
def ben(desk: Desk, sign_in: SignIn, chat_id: int) -> Iterator[Page]:
    """Ben at work, nothing waits; afterwards he takes no more."""
    give_what_waits_to_sam(desk)
    page = sign_in("ben", path="/desk/mine")
    be_present(page, "available")
    yield page
    be_present(page, "away")


def give_what_waits_to_sam(desk: Desk, *, and_of: Agent | None = None) -> None:
    """Nobody is offered what an earlier test left behind; nor has this agent any of it at hand."""
    with desk.household.store.unit_of_work(STAGE) as work:
        given = Case.assignee_id.is_(None) | (Case.assignee_id == (and_of.id if and_of else None))
        waiting = select(Case).where(given, Case.status.in_(ACTIVE))
        for case in work.session.scalars(waiting.with_for_update()):
            assign(work, case, desk.cast.sam.id)


def be_present(page: Page, state: str) -> None:
    """The agent of the page is available, or away."""
    csrf = page.evaluate("JSON.parse(document.getElementById('boot').textContent).csrf")
    headers = {"X-CSRF-Token": csrf, "Origin": page.url.split("/desk")[0]}
    # A line of before the server was killed is cut at its first use.
    answer = page.request.put("/api/v1/me/presence", data={"state": state}, headers=headers, max_retries=3)
    assert answer.ok, answer.text()


@pytest.fixture
def visit(browser: Browser, shop: str, chat_id: int) -> Iterator[Visit]:
    """Opens the shop's page, which carries the loader, in a browser of its own."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def on_the_page(heard: list[str] | None = None) -> Page:
        context = browser.new_context(locale="en-GB", reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda asked: heard.append(asked.url) if heard is not None else None)
        page.goto(shop)
        return page

    yield on_the_page
    for context in contexts:
        context.close()
    assert not errors, errors


def write_first(page: Page, text: str) -> FrameLocator:
    """The visitor opens the widget, says who they are, and begins; the frame."""
    page.get_by_role("button", name="Open chat").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Send us a message").click()
    frame.get_by_label("Name").fill("Cleo Patterson")
    frame.locator("form.pre button").click()
    say(frame, text)
    return frame


def say(frame: FrameLocator, text: str) -> None:
    frame.get_by_label("Your message").fill(text)
    frame.get_by_label("Your message").press("Enter")


def accept(ben: Page, text: str) -> None:
    """Ben takes the chat he is offered, and sees it."""
    offer = ben.get_by_role("alertdialog")
    expect(offer).to_contain_text(text)
    while offer.filter(has_text=text).count():
        ben.wait_for_timeout(600)  # a click is not heard in the first half second, however late it is drawn
        offer.get_by_role("button", name="Accept ↵").click()
        ben.wait_for_timeout(100)
    expect(ben.get_by_role("log")).to_contain_text(text)


def answer(ben: Page, text: str) -> None:
    ben.get_by_label("Reply to").first.fill(text)
    ben.keyboard.press("Control+Enter")
