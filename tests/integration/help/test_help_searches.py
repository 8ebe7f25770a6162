"""What is searched for is kept without a person, and which article it led to; synonyms find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from desk.actions.knowledge.help_reading import most_read_in
from desk.model.article import Article
from desk.model.knowledge import HelpSearch
from desk.store.knowledge.help_searches import forget_old_searches
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn
from tests.people import STAGE, Cast
from tests.security.browser import Browser


def kept(store: Store) -> Sequence[tuple[str, int, int | None]]:
    with store.reading(STAGE) as work:
        rows = work.session.scalars(select(HelpSearch).order_by(HelpSearch.id))
        return [(row.words, row.found, row.article_id) for row in rows]


def test_a_search_is_kept_with_what_was_opened_first(store: Store, shelf: Shelf, stranger: Browser) -> None:
    page = stranger.get("/help/search?q=descale").text
    links = re.findall(r'href="(/help/articles/[^"]+\?found=[\w-]+)"', page)
    assert len(links) == 2
    opened = stranger.get(links[1])
    assert opened.status_code == 303 and "?" not in opened.headers["Location"]
    stranger.get(links[0])
    assert kept(store) == [("descale", 2, shelf.steam.id)]


def test_a_search_without_a_result_is_kept_and_names_nobody(
    store: Store, shelf: Shelf, stranger: Browser
) -> None:
    stranger.get("/help/search?q=refund+for+cleo@example.org+order+4711982")
    stranger.get("/help/search?q=")
    assert kept(store) == [("refund for [email] order [number]", 1, None)]


def test_what_was_chosen_while_typing_is_kept(store: Store, shelf: Shelf, stranger: Browser) -> None:
    stranger.get("/help/suggestions?q=desca")
    assert kept(store) == []
    assert stranger.get(f"/help/articles/{shelf.descale.slug}?asked=desca").status_code == 303
    assert stranger.get("/help/articles/none?asked=desca").status_code == 303
    assert kept(store) == [("desca", 1, shelf.descale.id)]


def test_a_made_up_token_says_nothing(store: Store, shelf: Shelf, stranger: Browser) -> None:
    assert stranger.get(f"/help/articles/{shelf.descale.slug}?found=nonsense").status_code == 303
    assert kept(store) == []


def test_old_searches_are_forgotten(store: Store, shelf: Shelf, stranger: Browser) -> None:
    stranger.get("/help/search?q=descale")
    with store.unit_of_work(STAGE) as work:
        forget_old_searches(work.session, work.now - timedelta(days=1))
        assert len(work.session.scalars(select(HelpSearch.id)).all()) == 1
        forget_old_searches(work.session, work.now + timedelta(days=1))
    assert kept(store) == []


def test_synonyms_find_and_only_who_publishes_teaches_them(
    app: Flask, as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser
) -> None:
    sam, ada = as_agent(cast.sam), as_agent(cast.ada)
    assert stranger.get("/help/suggestions?q=limescale+removal").json["rows"] == []
    words = {"words": ["Limescale removal", "descale"]}
    assert ada.api("POST", "/synonyms", words).status_code == 403
    made = sam.api("POST", "/synonyms", words)
    assert made.status_code == 201 and made.json["words"] == ["limescale removal", "descale"]
    found = stranger.get("/help/suggestions?q=limescale+removal+now").json["rows"]
    assert found[0]["title"] == "How to descale the machine"

    assert sam.api("PUT", f"/synonyms/{made.json['id']}", {"words": ["one"]}).status_code == 422
    assert sam.api("DELETE", f"/synonyms/{made.json['id']}").status_code == 204
    assert ada.api("GET", "/synonyms").json["rows"] == []


def test_a_mended_word_is_said(shelf: Shelf, stranger: Browser) -> None:
    page = stranger.get("/help/search?q=desclae").text
    assert "Read as “descale”" in page and "<mark>" in page


def test_what_is_read_most_is_told_in_the_readers_language_and_never_a_draft(
    store: Store, shelf: Shelf, stranger: Browser
) -> None:
    def read_most(*languages: str) -> list[int]:
        with store.reading(STAGE) as work:
            return [one.id for one in most_read_in(work, languages, 5)]

    assert set(read_most("en")) == {shelf.where.id, shelf.descale.id, shelf.steam.id}, "nothing opened yet"
    for slug in (shelf.steam.slug, shelf.descale.slug, shelf.steam.slug):
        stranger.get(f"/help/articles/{slug}?asked=machine")
    assert read_most("en-gb") == [shelf.steam.id, shelf.descale.id]
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Article, shelf.descale.id).language = "de"
    assert read_most("de-at", "de") == [shelf.descale.id]
    assert read_most("fi") == [shelf.steam.id, shelf.descale.id], "better than nothing"
