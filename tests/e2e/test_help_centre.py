"""The help centre in a browser: read, voted on, written to, signed in to; and written by agents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from desk.actions.knowledge.articles import new_article, publish_article
from desk.actions.knowledge.collections import new_collection
from desk.model.inbound import ChannelKind
from tests.e2e.barriers import barriers, barriers_in_both
from tests.e2e.conftest import Desk, mail_to, open_case, picture
from tests.people import STAGE, a_channel

SignIn = Callable[..., Page]

DESCALE = """Descaling keeps the water hot and the coffee sweet.

## What you need
- citric acid, or our **descaler**
- 20 minutes

## How often
| Water | Every |
|---|---|
| soft | 6 months |
| hard | 2 months |

## Step by step
1. Empty the drip tray.
2. Fill the tank and press both buttons.

## If the light stays on
Write to us: see [the form](/help/contact).
"""


@pytest.fixture(scope="package")
def shelf(desk: Desk) -> Desk:
    """Collections with articles, and a form that is open."""
    with desk.household.store.unit_of_work(STAGE) as work:
        delivery = new_collection(work, title="Delivery", description="Tracking, address, missing parcels")
        machines = new_collection(work, title="Machines", description="Fault finding and care")
        for collection, title, body in (
            (delivery, "Where is my order?", "Look at the tracking page first. It is updated every hour."),
            (delivery, "Parcel marked delivered, not received", "Ask the neighbours, then tell us."),
            (machines, "How to descale the machine", DESCALE),
        ):
            article = new_article(work, collection_id=collection.id, title=title, body=body)
            publish_article(work, article.id, version=article.version)
        a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=work.session.merge(desk.cast.support))
    return desk


@dataclass
class Visitors:
    """Browsers of customers; whatever goes wrong on their consoles is kept."""

    browser: Browser
    url: str
    opened: list[BrowserContext]
    errors: list[str]

    def page(self, path: str, *, dark: bool = False, scripts: bool = True, language: str = "en-GB") -> Page:
        context = self.browser.new_context(
            base_url=self.url,
            locale=language,
            viewport={"width": 1280, "height": 860},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self.opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.goto(path)
        return page


@pytest.fixture
def visitors(browser: Browser, shelf: Desk) -> Iterator[Visitors]:
    made = Visitors(browser, shelf.url, [], [])
    yield made
    for context in made.opened:
        context.close()
    assert not [error for error in made.errors if "status of 404" not in error], made.errors


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("help", "/help"),
        ("help-collection", "/help/collections/delivery"),
        ("help-article", "/help/articles/how-to-descale-the-machine"),
        ("help-search", "/help/search?q=order"),
        ("help-nothing", "/help/search?q=zzzz"),
        ("help-contact", "/help/contact"),
        ("help-cases", "/help/cases"),
        ("help-missing", "/help/articles/none"),
    ],
)
def test_a_page_has_no_barrier(visitors: Visitors, name: str, path: str) -> None:
    page = visitors.page(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert barriers_in_both(page, name) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_speaks_arabic_from_right_to_left(visitors: Visitors) -> None:
    for path in ("/help", "/help/contact", "/help/articles/how-to-descale-the-machine"):
        page = visitors.page(path, language="ar")
        expect(page.get_by_role("link", name="راسلنا").first).to_be_visible()
        picture(page, f"help-rtl-{path.split('/')[2] if path != '/help' else 'home'}")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_article_is_found_while_typing_and_voted_on(visitors: Visitors) -> None:
    page = visitors.page("/help")
    field = page.get_by_role("combobox", name="Search for an answer")
    field.press_sequentially("desca")
    option = page.get_by_role("option", name=re.compile("How to descale the machine"))
    expect(option).to_be_visible()
    picture(page, "help-suggestions")
    assert barriers(page) == []
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    page.wait_for_url("**/help/articles/how-to-descale-the-machine")
    expect(page.get_by_role("cell", name="2 months")).to_be_visible()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="How often").click()
    page.get_by_role("button", name="No").click()
    page.get_by_label("What was missing?").fill("Which buttons?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you, we have your comment.")).to_be_visible()


def test_everything_works_without_scripts(visitors: Visitors, shelf: Desk) -> None:
    page = visitors.page("/help", scripts=False)
    page.get_by_label("Search for an answer").fill("parcel recieved")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Parcel marked delivered, not received").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Thank you. Good to know.")).to_be_visible()
    page.get_by_role("link", name="Write to us").first.click()
    page.get_by_label("Your email address").fill("noscript@example.org")
    page.get_by_label("Your message").fill("I use no scripts.")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()


def test_on_a_phone_nothing_is_cut_off(visitors: Visitors) -> None:
    page = visitors.page("/help/articles/how-to-descale-the-machine")
    page.set_viewport_size({"width": 340, "height": 700})
    for path in ("/help", "/help/contact", "/help/articles/how-to-descale-the-machine"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    picture(page, "help-phone")


def test_a_customer_writes_is_answered_and_answers_on_their_own_page(
    visitors: Visitors, shelf: Desk, sign_in: SignIn
) -> None:
    page = visitors.page("/help/contact")
    page.get_by_label("Your name").fill("Ines Moreau")
    page.get_by_label("Your email address").fill("ines@example.org")
    page.get_by_label("What is it about?").fill("Where is my order")
    suggestions = page.get_by_role("region", name="Perhaps this helps at once")
    expect(suggestions.get_by_role("link", name="Where is my order?")).to_be_visible()
    page.get_by_label("Your message").fill("It should be here. Number 4711.")
    page.get_by_label("Files").set_input_files(
        {"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"paid"}
    )
    picture(page, "help-contact-suggestions")
    assert barriers(page) == []
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()

    desk = sign_in("ada", path="/desk/unassigned")
    open_case(desk, "Where is my order")
    expect(desk.get_by_role("log")).to_contain_text("Number 4711.")
    desk.keyboard.press("n")
    desk.keyboard.type("Private: the courier lost it.")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("log")).to_contain_text("the courier lost it")
    desk.keyboard.press("Escape")
    desk.keyboard.press("r")
    desk.keyboard.type("It arrives on Friday. Ada")
    desk.keyboard.press("Control+Enter")
    mail_to(shelf, "ines@example.org", "It arrives on Friday.")

    page.get_by_role("link", name="My cases").click()
    page.get_by_label("Email address").fill("Ines@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    mail = mail_to(shelf, "ines@example.org", "/help/cases/link/")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(rf"{re.escape(shelf.url)}(/help/cases/link/\S+)", text)
    assert found, text
    page.goto(found[1])
    picture(page, "help-confirm")
    page.get_by_role("button", name="Open my cases").click()
    expect(page.get_by_text("Signed in as ines@example.org")).to_be_visible()
    picture(page, "help-my-cases")
    assert barriers(page) == []
    page.get_by_role("link", name="Where is my order", exact=True).click()
    expect(page.get_by_text("It arrives on Friday. Ada", exact=True)).to_be_visible()
    expect(page.get_by_text("courier lost it")).to_have_count(0)
    page.get_by_label("Your answer").fill("Friday is fine.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_have_text("Your answer has arrived.")
    picture(page, "help-my-case")
    assert barriers(page) == []
    expect(desk.get_by_role("log")).to_contain_text("Friday is fine.")

    page.goto("/help/cases")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Send me the link")).to_be_visible()


def test_an_article_is_written_published_and_read(visitors: Visitors, shelf: Desk, sign_in: SignIn) -> None:
    page = sign_in("sam", path="/desk/mine")
    page.keyboard.type("gk")
    expect(page.get_by_role("heading", name="Help centre", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Parcel marked delivered, not received")).to_be_visible()
    picture(page, "articles")
    assert barriers(page) == []
    page.get_by_role("button", name="New article: Delivery").click()
    page.get_by_label("Title", exact=True).fill("Can I change my address?")
    page.get_by_label("Text, in Markdown").fill("## Until noon\n\nYes, **until noon**.")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="Until noon")).to_be_visible()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    picture(page, "article-editor")
    assert barriers(page) == []
    address = page.url
    reader = visitors.page("/help/articles/can-i-change-my-address")
    expect(reader.get_by_role("heading", name="Nothing here")).to_be_visible()

    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. Customers can read it.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_role("heading", name="Can I change my address?")).to_be_visible()

    page.get_by_label("Text, in Markdown").fill("Not any more.")
    expect(page.get_by_text("Changes not published")).to_be_visible()
    page.goto(address)
    expect(page.get_by_label("Text, in Markdown")).to_have_value("Not any more.")
    page.get_by_role("button", name="History").click()
    history = page.get_by_role("dialog", name="History")
    expect(history.get_by_text("what customers read")).to_be_visible()
    picture(page, "article-history")
    assert barriers(page) == []
    history.get_by_role("button", name="Write it again like this: Revision 1").click()
    expect(page.get_by_label("Text, in Markdown")).to_have_value("## Until noon\n\nYes, **until noon**.")


def test_two_who_write_at_once_are_told(shelf: Desk, sign_in: SignIn) -> None:
    with shelf.household.store.unit_of_work(STAGE) as work:
        collection = new_collection(work, title="Together")
        article = new_article(work, collection_id=collection.id, title="Two pens", body="Beginning.")
    sam, ada = (sign_in(name, path=f"/desk/articles/{article.id}") for name in ("sam", "ada"))
    expect(ada.get_by_label("Text, in Markdown")).to_have_value("Beginning.")
    sam.get_by_label("Text, in Markdown").fill("Sam's words.")
    expect(sam.get_by_text("Saved", exact=True)).to_be_visible()
    ada.get_by_label("Text, in Markdown").fill("Ada's words.")
    expect(ada.get_by_role("alert")).to_contain_text("Somebody else changed this article")
    picture(ada, "article-clash")
    ada.get_by_role("button", name="Keep mine").click()
    expect(ada.get_by_text("Saved", exact=True)).to_be_visible()
    ada.get_by_role("button", name="History").click()
    expect(ada.get_by_role("dialog", name="History")).to_contain_text("Sam's words.")


def test_the_editor_has_no_barrier_in_the_dark(shelf: Desk, sign_in: SignIn) -> None:
    page = sign_in("ida", dark=True, path="/desk/articles")
    page.get_by_role("link", name="How to descale the machine").click()
    expect(page.get_by_role("region", name="Preview").get_by_role("cell", name="hard")).to_be_visible()
    picture(page, "article-editor-dark")
    assert barriers(page) == []
