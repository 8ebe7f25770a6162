"""A desk with a number, and a stand-in for Twilio that texts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from desk.demo.twilio_account import Turn
from desk.demo.twilio_standin import TwilioStandin
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.integration.sms.desk_with_a_number import NUMBER, DeskWithANumber, the_number
from tests.people import Cast
from tests.security.conftest import PUBLIC, app, as_agent

__all__ = ["app", "as_agent"]


@pytest.fixture
def twilio() -> Iterator[TwilioStandin]:
    """Takes texts and leaves them where they are, until a test moves them."""
    standin = TwilioStandin(NUMBER, usual=Turn())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def settings(redis_url: str, database_url: str, twilio: TwilioStandin) -> Settings:
    return Settings(
        redis_url=redis_url,
        database_url=database_url,
        public_url=PUBLIC,
        secret_key="a key for tests",
        twilio_api=twilio.api,
        smtp_in_port=0,
    )


@pytest.fixture
def desk(app: Flask, store: Store, cast: Cast, settings: Settings, twilio: TwilioStandin) -> DeskWithANumber:
    made = DeskWithANumber(store, cast, settings, app, twilio, the_number(store, cast, settings, twilio))
    twilio.messages_url = f"{PUBLIC}/hooks/twilio/{made.channel.id}/messages"
    twilio.bring = made.take_call
    twilio.fetch = made.give_file
    return made
