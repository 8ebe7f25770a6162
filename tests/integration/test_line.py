"""The line: statements in the order of the code, in few round trips, and nothing of what was given up."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, bindparam, literal, select, text
from sqlalchemy.exc import DataError, IntegrityError

from desk.model.errors import Conflict
from desk.model.events import MailKept
from desk.model.permission import system
from desk.store.line import Statement
from desk.store.unit_of_work import Store
from tests.statements import statements

TEST = system("test")
KEEP = Statement("INSERT INTO policies (key, value) VALUES (:key, CAST(:value AS jsonb))")
CHANGE = Statement("UPDATE policies SET value = '2' WHERE key = :key")
ASK = Statement("SELECT key, value FROM policies ORDER BY key")


def kept(store: Store) -> list[str]:
    with store.reading(TEST) as work:
        return [row.key for row in work.line.ask(ASK, {})]


def test_what_is_written_is_there_for_the_next_question_whoever_asks_it(store: Store) -> None:
    with store.unit_of_work(TEST) as work:
        work.line.write(KEEP, {"key": "one", "value": "1"})
        assert work.session.scalars(text("SELECT key FROM policies")).all() == ["one"]
        work.line.write(KEEP, {"key": "two", "value": "1"})
        assert [row.key for row in work.line.ask(ASK, {})] == ["one", "two"]


def test_what_is_written_last_commits_with_what_happened(store: Store) -> None:
    with store.unit_of_work(TEST) as work:
        work.line.write(KEEP, {"key": "one", "value": "1"})
        work.record(MailKept(channel_id=1))

    assert kept(store) == ["one"]
    with store.reading(TEST) as work:
        assert work.session.scalars(text("SELECT kind FROM journal")).all() == ["MailKept"]


def test_what_is_larger_than_a_socket_takes_at_once_goes_with_the_commit(store: Store) -> None:
    with store.unit_of_work(TEST) as work:
        work.line.write(KEEP, {"key": "large", "value": f'"{"x" * 8_000_000}"'})

    assert kept(store) == ["large"]


def test_nothing_of_a_deed_that_was_given_up_is_ever_sent(store: Store) -> None:
    with pytest.raises(RuntimeError), store.unit_of_work(TEST) as work:
        work.line.ask(ASK, {})
        work.line.write(KEEP, {"key": "one", "value": "1"})
        raise RuntimeError

    for _ in range(3):
        assert kept(store) == []


@pytest.mark.parametrize("asks_again", [True, False])
def test_whoever_was_too_slow_hears_so_and_leaves_nothing(store: Store, asks_again: bool) -> None:
    with pytest.raises(Conflict, match="faster"), store.unit_of_work(TEST) as work:
        work.line.write(KEEP, {"key": "one", "value": "1"})
        work.line.write(CHANGE, {"key": "other"}, rows=1, otherwise="Somebody was faster.")
        if asks_again:
            work.line.ask(ASK, {})

    assert kept(store) == []


def test_what_the_database_refuses_is_an_error_like_any_other(store: Store) -> None:
    with pytest.raises(IntegrityError), store.unit_of_work(TEST) as work:
        work.line.write(KEEP, {"key": "one", "value": "1"})
        work.line.write(KEEP, {"key": "one", "value": "1"})

    assert kept(store) == []


@pytest.mark.parametrize("way", ["unit_of_work", "at_once"])
def test_a_connection_that_was_refused_something_serves_on(store: Store, way: str) -> None:
    begin = getattr(store, way)
    for turn in range(12):  # often enough for statements to be prepared between two refusals
        with begin(TEST) as work:
            work.line.ask(KEEP, {"key": f"key {turn}", "value": "1"})
        if turn % 4 == 3:
            with pytest.raises(IntegrityError), begin(TEST) as work:
                work.line.write(KEEP, {"key": "key 0", "value": "1"})
                work.line.write(CHANGE, {"key": "key 0"})
                work.line.ask(ASK, {})

    assert kept(store) == sorted(f"key {turn}" for turn in range(12))


def test_a_value_that_no_statement_can_carry_leaves_the_connection_in_use(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(DataError), store.unit_of_work(TEST) as work:
            work.line.write(KEEP, {"key": "one", "value": "1"})
            work.line.write(KEEP, {"key": "nul \0", "value": "1"})

    assert kept(store) == []


def test_what_is_foreseen_is_asked_once(store: Store) -> None:
    with store.unit_of_work(TEST) as work, statements(store.engine) as asked:
        work.line.foresee(ASK)
        work.line.write(KEEP, {"key": "one", "value": "1"})
        assert [work.line.ask_once(ASK) for _ in range(3)] == [[], [], []]

    assert len(asked) == 2


def test_a_name_is_held_until_the_commit(store: Store) -> None:
    free = Statement("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 7)) AS free")
    with store.unit_of_work(TEST) as work:
        work.line.hold("cleo@example.org")
        work.line.send()
        with store.unit_of_work(TEST) as other:
            assert not other.line.ask(free, {"name": "cleo@example.org"})[0].free

    with store.unit_of_work(TEST) as other:
        assert other.line.ask(free, {"name": "cleo@example.org"})[0].free


def test_a_question_of_sqlalchemy_holds_its_own_values_and_is_given_the_others(store: Store) -> None:
    given = bindparam("number", type_=BigInteger)
    question = Statement.of(select((given + 1).label("next"), literal("it's 100 % ours: ok").label("held")))

    with store.reading(TEST) as work:
        rows = [work.line.ask(question, {"number": number})[0] for number in (1, 2)]

    assert [(row.next, row.held) for row in rows] == [(2, "it's 100 % ours: ok"), (3, "it's 100 % ours: ok")]
