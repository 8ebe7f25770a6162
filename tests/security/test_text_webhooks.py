"""C8: nobody but Twilio brings a text (CVE-2024-39713 of Rocket.Chat, CVE-2022-27332 of Zammad)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from desk.demo.twilio_account import Turn
from desk.demo.twilio_standin import TwilioStandin
from desk.model.channel import Channel
from desk.model.message import Message
from desk.model.texting import TextStatus
from desk.model.transit import Inbox
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.integration.sms.desk_with_a_number import CLEO, NUMBER, the_number
from tests.people import STAGE, Cast
from tests.security.conftest import PUBLIC

ACCOUNT, TOKEN = "AC" + "1" * 32, "the token of the account"
Form = list[tuple[str, str]]


@pytest.fixture
def path(store: Store, cast: Cast, settings: Settings) -> str:
    """The webhook of a number."""
    standin = TwilioStandin(NUMBER, account_sid=ACCOUNT, auth_token=TOKEN, usual=Turn())
    return f"/hooks/twilio/{the_number(store, cast, settings, standin).id}/messages"


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as made:
        yield made


def a_text(sid: str = "SM" + "a" * 32, **other: str) -> Form:
    fields = {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": CLEO,
        "To": NUMBER,
        "Body": "Hello",
        "NumMedia": "0",
    }
    return [*(fields | other).items()]


def signed(url: str, form: Form, token: str = TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, MultiDict(form))}


def bring(
    client: FlaskClient, path: str, form: Form, headers: dict[str, str], **more: object
) -> TestResponse:
    given = {"base_url": PUBLIC, "content_type": "application/x-www-form-urlencoded"} | more
    return client.post(path, data=urlencode(form), headers=headers, **given)


def rows(store: Store) -> int:
    with store.reading(STAGE) as work:
        return sum(
            work.session.scalar(select(func.count()).select_from(noun)) or 0
            for noun in (Inbox, Message, TextStatus)
        )


def test_a_signed_text_is_kept_and_answered_with_nothing_to_say(
    client: FlaskClient, store: Store, path: str
) -> None:
    answer = bring(client, path, a_text(), signed(PUBLIC + path, a_text()))
    assert answer.status_code == 200
    assert answer.text.endswith("<Response/>") and answer.mimetype == "text/xml"
    assert rows(store) == 1


def forged(path: str) -> dict[str, tuple[Form, dict[str, str]]]:
    url, text = PUBLIC + path, a_text()
    right = signed(url, text)
    other_account, other_number = a_text(AccountSid="AC" + "2" * 32), a_text(To="+442079460111")
    no_account = [pair for pair in text if pair[0] != "AccountSid"]
    return {
        "no signature": (text, {}),
        "empty signature": (text, {"X-Twilio-Signature": ""}),
        "wrong signature": (text, {"X-Twilio-Signature": "d3Jvbmcgc2lnbmF0dXJlIQ=="}),
        "signed with another token": (text, signed(url, text, "another")),
        "signed with the empty token": (text, signed(url, text, "")),
        "signed for another host": (text, signed(f"http://other.example{path}", text)),
        "signed for another scheme": (text, signed(f"https://desk.example{path}", text)),
        "signed for another query": (text, signed(f"{url}?a=1", text)),
        "signed for another path": (text, signed(f"{url}/", text)),
        "one more field": ([*text, ("Extra", "1")], right),
        "one field less": (text[:-1], right),
        "a field changed": (a_text(Body="Goodbye"), right),
        "a field given twice": ([*text, ("Body", "Goodbye")], right),
        "another account": (other_account, signed(url, other_account)),
        "no account": (no_account, signed(url, no_account)),
        "another number": (other_number, signed(url, other_number)),
    }


@pytest.mark.parametrize("forgery", sorted(forged("/")))
def test_a_forged_call_is_refused_and_leaves_no_row(
    client: FlaskClient, store: Store, path: str, forgery: str
) -> None:
    form, headers = forged(path)[forgery]
    assert bring(client, path, form, headers).status_code == 403
    assert rows(store) == 0


def test_json_needs_a_hash_of_its_body_under_the_signature(
    client: FlaskClient, store: Store, path: str
) -> None:
    body = json.dumps(dict(a_text()))
    plain = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC + path, {})}
    more = {"base_url": PUBLIC, "content_type": "application/json"}
    assert client.post(path, data=body, headers=plain, **more).status_code == 403
    target = f"{path}?bodySHA256={sha256(body.encode()).hexdigest()}"
    covered = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC + target, {})}
    assert client.post(target, data=body.replace("Hello", "Bye"), headers=covered, **more).status_code == 403
    assert rows(store) == 0
    assert client.post(target, data=body, headers=covered, **more).status_code == 200
    assert rows(store) == 1


def test_a_hundred_replays_are_one_row(client: FlaskClient, store: Store, path: str) -> None:
    headers = signed(PUBLIC + path, a_text())
    answers = {bring(client, path, a_text(), headers).status_code for _ in range(100)}
    assert answers == {200}
    assert rows(store) == 1


def test_behind_a_proxy_the_public_address_is_what_counts(
    client: FlaskClient, store: Store, path: str
) -> None:
    """The proxy asks by an inner name and forwards whatever a stranger wrote into the headers."""
    liar = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    right, evil = signed(PUBLIC + path, a_text()), signed(f"https://evil.example{path}", a_text())
    inner = "http://10.0.0.7:8800"
    assert bring(client, path, a_text(), evil | liar, base_url=inner).status_code == 403
    assert bring(client, path, a_text(), right | liar, base_url=inner).status_code == 200
    assert rows(store) == 1


def test_names_given_twice_and_blank_ones_are_under_the_signature_too(
    client: FlaskClient, store: Store, path: str
) -> None:
    form = [*a_text(), ("Twice", "b"), ("Twice", "a"), ("Blank", "")]
    assert bring(client, path, form, signed(PUBLIC + path, form)).status_code == 200
    assert rows(store) == 1


def test_a_channel_without_a_token_takes_nothing(client: FlaskClient, store: Store, path: str) -> None:
    with store.unit_of_work(STAGE) as work:
        channel = work.session.get_one(Channel, int(path.split("/")[3]))
        channel.secrets = None
    assert bring(client, path, a_text(), signed(PUBLIC + path, a_text(), "")).status_code == 403
    assert rows(store) == 0


@pytest.mark.parametrize("channel", ["999999", "mail"])
def test_what_is_no_number_of_ours_is_refused_alike(
    client: FlaskClient, store: Store, cast: Cast, path: str, channel: str
) -> None:
    other = path.replace(path.split("/")[3], str(cast.mail.id) if channel == "mail" else channel)
    assert bring(client, other, a_text(), signed(PUBLIC + other, a_text())).status_code == 403


def test_a_number_that_is_switched_off_takes_nothing(client: FlaskClient, store: Store, path: str) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Channel, int(path.split("/")[3])).enabled = False
    assert bring(client, path, a_text(), signed(PUBLIC + path, a_text())).status_code == 403
    assert rows(store) == 0


def test_a_body_beyond_any_text_is_refused_before_it_is_read(
    client: FlaskClient, store: Store, path: str
) -> None:
    form = a_text(Body="a" * 70_000)
    assert bring(client, path, form, signed(PUBLIC + path, form)).status_code == 413
    assert rows(store) == 0


@pytest.mark.parametrize("status_door", [True, False])
def test_a_call_without_a_message_number_is_no_row(
    client: FlaskClient, store: Store, path: str, status_door: bool
) -> None:
    path = path.replace("messages", "status") if status_door else path
    form = a_text(sid="../../etc", MessageStatus="sent")
    assert bring(client, path, form, signed(PUBLIC + path, form)).status_code == 422
    assert rows(store) == 0


def test_a_forged_status_is_refused(client: FlaskClient, store: Store, path: str) -> None:
    path = path.replace("messages", "status") + "?mark=mine"
    form = a_text(MessageStatus="failed")
    for headers in ({}, signed(PUBLIC + path, form, "another"), signed(PUBLIC + path[:-1], form)):
        assert bring(client, path, form, headers).status_code == 403
    assert rows(store) == 0
    assert bring(client, path, form, signed(PUBLIC + path, form)).status_code == 200
    assert rows(store) == 1
