"""A case that we begin by text: to a number with its country, to who agreed, never against a STOP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.actions.messages.opening import FirstLetter, open_case
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.customer import AddressKind
from desk.model.errors import Invalid
from desk.store.customers.finding import keep_consent
from desk.store.policies import set_policies
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE, an_address
from tests.security.browser import Browser

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"


def begin(desk: DeskWithANumber, to: str = CLEO, **more: Any) -> Case:
    letter = FirstLetter(desk.channel.id, [to], "", "Your teapot is here.\nCome any time.", "first", **more)
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        return open_case(work, letter)


def the_number_is_cleos(desk: DeskWithANumber, *, granted: bool | None) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        an_address(work, desk.cast.cleo, CLEO, kind=AddressKind.PHONE)
        if granted is not None:
            keep_consent(work.session, desk.cast.cleo.id, "sms", granted=granted, source="shop", at=work.now)


def test_a_text_to_who_agreed_begins_a_case_of_theirs_and_the_answer_comes_back_to_it(
    desk: DeskWithANumber,
) -> None:
    the_number_is_cleos(desk, granted=True)
    case = begin(desk, " +44 7700 900123 ")
    assert (case.customer_id, case.subject, case.assignee_id) == (
        desk.cast.cleo.id,
        "Your teapot is here.",
        desk.cast.ada.id,
    )
    assert begin(desk).id == case.id, "the same letter again is the same case"
    desk.deliver()
    (sent,) = desk.twilio.sent()
    assert (sent.to, sent.body) == (CLEO, "Your teapot is here.\nCome any time.")
    assert desk.receive("Coming").case_id == case.id


def test_what_they_told_the_agent_is_kept_as_their_consent(desk: DeskWithANumber) -> None:
    with pytest.raises(Invalid, match="neither texted this number nor agreed"):
        begin(desk)
    assert desk.cases() == []
    begin(desk, agreed=True)
    assert desk.consents() == {"sms": True}


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("07700 900123", "“07700 900123” is not a phone number with its country"),
        ("cleo@example.org", "is not a phone number"),
        ("+1 212 555 0100", "may not text United States"),
    ],
)
def test_a_number_that_cannot_be_texted_is_refused_in_words(
    desk: DeskWithANumber, to: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        begin(desk, to, agreed=True)


def test_a_picture_goes_with_the_first_text_or_is_refused_before_anything_is_kept(
    desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ada, token = as_agent(desk.cast.ada), desk.upload("lid.png", PNG)
    letter = {"channel_id": desk.channel.id, "to": [CLEO], "client_id": "c", "agreed": True, "files": [token]}
    refused = ada.api("POST", "/cases", letter).json["error"]
    assert refused["field"] == "files" and "sends no files to Britain" in refused["sentence"]
    assert desk.cases() == [] and desk.consents() == {}
    desk.change(mms_countries=["GB"])
    begun = ada.api("POST", "/cases", letter)
    assert (begun.status_code, begun.json["case"]["subject"]) == (201, "A file by text")
    desk.deliver()
    desk.twilio.settle()
    (sent,) = desk.twilio.sent()
    assert [(one.type, one.content) for one in sent.media] == [("image/png", PNG)]
    taken = ada.api("POST", "/cases", letter | {"client_id": "d"}).json["error"]
    assert "not there any more" in taken["sentence"], "what went with one case is none of another"
    nothing = ada.api("POST", "/cases", letter | {"client_id": "e", "files": []}).json["error"]
    assert nothing["field"] == "text"


def test_no_word_of_an_agent_stands_against_a_stop_or_a_no(desk: DeskWithANumber) -> None:
    the_number_is_cleos(desk, granted=False)
    with pytest.raises(Invalid, match="does not want to be texted"):
        begin(desk, agreed=True)
    desk.receive("STOP")
    with pytest.raises(Invalid, match="asked for no more texts"):
        begin(desk, agreed=True)
    assert desk.twilio.sent() == []


def test_the_form_is_told_before_it_is_sent(
    desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ada = as_agent(desk.cast.ada)

    def goes(**more: Any) -> dict[str, Any]:
        asked = {"text": "Hello", "channel_id": desk.channel.id, "begins": True, "to": CLEO, **more}
        answer: dict[str, Any] = ada.api("POST", "/sms/segments", asked).json["goes"]
        return answer

    assert "is not a phone number" in goes(to="0770")["obstacle"]
    assert "nor agreed" in goes()["obstacle"] and goes()["asks_consent"]
    assert goes(agreed=True)["obstacle"] is None
    abroad = goes(to="+12125550100")
    assert not abroad["asks_consent"] and "may not text United States" in abroad["obstacle"], (
        "their word would not help"
    )
    # Of two zones half a day apart it is night in one.
    said = []
    for zone in ("Etc/GMT-6", "Etc/GMT+6"):
        with desk.store.unit_of_work(STAGE) as work:
            set_policies(work.session, {"time_zone": zone})
        said.append(goes(agreed=True)["warning"])
    assert sorted(one is None for one in said) == [False, True]
    letter = {"channel_id": desk.channel.id, "to": [CLEO], "text": "Hello", "client_id": "c"}
    assert ada.api("POST", "/cases", letter).json["error"]["field"] == "to"
    begun = ada.api("POST", "/cases", letter | {"agreed": True})
    assert (begun.status_code, begun.json["case"]["subject"]) == (201, "Hello")
