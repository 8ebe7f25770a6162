"""Browsers to which articles were suggested in these weeks while they wrote, and what came of it.

Who is held out is drawn as the desk draws. An article that answers the question spares `SPARED` of the
contacts; the one that did not help spares none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from desk.actions.knowledge.deflection import DRAW
from desk.demo.history.asked import topics, turns
from desk.demo.history.plan import ZONE
from desk.demo.history.rows import table_of
from desk.demo.history.shelves import READ
from desk.insights.holdout import held_out
from desk.model.article import Article, ArticleVote
from desk.model.help_session import WITHHELD_PERCENT, HelpDoor, HelpSession
from desk.store.people.sessions import hash_of

SESSIONS_A_CONTACT = 0.9
WRITES, SPARED = 0.45, 0.3
"""The share that contacts us when nothing is suggested, and what a fitting article spares of it."""

OPENS, SAYS = 0.4, 0.3
_DOORS = ((HelpDoor.CONTACT, 5), (HelpDoor.WIDGET, 3), (HelpDoor.SEARCH, 2))


def write_writers(session: Session, day: date, end: datetime) -> None:
    """Who wrote on this day, until `end`."""
    dice = Random(f"writers {day}")
    known = {
        one.shown_title: one for one in session.scalars(select(Article).where(Article.state == "published"))
    }
    stories = {one.topic: one for one in turns() if one.article}
    sessions: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    for topic in topics():
        story = stories.get(topic.key)
        title = story.article.title if story and story.article else READ.get(topic.key)
        article = known.get(title) if title else None
        if article is None or article.published_at is None:
            continue
        spares = 0.0 if story and story.times == 1 else SPARED
        for number in range(round(topic.a_day * SESSIONS_A_CONTACT)):
            at = datetime.combine(day, time(dice.randint(7, 22), dice.randrange(60)), ZONE)
            made = _session(hash_of(f"{topic.key} {day} {number}"), article, at, spares, dice)
            if article.published_at <= at < end:
                sessions.append(made)
                votes += _votes(made, article, dice)
    for noun, rows in ((HelpSession, sessions), (ArticleVote, votes)):
        if rows:
            session.execute(insert(table_of(noun)), rows)


def _session(key: str, article: Article, at: datetime, spares: float, dice: Random) -> dict[str, Any]:
    withheld = held_out(key, WITHHELD_PERCENT, DRAW)
    opens = not withheld and dice.random() < OPENS
    writes = dice.random() < WRITES * (1 if withheld else 1 - spares)
    return {
        "key": key,
        "door": dice.choices([door for door, _ in _DOORS], [weight for _, weight in _DOORS])[0],
        "withheld": withheld,
        "percent": WITHHELD_PERCENT,
        "began_at": at,
        "articles": [article.id],
        "opened_at": at + timedelta(minutes=1) if opens else None,
        "article_id": article.id if opens else None,
        "contacted_at": at + timedelta(minutes=dice.randint(3, 40)) if writes else None,
    }


def _votes(made: Mapping[str, Any], article: Article, dice: Random) -> list[dict[str, Any]]:
    """Who opened it and did not write may say that it helped."""
    if made["opened_at"] is None or made["contacted_at"] is not None or dice.random() > SAYS:
        return []
    said = {"voter": made["key"], "helpful": True, "at": made["opened_at"] + timedelta(minutes=2)}
    return [{"article_id": article.id, "revision": article.shown_revision, "comment": "", **said}]
