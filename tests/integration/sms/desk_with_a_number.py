"""A desk that can be texted, driven step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from sqlalchemy import select

from desk.actions.messages.files import keep_upload
from desk.actions.messages.reply import Reply, send_reply
from desk.actions.setup.channels import add_channel
from desk.demo.twilio_account import Fetched, Form, Media
from desk.demo.twilio_standin import TwilioStandin
from desk.jobs.deliver import deliver_due
from desk.jobs.read_texts import read_texts
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import Consent
from desk.model.message import Message
from desk.model.texting import Suppression
from desk.model.transit import Inbox, Outbox
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.unit_of_work import Store, Work
from desk.store.vault import Vault
from tests.people import STAGE, Cast

NUMBER = "+442079460958"
CLEO = "+447700900123"


def the_number(store: Store, cast: Cast, settings: Settings, twilio: TwilioStandin) -> Channel:
    """The shop's number, added as an administrator would."""
    wanted = {
        "kind": "sms",
        "name": "Texts",
        "address": twilio.number,
        "queue_id": cast.support.id,
        "sms": {"account_sid": twilio.account_sid, "auth_token": twilio.auth_token},
    }
    with store.unit_of_work(cast.actor(cast.ida)) as work:
        return add_channel(work, wanted, Vault(settings.secret_key))


@dataclass
class DeskWithANumber:
    """The desk, its cast, its number, and the world that texts it."""

    store: Store
    cast: Cast
    settings: Settings
    app: Flask
    twilio: TwilioStandin
    channel: Channel

    @property
    def vault(self) -> Vault:
        return Vault(self.settings.secret_key)

    def kept_channel(self, work: Work) -> Channel:
        return get_channel(work.session, self.channel.id)

    def take_call(self, url: str, form: Form, headers: dict[str, str]) -> int:
        """A webhook call comes in; how it was answered."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return (
            self.app.test_client()
            .post(
                target,
                base_url=f"{parts.scheme}://{parts.netloc}",
                data=urlencode(form),
                content_type="application/x-www-form-urlencoded",
                headers=headers,
            )
            .status_code
        )

    def give_file(self, url: str) -> Fetched:
        """The provider asks for a file of ours: as a stranger."""
        parts = urlsplit(url)
        answer = self.app.test_client().get(parts.path, base_url=f"{parts.scheme}://{parts.netloc}")
        return answer.status_code, answer.mimetype or "", answer.data

    def upload(self, name: str, content: bytes) -> str:
        """Ada attaches a file; its token."""
        with self.store.unit_of_work(self.cast.actor(self.cast.ada)) as work:
            return keep_upload(work, name, content).token

    def change(self, **wanted: object) -> None:
        """The number's setup changes behind its page's back."""
        with self.store.unit_of_work(STAGE) as work:
            channel = get_channel(work.session, self.channel.id, lock=True)
            channel.config = {**channel.config, "sms": {**channel.config["sms"], **wanted}}

    def read(self) -> None:
        """Read everything that is due."""
        read_texts(self.store, self.settings)

    def receive(self, body: str, *, sender: str = CLEO, media: tuple[Media, ...] = (), **more: str) -> Inbox:
        """Somebody texts us; what became of it."""
        text, answer = self.twilio.write(sender, body, media, **more)
        assert answer == 200
        self.read()
        with self.store.reading(STAGE) as work:
            return work.session.scalars(select(Inbox).where(Inbox.source_key == text.sid)).one()

    def cases(self) -> list[Case]:
        with self.store.reading(STAGE) as work:
            return list(work.session.scalars(select(Case).order_by(Case.id)))

    def case(self, case_id: int | None) -> Case:
        with self.store.reading(STAGE) as work:
            return work.session.get_one(Case, case_id)

    def messages(self, case_id: int | None) -> list[Message]:
        with self.store.reading(STAGE) as work:
            found = select(Message).where(Message.case_id == case_id).order_by(Message.position)
            return list(work.session.scalars(found))

    def stops(self) -> dict[tuple[str, str], bool]:
        """Who wants no texts from which sender of ours, and who wants them again."""
        with self.store.reading(STAGE) as work:
            return {
                (one.sender, one.number): one.stopped for one in work.session.scalars(select(Suppression))
            }

    def consents(self) -> dict[str, bool]:
        with self.store.reading(STAGE) as work:
            return {one.channel: one.granted for one in work.session.scalars(select(Consent))}

    def answer(self, case_id: int | None, text: str = "It is on its way.", **more: Any) -> Message:
        """Ada answers by text."""
        assert case_id is not None
        given = {"client_id": "one answer", "channel_id": self.channel.id, **more}
        with self.store.unit_of_work(self.cast.actor(self.cast.ada)) as work:
            return send_reply(work, case_id, Reply(text=text, **given))

    def deliver(self) -> int:
        """Hand over what is due."""
        return deliver_due(self.store, self.settings)

    def hasten(self) -> None:
        """Whatever waits for a later try is due now."""
        with self.store.unit_of_work(STAGE) as work:
            for outgoing in work.session.scalars(select(Outbox)):
                outgoing.not_before = work.now

    def message(self, message_id: int) -> Message:
        with self.store.reading(STAGE) as work:
            return work.session.get_one(Message, message_id)
