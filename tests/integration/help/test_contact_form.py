"""The contact form: what is written becomes a case once, proves nothing, and mails nobody."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from desk.actions.cases.detail import case_detail
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import Address
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import Attachment, Message
from desk.model.transit import Outbox
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf
from tests.people import STAGE, Cast, a_channel, a_purchase
from tests.security.browser import Browser, field_of


@pytest.fixture
def form(store: Store, cast: Cast) -> Channel:
    with store.unit_of_work(STAGE) as work:
        channel = a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=cast.billing)
        channel.acknowledge = True
        return channel


def written(browser: Browser, **values: Any) -> dict[str, Any]:
    """A form as the browser would send it."""
    key = field_of(browser.get("/help/contact").text, "key")
    return {
        "key": key,
        "name": "Mia",
        "email": "mia@example.org",
        "subject": "Lid",
        "message": "It broke.",
    } | values


def send(browser: Browser, **values: Any) -> Any:
    return browser.ask("POST", "/help/contact", data=written(browser, **values))


def cases(store: Store) -> list[tuple[Case, Message]]:
    with store.reading(STAGE) as work:
        rows = work.session.execute(
            select(Case, Message).join(Message, Message.case_id == Case.id).order_by(Message.id)
        )
        return [(row[0], row[1]) for row in rows]


def test_what_is_written_becomes_a_case_in_the_channels_queue(
    stranger: Browser, form: Channel, store: Store, cast: Cast
) -> None:
    answer = send(stranger, files=[(BytesIO(b"\x89PNG\r\n\x1a\n1"), "../lid.png"), (BytesIO(b""), "")])

    assert answer.status_code == 303 and answer.headers["Location"] == "/help/contact/sent"
    assert "A person will read it" in stranger.get("/help/contact/sent").text
    ((case, message),) = cases(store)
    assert (case.subject, case.channel, case.queue_id) == ("Lid", ChannelKind.FORM, cast.billing.id)
    assert (message.text, message.author_address, message.author_name) == (
        "It broke.",
        "mia@example.org",
        "Mia",
    )
    assert message.verdict is Verdict.NONE
    with store.reading(STAGE) as work:
        file = work.session.scalars(select(Attachment)).one()
        assert (file.name, file.type, file.message_id) == ("lid.png", "image/png", message.id)


def test_nobody_is_mailed(stranger: Browser, form: Channel, store: Store) -> None:
    send(stranger)
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count(Outbox.id))) == 0
        assert (
            not work.session.scalars(select(Address).where(Address.value == "mia@example.org"))
            .one()
            .is_verified
        )


def test_a_form_in_the_name_of_a_known_customer_opens_nothing(
    stranger: Browser, form: Channel, store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE) as work:
        a_purchase(work, cast.cleo, "An old secret")
    send(stranger, email="CLEO@example.org")
    case, _ = cases(store)[-1]
    assert case.customer_id == cast.cleo.id
    with store.reading(cast.actor(cast.sam)) as work:
        customer = case_detail(work, case.id)["customer"]
    assert "typed cleo@example.org, and not proven to own it" in customer["closed"]
    assert "An old secret" not in str(customer)


def test_the_same_form_twice_is_one_message(stranger: Browser, form: Channel, store: Store) -> None:
    values = written(stranger)
    assert [stranger.ask("POST", "/help/contact", data=values).status_code for _ in range(3)] == [303] * 3
    assert len(cases(store)) == 1


def test_the_same_form_at_once_is_one_message(app: Flask, form: Channel, store: Store) -> None:
    values = written(Browser(app))
    answers: list[int] = []
    post = lambda: answers.append(Browser(app).ask("POST", "/help/contact", data=values).status_code)  # noqa: E731
    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 4
    assert len(cases(store)) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": ""}, "Give an email address"),
        ({"email": "not an address"}, "is not an email address."),
        ({"email": "a@b.example, c@d.example"}, "is not an email address."),
        ({"email": "help@shop.example"}, "That is our own address."),
        ({"message": " \n "}, "Write what it is about."),
        ({"message": "x" * 20_001}, "Make it shorter: up to 20,000 letters"),
        ({"website": "https://spam.example"}, "people do not see"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    stranger: Browser, form: Channel, store: Store, wrong: dict[str, str], sentence: str
) -> None:
    answer = send(stranger, **({"subject": "Keep <this>"} | wrong))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Keep &lt;this&gt;"' in answer.text
    assert cases(store) == []


def test_too_many_or_too_large_files_are_refused(stranger: Browser, form: Channel, store: Store) -> None:
    six = [(BytesIO(b"x"), f"{n}.txt") for n in range(6)]
    assert "Attach up to 5 files." in send(stranger, files=six).text
    large = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for name, more, value in (
            ("email", "", b"mia@example.org"),
            ("message", "", b"See the file."),
            ("files", '; filename="large.bin"', b"x" * (21 * 1024 * 1024)),
        )
    )
    answer = stranger.ask(
        "POST", "/help/contact", data=large + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 422 and "more than 20 MB together" in answer.text
    assert cases(store) == []


def test_a_place_and_an_address_have_their_limits_and_nobody_else_is_hurt(
    stranger: Browser, form: Channel, store: Store
) -> None:
    answers = [send(stranger).status_code for _ in range(7)]
    assert answers == [303] * 6 + [429]
    refused = send(stranger)
    assert refused.headers["Retry-After"] and "too often" in refused.text and "It broke." in refused.text
    more = [send(stranger, email=f"mia{n}@example.org").status_code for n in range(14)]
    assert more[0] == 303 and more[-1] == 429
    other = Browser(stranger.app, address="203.0.113.99")
    assert send(other, email="noa@example.org").status_code == 303


def test_another_site_cannot_send_the_form(stranger: Browser, form: Channel, store: Store) -> None:
    values = written(stranger)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert stranger.ask("POST", "/help/contact", data=values, headers=headers).status_code == 403
    assert cases(store) == []


def test_an_agents_own_browser_may_write_too(as_agent: Any, cast: Cast, form: Channel, store: Store) -> None:
    assert send(as_agent(cast.ada)).status_code == 303


def test_without_a_form_the_page_says_where_to_write(stranger: Browser, shelf: Shelf) -> None:
    shown = stranger.get("/help/contact")
    assert shown.status_code == 200
    assert 'href="mailto:help@shop.example"' in shown.text and "<textarea" not in shown.text
    refused = stranger.ask("POST", "/help/contact", data={"email": "a@b.example", "message": "x"})
    assert refused.status_code == 503


def test_a_subject_is_made_of_the_first_words_where_none_is_given(
    stranger: Browser, form: Channel, store: Store
) -> None:
    send(stranger, subject="", message="The lid\nof my jar\r\n\r\nBcc: x@y.example")
    ((case, message),) = cases(store)
    assert case.subject == "The lid"
    assert message.text == "The lid\nof my jar\n\nBcc: x@y.example"
