"""The demo's help centre is whole: every article is read, found by what it is about, and leads somewhere."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import func, select

from desk.demo.help_centre import fill_the_shelves, open_the_form
from desk.kb.search import find_articles
from desk.model.article import Article, ArticleState, ArticleVote
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import Browser


def test_the_shelves_are_filled_once_and_every_page_is_there(app: Flask, store: Store, cast: Cast) -> None:
    for _ in range(2):
        with store.unit_of_work(STAGE) as work:
            fill_the_shelves(work)
            open_the_form(work, cast.support.id)
    with store.reading(STAGE) as work:
        articles = work.session.scalars(select(Article)).all()
        assert work.session.scalar(select(func.count(ArticleVote.id)))
        forms = select(func.count(Channel.id)).where(Channel.kind == ChannelKind.FORM)
        assert work.session.scalar(forms) == 1
    published = [one for one in articles if one.state is ArticleState.PUBLISHED]
    assert len(published) >= 15 and len(published) < len(articles)
    stranger = Browser(app)
    for article in published:
        shown = stranger.get(f"/help/articles/{article.slug}")
        assert shown.status_code == 200
        for link in set(re.findall(r'href="(/help[^"#?]*)"', shown.text)):
            assert stranger.get(link).status_code == 200, (article.slug, link)
        with store.reading(STAGE) as work:
            assert find_articles(work.session, article.title, limit=3).hits[0].slug == article.slug
    assert "Subscription prices" not in stranger.get("/help/search?q=subscription").text
