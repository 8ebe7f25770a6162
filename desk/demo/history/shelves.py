"""The help centre in these weeks: articles that were published, what was searched for, and what was read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from desk.actions.knowledge.articles import new_article, publish_article
from desk.demo.history.asked import Topic, Turn, topics, turns
from desk.demo.history.plan import DAYS, ZONE
from desk.demo.history.rows import table_of
from desk.model.article import Article, ArticleVote, Collection
from desk.model.knowledge import HelpSearch, SearchDoor
from desk.store.unit_of_work import Work

SEARCHES_A_CONTACT = 0.5
HELPED, VOTE = 0.8, 0.15
_EMPTY = ("opening hours christmas", "jobs", "wholesale price list", "espresso machine rental", "allergens")
_SEARCHED = {
    "descaling light": ("descaling light", "descale light stays on", "descaling", "reset light"),
    "invoice": ("invoice", "vat number", "invoice company name", "receipt"),
    "voucher": ("voucher", "voucher code", "discount code not working"),
    "where is it": ("where is my order", "tracking", "track parcel"),
    "refund": ("refund", "money back"),
    "return label": ("return", "return label"),
    "pause the subscription": ("pause subscription", "skip delivery"),
    "another address": ("change address",),
}


_FOUND = 0.6
READ = {
    "where is it": "Where is my order?",
    "said to be delivered": "Parcel marked delivered, not received",
    "another address": "Change the delivery address",
    "delivery abroad": "What delivery costs, and where we deliver",
    "return label": "Return something",
    "refund": "How long does a refund take?",
    "broken on arrival": "Something arrived broken",
    "voucher": "A voucher is not accepted",
    "charged twice": "I was charged twice",
    "no steam": "No steam comes out",
    "loud grinder": "The grinder is loud or stops",
    "sour coffee": "How to grind for your brewer",
    "pause the subscription": "Pause or change a subscription",
    "end the subscription": "Pause or change a subscription",
}
"""Which of the articles that are there answers what, and how many open it out of their search."""


def published(end: datetime) -> Iterator[tuple[datetime, Turn]]:
    """When each article of a story went to the readers."""
    today = end.astimezone(ZONE).date()
    for turn in turns():
        if turn.article is not None:
            day = today - timedelta(days=turn.began)
            yield datetime.combine(day, time(9), ZONE), turn


def publish(work: Work, turn: Turn) -> None:
    """As an editor did it that day; nothing where it stands already."""
    assert turn.article is not None, "only stories with an article are published"
    session, told = work.session, turn.article
    if session.scalar(select(Article.id).where(Article.title == told.title)) is not None:
        return
    collection_id = session.scalar(select(Collection.id).where(Collection.title == told.collection).limit(1))
    if collection_id is None:
        return
    article = new_article(work, collection_id=collection_id, title=told.title, body=told.body.strip())
    publish_article(work, article.id, version=article.version)


def write_readers(session: Session, day: date, end: datetime) -> None:
    """What was searched for on this day, what was opened of it, and what readers thought of it."""
    dice = Random(f"readers {day}")
    known = {
        row.shown_title: row
        for row in session.execute(select(Article).where(Article.state == "published")).scalars()
    }
    searches: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    for topic in topics():
        for _ in range(_count(topic.a_day * SEARCHES_A_CONTACT, dice)):
            at = datetime.combine(day, time(dice.randint(7, 22), dice.randrange(60)), ZONE)
            article = _opened(topic, at, known, dice)
            searches.append(
                _search(dice.choice(_SEARCHED.get(topic.key, (topic.subject.lower(),))), 3, at, article)
            )
            if article is not None and dice.random() < VOTE:
                votes.append(_vote(article, at, helpful=dice.random() < HELPED))
    at = datetime.combine(day, time(12), ZONE)
    searches += [_search(words, 0, at, None) for words in dice.sample(_EMPTY, 2)]
    for noun, rows in ((HelpSearch, searches), (ArticleVote, votes)):
        if past := [one for one in rows if one["at"] < end]:
            session.execute(insert(table_of(noun)), past)


def _opened(topic: Topic, at: datetime, known: dict[str | None, Article], dice: Random) -> Article | None:
    told = next((one.article for one in turns() if one.topic == topic.key and one.article), None)
    title, share = (told.title, told.found) if told else (READ.get(topic.key), _FOUND)
    article = known.get(title) if title else None
    if article is None or article.published_at is None or at < article.published_at:
        return None
    return article if dice.random() < share else None


def _search(words: str, found: int, at: datetime, article: Article | None) -> dict[str, Any]:
    return {
        "token": secrets.token_urlsafe(12),
        "words": words,
        "found": found,
        "at": at,
        "door": SearchDoor.PAGE,
        "article_id": article.id if article else None,
    }


def _vote(article: Article, at: datetime, *, helpful: bool) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "voter": secrets.token_hex(32),
        "helpful": helpful,
        "at": at,
        "revision": article.shown_revision,
        "comment": "",
    }


def _count(mean: float, dice: Random) -> int:
    return int(mean) + (dice.random() < mean % 1)


def days(end: datetime) -> list[date]:
    """The days of the history, the oldest first."""
    today = end.astimezone(ZONE).date()
    return [today - timedelta(days=ago) for ago in range(DAYS, -1, -1)]
