"""Search finds what was meant, past forms of words and typing errors, and only what is published."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from desk.actions.knowledge.articles import archive_article, save_article
from desk.kb.search import find_articles
from desk.store.knowledge.article_search import START, STOP
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, an_article
from tests.people import STAGE


def titles(store: Store, question: str, *, begun: bool = False) -> list[str]:
    with store.reading(STAGE) as work:
        return [hit.title for hit in find_articles(work.session, question, limit=10, begun=begun).hits]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("order", "Where is my order?"),
        ("orders", "Where is my order?"),
        ("where is my order", "Where is my order?"),
        ("my machine needs descaling please", "How to descale the machine"),
        ("steams", "No steam comes out"),
        ("tracking", "Where is my order?"),
        ("desclae", "How to descale the machine"),
        ("ordr", "Where is my order?"),
    ],
)
def test_the_article_that_was_meant_comes_first(
    store: Store, shelf: Shelf, question: str, first: str
) -> None:
    assert titles(store, question)[0] == first


def test_a_title_weighs_more_than_a_body(store: Store, shelf: Shelf) -> None:
    assert titles(store, "descale") == ["How to descale the machine", "No steam comes out"]


def test_a_word_that_is_only_begun_finds_while_typing(store: Store, shelf: Shelf) -> None:
    assert titles(store, "trac", begun=True) == ["Where is my order?"]
    assert titles(store, "trac") == []


def test_drafts_changes_and_archived_articles_are_not_found(store: Store, shelf: Shelf) -> None:
    assert titles(store, "recall") == titles(store, "secret plan") == titles(store, "Secret recal plan") == []
    with store.unit_of_work(STAGE) as work:
        article = work.session.merge(shelf.where)
        save_article(work, article.id, {"body": "unreleased zebra"}, version=article.version)
        archive_article(work, shelf.steam.id)
    assert titles(store, "zebra") == []
    assert titles(store, "steam") == []


def test_every_language_is_searched_by_its_own_forms(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        german = "Maschine entkalken"
        an_article(work, shelf.machines, german, "Die Lieferungen enthalten Tabletten.", language="de")
        an_article(work, shelf.machines, "تتبع الطلب", "أين طلبي الآن", language="ar")
    assert titles(store, "Lieferung") == ["Maschine entkalken"]
    assert titles(store, "طلبي") == ["تتبع الطلب"]


def test_the_snippet_marks_what_was_found_and_holds_no_mark_of_the_writer(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        an_article(work, shelf.machines, "Odd", f"A {START}grinder{STOP} <b>with</b> burrs")
    with store.reading(STAGE) as work:
        (hit,) = find_articles(work.session, "burr", limit=3).hits
    assert f"{START}burrs{STOP}" in hit.snippet
    assert hit.snippet.count(START) == 1


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_nothing_that_is_typed_is_an_error(store: Store, question: str) -> None:
    titles(store, question)
    titles(store, question, begun=True)
