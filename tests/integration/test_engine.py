"""The pool of connections: what a restarted server costs, and what stays known between two questions."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError

from desk.model.permission import system
from desk.model.queue import Queue
from desk.store.engine import engine_for
from desk.store.line import Statement
from desk.store.unit_of_work import Store

TEST = system("test")


def backend(engine: Engine) -> int:
    with engine.connect() as connection:
        pid: int = connection.scalars(text("SELECT pg_backend_pid()")).one()
        return pid


def test_a_connection_that_the_server_ended_fails_no_question(store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    engine = engine_for(url, name="ended", pool_size=1)
    ended = backend(engine)
    with store.engine.connect() as connection:
        connection.scalars(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended}).one()

    assert backend(engine) != ended
    engine.dispose()


def test_a_question_is_planned_once_however_often_it_is_asked(store: Store) -> None:
    asked, prepared = text("SELECT 4711"), 0
    for _ in range(10):
        with store.reading(system("test")) as work:
            work.session.execute(asked)
            prepared = work.session.scalars(
                text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 4711%'")
            ).one()

    assert prepared == 1


def test_what_a_question_changes_is_never_written(store: Store) -> None:
    for ask in (store.reading, store.asking):
        with ask(system("test")) as work:
            work.session.add(Queue(name="Never", created_at=work.now))

    with store.reading(system("test")) as work:
        assert not work.session.scalars(text("SELECT id FROM queues WHERE name = 'Never'")).all()


def test_a_search_has_its_own_time_limit_and_writes_nothing(store: Store) -> None:
    with store.searching(system("test")) as work:
        limit = text("SHOW statement_timeout")
        assert work.session.scalar(limit) == "5s"
        with pytest.raises(InternalError, match="read-only"):
            work.session.execute(text("DELETE FROM queues"))
    with store.asking(system("test")) as work:
        assert work.session.scalar(limit) == "30s"


def test_what_the_database_refuses_is_told_without_its_values(store: Store) -> None:
    word = "".join(("hu", "sh"))  # A traceback shows these lines as well.
    twice = Statement("INSERT INTO policies (key, value) VALUES (:key, '1'), (:key, '1')")
    with pytest.raises(IntegrityError, match="duplicate key") as refused, store.unit_of_work(TEST) as work:
        work.line.write(twice, {"key": word})
    told: list[BaseException] = [refused.value]
    for words in (
        "INSERT INTO policies (key, value) VALUES (:word, '1'), (:word, '1')",
        "SELECT CAST(:word AS integer)",
        "SELECT to_tsquery(:word || ' ' || :word)",
    ):
        with pytest.raises(DBAPIError) as failed, store.unit_of_work(TEST) as work:
            work.session.execute(text(words), {"word": word})
        told.append(failed.value)
    for one in told:
        assert word not in "".join(traceback.format_exception(one))
