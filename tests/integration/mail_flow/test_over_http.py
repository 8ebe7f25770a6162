"""Reading, answering and taking back through the interface, as the agent's screen does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from desk.model.agent import Agent
from desk.model.transit import InboxState
from desk.store.inbox import quarantine
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail
from tests.people import STAGE
from tests.security.browser import Browser

AsAgent = Callable[[Agent], Browser]


@pytest.fixture
def ada(desk: DeskAtWork, app: Flask, as_agent: AsAgent) -> Browser:
    return as_agent(desk.cast.ada)


def test_a_reply_is_made_once_and_the_same_client_id_answers_with_it_again(
    desk: DeskAtWork, ada: Browser
) -> None:
    (kept,) = desk.receive(a_mail())
    body = _reply("one")
    first = ada.api("POST", f"/cases/{kept.case_id}/messages", body)
    again = ada.api("POST", f"/cases/{kept.case_id}/messages", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert first.json["state"] == "held"
    assert first.json["send_at"].endswith("Z")
    assert first.json["to"] == [{"address": "cleo@example.org", "name": "Cleo Patterson"}]


def test_a_clash_is_409_with_what_was_said_meanwhile(desk: DeskAtWork, ada: Browser) -> None:
    (kept,) = desk.receive(a_mail(message_id="a@example.org"))
    desk.receive(a_mail(in_reply_to="a@example.org", text="Found it."))
    refused = ada.api("POST", f"/cases/{kept.case_id}/messages", _reply("one") | {"last_seen_position": 1})
    assert refused.status_code == 409
    current = refused.json["error"]["current"]
    assert [one["reply"] for one in current["messages"]] == ["Found it."]
    assert current["position"] == 2


def test_a_held_reply_is_taken_back_with_its_text(desk: DeskAtWork, ada: Browser) -> None:
    (kept,) = desk.receive(a_mail())
    made = ada.api("POST", f"/cases/{kept.case_id}/messages", _reply("one"))
    back = ada.api("DELETE", f"/messages/{made.json['id']}/hold")
    assert (back.status_code, back.json["text"]) == (200, "It is on its way.")
    assert ada.api("DELETE", f"/messages/{made.json['id']}/hold").status_code == 404


def test_the_thread_is_read_in_pages(desk: DeskAtWork, ada: Browser) -> None:
    (kept,) = desk.receive(a_mail(message_id="a@example.org"))
    desk.receive(*[a_mail(in_reply_to="a@example.org", text=f"No. {n}") for n in range(4)])
    last = ada.get(f"/api/v1/cases/{kept.case_id}/messages?limit=2").json
    assert ([one["position"] for one in last["rows"]], last["older"]) == ([4, 5], True)
    before = ada.get(f"/api/v1/cases/{kept.case_id}/messages?before=4&limit=50").json
    assert ([one["position"] for one in before["rows"]], before["older"]) == ([1, 2, 3], False)
    after = ada.get(f"/api/v1/cases/{kept.case_id}/messages?after=3").json
    assert [one["position"] for one in after["rows"]] == [4, 5]


def test_formatted_mail_is_a_page_that_can_do_nothing(desk: DeskAtWork, ada: Browser) -> None:
    (kept,) = desk.receive(
        _formatted('<p onclick="x()">Hi<script>x()</script><img src="https://t.example/p.gif">')
    )
    (message,) = desk.messages(kept.case_id)
    page = ada.get(f"/api/v1/messages/{message.id}/html")
    policy = page.headers["Content-Security-Policy"]
    assert "script" not in page.text and "onclick" not in page.text
    assert ' src="https://t.example' not in page.text
    assert "default-src 'none'" in policy and "sandbox" in policy and "https:" not in policy
    shown = ada.get(f"/api/v1/messages/{message.id}/html?images=1")
    assert ' src="https://t.example/p.gif"' in shown.text
    assert "https:" in shown.headers["Content-Security-Policy"]


def test_a_case_of_another_queue_is_not_there_for_an_agent(
    desk: DeskAtWork,
    app: Flask,
    as_agent: AsAgent,
) -> None:
    (kept,) = desk.receive(_formatted("<p>Hi"))
    (message,) = desk.messages(kept.case_id)
    ben = as_agent(desk.cast.ben)
    assert ben.get(f"/api/v1/cases/{kept.case_id}/messages").status_code == 404
    assert ben.get(f"/api/v1/messages/{message.id}/html").status_code == 404
    assert ben.api("POST", f"/cases/{kept.case_id}/messages", _reply("one")).status_code == 404


def test_mail_in_quarantine_is_seen_downloaded_and_read_again(
    desk: DeskAtWork,
    app: Flask,
    as_agent: AsAgent,
) -> None:
    (kept,) = desk.keep(b"\x00\x01 no mail")
    desk.read()
    sam = as_agent(desk.cast.sam)
    (row,) = sam.get("/api/v1/quarantine").json["rows"]
    assert (row["id"], row["reason"]) == (kept, "There is no header of a mail in it.")
    assert sam.get(f"/api/v1/quarantine/{kept}/raw").data == b"\x00\x01 no mail"
    again = sam.api("POST", f"/quarantine/{kept}/attempts")
    assert (again.status_code, again.json["state"]) == (202, "running")
    assert desk.inbox(kept).state is InboxState.RECEIVED
    assert as_agent(desk.cast.ada).api("POST", f"/quarantine/{kept}/attempts").status_code == 403


def test_how_far_reading_again_is_can_be_asked(desk: DeskAtWork, app: Flask, as_agent: AsAgent) -> None:
    bad, good = desk.keep(b"\x00\x01 no mail", a_mail())
    with desk.store.unit_of_work(STAGE) as work:
        quarantine(work.session, good, "A parser of long ago could not read it.")
    desk.read()
    sam = as_agent(desk.cast.sam)
    for kept in (bad, good):
        sam.api("POST", f"/quarantine/{kept}/attempts")
        assert sam.get(f"/api/v1/quarantine/{kept}/reading").json["state"] == "running"
    desk.read()
    again = sam.get(f"/api/v1/quarantine/{bad}/reading").json
    assert (again["state"], again["reason"]) == ("quarantined", "There is no header of a mail in it.")
    became = sam.get(f"/api/v1/quarantine/{good}/reading").json
    assert (became["state"], became["outcome"]) == ("done", "opened")
    assert became["case_id"] == desk.cases()[0].id
    assert as_agent(desk.cast.ada).get(f"/api/v1/quarantine/{good}/reading").status_code == 403
    assert sam.get("/api/v1/quarantine/999999/reading").status_code == 404


def _reply(client_id: str) -> dict[str, object]:
    return {"client_id": client_id, "kind": "reply", "text": "It is on its way.", "hold_seconds": 8}


def _formatted(html: str) -> bytes:
    head = a_mail(text="").split(b"\r\n\r\n")[0]
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-"))
    return head + b"\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode() + b"\r\n"
