"""`desk purchases`: a file is looked at, then taken; a system is let in, and kept out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from desk.cli import main
from desk.model.purchase import Purchase
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast


@pytest.fixture
def desk(
    store: Store,
    cast: Cast,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> CliRunner:
    """The command line, on the servers of this test run."""
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    return CliRunner()


def run(desk: CliRunner, *words: object) -> Result:
    return desk.invoke(main, ["purchases", *map(str, words)])


def how_many(store: Store) -> int:
    with store.reading(STAGE) as work:
        return work.session.scalar(select(func.count(Purchase.id))) or 0


def test_a_file_is_looked_at_and_then_taken(desk: CliRunner, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("id;customer;date;amount;currency\n1;cleo@example.org;2026-01-05;10,50;EUR\n")
    dry = run(desk, "import", path, "--dry-run")
    assert "Would be added: 1." in dry.output and "dry run" in dry.output
    assert how_many(store) == 0
    assert "Added: 1. Corrected: 0." in run(desk, "import", path).output
    assert "Added: 0. Corrected: 0. Unchanged: 1." in run(desk, "import", path).output
    assert how_many(store) == 1


def test_a_file_with_a_problem_is_not_taken(desk: CliRunner, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("id,customer,date,amount,currency\n1,K-1,2026-01-05,10,EUR\n2,K-1,2026-01-05,10,Euro\n")
    refused = run(desk, "import", path)
    assert refused.exit_code == 1
    assert "Line 3: “Euro” is not a currency" in refused.output
    assert "Nothing was taken" in refused.output
    assert how_many(store) == 0


def test_a_system_is_let_in_and_kept_out(desk: CliRunner) -> None:
    made = run(desk, "source", "add", "Till").output
    assert "/hooks/purchases/" in made and "Secret: whsec_" in made
    number = made.split("/hooks/purchases/")[1].split()[0]
    listed = run(desk, "source", "list").output
    assert "Till" in listed and "whsec_" not in listed
    assert "is refused from now on" in run(desk, "source", "remove", number).output
    assert run(desk, "source", "remove", number).exit_code == 1
