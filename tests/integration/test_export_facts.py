"""Facts as Parquet: DuckDB reads a star that joins, equals the database, and names nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from desk.actions.insights.facts import export_facts
from desk.cli import main
from desk.model.access import AuditEntry
from desk.model.case import CaseChange
from desk.model.errors import Conflict, Forbidden
from desk.model.message import MessageKind
from desk.model.topic import Question, Topic, TopicState
from desk.store.insights.facts import TABLES
from desk.store.insights.facts.parquet import write_facts
from desk.store.insights.facts.table import Table, columns
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_message

HOUR = timedelta(hours=1)


@pytest.fixture
def happened(store: Store, cast: Cast) -> int:
    """A case with two contacts: resolved, and written to again; the second is not answered."""
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = a_case(work, cast.cleo, 'Where is "my" tea,\nplease?', queue=cast.support, text="Hello?")
        first = a_message(work, case, "It is late, and so am I", at=MORNING + HOUR)
        a_message(work, case, "Here.", kind=MessageKind.OUTBOUND, agent=cast.ada, at=MORNING + 2 * HOUR)
        case.first_replied_at = MORNING + 2 * HOUR
        case.tags = []
        for at, before, after in ((3, "waiting", "resolved"), (30, "resolved", "open")):
            line = CaseChange(
                case_id=case.id, at=MORNING + at * HOUR, actor="t", sentence="…", what="status",
                before=before, after=after,
            )  # fmt: skip
            work.session.add(line)
        a_message(work, case, "", at=MORNING + 30 * HOUR)
        topic = Topic(name="Where is it?", state=TopicState.ACTIVE, created_at=MORNING, updated_at=MORNING)
        work.session.add(topic)
        work.session.flush()
        begun = work.session.scalar(
            text("SELECT min(id) FROM messages WHERE case_id = :id").bindparams(id=case.id)
        )
        assert begun < first.id
        work.session.add(
            Question(
                case_id=case.id, message_id=begun, ordinal=0, asked_at=MORNING, channel_kind=case.channel,
                text="where is my tea", words_hash="h", topic_id=topic.id,
            )
        )  # fmt: skip
        return case.id


def read(folder: Path, asked: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers when the files of the folder are tables."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for file in (one for one in folder.glob("*.parquet") if one.stem in asked):
            engine.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")
        return engine.execute(asked).fetchall()


def test_every_table_is_written_with_its_columns_and_rows(
    store: Store, happened: int, tmp_path: Path
) -> None:
    rows = export_facts(store, STAGE, tmp_path / "facts", names=False)
    assert list(rows) == [table.name for table in TABLES]
    for table in TABLES:
        found = read(tmp_path / "facts", f"SELECT column_name FROM (DESCRIBE {table.name})")
        assert [name for (name,) in found] == [one.name for one in table.columns]
        assert read(tmp_path / "facts", f"SELECT count(*) FROM {table.name}") == [(rows[table.name],)]
    with store.reading(STAGE) as work:
        for kept in ("messages", "cases", "customers", "agents", "questions"):
            counted = work.session.scalar(text(f"SELECT count(*) FROM {kept}"))
            assert counted in (rows.get(f"fact_{kept[:-1]}"), rows.get(f"dim_{kept[:-1]}"))
    manifest = json.loads((tmp_path / "facts" / "manifest.json").read_text())
    assert (manifest["rows"], manifest["zone"], manifest["names"]) == (rows, "UTC", False)


def test_a_notebook_joins_the_star(store: Store, happened: int, tmp_path: Path) -> None:
    export_facts(store, STAGE, tmp_path / "facts", names=False)
    found = read(
        tmp_path / "facts",
        """
        SELECT k.ordinal, d.weekday, q.name, u.tier, t.name, k.answer_seconds, c.received, c.answers,
          c.reopens
        FROM fact_contact k JOIN dim_date d ON d.date = k.contacted_on JOIN fact_case c USING (case_id)
          JOIN dim_queue q USING (queue_id) JOIN dim_customer u ON u.customer_id = k.customer_id
          LEFT JOIN dim_topic t USING (topic_id)
        ORDER BY 1
        """,
    )
    assert found == [
        (1, 1, "Support", "bronze", "Where is it?", 7200.0, 3, 1, 1),
        (2, 2, "Support", "bronze", None, None, 3, 1, 1),
    ]
    for fact, key, dim in (
        ("fact_message", "said_on", "date"), ("fact_message", "agent_id", "agent"),
        ("fact_case", "customer_id", "customer"), ("fact_question", "topic_id", "topic"),
    ):  # fmt: skip
        other = "date" if dim == "date" else key
        lost = f"SELECT count(*) FROM {fact} f ANTI JOIN dim_{dim} d ON d.{other} = f.{key}"
        lost += f" WHERE f.{key} NOT NULL"
        assert read(tmp_path / "facts", lost) == [(0,)]
    moments = "SELECT epoch(said_at), characters FROM fact_message ORDER BY message_id"
    assert read(tmp_path / "facts", moments)[0] == (MORNING.timestamp(), 6)


def test_days_are_those_of_the_desk(store: Store, happened: int, tmp_path: Path) -> None:
    with store.reading(STAGE) as work:
        write_facts(work.connection, tmp_path / "facts", zone="Pacific/Kiritimati", names=False, about={})
    found = read(
        tmp_path / "facts", "SELECT min(contacted_on)::text, max(contacted_on)::text FROM fact_contact"
    )
    assert found == [("2026-03-02", "2026-03-04")]


def test_nobody_is_named_unless_asked_for_and_what_was_said_never_leaves(
    store: Store, cast: Cast, happened: int, tmp_path: Path
) -> None:
    export_facts(store, STAGE, tmp_path / "masked", names=False)
    export_facts(store, STAGE, tmp_path / "named", names=True)
    assert read(tmp_path / "masked", "SELECT count(name) FROM dim_customer") == [(0,)]
    assert read(tmp_path / "masked", "SELECT count(name) FROM dim_agent") == [(0,)]
    assert ("Cleo Patterson",) in read(tmp_path / "named", "SELECT name FROM dim_customer")
    for table in TABLES:
        rows = str(read(tmp_path / "named", f"SELECT * FROM {table.name}"))
        assert "so am I" not in rows and "cleo@example.org" not in rows and "my tea" not in rows, table.name
    with store.reading(STAGE) as work:
        noted = work.session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id)).all()
    assert noted == [{"names": False}, {"names": True}]


def test_an_export_is_replaced_whole_and_nothing_else_is_touched(
    store: Store, happened: int, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    export_facts(store, STAGE, folder, names=False)
    written = (folder / "manifest.json").read_text()
    broken = Table("fact_broken", "…", columns("one number …"), "SELECT 1 / (id - id) AS one FROM messages")
    with store.reading(STAGE) as work, pytest.raises(Exception, match="division by zero"):
        write_facts(work.connection, folder, zone="UTC", names=False, about={}, tables=[*TABLES, broken])
    assert (folder / "manifest.json").read_text() == written
    assert [one.name for one in tmp_path.iterdir() if one.name != "files"] == ["facts"]
    export_facts(store, STAGE, folder, names=True)
    assert json.loads((folder / "manifest.json").read_text())["names"] is True
    assert len(list(folder.iterdir())) == len(TABLES) + 1

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine")
    with pytest.raises(Conflict, match="thesis"):
        export_facts(store, STAGE, mine, names=False)
    assert [one.name for one in mine.iterdir()] == ["thesis.txt"]


def test_only_who_may_export_does(store: Store, cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        export_facts(store, cast.actor(cast.ada), tmp_path / "facts", names=False)
    assert not (tmp_path / "facts").exists()


def test_an_empty_desk_has_an_empty_star(store: Store, tmp_path: Path) -> None:
    rows = export_facts(store, STAGE, tmp_path / "facts", names=False)
    assert {name for name, count in rows.items() if count} == {"dim_date"}
    assert read(
        tmp_path / "facts", "SELECT count(*) FROM fact_case JOIN dim_customer USING (customer_id)"
    ) == [(0,)]


def test_the_command_says_what_it_wrote_and_what_it_needs(
    store: Store, happened: int, database_url: str, redis_url: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    desk = CliRunner()
    written = desk.invoke(main, ["export", "facts", "--to", str(tmp_path / "star")])
    assert written.exit_code == 0, written.output
    assert "fact_contact: 2 rows" in written.stderr
    for words in (["facts"], ["cases", "--to", str(tmp_path / "star")], ["cases", "--names"]):
        refused = desk.invoke(main, ["export", *words])
        assert (refused.exit_code, "desk export facts --to FOLDER" in refused.output) == (2, True)


def test_every_table_and_column_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    for table in TABLES:
        section = page.partition(f"### {table.name}\n")[2].partition("\n### ")[0]
        assert table.meaning in section, table.name
        for column in table.columns:
            assert f"| {column.name} | " in section and column.meaning in section, (
                f"{table.name}.{column.name}"
            )
