"""The stand-in itself: its control door, and that it answers as Twilio's interface does."""

from __future__ import annotations

from base64 import b64encode

import pytest
import requests
from sqlalchemy import select
from twilio.base.exceptions import TwilioRestException

from desk.channels.sms.account import TextAccount, client_of
from desk.model.texting import MediaFetch
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE


def test_a_drill_in_another_process_writes_scripts_and_counts(desk: DeskWithANumber) -> None:
    api = desk.twilio.api
    media = [{"type": "image/png", "content": b64encode(b"picture").decode()}]
    written = requests.post(
        f"{api}/control/texts", json={"from": CLEO, "body": "Hello", "media": media}, timeout=10
    )
    assert written.json()["answer"] == 200
    desk.read()
    with desk.store.reading(STAGE) as work:
        assert len(work.session.scalars(select(MediaFetch)).all()) == 1
    told = requests.post(
        f"{api}/control/turns", json=[{"hang_up": True, "then": [["sent", None]]}], timeout=10
    )
    assert told.json() == {"turns": 1}
    desk.answer(desk.cases()[0].id, "By script")
    desk.deliver()
    sent = requests.get(f"{api}/control/sent", timeout=10).json()
    assert [one["body"] for one in sent] == ["By script"]


def test_it_refuses_and_finds_as_twilio_does(desk: DeskWithANumber) -> None:
    twilio = desk.twilio
    client = client_of(TextAccount(twilio.account_sid, twilio.auth_token, api=twilio.api))
    text, _ = twilio.write(CLEO, "Hello")
    assert client.messages(text.sid).fetch().body == "Hello"
    with pytest.raises(TwilioRestException) as unknown:
        client.messages("SM" + "0" * 32).fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)
    stranger = client_of(TextAccount(twilio.account_sid, "another", api=twilio.api))
    with pytest.raises(TwilioRestException) as refused:
        stranger.messages.create(to=CLEO, from_=twilio.number, body="Hi")
    assert refused.value.status == 401
    assert twilio.sent() == []
