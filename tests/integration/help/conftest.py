"""A help centre with something to read in it, on the test's store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from desk.actions.knowledge.articles import new_article, publish_article
from desk.actions.knowledge.collections import new_collection
from desk.model.article import Article, Collection
from desk.store.unit_of_work import Store, Work
from tests.integration.help.guests import cleos, form, miras, post
from tests.people import STAGE, Cast
from tests.security.browser import Browser
from tests.security.conftest import app, as_agent, settings, stranger

__all__ = ["app", "as_agent", "cleos", "form", "miras", "post", "settings", "stranger"]

SignIn = Callable[..., Browser]


@dataclass(frozen=True)
class Shelf:
    """Two collections, three articles that customers read, and one that they do not."""

    delivery: Collection
    machines: Collection
    where: Article
    descale: Article
    steam: Article
    draft: Article


@pytest.fixture
def shelf(store: Store, cast: Cast) -> Shelf:
    with store.unit_of_work(STAGE) as work:
        delivery = new_collection(work, title="Delivery", description="Where it is and when it comes")
        machines = new_collection(work, title="Machines")
        return Shelf(
            delivery,
            machines,
            where=an_article(work, delivery, "Where is my order?", "Look at the **tracking** page first."),
            descale=an_article(
                work, machines, "How to descale the machine", "Descaling takes 20 minutes. Use citric acid."
            ),
            steam=an_article(work, machines, "No steam comes out", "Clean the steam nozzle, then descale."),
            draft=an_article(work, machines, "Secret recall plan", "Not for anybody yet.", published=False),
        )


def an_article(
    work: Work,
    collection: Collection,
    title: str,
    body: str,
    *,
    published: bool = True,
    language: str = "en",
) -> Article:
    article = new_article(work, collection_id=collection.id, title=title, body=body, language=language)
    return publish_article(work, article.id, version=article.version) if published else article


def store_of(app: Flask) -> Store:
    found: Store = app.extensions["desk"].store
    return found
