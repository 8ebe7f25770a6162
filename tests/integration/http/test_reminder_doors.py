"""Reminders through their doors: one's own alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import Browser


def test_through_its_doors(as_agent: Callable[[Agent], Browser], store: Store, cast: Cast) -> None:
    ada = as_agent(cast.ada)
    made = ada.api("POST", "/reminders", {"at": "2999-01-01T09:00:00+02:00", "word": "Look"})
    assert made.status_code == 422, made.json
    with store.reading(STAGE) as work:
        soon = (work.now + timedelta(hours=5)).isoformat()
    made = ada.api("POST", "/reminders", {"at": soon, "word": "Look"})
    assert made.status_code == 201 and made.json is not None
    path = f"/reminders/{made.json['id']}"
    assert ada.api("POST", "/reminders", {"at": soon[:19], "word": "No zone"}).status_code == 422
    assert as_agent(cast.ben).api("PUT", path, {"done": True}).status_code == 404
    assert ada.api("PUT", path, {"done": True}).status_code == 200
    assert ada.get("/api/v1/reminders").json["rows"] == []
    assert ada.api("PUT", path, {"done": False}).status_code == 200
    assert [row["word"] for row in ada.get("/api/v1/reminders").json["rows"]] == ["Look"]
    assert ada.api("DELETE", path).status_code == 204
