"""Articles beside a case in a browser: suggested, inserted by key, flagged, and made of what was answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from desk.actions.knowledge.articles import new_article, publish_article
from desk.actions.knowledge.collections import new_collection
from tests.e2e.barriers import barriers, barriers_in_both
from tests.e2e.conftest import Desk, open_case, picture
from tests.people import STAGE

SignIn = Callable[..., Page]
RING = "Turn the ring of the grinder to the **left** until it clicks.\n\n- Wait a minute.\n- Grind two beans."


@pytest.fixture(scope="package")
def ring(desk: Desk) -> Desk:
    with desk.household.store.unit_of_work(STAGE) as work:
        collection = new_collection(work, title="Grinders")
        for title, body in (("The grinder is stuck", RING), ("Beans for the grinder", "Dry ones.")):
            article = new_article(work, collection_id=collection.id, title=title, body=body)
            publish_article(work, article.id, version=article.version)
    return desk


def test_an_article_goes_into_the_answer_by_key(ring: Desk, sign_in: SignIn) -> None:
    subject = "My grinder is stuck"
    ring.receive("cleo@example.org", subject, "The ring of the grinder does not turn.")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, subject)
    panel = page.get_by_role("complementary", name="Customer")
    expect(panel.get_by_role("link", name="The grinder is stuck")).to_be_visible()
    assert barriers_in_both(page, "case-articles") == []

    page.keyboard.press("Shift+a")
    box = page.get_by_role("dialog", name="Insert an article")
    expect(box.get_by_role("option", name="The grinder is stuck").first).to_be_visible()
    assert barriers_in_both(page, "insert-article") == []
    page.keyboard.type("grinder stuk")
    expect(box.get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Reply to Cleo Patterson")
    expect(field).to_have_value(
        "Turn the ring of the grinder to the left until it clicks.\n\n- Wait a minute.\n- Grind two beans."
    )
    expect(panel.get_by_text("sent as text")).to_be_visible()


def test_what_is_wrong_is_said_beside_the_case_and_settled_on_the_article(
    ring: Desk, sign_in: SignIn
) -> None:
    ring.receive("cleo@example.org", "Beans for my grinder", "Which beans does the grinder take?")
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, "Beans for my grinder")
    page.get_by_role("button", name="Say what is wrong with Beans for the grinder").click()
    dialog = page.get_by_role("dialog", name="Say what is wrong")
    expect(dialog.get_by_label("What is wrong?")).to_be_focused()
    page.keyboard.type("Oily ones work too.")
    picture(page, "flag-article")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Send to upkeep").click()
    expect(page.get_by_text("Noted. It waits in upkeep")).to_be_visible()

    sam = sign_in("sam", path="/desk/articles")
    sam.get_by_role("link", name="Beans for the grinder").click()
    expect(sam.get_by_text("Oily ones work too.")).to_be_visible()
    picture(sam, "article-flagged")
    assert barriers(sam) == []
    sam.get_by_role("button", name="Settled: Oily ones work too.").click()
    expect(sam.get_by_text("Oily ones work too.")).to_have_count(0)


def test_an_article_is_made_of_a_case(ring: Desk, sign_in: SignIn) -> None:
    subject = "How do I clean the hopper?"
    ring.receive(
        "cleo@example.org", subject, "Hello,\nhow do I clean the hopper? Order 482910.\nCleo Patterson"
    )
    page = sign_in("ada", path="/desk/unassigned")
    open_case(page, subject)
    page.keyboard.press("r")
    page.keyboard.type("Take it off, rinse it with warm water, and let it dry for a day. Ada")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text("rinse it with warm water")
    expect(page.get_by_role("log").get_by_text("Sending in")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+d")
    page.get_by_role("option", name="Grinders").click()
    body = page.get_by_label("Text, in Markdown")
    expect(body).to_have_value(
        "## The question\n\nhow do I clean the hopper? Order [number].  \n[name]\n\n"
        "## The answer\n\nTake it off, rinse it with warm water, and let it dry for a day. [name]\n"
    )
    expect(page.get_by_text("made of this case")).to_be_visible()
    picture(page, "article-from-case")
    assert barriers(page) == []


def test_upkeep_leads_from_what_is_missing_to_its_fix(ring: Desk, sign_in: SignIn) -> None:
    words = "milk jug"
    reader = sign_in("ada", path=f"/help/search?q={words.replace(' ', '+')}")
    expect(reader.get_by_role("heading", level=1)).to_contain_text("No answer")
    page = sign_in("sam", path="/desk/articles")
    page.get_by_role("link", name="Upkeep").click()
    expect(page.get_by_role("heading", name="Upkeep", level=1)).to_be_visible()
    vain = page.get_by_role("region", name="Searched in vain")
    expect(vain.get_by_role("link", name=words)).to_be_visible()
    vain.get_by_role("button", name=f"Same as… {words}").click()
    page.keyboard.press("End")
    page.keyboard.type("\ngrinder")
    assert barriers_in_both(page, "synonyms") == []
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Synonyms")).to_contain_text(f"{words} =")
    assert barriers_in_both(page, "upkeep") == []
    reader.reload()
    expect(reader.get_by_role("heading", level=1)).not_to_contain_text("No answer")
    vain.get_by_role("button", name=f"Write an article: {words}").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value(words.capitalize())


def test_an_article_is_made_internal_moved_and_compared(ring: Desk, sign_in: SignIn) -> None:
    with ring.household.store.unit_of_work(STAGE) as work:
        collection = new_collection(work, title="Moving")
        article = new_article(work, collection_id=collection.id, title="Jugs we sell", body="Steel, 0.3 l.")
        publish_article(work, article.id, version=article.version)
    page = sign_in("sam", path=f"/desk/articles/{article.id}")
    page.get_by_role("button", name="Properties").click()
    dialog = page.get_by_role("dialog", name="Properties")
    dialog.get_by_label("Address").fill("jugs")
    dialog.get_by_label("Owner").select_option("Ada Lovelace")
    dialog.get_by_label("Look at it again on").fill("2031-05-01")
    picture(page, "article-properties")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.goto("/help/articles/jugs-we-sell")
    page.wait_for_url("**/help/articles/jugs")
    page.goto(f"/desk/articles/{article.id}")
    page.get_by_role("button", name="Properties").click()
    dialog.get_by_text("Internal", exact=True).click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="View")).to_have_count(0)

    page.get_by_label("Text, in Markdown").fill("Steel, 0.6 l.")
    expect(page.get_by_text("Changes not published")).to_be_visible()
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Compare: Revision 1").click()
    history = page.get_by_role("dialog", name="History")
    expect(history.locator("del")).to_have_text("3")
    expect(history.locator("ins")).to_have_text("6")
    picture(page, "article-compared")
    assert barriers(page) == []
