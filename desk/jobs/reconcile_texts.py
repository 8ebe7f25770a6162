"""Looking for texts that no webhook brought: while we were away, or where Twilio gave up calling."""

from __future__ import annotations

from datetime import timedelta

import structlog

from desk.actions.mail.deliveries import note_account_trouble
from desk.actions.texts.keeping import keep_texts
from desk.channels.sms.account import text_account
from desk.channels.sms.listing import Listed, TextList
from desk.channels.sms.trouble import Fate, explain
from desk.model.channel import Channel
from desk.model.errors import Misconfigured
from desk.model.permission import system
from desk.settings import Settings
from desk.store.inbox import known_keys
from desk.store.texts.cursors import move_text_cursor, take_a_look
from desk.store.texts.reading import text_channels
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

EVERY = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
"""So much is looked at once more: a text can be listed later than its moment says."""

RECONCILER = system("missed texts")

log = structlog.get_logger(__name__)


def reconcile_texts(store: Store, settings: Settings) -> int:
    """Look for every number whose turn it is; how many texts had been missed."""
    with store.reading(RECONCILER) as work:
        channels = text_channels(work.session)
    return sum(_reconcile(store, settings, channel) for channel in channels)


def _reconcile(store: Store, settings: Settings, channel: Channel) -> int:
    with store.unit_of_work(RECONCILER) as work:
        since = take_a_look(work.session, channel, work.now, EVERY)
    if since is None:
        return 0
    try:
        secrets = Vault(settings.secret_key).open_values(channel.secrets)
        texts = TextList(text_account(channel.config, secrets, settings.twilio_api), channel.address)
        listed = texts.since(since - OVERLAP)
        missed = [texts.with_files(one) for one in _unknown(store, channel, listed)]
    except Misconfigured as error:
        return _cannot_look(store, channel, error.sentence, halted=True)
    except Exception as error:  # the edge to a library: `explain` knows what each means
        trouble = explain(error)
        return _cannot_look(store, channel, trouble.sentence, halted=trouble.fate is Fate.HALT)
    with store.unit_of_work(RECONCILER) as work:
        kept = keep_texts(work, channel.id, [one.fields for one in missed])
        moments = [one.at for one in listed if one.at is not None]
        if moments:
            move_text_cursor(work.session, channel.id, max(moments))
    if kept:
        log.warning("texts_were_missed", channel=channel.id, texts=kept)
    return kept


def _unknown(store: Store, channel: Channel, listed: list[Listed]) -> list[Listed]:
    """Those that are not ours yet; what the channel was not there for is never ours."""
    with store.reading(RECONCILER) as work:
        known = known_keys(work.session, channel.id, [one.sid for one in listed])
    return [
        one
        for one in listed
        if one.sid not in known and (one.at is None or one.at >= channel.created_at.replace(microsecond=0))
    ]


def _cannot_look(store: Store, channel: Channel, sentence: str, *, halted: bool) -> int:
    log.warning("texts_not_compared", channel=channel.id, sentence=sentence)
    if halted:
        with store.unit_of_work(RECONCILER) as work:
            note_account_trouble(work, channel.id, sentence)
    return 0
