"""What customers read: published articles, found and voted on, without a trace of drafts."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from desk.actions.knowledge.articles import save_article
from desk.http.help import texts
from desk.model.article import ArticleVote
from desk.store.policies import set_policies
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn, an_article
from tests.people import MORNING, STAGE, Cast
from tests.security.browser import Browser

TEMPLATES = Path(texts.__file__).parents[1] / "templates" / "help"


def vote(browser: Browser, slug: str, helpful: str, **more: str) -> int:
    form = {"helpful": helpful, **more}
    return browser.ask("POST", f"/help/articles/{slug}/vote", data=form).status_code


def votes(store: Store) -> list[tuple[bool, str]]:
    with store.reading(STAGE) as work:
        found = work.session.scalars(select(ArticleVote).order_by(ArticleVote.id))
        return [(one.helpful, one.comment) for one in found]


def test_the_first_page_leads_to_everything(stranger: Browser, shelf: Shelf, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        set_policies(work.session, {"desk_name": "Nordkaffe"})
    shown = stranger.get("/help")
    assert shown.status_code == 200
    for link in ("/help/collections/delivery", "/help/articles/where-is-my-order", "/help/contact"):
        assert f'href="{link}"' in shown.text
    assert "Nordkaffe help" in shown.text and "1 article<" in shown.text and "2 articles" in shown.text
    assert '<link rel="canonical" href="http://desk.example/help">' in shown.text
    assert '<html lang="en" dir="ltr">' in shown.text


@pytest.mark.parametrize(
    ("asked", "language", "direction", "says"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "ltr", "Schreiben Sie uns"),
        ("fi, ar;q=0.7, en;q=0.5", "ar", "rtl", "راسلنا"),
        ("fi, sv;q=0.7", "en", "ltr", "Write to us"),
        ("q=;;x,*", "en", "ltr", "Write to us"),
    ],
)
def test_the_pages_speak_the_first_language_asked_for_that_they_know(
    stranger: Browser, shelf: Shelf, asked: str, language: str, direction: str, says: str
) -> None:
    for path in ("/help", "/help/contact", "/help/nowhere"):
        shown = stranger.ask("GET", path, headers={"Accept-Language": asked})
        assert f'<html lang="{language}" dir="{direction}">' in shown.text
        assert says in shown.text
    first = stranger.ask("GET", "/help", headers={"Accept-Language": asked})
    assert "Accept-Language" in first.headers["Vary"]


def test_nothing_of_a_draft_is_on_any_page(stranger: Browser, shelf: Shelf, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        article = work.session.merge(shelf.steam)
        change = {"title": "Recall announced", "body": "The recall begins tomorrow."}
        save_article(work, article.id, change, version=article.version)
    assert stranger.get("/help/articles/secret-recall-plan").status_code == 404
    for path in (
        "/help",
        "/help/collections/machines",
        "/help/articles/no-steam-comes-out",
        "/help/search?q=recall",
        "/help/suggestions?q=recall",
    ):
        shown = stranger.get(path)
        assert shown.status_code == 200
        assert "ecall" not in shown.text.replace("recall”", "").replace('value="recall"', "")


def test_a_page_that_may_not_be_seen_is_as_one_that_is_not_there(stranger: Browser, shelf: Shelf) -> None:
    hidden = stranger.get("/help/articles/secret-recall-plan")
    nothing = stranger.get("/help/articles/never-was")
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.data == nothing.data
    assert "Search for what you need" in hidden.text and 'name="q"' in hidden.text
    assert stranger.get("/help/nowhere").data == hidden.data


def test_an_empty_collection_is_not_there(
    stranger: Browser, shelf: Shelf, as_agent: SignIn, cast: Cast
) -> None:
    as_agent(cast.sam).api("POST", "/collections", {"title": "Empty"})
    assert stranger.get("/help/collections/empty").status_code == 404
    assert "Empty" not in stranger.get("/help").text


def test_search_marks_what_it_found_and_escapes_what_was_asked(stranger: Browser, shelf: Shelf) -> None:
    found = stranger.get("/help/search?q=nozzles")
    assert "<mark>nozzle</mark>" in found.text and "One answer" in found.text
    assert '<meta name="robots" content="noindex">' in found.text
    hostile = stranger.get("/help/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in hostile.text and "No answer to" in hostile.text
    assert "Type a few words" in stranger.get("/help/search").text


def test_suggestions_come_while_somebody_types(stranger: Browser, shelf: Shelf) -> None:
    rows = stranger.get("/help/suggestions?q=desc").json["rows"]
    assert [row["url"] for row in rows] == [
        "/help/articles/how-to-descale-the-machine",
        "/help/articles/no-steam-comes-out",
    ]
    assert rows[0]["collection"] == "Machines"


def test_a_page_is_kept_by_the_browser_and_asked_for_again(stranger: Browser, shelf: Shelf) -> None:
    first = stranger.get("/help/articles/where-is-my-order")
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in first.headers
    again = stranger.get("/help/articles/where-is-my-order", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_every_page_has_a_policy_without_inline_code(stranger: Browser, shelf: Shelf) -> None:
    for path in ("/help", "/help/articles/where-is-my-order", "/help/search?q=x", "/help/none"):
        shown = stranger.get(path)
        policy = shown.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        # Structured data is no script: a browser never runs it (HTML, 4.12.1: data blocks).
        inline = r"<script(?! type=\"application/ld\+json\")(?![^>]*src=)|<style| style=| on\w+="
        assert not re.search(inline, shown.text)


def test_an_article_in_arabic_reads_from_right_to_left(stranger: Browser, shelf: Shelf, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        an_article(work, work.session.merge(shelf.delivery), "أين طلبي", "قريباً", language="ar")
    shown = stranger.get("/help/articles/article")
    assert '<article lang="ar" dir="rtl">' in shown.text


def test_a_browser_has_one_vote_and_its_last_word_counts(
    stranger: Browser, shelf: Shelf, store: Store
) -> None:
    assert vote(stranger, "where-is-my-order", "yes") == 303
    assert vote(stranger, "where-is-my-order", "no") == 303
    assert vote(stranger, "where-is-my-order", "no", comment=" Too short. ") == 303
    assert votes(store) == [(False, "Too short.")]
    assert vote(Browser(stranger.app), "where-is-my-order", "yes") == 303
    assert votes(store) == [(False, "Too short."), (True, "")]
    thanks = stranger.get("/help/articles/where-is-my-order?helped=no")
    assert "What was missing?" in thanks.text


def test_a_get_never_votes(stranger: Browser, shelf: Shelf, store: Store) -> None:
    stranger.get("/help/articles/where-is-my-order?helped=yes")
    assert stranger.get("/help/articles/where-is-my-order/vote").status_code == 405
    assert votes(store) == []


def test_a_vote_must_be_one_and_be_for_something_that_is_read(
    stranger: Browser, shelf: Shelf, store: Store
) -> None:
    assert vote(stranger, "where-is-my-order", "maybe") == 422
    assert vote(stranger, "secret-recall-plan", "yes") == 404
    foreign = stranger.ask(
        "POST",
        "/help/articles/where-is-my-order/vote",
        data={"helpful": "yes"},
        headers={"Origin": "https://evil.example"},
    )
    assert foreign.status_code == 403
    assert votes(store) == []


def test_one_place_cannot_vote_without_end(stranger: Browser, shelf: Shelf, store: Store) -> None:
    answers = [vote(Browser(stranger.app), "where-is-my-order", "no") for _ in range(12)]
    assert answers.count(303) == 10 and answers[-1] == 429
    elsewhere = Browser(stranger.app, address="203.0.113.77")
    assert vote(elsewhere, "where-is-my-order", "yes") == 303


def test_an_agent_who_reads_the_help_centre_may_vote_too(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    assert vote(as_agent(cast.ada), "where-is-my-order", "yes") == 303


@pytest.mark.parametrize("published", [True, False])
def test_a_file_is_seen_with_its_article_and_by_who_writes(
    as_agent: SignIn, stranger: Browser, cast: Cast, shelf: Shelf, published: bool
) -> None:
    ada = as_agent(cast.ada)
    article = shelf.where if published else shelf.draft
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    path = f"/api/v1/articles/{article.id}/files"
    url = ada.ask("POST", path, data={"file": (BytesIO(png), "a.png")}).json["url"]
    assert ada.get(url).data == png
    seen = stranger.get(url)
    assert seen.status_code == (200 if published else 404)
    if published:
        assert seen.headers["Content-Security-Policy"].startswith("sandbox")
        assert seen.headers["Content-Disposition"].startswith("inline")


def test_every_text_that_a_page_asks_for_is_there_and_every_one_is_used() -> None:
    pages = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    code = "".join(path.read_text() for path in Path(texts.__file__).parent.glob("*.py"))
    asked = set(re.findall(r"""\bt\(\s*["'](\w+)["']\s*[,)]""", pages + code))
    begun = tuple(re.findall(r"""\bt\(\s*["'](\w+_)["']\s*~""", pages))
    known = set(json.loads((Path(texts.__file__).parent / "locales" / "en.json").read_text()))
    assert asked <= known, asked - known
    assert {key for key in known if key not in asked and not key.startswith(begun)} == set()


@pytest.mark.parametrize(
    ("asked", "shown"), [("en", "2 March 2026"), ("de", "2. März 2026"), ("ar", "2 مارس 2026")]
)
def test_the_day_of_an_article_is_written_as_its_reader_writes_it(
    stranger: Browser, store: Store, shelf: Shelf, asked: str, shown: str
) -> None:
    with store.unit_of_work(STAGE) as work:
        article = an_article(work, shelf.machines, "Descale it", "With care.")
        article.published_at = MORNING
        path = f"/help/articles/{article.slug}"
    page = stranger.ask("GET", path, headers={"Accept-Language": asked}).text
    assert f'<time datetime="2026-03-02">{shown}</time>' in page
