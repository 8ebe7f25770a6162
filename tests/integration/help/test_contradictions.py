"""Articles that contradict each other are listed until one is mended, or a person says that they agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.actions.knowledge.articles import publish_article, save_article
from desk.jobs.compare_articles import compare_articles
from desk.jobs.reading_space import Reading
from desk.model.article import Article, Audience
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn, an_article
from tests.people import STAGE, Cast
from tests.security.browser import Browser

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
RETURN = "You can send anything back within **14 days**, coffee as long as the bag is closed."
PRESENT = "## Return a present\n\nIt can be sent back within 30 days, coffee as long as the bag is closed."


@pytest.fixture
def pair(store: Store, shelf: Shelf) -> tuple[int, int]:
    with store.unit_of_work(STAGE) as work:
        one = an_article(work, shelf.delivery, "Return something", RETURN)
        other = an_article(work, shelf.delivery, "Give coffee as a present", PRESENT)
        return one.id, other.id


def listed(browser: Browser) -> list[dict[str, Any]]:
    return list(browser.api("GET", "/upkeep").json["contradicting"])


def rewrite(store: Store, article_id: int, body: str) -> None:
    with store.unit_of_work(STAGE) as work:
        article = save_article(
            work, article_id, {"body": body}, version=work.session.get_one(Article, article_id).version
        )
        publish_article(work, article_id, version=article.version)


def test_both_sentences_are_listed_until_a_person_has_looked_and_again_when_one_changes(
    as_agent: SignIn, cast: Cast, store: Store, pair: tuple[int, int]
) -> None:
    reading = Reading(store, lambda: None)
    assert compare_articles(reading, NOW) == 5 and compare_articles(reading, NOW) == 0
    ada = as_agent(cast.ada)
    (row,) = listed(ada)
    assert (row["article_id"], row["other_id"]) == pair
    assert (row["title"], row["other_title"]) == ("Return something", "Give coffee as a present")
    assert (row["value"], row["other_value"]) == ("14 days", "30 days")
    assert row["value"] in row["said"] and row["other_value"] in row["other_said"]

    dismissal = f"/article-contradictions/{row['id']}/dismissal"
    assert as_agent(cast.otto).api("PUT", dismissal).status_code == 403
    assert ada.api("PUT", dismissal).status_code == ada.api("PUT", dismissal).status_code == 204
    assert listed(ada) == []
    assert ada.api("DELETE", dismissal).status_code == 204 and len(listed(ada)) == 1
    ada.api("PUT", dismissal)

    # A draft that nobody reads yet changes nothing of what was said of the two.
    with store.unit_of_work(STAGE) as work:
        one = work.session.get_one(Article, pair[0])
        save_article(work, one.id, {"body": "Being written."}, version=one.version)
    assert compare_articles(reading, NOW) == 1 and listed(ada) == []

    rewrite(store, pair[0], RETURN.replace("14 days", "three weeks"))
    compare_articles(reading, NOW)
    assert [one["value"] for one in listed(ada)] == ["three weeks"]
    assert ada.api("PUT", dismissal).status_code == 404

    rewrite(store, pair[1], PRESENT.replace("30 days", "21 days"))
    assert listed(ada) == [], "what is shown no more is not listed, compared or not"
    compare_articles(reading, NOW)
    assert listed(ada) == []


def test_what_other_readers_read_is_not_compared(
    as_agent: SignIn, cast: Cast, store: Store, pair: tuple[int, int]
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Article, pair[0]).audience = Audience.INTERNAL
    compare_articles(Reading(store, lambda: None), NOW)
    assert listed(as_agent(cast.sam)) == []
