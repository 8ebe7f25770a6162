"""Keeping one mailbox read while the mailroom runs: open, catch up, wait, and come back after trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from desk.channels.email.backoff import reconnect_after
from desk.channels.email.imap import MailboxAccount, OpenMailbox, open_mailbox
from desk.channels.email.mailbox import (
    Cursor,
    FetchedMail,
    fetch,
    missing_uids,
    new_mail,
    settle,
    wait_for_mail,
)
from desk.channels.email.oauth import NeedsSignIn
from desk.model.errors import Misconfigured, Unavailable

_POLL_SECONDS = 60.0
_SECOND_LOOK_SECONDS = 3.0
_LOOK_BACK_EVERY = timedelta(minutes=15)
_LOOK_BACK = timedelta(days=1)
_MAILS_AT_ONCE = 50
_BYTES_AT_ONCE = 8 * 1024 * 1024
# A wrong password tried every few seconds gets an account locked.
_WAIT_FOR_AN_OPERATOR_SECONDS = 300.0
_STEADY_SECONDS = 60.0


class MailboxState(StrEnum):
    READING = "reading"
    AWAY = "away"
    MISCONFIGURED = "misconfigured"
    NEEDS_SIGN_IN = "needs sign-in"


class Keeper(Protocol):
    """Where fetched mail goes; each call is a transaction of its own, finished when it returns."""

    def cursor(self) -> Cursor:
        """How far this mailbox was read."""

    def keep(self, mails: Sequence[FetchedMail], cursor: Cursor | None) -> None:
        """Store the mails, each once, and `cursor` with them; None, for late finds, leaves it alone."""

    def kept_uids(self, uidvalidity: int, since: datetime) -> Container[int]:
        """UIDs stored under this UIDVALIDITY, at least those that arrived since."""

    def report(self, state: MailboxState, sentence: str) -> None:
        """Tell people how the mailbox is; called when that changes, and empty when all is well."""

    def warn(self, sentence: str) -> None:
        """Something small went wrong that costs nobody a mail."""


def watch_mailbox(
    account: MailboxAccount,
    keeper: Keeper,
    stop: threading.Event,
    *,
    random: Callable[[], float],
    poll_seconds: float = _POLL_SECONDS,
) -> None:
    """Read `account` into `keeper` until `stop` is set, or a person has to sign in again.

    Trouble with the server is reported and tried again after 1 s to 5 min; so is a keeper that is
    Unavailable. Its other errors are not caught: whoever runs this starts it again.
    """
    failures = 0
    reported: tuple[MailboxState, str] | None = None

    def report(state: MailboxState, sentence: str = "") -> None:
        nonlocal reported
        if reported != (state, sentence):
            reported = (state, sentence)
            keeper.report(state, sentence)

    while not stop.is_set():
        began = time.monotonic()
        try:
            with open_mailbox(account) as mailbox:
                catch_up(mailbox, keeper, stop)
                report(MailboxState.READING)
                _read_on(mailbox, keeper, stop, poll_seconds)
        except NeedsSignIn as trouble:
            report(MailboxState.NEEDS_SIGN_IN, trouble.sentence)
            return
        except Misconfigured as trouble:
            report(MailboxState.MISCONFIGURED, trouble.sentence)
            stop.wait(_WAIT_FOR_AN_OPERATOR_SECONDS)
        except Unavailable as trouble:
            # A server that lets us in and hangs up at once is not a server that came back.
            lasted = time.monotonic() - began
            failures = 1 if lasted > _STEADY_SECONDS else failures + 1
            report(MailboxState.AWAY, trouble.sentence)
            stop.wait(reconnect_after(failures, random).total_seconds())


def catch_up(mailbox: OpenMailbox, keeper: Keeper, stop: threading.Event) -> int:
    """Keep everything that is new, oldest first, and settle it on the server. Returns how many.

    The server is told only after the mail is stored: a crash in between costs a flag, never a mail.
    """
    cursor = keeper.cursor()
    count = 0
    for mails in _few_at_once(new_mail(mailbox, cursor)):
        if stop.is_set():
            break
        for mail in mails:
            cursor = mail.cursor_after(cursor)
        keeper.keep(mails, cursor)
        count += len(mails)
        _settle(mailbox, keeper, [mail.uid for mail in mails])
    return count


def look_back(mailbox: OpenMailbox, keeper: Keeper, now: datetime) -> list[int]:
    """The safety net: UIDs of the last day that were never stored, now stored. Not empty is an alarm."""
    since = now - _LOOK_BACK
    beyond = keeper.cursor()
    uidvalidity, uids = missing_uids(mailbox, since, ())
    known = keeper.kept_uids(uidvalidity, since - _LOOK_BACK)
    # What lies above the cursor is new, not missed.
    missed = [
        uid for uid in uids if uid not in known and uidvalidity == beyond.uidvalidity and uid <= beyond.uid
    ]
    for mails in _few_at_once(fetch(mailbox, missed, uidvalidity)):
        keeper.keep(mails, None)
    if missed:
        keeper.warn(
            f"{len(missed)} mails of {mailbox.account.username} had been missed and were fetched now."
        )
    return missed


def _read_on(mailbox: OpenMailbox, keeper: Keeper, stop: threading.Event, poll_seconds: float) -> None:
    looked_back_at = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        now = datetime.now(UTC)
        if now - looked_back_at >= _LOOK_BACK_EVERY:
            look_back(mailbox, keeper, now)
            looked_back_at = now
        # What arrives while we ask for something, the server tells beside that answer, and then no more.
        while catch_up(mailbox, keeper, stop):
            pass
        # A server begins to watch when we begin to wait: what came just before, it tells nobody.
        if wait_for_mail(mailbox, stop, min(_SECOND_LOOK_SECONDS, poll_seconds)):
            continue
        if not catch_up(mailbox, keeper, stop):
            wait_for_mail(mailbox, stop, poll_seconds)


def _few_at_once(mails: Iterable[FetchedMail]) -> Iterator[list[FetchedMail]]:
    """What is kept in one commit: few enough to hold in memory, many enough to catch up quickly."""
    batch: list[FetchedMail] = []
    size = 0
    for mail in mails:
        batch.append(mail)
        size += len(mail.raw)
        if len(batch) == _MAILS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _settle(mailbox: OpenMailbox, keeper: Keeper, uids: list[int]) -> None:
    trouble = settle(mailbox, uids) if uids else None
    if trouble:
        keeper.warn(trouble)
