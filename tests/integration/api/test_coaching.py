"""Coaching over HTTP: like cases alone, told to nobody but the agent and the manager of their team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from desk.model.access import AuditEntry
from desk.model.agent import Agent, TeamMember
from desk.model.coaching import CoachingEntry
from desk.model.permission import Role
from desk.store.unit_of_work import Store
from tests.coached import like_cases
from tests.people import STAGE, Cast, an_agent
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


@pytest.fixture
def topic_id(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE) as work:
        return like_cases(work, cast)


def asked(browser: Browser, path: str) -> Any:
    return browser.api("GET", f"/coaching{path}").json


def coaching(browser: Browser, agent: Agent) -> Any:
    return asked(browser, f"/agents/{agent.id}")


def test_an_agent_is_told_beside_peers_on_like_cases(as_agent: SignIn, cast: Cast, topic_id: int) -> None:
    shown = coaching(as_agent(cast.sam), cast.ada)
    everything, of_topic = shown["rows"]
    assert everything["topic_id"] is None and of_topic["topic"] == "Where is it?"
    found = of_topic["resolution"]
    assert (found["cases"], found["peers"]) == (20, 3)
    assert found["mine"] == pytest.approx(4.1 * 3600, rel=0.03)
    assert found["theirs"] == pytest.approx(2.03 * 3600, rel=0.03)
    assert found["stands_out"] and not found["better"]
    assert found["low"] < found["difference"] < found["high"]
    assert of_topic["handling"] is not None and not of_topic["reopened"].get("mine")
    assert of_topic["reopened"] == {"few": True, "cases": 20}
    assert of_topic["satisfied"] is None


def test_it_is_for_the_agent_and_the_manager_of_their_team_alone(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        mara = an_agent(work, "Mara of Billing", Role.MANAGER, teams=[cast.billing_team])
        peer = an_agent(work, "Peer of Ada", teams=[cast.support_team])
    paths = [f"/coaching/agents/{cast.ada.id}", f"/coaching/agents/{cast.ada.id}/cases"]
    for agent, status in (
        (cast.ada, 200),
        (cast.sam, 200),
        (peer, 404),
        (cast.otto, 404),
        (mara, 404),
    ):
        assert {as_agent(agent).api("GET", path).status_code for path in paths} == {status}, agent.name
    assert [row["name"] for row in asked(as_agent(mara), "/agents")["rows"]] == ["Ben Franklin"]
    assert as_agent(cast.ada).api("GET", "/coaching/agents").status_code == 403
    with store.unit_of_work(STAGE) as work:
        work.session.add(TeamMember(team_id=cast.support_team.id, agent_id=mara.id))
    assert as_agent(mara).api("GET", paths[0]).status_code == 200


def test_whom_a_manager_coaches_is_a_list_of_names_without_figures(as_agent: SignIn, cast: Cast) -> None:
    rows = asked(as_agent(cast.sam), "/agents")["rows"]
    assert [row["name"] for row in rows] == ["Ada Lovelace", "Ben Franklin"]
    assert all(set(row) == {"id", "name"} for row in rows)


def test_cases_to_read_are_drawn_the_same_for_both(as_agent: SignIn, cast: Cast, topic_id: int) -> None:
    path = f"/agents/{cast.ada.id}/cases?topic_id={topic_id}"
    first = asked(as_agent(cast.sam), path)
    assert first == asked(as_agent(cast.ada), path)
    drawn = [row["case_id"] for row in first["rows"]]
    assert len(drawn) == 5 and first["next"] == 1 and drawn != sorted(drawn)
    following = asked(as_agent(cast.sam), f"{path}&draw=1")["rows"]
    assert not {row["case_id"] for row in following} & set(drawn)


def test_notes_and_goals_are_the_managers_and_the_agent_answers(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    path = f"/coaching/agents/{cast.ada.id}/entries"
    sam, ada = as_agent(cast.sam), as_agent(cast.ada)
    goal = {"kind": "goal", "text": "Half an hour sooner.", "due_on": "2027-03-01"}
    written: Any = sam.api("POST", path, goal).json
    goal_id = written["id"]
    assert ada.api("POST", path, {"kind": "note", "text": "I am fine."}).status_code == 403
    assert ada.api("POST", path, {"kind": "answer", "text": "Why?", "answers_id": goal_id}).status_code == 201
    assert ada.api("PUT", f"/coaching/entries/{goal_id}/outcome", {"outcome": "reached"}).status_code == 403
    seen = coaching(ada, cast.ada)["entries"]
    assert [(one["kind"], one["author"]) for one in seen] == [
        ("answer", "Ada Lovelace"),
        ("goal", "Sam Beckett"),
    ]
    assert sam.api("PUT", f"/coaching/entries/{goal_id}/outcome", {"outcome": "reached"}).status_code == 204
    again = sam.api("PUT", f"/coaching/entries/{goal_id}/outcome", {"outcome": "dropped"})
    assert again.status_code == 422 and "reached already" in again.text
    with store.reading(STAGE) as work:
        lines = work.session.scalars(select(AuditEntry).where(AuditEntry.what.like("coaching%"))).all()
    assert [one.what for one in lines] == [
        "coaching goal written", "coaching answer written", "coaching goal reached",
    ]  # fmt: skip
    assert not any("sooner" in str(one.detail) for one in lines)
    coaching(sam, cast.ada)
    with store.reading(STAGE) as work:
        [last] = work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    assert (last.what, last.about) == ("coaching read", f"agent:{cast.ada.id}")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "note", "text": "So.", "due_on": "2027-03-01"}, "due_on"),
        ({"kind": "note", "text": "So.", "answers_id": 7}, "answers_id"),
        ({"kind": "answer", "text": "So."}, "answers_id"),
        ({"kind": "answer", "text": "So.", "answers_id": 999999}, "answers_id"),
        ({"kind": "note", "text": "  "}, "text"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(
    as_agent: SignIn, cast: Cast, store: Store, wrong: dict[str, Any], field: str
) -> None:
    answer: Any = as_agent(cast.sam).api("POST", f"/coaching/agents/{cast.ada.id}/entries", wrong)
    assert answer.status_code == 422
    assert answer.json["error"]["field"] == field
    with store.reading(STAGE) as work:
        assert not work.session.scalars(select(CoachingEntry)).all()
