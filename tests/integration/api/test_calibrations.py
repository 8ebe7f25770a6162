"""Calibration: two judge one case, neither knows of the other's judgement before both are given."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.coaching import Criterion
from desk.model.permission import Role
from desk.model.transit import JournalEntry
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, an_agent
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
MET = {name.value: 3 for name in Criterion}
PATH = "/coaching/calibrations"


@pytest.fixture
def case_id(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE) as work:
        return a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada, text="Where?").id


@pytest.fixture
def mara(store: Store, cast: Cast) -> Agent:
    """She coaches Ben, and not Ada."""
    with store.unit_of_work(STAGE) as work:
        return an_agent(work, "Mara of Billing", Role.MANAGER, teams=[cast.billing_team])


def test_each_judges_alone_and_both_are_shown_when_both_are_given(
    as_agent: SignIn, store: Store, cast: Cast, case_id: int
) -> None:
    sam, ida = as_agent(cast.sam), as_agent(cast.ida)
    made = sam.api("POST", PATH, {"case_id": case_id, "with_id": cast.ida.id})
    assert made.status_code == 201 and made.json is not None
    one = f"{PATH}/{made.json['id']}"
    assert (made.json["state"], made.json["agent"]["name"]) == ("mine_missing", "Ada Lovelace")

    sams = {"levels": MET | {"tone": 1, "procedure": None}, "comment": "Curt."}
    assert sam.api("PUT", f"{one}/judgement", sams).json["state"] == "mine_given"
    waits = ida.api("GET", one)
    assert waits.json["other_given"] and waits.json["other"]["levels"] is None
    assert "Curt" not in waits.text and waits.json["differ"] is None
    assert ida.api("PUT", f"{one}/agreement", {"text": "Too early."}).status_code == 409

    # Until the other has judged, one may think again.
    assert sam.api("PUT", f"{one}/judgement", sams | {"levels": MET | {"tone": 2}}).status_code == 200
    both = ida.api("PUT", f"{one}/judgement", {"levels": MET}).json
    assert both["state"] == "both" and both["differ"] == ["tone"]
    assert both["other"]["comment"] == "Curt." and both["other"]["levels"]["tone"] == 2
    assert sam.api("PUT", f"{one}/judgement", sams).status_code == 409
    assert sam.api("DELETE", one).status_code == 409
    sam.api("PUT", f"{one}/agreement", {"text": "A greeting is part of it."})
    assert ida.api("GET", PATH).json["rows"][0]["agreed"] == "A greeting is part of it."
    with store.reading(STAGE) as work:
        told = work.session.scalars(
            select(JournalEntry.payload).where(JournalEntry.kind == "CalibrationChanged")
        ).all()
        assert [(one["agent_id"], one["what"]) for one in told] == [
            (cast.ida.id, "asked"),
            (cast.sam.id, "judged"),
        ]
        noted = work.session.scalars(select(AuditEntry).where(AuditEntry.what.like("calibration%"))).all()
        assert noted and "Curt" not in str([vars(entry) for entry in noted])


def test_only_who_coaches_the_agent_judges_and_nobody_else_is_shown_it(
    as_agent: SignIn, store: Store, cast: Cast, case_id: int, mara: Agent
) -> None:
    sam = as_agent(cast.sam)
    found = sam.api("GET", f"{PATH}/reviewers?case_id={case_id}").json
    assert found["agent"]["name"] == "Ada Lovelace"
    assert [row["name"] for row in found["rows"]] == ["Ida Rhodes"]
    for with_id in (mara.id, cast.sam.id, cast.ada.id):
        refused = sam.api("POST", PATH, {"case_id": case_id, "with_id": with_id})
        assert refused.status_code == 422 and refused.json["error"]["field"] == "with_id"
    theirs = as_agent(mara).api("POST", PATH, {"case_id": case_id, "with_id": cast.sam.id})
    assert theirs.status_code == 422 and "do not coach" in theirs.text
    with store.unit_of_work(STAGE) as work:
        nobodys = a_case(work, cast.cleo, queue=cast.support).id
    assert sam.api("POST", PATH, {"case_id": nobodys, "with_id": cast.ida.id}).status_code == 422
    one = f"{PATH}/{sam.api('POST', PATH, {'case_id': case_id, 'with_id': cast.ida.id}).json['id']}"
    for agent, status in ((cast.ada, 403), (cast.otto, 403), (mara, 404), (cast.ida, 200)):
        assert as_agent(agent).api("GET", one).status_code == status, agent.name
    assert as_agent(mara).api("GET", PATH).json["rows"] == []
    assert as_agent(cast.ida).api("DELETE", one).status_code == 403
    assert sam.api("DELETE", one).status_code == 204
    assert as_agent(cast.ida).api("GET", one).status_code == 404


def test_each_criterion_is_judged_on_its_levels(as_agent: SignIn, cast: Cast, case_id: int) -> None:
    sam = as_agent(cast.sam)
    one = sam.api("POST", PATH, {"case_id": case_id, "with_id": cast.ida.id}).json["id"]
    for levels in ({}, MET | {"tone": 4}, MET | {"charm": 2}, {"tone": 3}):
        refused = sam.api("PUT", f"{PATH}/{one}/judgement", {"levels": levels})
        assert refused.status_code == 422 and refused.json["error"]["field"] == "levels"
