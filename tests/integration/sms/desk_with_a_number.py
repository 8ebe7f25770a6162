"""A desk that can be texted, driven step by step."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Flask

from desk.actions.channels import add_channel
from desk.demo.twilio_standin import Form, TwilioStandin
from desk.model.channel import Channel
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

    def change(self, **wanted: object) -> None:
        """The number's setup changes behind its page's back."""
        with self.store.unit_of_work(STAGE) as work:
            channel = get_channel(work.session, self.channel.id, lock=True)
            channel.config = {**channel.config, "sms": {**channel.config["sms"], **wanted}}
