"""The lists of upkeep: what waits is in them with its number, and leaves them when it is mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from desk.actions.knowledge.articles import publish_article, save_article
from desk.actions.knowledge.help_reading import vote
from desk.actions.knowledge.help_searches import keep_opened, keep_search
from desk.model.article import Article
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn
from tests.people import STAGE, Cast
from tests.security.browser import Browser


def lists(browser: Browser) -> dict[str, Any]:
    answer = browser.api("GET", "/upkeep")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return [row["title"] for row in rows]


def test_nothing_waits_in_a_fresh_help_centre(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    found = lists(as_agent(cast.sam))
    assert found.pop("searches") == {"all": 0, "in_vain": 0, "unopened": 0}
    assert found.pop("days") == 90
    assert not any(found.values())
    assert as_agent(cast.otto).api("GET", "/upkeep").status_code == 403


def test_flags_and_reviews_wait_until_somebody_has_looked(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    ada = as_agent(cast.ada)
    ada.api("POST", f"/articles/{shelf.where.id}/flags", {"note": "Not true since May."})
    ada.api("PUT", f"/articles/{shelf.draft.id}/review")
    found = lists(ada)
    (flag,), (review,) = found["flagged"], found["review"]
    assert (flag["title"], flag["note"], flag["by"]) == (
        "Where is my order?", "Not true since May.", "Ada Lovelace"
    )  # fmt: skip
    assert (review["title"], review["by"]) == ("Secret recall plan", "Ada Lovelace")
    ada.api("PUT", f"/flags/{flag['flag_id']}/settlement")
    ada.api("DELETE", f"/articles/{shelf.draft.id}/review")
    assert lists(ada)["flagged"] == lists(ada)["review"] == []


def test_an_article_is_due_by_its_day_or_by_its_age_until_somebody_confirms_it(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Article, shelf.where.id).review_on = work.now.date()
        work.session.get_one(Article, shelf.steam.id).published_at = work.now - timedelta(days=366)
        fresh = work.session.get_one(Article, shelf.descale.id)
        fresh.published_at = work.now - timedelta(days=400)
        fresh.review_on = work.now.date() + timedelta(days=9)
    sam = as_agent(cast.sam)
    assert titles(lists(sam)["stale"]) == ["Where is my order?", "No steam comes out"]
    for article in (shelf.where, shelf.steam):
        sam.api("PUT", f"/articles/{article.id}/confirmation", {"again_on": "2035-01-01"})
    assert lists(sam)["stale"] == []


def test_an_article_is_unhelpful_by_the_votes_on_what_is_shown_now(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        for reader in range(5):
            vote(work, shelf.steam.slug, f"reader {reader}", helpful=reader < 3)
            vote(work, shelf.where.slug, f"reader {reader}", helpful=reader < 4)
        for reader in range(4):
            vote(work, shelf.descale.slug, f"reader {reader}", helpful=False)
    sam = as_agent(cast.sam)
    (row,) = lists(sam)["unhelpful"]
    assert (row["title"], row["helpful"], row["votes"]) == ("No steam comes out", 3, 5)
    with store.unit_of_work(STAGE) as work:
        article = work.session.get_one(Article, shelf.steam.id)
        save_article(work, article.id, {"body": "Much better."}, version=article.version)
        publish_article(work, article.id, version=article.version)
    assert lists(sam)["unhelpful"] == []


def test_what_nobody_opened_judged_or_used_is_never_found(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        for article in (shelf.where, shelf.steam, shelf.descale):
            work.session.get_one(Article, article.id).published_at = work.now - timedelta(days=91)
        keep_opened(work, shelf.where.slug, words="order")
        vote(work, shelf.steam.slug, "a reader", helpful=True)
    assert titles(lists(as_agent(cast.sam))["unfound"]) == ["How to descale the machine"]


def test_searches_are_counted_by_words_and_leave_when_they_are_answered(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        for words, count in (
            ("Frother", 0),
            ("frother", 0),
            ("grinder", 0),
            ("steam", 2),
            ("steam", 2),
            ("tank", 3),
        ):
            keep_search(work, words, count)
        token = keep_search(work, "order", 1)
        work.session.flush()
        keep_opened(work, shelf.where.slug, token=token)
    found = lists(as_agent(cast.sam))
    assert found["searches"] == {"all": 7, "in_vain": 3, "unopened": 3}
    assert [(row["words"], row["times"]) for row in found["in_vain"]] == [("frother", 2), ("grinder", 1)]
    assert [(row["words"], row["times"], row["found"]) for row in found["unopened"]] == [("steam", 2, 2)]
    with store.unit_of_work(STAGE) as work:
        keep_search(work, "frother", 1)
    assert [row["words"] for row in lists(as_agent(cast.sam))["in_vain"]] == ["grinder"]
