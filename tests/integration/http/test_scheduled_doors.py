"""Scheduled replies through their doors: made, seen, moved, sent now and cancelled by who wrote them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_conversation, a_message
from tests.security.browser import Browser


def test_through_their_doors(as_agent: Callable[[Agent], Browser], store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada)
        a_message(work, case, "Where is it?", conversation=a_conversation(work, case, cast.mail))
        soon, later = ((work.now + timedelta(hours=hours)).isoformat() for hours in (5, 9))
        case_id, position = case.id, case.last_position
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    form = {"at": soon, "client_id": "one", "text": "On Monday.", "last_seen_position": position}
    path = f"/cases/{case_id}/scheduled-replies"
    assert ada.api("POST", path, form | {"at": soon[:19]}).status_code == 422
    assert ada.api("POST", path, form | {"last_seen_position": 0}).status_code == 409
    assert as_agent(cast.ben).api("POST", path, form).status_code == 404
    assert as_agent(cast.otto).api("POST", path, form).status_code == 403
    made = ada.api("POST", path, form)
    assert made.status_code == 201 and made.json is not None
    assert made.json["text"] == "On Monday." and made.json["state"] == "waiting"
    one = f"/scheduled-replies/{made.json['id']}"
    (row,) = ada.get("/api/v1/scheduled-replies").json["rows"]
    assert (row["case_id"], row["customer"], row["opens"]) == (case_id, "Cleo Patterson", True)
    assert sam.get("/api/v1/scheduled-replies").json["rows"] == []
    listed = sam.get("/api/v1/cases?status=open").json["rows"]
    assert [one["scheduled"] for one in listed] == ["waiting"]
    assert ada.api("PUT", one, {"at": later, "text": "On Tuesday."}).json["text"] == "On Tuesday."
    assert sam.api("DELETE", one).status_code == 404
    assert sam.api("PUT", f"{one}/hold").json["state"] == "held_back"
    sent = ada.api("POST", f"{one}/message", {})
    assert sent.status_code == 201 and sent.json["text"] == "On Tuesday."
    assert ada.api("DELETE", one).status_code == 409
    again = ada.api("POST", path, form | {"client_id": "two", "last_seen_position": None}).json["id"]
    cancelled = ada.api("DELETE", f"/scheduled-replies/{again}")
    assert cancelled.status_code == 200 and cancelled.json["text"] == "On Monday."
    history = ada.get(f"/api/v1/cases/{case_id}/history").json["rows"]
    assert next(row["sentence"] for row in history if "scheduled reply" in row["sentence"]) == (
        "Ada Lovelace cancelled a scheduled reply"
    )
