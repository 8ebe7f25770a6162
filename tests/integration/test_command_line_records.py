"""`desk case show` and `desk export`: what operators and programs read."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from desk.cli import main
from desk.model.access import AuditEntry
from desk.model.case_work import CaseWork
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_message


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE) as work:
        opened = a_case(work, cast.cleo, "Where is my tea?", queue=cast.support, text="Hello?\nAnybody?")
        opened.tags = ["tea", "late"]
        for number in range(205):
            a_message(work, opened, f"note {number}", kind=MessageKind.NOTE, agent=cast.ada)
        return opened.id


@pytest.fixture
def desk(
    store: Store, database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """The command line, on the servers of this test run."""
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    return CliRunner()


def run(desk: CliRunner, *words: str) -> Result:
    return desk.invoke(main, list(words))


def test_a_case_is_shown_whole_to_people_and_to_programs(desk: CliRunner, case: int) -> None:
    shown = run(desk, "case", "show", str(case))
    assert shown.exit_code == 0, shown.output
    assert f"#{case}  Where is my tea?" in shown.output and "note 204" in shown.output
    assert "Cleo Patterson · open · normal · email" in shown.output

    record = json.loads(run(desk, "case", "show", str(case), "--json").output)
    assert [message["position"] for message in record["messages"]] == list(range(1, 207))
    assert record["case"]["tags"] == ["tea", "late"]


def test_a_case_that_is_not_there_is_said_so(desk: CliRunner, case: int) -> None:
    missing = run(desk, "case", "show", "999999999")
    assert missing.exit_code == 1
    assert "There is no case 999999999." in missing.output and "Traceback" not in missing.output


def test_what_is_kept_for_figures_is_compared_with_the_messages(
    desk: CliRunner, store: Store, case: int
) -> None:
    looked = run(desk, "figures", "check")
    assert (looked.exit_code, "1 cases looked through, 0 put right." in looked.output) == (0, True)
    with store.unit_of_work(STAGE) as work:
        kept = work.session.get(CaseWork, case)
        assert kept is not None
        kept.wrote_again = not kept.wrote_again
    for ends, told in ((1, "1 put right."), (0, "0 put right.")):
        looked = run(desk, "figures", "check")
        assert (looked.exit_code, told in looked.output) == (ends, True)


@pytest.mark.parametrize("what", ["cases", "customers", "audit"])
def test_an_export_says_the_same_as_lines_and_as_a_table(desk: CliRunner, case: int, what: str) -> None:
    lines = [json.loads(line) for line in run(desk, "export", what).stdout.splitlines()]
    table = list(csv.DictReader(StringIO(run(desk, "export", what, "--format", "csv").stdout, newline="")))
    assert lines
    assert [str(line["id"]) for line in lines] == [row["id"] for row in table][: len(lines)]
    assert list(lines[0]) == list(table[0])


def test_an_export_holds_every_case_and_names_what_it_refers_to(desk: CliRunner, case: int) -> None:
    (line,) = [json.loads(line) for line in run(desk, "export", "cases").stdout.splitlines()]
    assert (line["id"], line["customer"], line["queue"]) == (case, "Cleo Patterson", "Support")
    (cleo,) = [json.loads(line) for line in run(desk, "export", "customers").stdout.splitlines()]
    assert cleo["addresses"] == ["email:cleo@example.org"]


def test_an_export_with_nowhere_to_go_is_not_in_the_log(desk: CliRunner, store: Store, case: int) -> None:
    refused = run(desk, "export", "cases", "--output", "/nowhere/cases.jsonl")
    assert refused.exit_code == 1 and "/nowhere/cases.jsonl" in refused.output
    assert "cases exported" not in _deeds(store)
    assert run(desk, "export", "cases").exit_code == 0
    assert "cases exported" in _deeds(store)


def test_articles_go_to_folders_and_come_from_markdown(
    desk: CliRunner, store: Store, cast: Cast, tmp_path: Path
) -> None:
    refused = run(desk, "articles", "export", "/proc/nowhere")
    assert refused.exit_code == 1 and "/proc/nowhere cannot be written to" in refused.output
    assert "Traceback" not in refused.output and "articles exported" not in _deeds(store)

    table = tmp_path / "orders.csv"
    table.write_text("a,b\n1,2\n")
    refused = run(desk, "articles", "import", str(table))
    assert refused.exit_code == 1 and "no Markdown file" in refused.output
    table.rename(tmp_path / "orders.md")
    assert run(desk, "articles", "import", str(tmp_path / "orders.md")).output.endswith(": new\n")


def _deeds(store: Store) -> set[str]:
    with store.reading(STAGE) as work:
        return set(work.session.scalars(select(AuditEntry.what)))
