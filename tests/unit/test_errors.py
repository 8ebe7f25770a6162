"""Trouble with the database is told as what it is."""

from __future__ import annotations

import pytest
from flask import Flask
from psycopg.errors import AdminShutdown, QueryCanceled
from sqlalchemy.exc import OperationalError

from desk.http import errors


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (QueryCanceled("canceling statement due to statement timeout"), "That took too long"),
        (AdminShutdown("terminating connection"), "cannot reach its database"),
    ],
)
def test_a_slow_statement_is_no_database_that_is_away(trouble: Exception, said: str) -> None:
    app = Flask(__name__)
    errors.register(app)

    @app.get("/api/asked")
    def asked() -> str:
        raise OperationalError("SELECT", {}, trouble)

    answer = app.test_client().get("/api/asked")
    assert answer.status_code == 503
    assert said in answer.get_json()["error"]["sentence"]
