"""Benchmarks write rows past the desk's own deeds: each statement still fits the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import func, select, text

from benchmarks import routing_claims, sla
from benchmarks.article_shelf import Written, fill
from benchmarks.crowd import LONG_CASE_MESSAGES, crowd, lengthen, people
from desk.model.article import Article
from desk.model.case import Case
from desk.model.message import Message
from desk.store.unit_of_work import Store
from tests.people import STAGE


def test_a_shelf_of_articles(store: Store) -> None:
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        fill(connection, [Written("Grind size", ("Finer is slower.", "Coarser is faster."))] * 2)
    assert _count(store, Article) == 2


def test_a_crowd_of_cases_and_a_long_one(store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        # As in a database of its own, where numbers begin with one.
        tables = "agents, teams, customers, queues, channels, cases, messages"
        work.session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    crowd(store, people(store), first=1, last=3)
    lengthen(store)
    assert _count(store, Case) == 3
    assert _count(store, Message) == 2 * 5 + LONG_CASE_MESSAGES


def test_cases_that_wait_for_agents(store: Store) -> None:
    routing_claims.stage(store, 6, 2, 3)
    assert _count(store, Case) == 6


def test_clocks_that_run(store: Store) -> None:
    sla.let_run(store, 3, first=datetime.now(UTC) + timedelta(days=1), step=timedelta(seconds=1))
    assert _count(store, Case) == 3


def _count(store: Store, rows: type[Article | Case | Message]) -> int:
    with store.reading(STAGE) as work:
        return work.session.scalar(select(func.count()).select_from(rows)) or 0
