"""Handing over texts: one at a time, each step committed as it happens, none ever sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from desk.actions.mail.deliveries import (
    note_account_trouble,
    note_failed,
    note_given_up,
    note_postponed,
    note_uncertain,
)
from desk.actions.messages.file_links import TextFileLinks
from desk.actions.texts.deliveries import (
    OutgoingText,
    claim_text,
    found_among,
    is_settled,
    note_accepted,
    note_opted_out,
)
from desk.channels.sms.account import text_account
from desk.channels.sms.sending import Taken, TextLine
from desk.channels.sms.trouble import OPTED_OUT, Fate, Trouble, explain
from desk.channels.sms.webhooks import status_url
from desk.model.channel import Channel
from desk.model.errors import Misconfigured
from desk.model.permission import system
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.failpoints import failpoint
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

POST = system("post")
GIVE_UP_AFTER = timedelta(hours=24)
"""A text of yesterday puzzles more than it helps."""

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def post_texts(store: Store, settings: Settings, channel_id: int) -> int:
    """Hand over what is due on one text channel; how many texts were tried."""
    with store.reading(POST) as work:
        channel = get_channel(work.session, channel_id)
    post = _TextPost(store, settings, channel)
    tried = 0
    while text := post.claim():
        tried += 1
        if not post.carry(text):
            break
    return tried


class _TextPost:
    """The outbox of one channel, and the line to its account."""

    def __init__(self, store: Store, settings: Settings, channel: Channel) -> None:
        self._store = store
        self._settings = settings
        self._channel = channel
        self._line: TextLine | None = None

    def claim(self) -> OutgoingText | None:
        with self._store.unit_of_work(POST) as work:
            return claim_text(work, self._channel)

    def carry(self, text: OutgoingText) -> bool:
        """Hand one over; False when the channel should rest for now."""
        try:
            line = self._open_line()
        except Misconfigured as error:
            trouble = Trouble(Fate.HALT, error.sentence)
            return self._still_in_doubt(text, trouble) if text.doubtful else self._trouble(text, trouble)
        if text.doubtful:
            try:
                if self._was_taken(line, text):
                    return True
            except Exception as error:  # whatever happens while we ask, we know no more than before
                return self._still_in_doubt(text, explain(error))
        failpoint("before_handover")
        callback = status_url(self._settings.public_url, self._channel.id, text.mark)
        try:
            taken = line.send(
                text.number,
                text.body,
                status_callback=callback,
                media=self._media(text),
                template=text.template,
            )
        except Exception as error:  # the edge to a library: `explain` knows what each means
            return self._trouble(text, explain(error))
        failpoint("after_handover")
        self._accepted(text, taken)
        failpoint("after_note")
        return True

    def _open_line(self) -> TextLine:
        if self._line is None:
            secrets = Vault(self._settings.secret_key).open_values(self._channel.secrets)
            account = text_account(self._channel.config, secrets, self._settings.twilio_api)
            self._line = TextLine(account, self._channel.address)
        return self._line

    def _media(self, text: OutgoingText) -> list[str]:
        """Where the provider fetches the files: addresses made now, so that they are good from now on."""
        links = TextFileLinks(self._settings.secret_key)
        return [links.url(self._settings.public_url, token) for token in text.file_tokens]

    def _was_taken(self, line: TextLine, text: OutgoingText) -> bool:
        """Whether the earlier try arrived after all; then it is noted."""
        with self._store.unit_of_work(POST) as work:
            if is_settled(work, text):
                return True
        listed = line.look_up(text.number, text.body, since=text.queued_at, files=len(text.file_tokens))
        found = {one.sid: one for one in listed}
        with self._store.unit_of_work(POST) as work:
            sid = found_among(work, text, list(found))
            if sid is None:
                return False
            note_accepted(work, text.outbox_id, sid, found[sid].status)
        log.info("text_was_taken", outbox=text.outbox_id)
        return True

    def _accepted(self, text: OutgoingText, taken: Taken) -> None:
        with self._store.unit_of_work(POST) as work:
            note_accepted(work, text.outbox_id, taken.sid, taken.status)

    def _still_in_doubt(self, text: OutgoingText, trouble: Trouble) -> bool:
        with self._store.unit_of_work(POST) as work:
            if _is_too_old(text):
                sentence = f"Twilio could not be asked for a day. {trouble.sentence}"
                note_given_up(work, text.outbox_id, sentence)
            else:
                note_uncertain(work, text.outbox_id, trouble.sentence)
        return False

    def _trouble(self, text: OutgoingText, trouble: Trouble) -> bool:
        log.info("text_not_taken", outbox=text.outbox_id, fate=trouble.fate.name, code=trouble.code)
        with self._store.unit_of_work(POST) as work:
            if trouble.code == OPTED_OUT:
                note_opted_out(work, self._channel, text, trouble.sentence)
            elif trouble.fate is Fate.NEVER:
                note_failed(work, text.outbox_id, trouble.sentence)
            elif trouble.fate is Fate.UNKNOWN:
                note_uncertain(work, text.outbox_id, trouble.sentence)
            elif _is_too_old(text):
                note_failed(work, text.outbox_id, trouble.sentence)
            else:
                pause = LONGEST_PAUSE if trouble.fate is Fate.HALT else _pause(text.attempts)
                note_postponed(work, text.outbox_id, work.now + pause, trouble.sentence)
                if trouble.fate is Fate.HALT:
                    note_account_trouble(work, self._channel.id, trouble.sentence)
        return trouble.fate is Fate.NEVER


def _pause(attempts: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(attempts, 10)), LONGEST_PAUSE)


def _is_too_old(text: OutgoingText) -> bool:
    return datetime.now(UTC) - text.queued_at > GIVE_UP_AFTER
