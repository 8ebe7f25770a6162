"""A program hands in contacts: once a key, claimed, and through the one door."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from desk.actions.cases.detail import case_detail
from desk.actions.people.tokens import make_token
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import Address, AddressKind
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import Message
from desk.model.permission import Permission
from desk.model.transit import Outbox
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_purchase
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]
MIA = {"from": {"email": "Mia@example.org", "name": "Mia"}, "subject": "Lid", "text": "It broke."}


@pytest.fixture
def token(store: Store, cast: Cast) -> str:
    with store.unit_of_work(STAGE) as work:
        scopes = [Permission.TAKE_CONTACTS]
        made = make_token(work, name="shop", agent_id=cast.sam.id, scopes=scopes, expires_at=None)
        return made.secret


def hand_in(app: Flask, token: str, body: Any, key: str | None = "one") -> Any:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key is not None else {})
    return Browser(app).api("POST", "/contacts", body, headers=headers)


def test_a_contact_becomes_a_case(app: Flask, token: str, store: Store, cast: Cast) -> None:
    answer = hand_in(app, token, MIA)
    assert answer.status_code == 201 and answer.json["outcome"] == "opened"
    with store.reading(STAGE) as work:
        case = work.session.get_one(Case, answer.json["case_id"])
        message = work.session.get_one(Message, answer.json["message_id"])
        channel = work.session.get_one(Channel, message.channel_id)
        assert (case.subject, case.channel, case.queue_id) == ("Lid", ChannelKind.API, cast.support.id)
        assert (message.author_address, message.verdict) == ("mia@example.org", Verdict.NONE)
        assert (channel.kind, channel.address) == (ChannelKind.API, "api")
        assert work.session.scalar(select(func.count(Outbox.id))) == 0


def test_the_same_key_is_the_same_contact(app: Flask, token: str, store: Store) -> None:
    answers = [hand_in(app, token, MIA) for _ in range(3)]
    assert {(a.status_code, a.data) for a in answers} == {(201, answers[0].data)}
    assert hand_in(app, token, MIA, "two").json["case_id"] != answers[0].json["case_id"]
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count(Message.id))) == 2


def test_the_same_key_for_something_else_is_refused(app: Flask, token: str, store: Store) -> None:
    hand_in(app, token, MIA)
    refused = hand_in(app, token, {**MIA, "text": "Something else."})
    assert refused.status_code == 409
    assert refused.json["error"]["sentence"].startswith("This Idempotency-Key was used for another contact.")


def test_the_same_key_of_somebody_else_is_another(
    app: Flask, token: str, as_agent: SignIn, cast: Cast, store: Store
) -> None:
    first = hand_in(app, token, MIA)
    ida = as_agent(cast.ida)
    other = ida.api("POST", "/contacts", MIA, headers={"Idempotency-Key": "one"})
    assert other.status_code == 201 and other.json["message_id"] != first.json["message_id"]


def test_the_same_key_at_once_is_one_contact(app: Flask, token: str, store: Store) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(hand_in(app, token, MIA))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(a.status_code, a.data) for a in answers} == {(201, answers[0].data)}


@pytest.mark.parametrize(
    ("sender", "kind", "value"),
    [
        ({"email": "A@b.example"}, AddressKind.EMAIL, "a@b.example"),
        ({"phone": "+44 20 7946 0958"}, AddressKind.PHONE, "+442079460958"),
        ({"external_id": "K-77"}, AddressKind.EXTERNAL, "K-77"),
    ],
)
def test_the_sender_has_one_address_of_any_kind(
    app: Flask, token: str, store: Store, sender: dict[str, str], kind: AddressKind, value: str
) -> None:
    assert hand_in(app, token, {**MIA, "from": sender}).status_code == 201
    with store.reading(STAGE) as work:
        address = work.session.scalars(select(Address).where(Address.value == value)).one()
        assert address.kind is kind and not address.is_verified
    again = hand_in(app, token, {**MIA, "from": sender}, "two")
    assert again.status_code == 201
    with store.reading(STAGE) as work:
        assert len(set(work.session.scalars(select(Case.customer_id)))) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from": {}}, "from"),
        ({"from": {"email": "a@b.example", "phone": "+442079460958"}}, "from"),
        ({"from": {"email": "no address"}}, "address"),
        ({"from": {"phone": "020 7946"}}, "value"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"channel": "../x"}, "channel"),
        ({"case_id": 7}, "case_id"),
        ({"from": {"email": "a@b.example", "verified": True}}, "from.verified"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    app: Flask, token: str, store: Store, wrong: dict[str, Any], field: str
) -> None:
    refused = hand_in(app, token, {**MIA, **wrong})
    assert (refused.status_code, refused.json["error"]["field"]) == (422, field)
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count(Message.id))) == 0
    assert hand_in(app, token, MIA).status_code == 201


def test_a_key_is_asked_for(app: Flask, token: str) -> None:
    for key in (None, "", " ", "x" * 201):
        refused = hand_in(app, token, MIA, key)
        assert refused.status_code == 422 and "Idempotency-Key" in refused.json["error"]["sentence"]


def test_a_token_without_the_right_is_refused(app: Flask, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        made = make_token(
            work, name="x", agent_id=cast.ida.id, scopes=[Permission.READ_CASES], expires_at=None
        )
    assert hand_in(app, made.secret, MIA).status_code == 403
    assert hand_in(app, "desk_nonsense", MIA).status_code == 401


def test_a_claim_of_a_known_address_opens_nothing(app: Flask, token: str, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        a_purchase(work, cast.cleo, "K-1")
    case_id = hand_in(app, token, {**MIA, "from": {"email": "cleo@example.org"}}).json["case_id"]
    with store.reading(cast.actor(cast.sam)) as work:
        customer = case_detail(work, case_id)["customer"]
    assert customer["id"] == cast.cleo.id and customer["closed"] and not customer["purchases"]


def test_a_channel_is_made_when_it_is_named_and_can_be_switched_off(
    app: Flask, token: str, store: Store
) -> None:
    assert hand_in(app, token, {**MIA, "channel": "Shop"}).status_code == 201
    assert hand_in(app, token, {**MIA, "channel": "shop"}, "two").status_code == 201
    with store.unit_of_work(STAGE) as work:
        work.session.scalars(select(Channel).where(Channel.address == "shop")).one().enabled = False
    refused = hand_in(app, token, {**MIA, "channel": "shop"}, "three")
    assert refused.status_code == 422 and "switched off" in refused.json["error"]["sentence"]


def test_the_api_describes_it(as_agent: SignIn, cast: Cast) -> None:
    described = as_agent(cast.sam).api("GET", "/openapi.json").json["paths"]["/contacts"]["post"]
    assert described["x-right"] == "take_contacts" and "Idempotency-Key" in described["summary"]
    assert any(one["name"] == "Idempotency-Key" and one["in"] == "header" for one in described["parameters"])
