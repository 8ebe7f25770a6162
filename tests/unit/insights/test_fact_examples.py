"""The example queries fit the tables as they are, and say what they ask in words."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from desk.store.insights.facts import TABLES
from desk.store.insights.facts.examples import EXAMPLES, Example


@pytest.fixture(scope="module")
def star() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of facts, empty."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            listed = ", ".join(f"{one.name} {one.kind.value}" for one in table.columns)
            engine.execute(f"CREATE TABLE {table.name} ({listed})")
        yield engine


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.title)
def test_an_example_is_one_select_over_the_tables(star: duckdb.DuckDBPyConnection, example: Example) -> None:
    (statement,) = star.extract_statements(example.sql)
    assert statement.type == duckdb.StatementType.SELECT
    star.execute(statement)
    assert star.description
    assert star.fetchall() == [], "of nothing, nothing is told"
    assert example.title.endswith("?")


def test_contacts_are_counted_once_a_customer_whatever_they_are_worth(
    star: duckdb.DuckDBPyConnection,
) -> None:
    asked = next(one for one in EXAMPLES if "valuable" in one.title)
    star.execute("BEGIN")
    for number in (1, 2, 3):
        star.execute(
            "INSERT INTO dim_customer (customer_id, tier, lifetime_value, currency)"
            " VALUES (?, 'gold', 100, 'EUR')",
            [number],
        )
    star.execute(
        "INSERT INTO fact_contact (customer_id, contacted_on) VALUES (1, current_date), (1, current_date)"
    )
    told = star.execute(asked.sql).fetchall()
    star.execute("ROLLBACK")
    assert [(tier, customers, who, each) for tier, customers, who, each, *_ in told] == [("gold", 3, 1, 0.67)]
    assert told[0][-1] == 300
