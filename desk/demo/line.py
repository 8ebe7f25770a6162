"""The shop's number, for texts and WhatsApp: at the stand-in for Twilio, with who has a phone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random

from sqlalchemy import select

from desk.actions.setup.channels import add_channel
from desk.actions.texts.templates import keep_templates
from desk.channels.sms.templates import Template
from desk.channels.sms.webhooks import messages_url
from desk.demo.people import Person, people
from desk.demo.twilio_account import Content, Text
from desk.demo.twilio_standin import TwilioStandin
from desk.model.channel import Channel
from desk.model.customer import Address, AddressKind
from desk.model.inbound import ChannelKind
from desk.model.queue import Queue
from desk.settings import Settings
from desk.store.customers.finding import keep_address, keep_consent
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

NUMBER = "+442079460958"
"""Kept free for stories, like the customers' numbers (Ofcom)."""

WHATSAPP = f"whatsapp:{NUMBER}"
EVERY_SO_MANYTH = 4
"""One of so many customers with a phone writes by WhatsApp."""

CONTENTS = (
    Content(
        "order_ready",
        "Hello {{1}}, your order {{2}} is ready. Reply here and a person answers.",
        variables={"1": "Emma", "2": "NK-10071"},
        sid="HX" + "1" * 32,
    ),
    Content(
        "we_missed_you",
        "Hello {{1}}, we could not reach you about {{2}}. Reply here when it suits you.",
        variables={"1": "Emma", "2": "your repair"},
        sid="HX" + "2" * 32,
    ),
    Content(
        "spring_offer",
        "Spring roast is here, {{1}}!",
        "pending",
        variables={"1": "Emma"},
        sid="HX" + "3" * 32,
    ),
)
"""The account's templates of WhatsApp: two approved, one that waits."""

FALLBACK_PORT = 8827


def with_standins(settings: Settings) -> Settings:
    """The demo's settings: whatever speaks to Twilio speaks to the stand-in."""
    return settings.model_copy(update={"twilio_api": f"http://127.0.0.1:{_port(settings)}"})


def standin_for(
    settings: Settings, texts_id: int, whatsapp_id: int, on_sent: Callable[[Text], None]
) -> TwilioStandin:
    """The account that the shop's number belongs to; still to be started."""
    sid, token = _account(settings)
    return TwilioStandin(
        NUMBER,
        account_sid=sid,
        auth_token=token,
        port=_port(settings),
        messages_url=messages_url(settings.public_url, texts_id),
        whatsapp_url=messages_url(settings.public_url, whatsapp_id),
        contents=list(CONTENTS),
        on_sent=on_sent,
    )


def phones() -> dict[str, Person]:
    """The customers with a phone, by its number: those who write in English, on numbers nobody has."""
    return {
        f"+447700900{number:03}": person for number, person in enumerate(people()) if person.language == "en"
    }


def handles() -> dict[str, Person]:
    """The customers with a phone, by whom a text of theirs comes from: some write by WhatsApp."""
    return {
        number if place % EVERY_SO_MANYTH else f"whatsapp:{number}": person
        for place, (number, person) in enumerate(phones().items(), 1)
    }


def open_the_line(work: Work, settings: Settings) -> None:
    """The number as two channels, and its customers' phones written down. Safe to run again."""
    if find_line(work) is None:
        _open(work, settings, "Texts", NUMBER)
        for number, person in phones().items():
            _write_down(work, number, person)
    if find_line(work, WHATSAPP) is None:
        channel = _open(work, settings, "WhatsApp", WHATSAPP)
        keep_templates(work, channel.id, [_template(one) for one in CONTENTS])


def _open(work: Work, settings: Settings, name: str, address: str) -> Channel:
    sid, token = _account(settings)
    queue_id = work.session.scalar(select(Queue.id).where(Queue.name == "Orders & delivery"))
    return add_channel(
        work,
        {
            "kind": "sms",
            "name": name,
            "address": address,
            "queue_id": queue_id,
            "sms": {"account_sid": sid, "auth_token": token, "countries": ["GB"], "mms_countries": ["GB"]},
        },
        Vault(settings.secret_key),
    )


def _template(one: Content) -> Template:
    return Template(one.sid, one.name, one.language, one.body, one.status, one.variables)


def find_line(work: Work, address: str = NUMBER) -> Channel | None:
    """The shop's number, as it takes texts or WhatsApp."""
    return work.session.scalar(
        select(Channel).where(Channel.kind == ChannelKind.SMS, Channel.address == address)
    )


def _write_down(work: Work, number: str, person: Person) -> None:
    email = Address.kind == AddressKind.EMAIL
    customer_id = work.session.scalar(
        select(Address.customer_id).where(email, Address.value == person.address)
    )
    if customer_id is None:
        return
    keep_address(work.session, customer_id, AddressKind.PHONE, number, at=work.now, verified_at=work.now)
    if Random(f"texts {number}").random() < 0.8:
        keep_consent(work.session, customer_id, "sms", granted=True, source="checkout", at=work.now)


def _account(settings: Settings) -> tuple[str, str]:
    """SID and token, the same at each start of this desk, and of no other."""
    digest = hashlib.sha256(b"demo account\0" + settings.secret_key.encode()).hexdigest()
    return f"AC{digest[:32]}", digest[32:]


def _port(settings: Settings) -> int:
    """Where the stand-in listens: behind the door for mail and its sink."""
    return settings.smtp_in_port + 2 if settings.smtp_in_port else FALLBACK_PORT
