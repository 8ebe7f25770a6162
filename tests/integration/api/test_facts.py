"""Questions over facts: asked for, kept, answered, noted, and for those who watch the desk as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from desk.http import facts
from desk.jobs.keep_facts import keep_facts
from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.settings import Settings
from desk.store.insights.facts import TABLES, kept
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser
from tests.security.conftest import PUBLIC

SignIn = Callable[[Agent], Browser]
COUNT = "SELECT q.name, count(*) AS cases FROM fact_case JOIN dim_queue q USING (queue_id) GROUP BY ALL"


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """With a home of this test's own, where the facts are kept."""
    return Settings(redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests", home=tmp_path)


def noted(store: Store) -> list[tuple[str, str | None]]:
    with store.reading(STAGE) as work:
        lines = work.session.scalars(
            select(AuditEntry).where(AuditEntry.about == "facts").order_by(AuditEntry.id)
        )
        return [(line.what, line.detail.get("sql")) for line in lines]


def test_facts_are_gathered_then_answered_and_who_asked_is_noted(
    as_agent: SignIn, cast: Cast, store: Store, settings: Settings
) -> None:
    with store.unit_of_work(STAGE) as work:
        a_case(work, cast.cleo, "=Tea", queue=cast.support)
    sam, otto, ada = as_agent(cast.sam), as_agent(cast.otto), as_agent(cast.ada)
    now = datetime.now(UTC)
    assert keep_facts(store, settings.home, now) == 0
    first = sam.api("POST", "/facts/queries", {"sql": COUNT})
    assert first.status_code == 503
    assert "first time" in first.text
    assert keep_facts(store, settings.home, now) > 0
    answer: Any = otto.api("POST", "/facts/queries", {"sql": COUNT}).json
    assert answer["columns"] == [{"name": "name", "type": "VARCHAR"}, {"name": "cases", "type": "BIGINT"}]
    assert (answer["rows"], answer["more"]) == ([["Support", 1]], False)
    assert answer["facts_from"]
    assert not answer["newer_coming"]

    listed: Any = otto.api("GET", "/facts/tables").json
    assert [one["name"] for one in listed["tables"]] == [one.name for one in TABLES]
    case = next(one for one in listed["tables"] if one["name"] == "fact_case")
    assert case["rows"] == 1
    assert {"name": "case_id", "type": "BIGINT", "meaning": "the case"} in case["columns"]
    assert listed["examples"][0]["title"] == "How long do customers wait for a first answer?"

    csv = {"sql": "SELECT -1.5 AS a, '=1+1' AS b", "format": "csv"}
    file = sam.api("POST", "/facts/queries", csv)
    assert file.text.splitlines() == ["a,b", "-1.5,'=1+1"]
    assert file.headers["X-Rows-Left-Off"] == "false"
    assert otto.api("POST", "/facts/queries", csv).status_code == 403
    for method, path, body in (
        ("GET", "/facts/tables", None),
        ("POST", "/facts/queries", {"sql": COUNT}),
        ("POST", "/facts/gatherings", {}),
    ):
        assert ada.api(method, path, body).status_code == 403
    assert noted(store) == [
        ("facts exported", None),
        ("facts queried", COUNT),
        ("facts exported", csv["sql"]),
    ]

    names: Any = sam.api("POST", "/facts/queries", {"sql": "SELECT count(name) FROM dim_customer"}).json
    assert names["rows"] == [[0]]
    wrong = sam.api("POST", "/facts/queries", {"sql": "SELECT * FROM read_csv('/etc/passwd')"})
    assert wrong.status_code == 422
    assert "tables of facts alone" in wrong.text
    assert sam.api("POST", "/facts/queries", {"sql": " "}).status_code == 422


def test_old_facts_answer_while_newer_ones_are_gathered(
    as_agent: SignIn, cast: Cast, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.want_newer(settings.home)
    keep_facts(store, settings.home, datetime.now(UTC))
    latest = kept.newest(settings.home)
    assert latest is not None
    manifest = latest.folder / "manifest.json"
    old = str(latest.written_at - timedelta(hours=2))
    manifest.write_text(manifest.read_text().replace(str(latest.written_at), old))
    sam, otto = as_agent(cast.sam), as_agent(cast.otto)
    again: Any = sam.api("POST", "/facts/queries", {"sql": "SELECT 1"}).json
    assert again["newer_coming"]
    assert kept.is_wanted(settings.home)
    keep_facts(store, settings.home, datetime.now(UTC))
    assert not kept.is_wanted(settings.home)
    asked = otto.api("POST", "/facts/gatherings", {})
    assert (asked.status_code, asked.json) == (202, {"newer_coming": True})
    assert kept.is_wanted(settings.home)
    monkeypatch.setattr(facts, "CSV_ROWS", 2)
    cut = sam.api("POST", "/facts/queries", {"sql": "FROM range(3)", "format": "csv"})
    assert (cut.text.splitlines(), cut.headers["X-Rows-Left-Off"]) == (["range", "0", "1"], "true")
    monkeypatch.setattr(facts, "QUERIES", replace(facts.QUERIES, name="few-queries", most=0))
    assert sam.api("POST", "/facts/queries", {"sql": "SELECT 1"}).status_code == 429
