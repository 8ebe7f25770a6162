"""Who looks at their cases in the help centre: a link asked for, mailed, pressed, and what is behind it."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from desk.actions.knowledge.portal import decide_links
from desk.actions.mail.deliveries import claim_next
from desk.actions.mail.letters import letter_for
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import Customer
from desk.model.inbound import ChannelKind
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_channel, a_conversation, a_customer, a_message
from tests.security.browser import Browser, field_of

KEY = "a key for tests"
PAGE = "http://desk.example/help/cases/link/"
EACH_HOUR = 200


@dataclass
class Post:
    """What the workers would do with links: decide, and hand over to nobody but the test."""

    store: Store
    letters: list[email.message.EmailMessage] = field(default_factory=list)

    def goes(self, *, per_hour: int = EACH_HOUR) -> list[str]:
        """The secrets in the mail that leaves now, after links were decided on."""
        with self.store.unit_of_work(STAGE) as work:
            decide_links(work, page=PAGE, per_hour=per_hour)
        found = []
        with self.store.unit_of_work(STAGE) as work:
            for channel in work.session.scalars(select(Channel.id)).all():
                while outgoing := claim_next(work, channel):
                    letter = letter_for(work, outgoing, secret=KEY)
                    mail = email.message_from_bytes(letter.raw, policy=email.policy.default)
                    self.letters.append(mail)
                    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
                    found += re.findall(rf"{re.escape(PAGE)}(\S+)", text.replace("=\n", ""))
        return found


@pytest.fixture
def post(store: Store, cast: Cast) -> Post:
    return Post(store)


@pytest.fixture
def form(store: Store, cast: Cast) -> Channel:
    with store.unit_of_work(STAGE) as work:
        return a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=cast.support)


def ask(browser: Browser, address: str) -> Any:
    return browser.ask("POST", "/help/cases/link", data={"email": address})


def press(browser: Browser, secret: str, **form: str) -> Any:
    """Open the link and press its button."""
    shown = browser.get(f"/help/cases/link/{secret}")
    assert shown.status_code == 200
    return browser.ask(
        "POST", f"/help/cases/link/{secret}", data={"csrf": field_of(shown.text, "csrf"), **form}
    )


def signed_in(app: Flask, post: Post, address: str) -> Browser:
    browser = Browser(app)
    ask(browser, address)
    (secret,) = post.goes()
    assert press(browser, secret).status_code == 303
    return browser


def a_thread(work: Work, cast: Cast, customer: Customer, *said: str, **more: Any) -> Case:
    """A case with a conversation by mail, in which the customer said this."""
    case = a_case(work, customer, more.pop("subject", "Case of theirs"), queue=cast.support, **more)
    conversation = a_conversation(work, case, work.session.merge(cast.mail))
    for text in said:
        a_message(work, case, text, conversation=conversation)
    return case


@pytest.fixture
def cleos(store: Store, cast: Cast) -> Case:
    """A case of Cleo's, with an answer and a note in it."""
    with store.unit_of_work(STAGE) as work:
        case = a_thread(work, cast, cast.cleo, "My grinder is loud", subject="Renamed by an agent")
        a_message(work, case, "private: she is a thief", kind=MessageKind.NOTE, agent=cast.ada)
        return case


@pytest.fixture
def miras(store: Store, cast: Cast) -> Case:
    with store.unit_of_work(STAGE) as work:
        mira = a_customer(work, "Mira Other", "mira@example.org")
        return a_thread(work, cast, mira, "Secret of Mira")
