"""Search finds what was meant, past forms of words and typing errors, and only what is published."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from desk.actions.knowledge.articles import archive_article, save_article
from desk.kb.search import find_articles
from desk.model.article import Article, ArticleState, Audience
from desk.store.knowledge.article_search import BY_TEXT, OF_EACH, RARE, SIDE_BY_SIDE, START, STOP
from desk.store.knowledge.article_words import recount
from desk.store.unit_of_work import Store, Work
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
        an_article(work, shelf.machines, "मशीन की सफ़ाई", "मशीन को हर महीने साफ़ करें", language="hi")
    assert titles(store, "Lieferung") == ["Maschine entkalken"]
    assert titles(store, "طلبي") == ["تتبع الطلب"]
    assert titles(store, "मशीन महीने") == ["मशीन की सफ़ाई"]


def test_the_snippet_marks_what_was_found_and_holds_no_mark_of_the_writer(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        an_article(work, shelf.machines, "Odd", f"A {START}grinder{STOP} <b>with</b> burrs")
    with store.reading(STAGE) as work:
        (hit,) = find_articles(work.session, "burr", limit=3).hits
    assert f"{START}burrs{STOP}" in hit.snippet
    assert hit.snippet.count(START) == 1


def test_a_beginning_is_sought_with_the_words_before_it(store: Store, shelf: Shelf) -> None:
    assert titles(store, "descale mach", begun=True) == ["How to descale the machine"]
    assert titles(store, "descael mach", begun=True)[0] == "How to descale the machine"


def test_of_an_article_in_several_languages_the_one_preferred_is_found(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        german = an_article(work, shelf.delivery, "Wo ist meine Order?", "Sieh hier nach.", language="de")
        german.original_id = shelf.where.id
    with store.asking(STAGE) as work:
        for languages, title in ((["de-at"], "Wo ist meine Order?"), (["en"], "Where is my order?")):
            hits = find_articles(work.session, "order", limit=10, languages=languages).hits
            assert [hit.title for hit in hits] == [title]


def test_what_is_internal_is_found_by_colleagues_alone(store: Store, shelf: Shelf) -> None:
    with store.unit_of_work(STAGE) as work:
        article = an_article(work, shelf.machines, "Goodwill", "Steam boilers are exchanged until May.")
        article.audience = Audience.INTERNAL
        work.session.flush()
        recount(work.session)
    with store.asking(STAGE) as work:
        for question in ("boilers exchanged", "steam boilers leak"):
            seen = [
                [hit.title for hit in find_articles(work.session, question, limit=9, internal=internal).hits]
                for internal in (True, False)
            ]
            assert ["Goodwill" in found for found in seen] == [True, False]


def test_a_rare_word_is_found_behind_ever_so_many_articles_that_hold_a_common_one(
    store: Store, shelf: Shelf
) -> None:
    crowd(store, shelf, "Cup {}", "Coffee for the machine, about once a day.")
    with store.unit_of_work(STAGE) as work:
        an_article(work, shelf.machines, "Burrs", "Coffee is ground by them.")
    assert titles(store, "coffee machine burrs")[0] == "Burrs"
    assert titles(store, "coffee machine bur", begun=True)[0] == "Burrs"


def test_a_word_that_the_dictionary_leaves_out_is_not_taken_for_a_rare_one(
    store: Store, shelf: Shelf
) -> None:
    crowd(store, shelf, "Cup {}", "Coffee about once a day.")
    with store.unit_of_work(STAGE) as work:
        an_article(work, shelf.machines, "Beans", "Coffee.")
    assert len(titles(store, "about coffee xylophones")) == 10


def test_of_ever_so_many_those_come_first_whose_title_holds_every_word(store: Store, shelf: Shelf) -> None:
    crowd(store, shelf, "Cup {}", "Coffee for the machine.", count=BY_TEXT + 50)
    crowd(store, shelf, "Coffee machine {}", "All of it.", count=60)
    assert all(title.startswith("Coffee machine") for title in titles(store, "machine coffee"))


def test_words_side_by_side_are_found_though_many_articles_hold_each(store: Store, shelf: Shelf) -> None:
    crowd(store, shelf, "Cup {}", "The number of an order.", count=SIDE_BY_SIDE - 1)
    with store.unit_of_work(STAGE) as work:
        an_article(work, shelf.delivery, "Your order_number", "It is on the bill.")
    assert titles(store, "order_number") == ["Your order_number"]
    assert titles(store, "order_number xylophones")[0] == "Your order_number"


def crowd(store: Store, shelf: Shelf, title: str, text: str, *, count: int = RARE + OF_EACH) -> None:
    """So many published articles with the same words, and a number in each title."""
    with store.unit_of_work(STAGE) as work:
        work.session.add_all(_copy(work, shelf, title.format(number), text) for number in range(count))
        work.session.flush()
        recount(work.session)


def _copy(work: Work, shelf: Shelf, title: str, text: str) -> Article:
    return Article(
        collection_id=shelf.machines.id,
        slug=title.lower().replace(" ", "-"),
        title=title,
        created_at=work.now,
        changed_at=work.now,
        body=text,
        state=ArticleState.PUBLISHED,
        shown_title=title,
        shown_body=text,
        shown_text=text,
        published_at=work.now,
    )


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_nothing_that_is_typed_is_an_error(store: Store, shelf: Shelf, question: str) -> None:
    titles(store, question)
    titles(store, question, begun=True)
