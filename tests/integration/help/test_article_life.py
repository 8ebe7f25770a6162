"""Who sees an article, where it lies, when it comes and goes, and in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from desk.actions.knowledge.article_life import change_article, publish_scheduled, retire_scheduled
from desk.actions.knowledge.articles import save_article
from desk.jobs.clock import look_after_articles
from desk.model.article import Article
from desk.model.errors import Conflict
from desk.store.knowledge.article_words import known_words
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn, an_article
from tests.people import STAGE, Cast
from tests.security.browser import Browser

NEVER = "2031-01-31T08:00:00Z"


def life(browser: Browser, article: Any, **given: Any) -> Any:
    version = browser.api("GET", f"/articles/{article.id}").json["version"]
    return browser.api("PATCH", f"/articles/{article.id}/life", {"version": version, **given})


def test_an_internal_article_is_nowhere_for_customers_and_its_words_give_no_hint(
    as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser, store: Store
) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    assert life(ada, shelf.descale, audience="internal").status_code == 403
    assert life(sam, shelf.descale, audience="internal").json["audience"] == "internal"
    for path in (f"/help/articles/{shelf.descale.slug}", "/help/search?q=descaling", "/help/search?q=citrik"):
        assert "citric" not in stranger.get(path).text
    with store.reading(STAGE) as work:
        assert "citric" not in known_words(work.session, ["citric"], internal=False)
        assert known_words(work.session, ["citric"], internal=True)["citric"] == 1
    assert life(sam, shelf.descale, audience="public").status_code == 200
    assert "How to descale" in stranger.get("/help/search?q=citric").text


def test_a_former_address_leads_on_and_nobody_else_gets_it(
    as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser
) -> None:
    sam = as_agent(cast.sam)
    assert life(sam, shelf.where, slug="track-an-order").status_code == 200
    assert life(sam, shelf.where, slug="tracking").status_code == 200
    for old in ("where-is-my-order", "track-an-order"):
        answer = stranger.get(f"/help/articles/{old}")
        assert (answer.status_code, answer.headers["Location"]) == (301, "/help/articles/tracking")
    assert life(sam, shelf.steam, slug="track-an-order").status_code == 422
    assert life(sam, shelf.steam, slug="Not a slug!").status_code == 422
    new = sam.api("POST", "/articles", {"collection_id": shelf.delivery.id, "title": "Track an order"}).json
    assert new["slug"] == "track-an-order-2"
    assert life(sam, shelf.where, slug="where-is-my-order").status_code == 200
    assert stranger.get("/help/articles/where-is-my-order").status_code == 200
    assert stranger.get("/help/articles/tracking").status_code == 301


def test_an_archived_article_leads_to_the_one_in_its_place(
    as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser
) -> None:
    sam, path = as_agent(cast.sam), f"/articles/{shelf.steam.id}/archive"
    assert sam.api("PUT", path, {"replaced_by": shelf.draft.id}).status_code == 422
    assert sam.api("PUT", path, {"replaced_by": shelf.descale.id}).status_code == 200
    answer = stranger.get(f"/help/articles/{shelf.steam.slug}")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/help/articles/{shelf.descale.slug}")
    assert sam.api("PUT", f"/articles/{shelf.descale.id}/archive").status_code == 200
    assert stranger.get(f"/help/articles/{shelf.steam.slug}").status_code == 404


def test_at_its_time_the_revision_is_published_that_was_seen_when_it_was_set(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    sam = as_agent(cast.sam)
    assert life(sam, shelf.draft, publish_at="2020-01-01T08:00:00Z").status_code == 422
    assert life(as_agent(cast.ada), shelf.draft, publish_at=NEVER).status_code == 403
    shown = life(sam, shelf.draft, publish_at=NEVER).json
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        save_article(work, shelf.draft.id, {"body": "Sneaked in."}, version=shown["version"])
    with store.unit_of_work(STAGE) as work:
        with pytest.raises(Conflict):
            publish_scheduled(work, shelf.draft.id)
        due = work.now + timedelta(days=9000)
    with store.unit_of_work(STAGE, now=due) as work:
        article = publish_scheduled(work, shelf.draft.id)
        assert (article.shown_body, article.body) == ("Not for anybody yet.", "Sneaked in.")
        assert article.publish_at is None and article.is_published


def test_nothing_is_archived_before_it_is_published(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam = as_agent(cast.sam)
    wrong = life(sam, shelf.draft, publish_at="2126-05-01T08:00:00Z", retire_at="2126-05-01T08:00:00Z")
    assert wrong.status_code == 422 and wrong.json["error"]["field"] == "retire_at"

    assert life(sam, shelf.draft, retire_at="2126-04-01T08:00:00Z").status_code == 200


def test_the_clock_publishes_and_retires_what_is_due(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        soon = work.now + timedelta(seconds=60)
        for article, name in ((shelf.draft, "publish_at"), (shelf.steam, "retire_at")):
            change_article(work, article.id, {name: soon}, version=article.version)
    assert look_after_articles(store) == 0
    with store.unit_of_work(STAGE) as work:
        for article, name in ((shelf.draft, "publish_at"), (shelf.steam, "retire_at")):
            setattr(work.session.get_one(Article, article.id), name, work.now - timedelta(seconds=1))
    assert look_after_articles(store) == 2
    with store.unit_of_work(STAGE) as work:
        assert work.session.get_one(Article, shelf.draft.id).is_published
        assert work.session.get_one(Article, shelf.steam.id).state == "archived"
        with pytest.raises(Conflict):
            retire_scheduled(work, shelf.steam.id)


def test_a_translation_is_read_by_whom_it_fits_and_the_original_by_all_others(
    as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        german = an_article(work, shelf.delivery, "Wo ist mein Paket?", "Order order order.", language="de")
        again = an_article(work, shelf.delivery, "Wo?", "Noch einmal.", language="de")
    sam = as_agent(cast.sam)
    assert life(sam, german, original_id=shelf.where.id).json["original_id"] == shelf.where.id
    assert life(sam, again, original_id=shelf.where.id).status_code == 422
    assert life(sam, shelf.where, original_id=german.id).status_code == 422
    assert life(sam, again, original_id=german.id).status_code == 422

    def listed(languages: str, path: str) -> Sequence[bool]:
        page = stranger.get(path, headers={"Accept-Language": languages}).text
        return ["Wo ist mein Paket?" in page, "Where is my order?" in page]

    for path in (f"/help/collections/{shelf.delivery.slug}", "/help/search?q=order"):
        assert listed("de-AT,en;q=0.5", path) == [True, False]
        assert listed("fr", path) == [False, True]
    page = stranger.get(f"/help/articles/{german.slug}")
    assert 'hreflang="en"' in page.text and "English" in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_owner_and_day_of_review_are_for_authors_and_a_look_confirms(
    as_agent: SignIn, cast: Cast, shelf: Shelf
) -> None:
    ada = as_agent(cast.ada)
    assert (
        life(ada, shelf.where, owner_id=cast.ada.id, review_on="2031-05-01").json["owner_id"] == cast.ada.id
    )
    over = life(ada, shelf.where, review_on="2020-05-01")
    assert over.status_code == 422 and "at the desk it is 20" in over.json["error"]["sentence"]
    assert life(ada, shelf.where, owner_id=999_999).status_code == 404
    path = f"/articles/{shelf.where.id}"
    assert (
        ada.api("PUT", f"{path}/confirmation", {"again_on": "2032-05-01"}).json["review_on"] == "2032-05-01"
    )
    assert ada.api("PUT", f"{path}/confirmation", {}).json["review_on"] is None
    assert ada.api("PATCH", f"{path}/life", {"version": 1, "owner_id": None}).status_code == 409


def test_a_review_is_asked_for_and_over_when_it_is_published(
    as_agent: SignIn, cast: Cast, shelf: Shelf
) -> None:
    ada, path = as_agent(cast.ada), f"/articles/{shelf.draft.id}"
    assert ada.api("PUT", f"/articles/{shelf.where.id}/review").status_code == 422
    assert ada.api("PUT", f"{path}/review").json["review_asked_at"]
    assert ada.api("DELETE", f"{path}/review").json["review_asked_at"] is None
    asked = ada.api("PUT", f"{path}/review").json
    published = as_agent(cast.sam).api("PUT", f"{path}/publication", {"version": asked["version"]})
    assert published.json["review_asked_at"] is None


def test_a_revision_is_compared_with_what_is_written_now(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam, path = as_agent(cast.sam), f"/articles/{shelf.where.id}"
    version = sam.api("GET", path).json["version"]
    sam.api("PATCH", path, {"version": version, "body": "Look at the **parcel** page first."})
    found = sam.api("GET", f"{path}/revisions/1/difference").json
    assert [(one["kind"], one["text"]) for one in found["body"] if one["kind"] != "same"] == [
        ("removed", "tracking"),
        ("added", "parcel"),
    ]
    assert sam.api("GET", f"{path}/revisions/9/difference").status_code == 404
