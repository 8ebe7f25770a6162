"""Handing over mail: one connection a channel, each step committed as it happens."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from desk.actions.mail.acknowledge import KIND as ACKNOWLEDGEMENT
from desk.actions.mail.deliveries import (
    Refused,
    claim_next,
    note_account_trouble,
    note_account_works,
    note_failed,
    note_postponed,
    note_sent,
    note_uncertain,
    withhold_acknowledgement,
)
from desk.actions.mail.letters import letter_for
from desk.actions.mail.mailboxes import keep_refresh_token
from desk.actions.proactive.holding_back import held_back
from desk.channels.email.accounts import smtp_account
from desk.channels.email.backoff import GIVE_UP_AFTER
from desk.channels.email.dispatch import Letter, dispatch
from desk.channels.email.smtp import SendResult, SmtpSession
from desk.channels.email.smtp_line import SmtpAccount
from desk.model.errors import DeskError, Misconfigured
from desk.model.permission import system
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.failpoints import failpoint
from desk.store.outbox import renew
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

POST = system("post")
HEARTBEAT_SECONDS = 8
ACCOUNT_PAUSE = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def post_mail(store: Store, settings: Settings, channel_id: int) -> int:
    """Hand over what is due on one email channel; how many mails were tried."""
    post = ChannelPost(store, settings, channel_id)
    try:
        account = post.account()
    except Misconfigured as trouble:
        return post.stand_still(trouble.sentence)
    with SmtpSession(account) as session, post.alive():
        return dispatch(session, post, clock=lambda: datetime.now(UTC), random=random.random)


class ChannelPost:
    """The outbox of one channel; see `desk.channels.email.dispatch.Outbox`."""

    def __init__(self, store: Store, settings: Settings, channel_id: int) -> None:
        self._store = store
        self._settings = settings
        self._channel_id = channel_id
        self._carried: int | None = None

    def account(self) -> SmtpAccount:
        """Where the channel's mail leaves. Raises Misconfigured."""
        vault = Vault(self._settings.secret_key)

        def keep(token: str) -> None:
            with self._store.unit_of_work(POST) as work:
                keep_refresh_token(work, self._channel_id, token, vault)

        with self._store.reading(POST) as work:
            channel = get_channel(work.session, self._channel_id)
        secrets = vault.open_values(channel.secrets)
        return smtp_account(channel.config, secrets, keep_refresh_token=keep)

    def stand_still(self, sentence: str) -> int:
        """Nothing can leave here; the mail waits and says why, until it has waited too long."""
        tried = 0
        while letter := self.claim():
            tried += 1
            self.halted(letter, datetime.now(UTC) + ACCOUNT_PAUSE, sentence)
        return tried

    def claim(self) -> Letter | None:
        while True:
            with self._store.unit_of_work(POST) as work:
                outgoing = claim_next(work, self._channel_id)
                if outgoing is None:
                    return None
                held = held_back(work, outgoing)
                withheld = outgoing.kind == ACKNOWLEDGEMENT and withhold_acknowledgement(
                    work, outgoing.id, per_hour=self._settings.acknowledgements_per_hour
                )
            if withheld:
                log.warning("acknowledgements_switched_off", channel=self._channel_id)
            if held or withheld:
                continue
            try:
                with self._store.reading(POST) as work:
                    letter = letter_for(work, outgoing, secret=self._settings.secret_key)
            except DeskError as error:
                self._note_failed(outgoing.id, error.sentence)
                continue
            self._carried = letter.id
            failpoint("before_handover")
            return letter

    def sent(self, letter: Letter, result: SendResult, retry_at: datetime | None) -> None:
        failpoint("after_handover")
        refused = {
            who: Refused(f"{refusal.code} {refusal.text}", refusal.permanent)
            for who, refusal in result.refused.items()
        }
        with self._store.unit_of_work(POST) as work:
            note_sent(work, letter.id, result.accepted, refused, retry_at)
            note_account_works(work, self._channel_id)
        failpoint("after_note")
        self._carried = None

    def postponed(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        with self._store.unit_of_work(POST) as work:
            note_postponed(work, letter.id, retry_at, sentence)
        self._carried = None

    def failed(self, letter: Letter, sentence: str) -> None:
        self._note_failed(letter.id, sentence)

    def uncertain(self, letter: Letter, sentence: str) -> None:
        with self._store.unit_of_work(POST) as work:
            note_uncertain(work, letter.id, sentence)
        self._carried = None

    def halted(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        if datetime.now(UTC) - letter.first_try > GIVE_UP_AFTER:
            return self._note_failed(letter.id, sentence)
        with self._store.unit_of_work(POST) as work:
            note_postponed(work, letter.id, retry_at, sentence)
            note_account_trouble(work, self._channel_id, sentence)
        self._carried = None
        return None

    @contextmanager
    def alive(self) -> Iterator[None]:
        """While mail is being carried, say so: who falls silent is taken for dead."""
        over = threading.Event()
        pulse = threading.Thread(target=self._pulse, args=(over,), name="pulse", daemon=True)
        pulse.start()
        try:
            yield
        finally:
            over.set()
            pulse.join()

    def _pulse(self, over: threading.Event) -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            carried = self._carried
            if carried is None:
                continue
            try:
                with self._store.unit_of_work(POST) as work:
                    renew(work.session, [carried], work.now)
            except SQLAlchemyError as error:
                log.warning("pulse_missed", error=type(error).__name__)

    def _note_failed(self, outbox_id: int, sentence: str) -> None:
        with self._store.unit_of_work(POST) as work:
            note_failed(work, outbox_id, sentence)
        self._carried = None
