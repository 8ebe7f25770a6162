"""Somebody of whom we know a browser only has no name, and its random number is shown to nobody."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import select

from desk.actions.chat.visiting import Said, speak
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.customer import CHAT_VISITOR
from desk.sockets.visitor import VISITOR
from desk.store.unit_of_work import Store
from tests.chat import Guest
from tests.people import STAGE, Cast
from tests.security.browser import Browser


def test_a_visitor_without_a_name_is_called_so_on_every_screen(
    store: Store, cast: Cast, cleo: Guest, as_agent: Callable[[Agent], Browser]
) -> None:
    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c1", "Where is my kettle?"))
    with store.reading(STAGE) as w:
        case_id = w.session.scalars(select(Case.id)).one()
    ada = as_agent(cast.ada)

    detail = ada.api("GET", f"/cases/{case_id}").json
    (row,) = ada.api("GET", "/cases?view=all").json["rows"]
    hits = ada.api("GET", "/search?q=kettle").json
    (found,) = (one for one in ada.api("GET", "/customers").json["rows"] if one["id"] == row["customer_id"])

    assert row["name"] == detail["case"]["name"] == detail["customer"]["called"] == CHAT_VISITOR
    assert detail["customer"]["name"] == ""
    assert detail["messages"][0]["author"]["name"] == CHAT_VISITOR
    assert (found["name"], found["address"]) == (CHAT_VISITOR, None)
    assert CHAT_VISITOR in json.dumps(hits)
    assert cleo.known.public not in json.dumps([row, hits, found])


def test_a_name_or_an_address_that_says_something_goes_before(
    store: Store, cast: Cast, cleo: Guest, as_agent: Callable[[Agent], Browser]
) -> None:
    with store.unit_of_work(VISITOR) as w:
        speak(w, cleo.known, Said("c1", "Where is my kettle?"))
    with store.reading(STAGE) as w:
        customer_id = w.session.scalars(select(Case.customer_id)).one()
    sam = as_agent(cast.sam)

    claimed = sam.api(
        "POST", f"/customers/{customer_id}/addresses", {"kind": "email", "value": "cleo@new.example"}
    )
    assert (claimed.json["name"], claimed.json["called"]) == ("", "cleo@new.example")
    named = sam.api("PATCH", f"/customers/{customer_id}", {"name": "Cleo"})
    assert named.json["called"] == "Cleo"
