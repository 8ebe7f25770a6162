"""The fence of fact queries: what is not in the export is not there, and nothing costs more than it may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from desk.model.errors import Invalid
from desk.store.insights.facts import kept
from desk.store.insights.facts.query import GivenUp, ask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Five cases, one of them with values that are easily shown wrongly; and a secret beside."""
    place = tmp_path_factory.mktemp("facts")
    (place / "secret.csv").write_text("word\nswordfish\n")
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            "COPY (SELECT range AS case_id, -1.50::DECIMAL(14, 2) AS money, DATE '2026-03-29' AS day,"
            " TIMESTAMPTZ '2026-03-29 01:30:00+00' AS at, NULL::VARCHAR AS nothing, true AS yes"
            f" FROM range(5)) TO '{place}/fact_case.parquet'"
        )
    yield place


def test_values_are_told_as_they_are(folder: Path) -> None:
    answer = ask(folder, "SELECT *, 9007199254740993 AS big FROM fact_case LIMIT 1", rows=9)
    assert [kind for _, kind in answer.columns][:3] == ["BIGINT", "DECIMAL(14,2)", "DATE"]
    assert answer.rows == [[0, "-1.50", "2026-03-29", "2026-03-29T01:30:00Z", None, True, "9007199254740993"]]
    assert not answer.more
    odd = ask(folder, "SELECT 1 AS a, 2 AS a, 'nan'::DOUBLE, [1, 2], '\\xff'::BLOB", rows=9)
    assert [name for name, _ in odd.columns][:2] == ["a", "a (2)"]
    assert odd.rows == [[1, 2, "nan", "[1, 2]", "ff"]]


def test_rows_beyond_the_most_are_left_off_and_it_says_so(folder: Path) -> None:
    three = ask(folder, "FROM fact_case", rows=3)
    assert (len(three.rows), three.more) == (3, True)
    assert not ask(folder, "FROM fact_case", rows=5).more
    wide = ask(folder, "SELECT repeat('x', 20000) FROM range(5000)", rows=5000)
    assert wide.more
    assert {len(cell) for (cell,) in wide.rows} == {10_000}


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('secret.csv')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SELECT getenv('HOME')",
        "SELECT * FROM sql",
        "COPY (SELECT 1) TO 'made.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'made.csv'",
        "ATTACH 'made.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "DROP VIEW fact_case",
        "SELECT 1; COPY (SELECT 1) TO 'made.csv'",
        "-- nothing",
        "SELECT * FROM query('COPY (SELECT 1) TO ''made.csv''')",
        "SELECT repeat('x', 2000000000)",
        "SELECT list(a.range) FROM range(10000000) a, range(100) b",
        f"SELECT {'(' * 4000}1{')' * 4000}",
    ],
)
def test_what_is_not_in_the_export_is_not_there(folder: Path, attack: str) -> None:
    before = set(folder.iterdir())
    with pytest.raises(Invalid) as refused:
        ask(folder, attack, rows=10)
    assert len(refused.value.sentence) > 20
    assert "swordfish" not in refused.value.sentence
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT count(*) FROM t WHERE n = 2",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7",
    ],
)
def test_what_does_not_end_is_ended(folder: Path, endless: str) -> None:
    with pytest.raises(Invalid):
        ask(folder, endless, rows=10, seconds=1)


def test_a_wrong_word_is_told_with_where_it_stands(folder: Path) -> None:
    with pytest.raises(Invalid, match="fact_case"):
        ask(folder, "SELECT * FROM fact_cases", rows=10)
    with pytest.raises(Invalid, match="LINE 1"):
        ask(folder, "SELECT queue FROM fact_case", rows=10)


def test_the_newest_whole_export_is_read_and_old_ones_go(tmp_path: Path) -> None:
    assert kept.newest(tmp_path) is None
    kept.want_newer(tmp_path)
    assert kept.is_wanted(tmp_path)
    for hour in (1, 2, 3):
        at = datetime(2026, 3, 1, hour, tzinfo=UTC)
        made = kept.place_for(tmp_path, at)
        made.mkdir()
        (made / "manifest.json").write_text(f'{{"written_at": "{at}", "rows": {{"fact_case": {hour}}}}}')
    kept.place_for(tmp_path, datetime(2026, 3, 2, tzinfo=UTC)).mkdir()
    kept.no_longer_wanted(tmp_path)
    latest = kept.newest(tmp_path)
    assert latest is not None
    assert (latest.written_at.hour, latest.rows) == (3, {"fact_case": 3})
    assert not kept.is_wanted(tmp_path)
    assert len(list((tmp_path / "facts").glob("*/manifest.json"))) == 2


def test_a_query_ends_when_nobody_waits_for_it(folder: Path) -> None:
    with pytest.raises(GivenUp):
        ask(
            folder,
            "SELECT count(*) FROM range(10000000000) a, range(1000) b",
            rows=9,
            is_given_up=lambda: True,
        )


def test_the_settings_do_not_tell_where_the_operator_is_at_home(folder: Path) -> None:
    answer = ask(folder, "SELECT value FROM duckdb_settings() WHERE name = 'secret_directory'", rows=9)
    assert answer.rows == [["/.duckdb/stored_secrets"]]
