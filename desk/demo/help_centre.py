"""The shop's help centre: its articles, written by the people who know, and the form that stands open."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

from sqlalchemy import select

from desk.actions.knowledge.articles import new_article, publish_article
from desk.actions.knowledge.collections import new_collection
from desk.actions.knowledge.help_reading import vote
from desk.model.article import Collection
from desk.model.channel import Channel, ChannelState
from desk.model.inbound import ChannelKind
from desk.store.unit_of_work import Work

FORM = "help-centre"
_ARTICLES = Path(__file__).with_name("articles.toml")
_COMMENTS = (
    "Thank you!",
    "The picture is missing.",
    "Worked at once.",
    "What if I have lost the order number?",
)


def fill_the_shelves(work: Work) -> None:
    """Collections with their articles, and how readers found them; nothing where there are some already."""
    if work.session.scalar(select(Collection.id).limit(1)) is not None:
        return
    dice = Random("library")
    for wanted in tomllib.loads(_ARTICLES.read_text(encoding="utf-8"))["collection"]:
        collection = new_collection(work, title=wanted["title"], description=wanted["description"])
        for written in wanted["article"]:
            article = new_article(
                work,
                collection_id=collection.id,
                title=written["title"],
                body=written["body"].strip(),
                language=written.get("language", "en"),
            )
            if written.get("state") != "draft":
                publish_article(work, article.id, version=article.version)
                _read(work, article.slug, dice)


def open_the_form(work: Work, queue_id: int) -> None:
    """The contact form of the help centre, in a queue; there is one."""
    known = select(Channel.id).where(Channel.kind == ChannelKind.FORM)
    if work.session.scalar(known.limit(1)) is None:
        form = Channel(kind=ChannelKind.FORM, name="Contact form", address=FORM, created_at=work.now)
        form.queue_id, form.state = queue_id, ChannelState.OK
        work.session.add(form)


def _read(work: Work, slug: str, dice: Random) -> None:
    for reader in range(dice.randint(2, 24)):
        helpful = dice.random() < 0.8
        comment = dice.choice(_COMMENTS) if dice.random() < 0.1 else None
        vote(work, slug, f"made-up reader {reader}", helpful=helpful, comment=comment)
