"""`desk user`: the same deeds as on the setup page, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from desk.actions.routing.assignments import assign
from desk.cli import main
from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.case import Case
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case


@pytest.fixture
def desk(
    store: Store, database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """The command line, on the servers of this test run."""
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    return CliRunner()


def run(desk: CliRunner, *words: str, typed: str = "") -> Result:
    return desk.invoke(main, ["user", *words], input=typed)


def test_who_is_shown_out_keeps_no_case(desk: CliRunner, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, "Where is my tea?", queue=cast.support)
        assign(work, case, cast.ada.id)
    assert run(desk, "disable", cast.ada.email).exit_code == 0
    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, case.id).assignee_id is None
        assert work.session.get_one(Agent, cast.ada.id).disabled_at is not None
        assert "agent disabled" in work.session.scalars(select(AuditEntry.what)).all()
    assert run(desk, "enable", cast.ada.email).exit_code == 0


def test_the_only_administrator_stays(desk: CliRunner, cast: Cast) -> None:
    refused = run(desk, "disable", cast.ida.email)
    assert refused.exit_code == 1
    assert "the only administrator" in refused.output


@pytest.mark.parametrize("address", ["nobody", "a b@shop.example", "a@b@ c", "@", "two@lines\n.example"])
def test_what_is_no_address_is_refused(desk: CliRunner, cast: Cast, address: str) -> None:
    refused = run(desk, "add", address, "Nora")
    assert refused.exit_code == 1
    assert "is not an email address" in refused.output


def test_a_new_agent_is_told_the_password_that_was_made(desk: CliRunner, cast: Cast) -> None:
    said = run(desk, "add", " Nora@Shop.example ", "Nora").output
    assert "Password: " in said and "Nora <nora@shop.example> may sign in as agent." in said
    assert "already" in run(desk, "add", "nora@shop.example", "Nora").output


def test_a_password_by_standard_input_is_not_repeated(desk: CliRunner, cast: Cast) -> None:
    words = ("add", "nora@shop.example", "Nora", "--password-stdin")
    assert "No password" in run(desk, *words).output
    assert "at least" in run(desk, *words, typed="short\n").output
    said = run(desk, *words, typed="twelve green bottles\n")
    assert said.exit_code == 0 and "twelve" not in said.output
