"""WhatsApp outside its 24 hours: free words are refused, and an approved template goes as it will read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from desk.actions.setup.channels import secrets_of, trial_of
from desk.actions.texts.templates import TemplateUse
from desk.channels.sms.account import redirected
from desk.channels.sms.checking import check_sms
from desk.channels.sms.templates import Template, filled
from desk.demo.twilio_account import Content
from desk.model.agent import Agent
from desk.model.errors import Invalid
from desk.model.message import DeliveryState, Message
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE
from tests.security.browser import Browser

READY = Content("ready", "Hello {{1}}, your {{2}} is ready. {{1}}?", variables={"1": "Ann", "2": "pot"})
WAITS = Content("offer", "Buy {{1}}!", status="pending")


@pytest.fixture
def whatsapp(desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]) -> DeskWithANumber:
    """A WhatsApp number with templates, and a case in which nobody wrote for two days."""
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).address = f"whatsapp:{desk.twilio.number}"
    desk.twilio.number = f"whatsapp:{desk.twilio.number}"
    desk.twilio.contents = [WAITS, READY]
    desk.receive("Hello", sender=f"whatsapp:{CLEO}")
    for text in desk.twilio.texts:
        text.at -= timedelta(days=2)
    with desk.store.unit_of_work(STAGE) as work:
        work.session.execute(update(Message).values(at=Message.at - timedelta(days=2)))
    return desk


def fetch(desk: DeskWithANumber, browser: Browser) -> Any:
    return browser.api("PUT", f"/channels/{desk.channel.id}/templates", {})


def test_an_approved_template_is_offered_fetched_and_sent_as_it_reads(
    whatsapp: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ida, ada = as_agent(whatsapp.cast.ida), as_agent(whatsapp.cast.ada)
    assert fetch(whatsapp, ada).status_code == 403
    assert fetch(whatsapp, ida).status_code == 200
    rows = ada.api("GET", f"/channels/{whatsapp.channel.id}/templates").json["rows"]
    assert [(one["name"], one["approved"], one["places"]) for one in rows] == [
        ("ready", True, ["1", "2"]),
        ("offer", False, ["1"]),
    ]
    case_id = whatsapp.cases()[0].id
    (way,) = (one for one in ada.api("GET", f"/cases/{case_id}/ways").json["rows"] if one["kind"] == "sms")
    assert way["by_template"] and "approved templates only" in way["obstacle"]
    sent = {
        "client_id": "t",
        "kind": "reply",
        "text": "",
        "channel_id": whatsapp.channel.id,
        "template": {"sid": READY.sid, "values": {"1": "{{2}}", "2": "Teapot “€”", "3": "of no use"}},
    }
    message = ada.api("POST", f"/cases/{case_id}/messages", sent).json
    assert message["text"] == "Hello {{2}}, your Teapot “€” is ready. {{2}}?"
    whatsapp.deliver()
    (text,) = whatsapp.twilio.sent()
    assert (text.to, text.body) == (f"whatsapp:{CLEO}", message["text"])
    assert whatsapp.message(message["id"]).state is DeliveryState.SENT


def test_what_may_not_go_is_refused_in_words(
    whatsapp: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    fetch(whatsapp, as_agent(whatsapp.cast.ida))
    case_id = whatsapp.cases()[0].id
    with pytest.raises(Invalid, match="approved templates only"):
        whatsapp.answer(case_id, "Free words")
    for use, words in (
        (TemplateUse(WAITS.sid, {"1": "tea"}), "has not approved “offer”: it is pending"),
        (TemplateUse(READY.sid, {"1": "Cleo"}), "Fill in 2"),
        (TemplateUse("HX" + "0" * 32), "no such template"),
    ):
        with pytest.raises(Invalid, match=words):
            whatsapp.answer(case_id, "", template=use)
    whatsapp.receive("STOP", sender=f"whatsapp:{CLEO}")
    with pytest.raises(Invalid, match="asked for no more texts"):
        whatsapp.answer(case_id, "", template=TemplateUse(READY.sid, {"1": "Cleo", "2": "pot"}))
    assert whatsapp.twilio.sent() == []


def test_a_case_begins_with_a_template_to_who_agreed(
    whatsapp: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    """Whoever has not written within 24 hours, or never, is told by a template, and no other way."""
    ada, stranger = as_agent(whatsapp.cast.ada), "+447700900777"
    fetch(whatsapp, as_agent(whatsapp.cast.ida))
    asked = {"text": "", "channel_id": whatsapp.channel.id, "begins": True, "to": stranger}
    goes = [
        ada.api("POST", "/sms/segments", asked | {"agreed": agreed}).json["goes"] for agreed in (False, True)
    ]
    assert [(one["by_template"], one["asks_consent"]) for one in goes] == [(True, True)] * 2
    assert "nor agreed" in goes[0]["obstacle"] and goes[1]["obstacle"] is None
    letter = {
        "channel_id": whatsapp.channel.id,
        "to": [stranger],
        "text": "Free words",
        "client_id": "begun",
        "template": {"sid": READY.sid, "values": {"1": "Kim", "2": "Teapot"}},
    }
    refused = ada.api("POST", "/cases", letter).json["error"]
    assert refused["field"] == "to" and "nor agreed" in refused["sentence"]
    agreed = letter | {"agreed": True}
    refused = ada.api("POST", "/cases", agreed | {"template": None}).json["error"]
    assert refused["field"] == "template" and "approved templates only" in refused["sentence"]
    assert len(whatsapp.cases()) == 1 and whatsapp.consents() == {}, "nothing was half applied"
    case = ada.api("POST", "/cases", agreed).json["case"]
    assert case["subject"] == "Hello Kim, your Teapot is ready. Kim?"
    assert whatsapp.consents() == {"whatsapp": True}
    whatsapp.deliver()
    (text,) = whatsapp.twilio.sent()
    assert (text.to, text.body) == (f"whatsapp:{stranger}", case["subject"])
    assert whatsapp.receive("Coming", sender=f"whatsapp:{stranger}").case_id == case["id"]


def test_twilio_refuses_free_words_outside_the_window_and_the_message_says_so(
    whatsapp: DeskWithANumber,
) -> None:
    """The window may close while a text waits; then it is Twilio that says no."""
    whatsapp.receive("Still there?", sender=f"whatsapp:{CLEO}")
    message = whatsapp.answer(whatsapp.cases()[0].id, "Yes")
    for text in whatsapp.twilio.texts:
        text.at -= timedelta(days=2)
    whatsapp.deliver()
    whatsapp.twilio.settle()
    shown = whatsapp.message(message.id)
    assert shown.state is DeliveryState.FAILED
    assert "approved templates only. (Twilio 63016)" in (shown.state_sentence or "")


def test_trying_the_number_tells_its_templates_and_the_account_s_refusal_is_said(
    whatsapp: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    with whatsapp.store.reading(STAGE) as work:
        channel = whatsapp.kept_channel(work)
        checks = check_sms(trial_of(channel, whatsapp.settings), secrets_of(channel, whatsapp.vault))
    assert checks[-1].sentence == "The account has 1 approved of 2 templates."
    whatsapp.twilio.auth_token = "another"
    refused = fetch(whatsapp, as_agent(whatsapp.cast.ida))
    assert refused.status_code == 503 and "could not be fetched" in refused.json["error"]["sentence"]


@pytest.mark.parametrize("value", ["", "two\nlines", "tab\there", "a    b", "x" * 501])
def test_a_place_takes_one_plain_line(value: str) -> None:
    with pytest.raises(Invalid):
        filled(Template("HX1", "n", "en", "Hi {{ name }}", "approved", {}), {"name": value})


def test_twilio_s_other_interface_keeps_its_host() -> None:
    content = "https://content.twilio.com/v1/ContentAndApprovals"
    assert redirected(content, "https://api.twilio.com") == content
    assert redirected(content, "http://127.0.0.1:8") == "http://127.0.0.1:8/v1/ContentAndApprovals"
