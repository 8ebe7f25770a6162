"""The demo set up on a real database, and its own doors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from desk.channels.chat.identity import identity_from
from desk.demo import traffic
from desk.demo.line import WHATSAPP, find_line, phones
from desk.demo.people import regulars
from desk.demo.seed import SET_UP, TOLD, _set_up, seed, signins
from desk.demo.stories import plans
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.customer import Address, AddressKind, Customer
from desk.model.errors import Misconfigured
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.permission import system
from desk.model.transit import Outbox, OutboxState
from desk.settings import Settings
from desk.store.policies import policies, set_policies
from desk.store.sent_mail import keep_sent
from desk.store.texts.sent import keep_text, take_wanted_text
from desk.store.unit_of_work import Store
from desk.store.vault import Vault
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


def the_last_stories(store: Store, settings: Settings, count: int) -> None:
    """The shop, with only the latest of its cases, so that a test need not wait for all."""
    _set_up(store, settings)
    with store.unit_of_work(STAGE) as work:
        set_policies(work.session, {TOLD: sum(1 for _ in plans(work.now)) - count})
    seed(store, settings)


def test_the_shop_opens_with_people_customers_and_lived_cases_and_only_once(
    store: Store, settings: Settings
) -> None:
    the_last_stories(store, settings, 60)
    with store.reading(STAGE) as work:
        before = {one: work.session.scalar(select(func.count()).select_from(one)) for one in (Case, Agent)}
        statuses = set(work.session.scalars(select(Case.status)))
        assert {CaseStatus.OPEN, CaseStatus.WAITING, CaseStatus.RESOLVED, CaseStatus.SNOOZED} <= statuses
        assert work.session.scalar(select(func.count()).select_from(Customer)) == 300
        assert work.session.scalars(select(Case.id).where(Case.last_at > work.now)).all() == []
        assert set(work.session.scalars(select(Outbox.state))) == {OutboxState.SENT}
        replies = select(func.count()).where(Message.kind == MessageKind.OUTBOUND)
        assert (work.session.scalar(replies) or 0) > 10
        assert policies(work.session)["demo_traffic"] is True

    seed(store, settings)

    with store.reading(STAGE) as work:
        after = {one: work.session.scalar(select(func.count()).select_from(one)) for one in (Case, Agent)}
    assert after == before == {Case: 60, Agent: len(signins())}


def test_everybody_of_the_shop_signs_in_with_the_password_that_is_printed(
    app: Flask, store: Store, settings: Settings
) -> None:
    the_last_stories(store, settings, 0)

    for _, _, email, password in signins():
        assert Browser(app).sign_in(email, password).status_code == 303, email


def test_a_desk_in_use_is_never_mixed_with_the_demo(store: Store, cast: Cast, settings: Settings) -> None:
    with pytest.raises(Misconfigured, match="in use already"):
        seed(store, settings)

    with store.reading(STAGE) as work:
        assert SET_UP not in policies(work.session)


def test_the_traffic_is_switched_with_one_request_and_only_in_a_demo(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    ada = as_agent(cast.ada)
    assert ada.get("/api/v1/demo").status_code == 404
    assert ada.get("/demo/mail").status_code == 404

    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_traffic": True, "demo_sent": 3})

    assert ada.get("/api/v1/demo").json == {"traffic": True, "sent": 3, "rests": False}
    assert ada.api("PUT", "/demo/traffic", {"on": False}).json == {
        "traffic": False,
        "sent": 3,
        "rests": False,
    }
    assert (
        ada.api("PUT", "/demo/traffic", {"on": True, "rush": "Voucher code does not work"}).status_code == 200
    )
    with store.reading(system("demo")) as work:
        assert policies(work.session)["demo_rush"] == "Voucher code does not work", "for the traffic to find"


def test_customers_rest_while_many_cases_wait_and_the_page_knows(
    as_agent: SignIn, cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "WAITING_AT_MOST", 1)
    ada = as_agent(cast.ada)
    with store.unit_of_work(STAGE) as work:
        set_policies(work.session, {"demo_traffic": True})
        case_id = a_case(work, cast.cleo, "It waits", queue=cast.support).id

    assert not traffic.has_patience(store)
    assert ada.get("/api/v1/demo").json["rests"] is True
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, case_id).assignee_id = cast.ada.id
    assert traffic.has_patience(store)
    assert ada.get("/api/v1/demo").json["rests"] is False


def test_the_page_of_sent_mail_shows_words_and_never_markup(
    app: Flask, as_agent: SignIn, cast: Cast, store: Store
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "help@nordkaffe.example", "alice@inbox.example"
    mail["Subject"] = "<script>alert(1)</script>"
    mail.set_content("Hello <b>Alice</b>,\n\nyour order is on its way.\n")
    keep_sent(app.extensions["desk"].settings.home, mail.as_bytes())
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_traffic": True})

    page = as_agent(cast.ada).get("/demo/mail").text

    assert "your order is on its way." in page
    assert "Hello &lt;b&gt;Alice&lt;/b&gt;" in page and "<script>alert" not in page


def test_the_shop_has_a_number_and_its_customers_have_phones(store: Store, settings: Settings) -> None:
    the_last_stories(store, settings, 0)
    seed(store, settings)
    with store.reading(STAGE) as work:
        line = find_line(work)
        assert line is not None and line.config["sms"]["countries"] == ["GB"]
        whatsapp = find_line(work, WHATSAPP)
        assert whatsapp is not None and len(whatsapp.config["templates"]) == 3
        numbers = work.session.scalars(select(Address.value).where(Address.kind == AddressKind.PHONE)).all()
    assert set(numbers) == set(phones())
    assert len(numbers) > 50


def test_who_is_signed_in_at_the_shop_is_signed_for_the_widget(
    app: Flask, store: Store, settings: Settings
) -> None:
    the_last_stories(store, settings, 0)
    number = regulars()[2].number
    with store.reading(STAGE) as work:
        channel = work.session.scalars(select(Channel).where(Channel.kind == ChannelKind.CHAT)).one()
        secret = Vault(settings.secret_key).open_values(channel.secrets)["identity_secret"]
    browser = Browser(app)

    def token(asked: str) -> str | None:
        found = re.search(r'id="identity">(.*?)</script>', browser.get(f"/demo/shop{asked}").text)
        assert found
        said: dict[str, str | None] = json.loads(found[1])
        return said["token"]

    signed = token(f"?customer={number}")
    assert signed is not None
    assert identity_from(signed, secret, datetime.now(UTC)).subject == number
    assert token("?customer=nk-99999") is None
    assert token("?customer=") is None, "somebody has signed out"
    assert 'id="identity"' not in browser.get("/demo/shop").text, "nobody has signed in or out"


def test_the_phone_shows_words_and_never_markup(
    app: Flask, as_agent: SignIn, cast: Cast, store: Store
) -> None:
    home = app.extensions["desk"].settings.home
    keep_text(home, "+447700900001", "Where is it?", from_shop=False)
    keep_text(home, "+447700900001", "It is <b>here</b>.", from_shop=True)
    keep_text(home, "+447700900002", "Yours too.", from_shop=True)
    ada = as_agent(cast.ada)
    assert ada.get("/demo/phone").status_code == 404
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_traffic": True})

    last, first = ada.get("/demo/phone").text, ada.get("/demo/phone?number=%2B447700900001").text

    assert "Yours too." in last and "Where is it?" not in last
    assert "Where is it?" in first and "It is &lt;b&gt;here&lt;/b&gt;." in first


def test_the_phone_shows_pictures_and_runs_nothing(
    app: Flask, as_agent: SignIn, cast: Cast, store: Store
) -> None:
    home, png = app.extensions["desk"].settings.home, b"\x89PNG\r\n\x1a\nyes"
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_traffic": True})
    keep_text(home, "+447700900001", "Look", from_shop=True, files=[png, b"<script>alert(1)</script>"])
    ada = as_agent(cast.ada)
    picture, script = re.findall(r'src="(/demo/phone/files/\w+)"', ada.get("/demo/phone").text)
    assert (ada.get(picture).mimetype, ada.get(picture).data) == ("image/png", png)
    assert ada.get(script).status_code == ada.get("/demo/phone/files/texts.jsonl").status_code == 404


def test_on_the_phone_one_texts_the_shop_as_its_owner(
    app: Flask, as_agent: SignIn, cast: Cast, store: Store
) -> None:
    home, ada = app.extensions["desk"].settings.home, as_agent(cast.ada)
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_traffic": True})
    page = ada.get("/demo/phone").text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found and 'value="+447700900999"' in page
    # A form has no header to say it by.
    post = partial(ada.ask, "POST", "/demo/phone", headers={"X-CSRF-Token": ""})
    form = {"csrf": found[1], "number": "+447700900999", "body": " Is it <b>open</b>? "}
    for wrong, status in (({"number": "+442079460958"}, 422), ({"body": " "}, 422), ({"csrf": "no"}, 403)):
        assert post(data=form | wrong).status_code == status, wrong
    assert take_wanted_text(home) is None
    sent = post(data=form)
    assert (sent.status_code, sent.location) == (303, "/demo/phone?number=%2B447700900999")
    assert "Is it &lt;b&gt;open&lt;/b&gt;?" in ada.get(sent.location).text
    assert take_wanted_text(home) == ("+447700900999", "Is it <b>open</b>?")
    assert take_wanted_text(home) is None
