"""Statements in one round trip: all of them in one write, and one wait for all answers.

psycopg's cursors write each statement of a pipeline as it comes, and take longer over most statements than
the server does. What is sent here goes past the cursors; how values are written and read, how one waits and
which statements are prepared stays psycopg's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq
from psycopg._preparing import Prepare, PrepareManager
from psycopg._queries import PostgresRawQuery
from psycopg.abc import PQGen, Transformer
from psycopg.errors import PipelineAborted, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq.abc import PGconn, PGresult


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with its values as the server takes them, and the form in which its answer comes."""

    query: PostgresRawQuery
    form: pq.Format

    @classmethod
    def of(cls, words: bytes, values: Sequence[Any], transformer: Transformer, *, binary: bool) -> Sent:
        """Raises psycopg.Error for a value that no statement can carry."""
        query = PostgresRawQuery(transformer)
        query.convert(words, values)
        return cls(query, pq.Format.BINARY if binary else pq.Format.TEXT)


def one_trip(driver: psycopg.Connection[Any], sent: Sequence[Sent], *, commit: bool) -> list[PGresult]:
    """What the server answers to each, in their order; with `commit` its answer to that comes last.

    Where no transaction is open, one begins before. After one that is refused all others are; what is refused
    is raised by whoever looks (`refusal`). Not inside a pipeline of psycopg.
    """
    with driver.lock:
        return driver.wait(_trip(driver, sent, commit=commit))


def refusal(answer: PGresult) -> psycopg.Error | None:
    """Why the server has not done it, where it has not."""
    if answer.status == pq.ExecStatus.FATAL_ERROR:
        return error_from_result(answer)
    if answer.status == pq.ExecStatus.PIPELINE_ABORTED:
        return PipelineAborted("Something before it was refused.")
    return None


def _trip(driver: psycopg.Connection[Any], sent: Sequence[Sent], *, commit: bool) -> PQGen[list[PGresult]]:
    pgconn, known = driver.pgconn, driver._prepared
    pgconn.enter_pipeline_mode()
    try:
        begun = 0
        if not driver.autocommit and pgconn.transaction_status == pq.TransactionStatus.IDLE:
            pgconn.send_query_params(driver._get_tx_start_command(), None)
            begun = 1
        expected = [_send(pgconn, known, one) for one in sent]
        if commit:
            pgconn.send_query_params(b"COMMIT", None)
            expected.append(1)
        # A beginning that is refused is a refusal of the first statement.
        expected[0] += begun
        pgconn.pipeline_sync()
        yield from send(pgconn)
        answers: list[PGresult] = []
        for count in expected:
            answers.append((yield from _answer(pgconn, count)))
        yield from fetch_many(pgconn)  # the end of the trip
        pgconn.exit_pipeline_mode()
    except BaseException:
        # Nobody knows what is still on its way here.
        pgconn.finish()
        raise
    if refusal(answers[-1]):
        # What came to be prepared after the first that was refused was not.
        known.clear()
    if pgconn.transaction_status != pq.TransactionStatus.INERROR:
        yield from known.maintain_gen(driver)
    return answers


def _send(pgconn: PGconn, known: PrepareManager, one: Sent) -> int:
    """Put it on the way, prepared where it comes often; how many answers follow."""
    query = one.query
    prepare, name = known.get(query)
    if prepare is Prepare.SHOULD:
        pgconn.send_prepare(name, query.query, query.types)
    if prepare is Prepare.NO:
        pgconn.send_query_params(query.query, query.params, query.types, query.formats, one.form)
    else:
        pgconn.send_query_prepared(name, query.params, query.formats, one.form)
    if known.maybe_add_to_cache(query, prepare, name):
        known._rotate()
    return 2 if prepare is Prepare.SHOULD else 1


def _answer(pgconn: PGconn, count: int) -> PQGen[PGresult]:
    """The last of so many answers, or the first of them that is a refusal."""
    answer: PGresult
    (answer,) = yield from fetch_many(pgconn)
    for _ in range(count - 1):
        (following,) = yield from fetch_many(pgconn)
        if not refusal(answer):
            answer = following
    return answer
