"""Sending what waits in the outbox over one SMTP account, and noting precisely what became of each mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from desk.channels.email.backoff import next_try
from desk.channels.email.smtp import SendResult, SmtpSession
from desk.model.errors import Misconfigured, TryAgain, Uncertain, Undeliverable


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail on its way: `raw` and its Message-ID are the same at every try.

    `attempts` counts this one, and `recipients` are those who have neither got nor been refused it.
    """

    id: int
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    attempts: int
    first_try: datetime


class Outbox(Protocol):
    """What a dispatch needs of the store; each call is a transaction of its own, finished when it returns."""

    def claim(self) -> Letter | None:
        """The next letter due, marked as being sent before the first byte leaves; None when all is done."""

    def sent(self, letter: Letter, result: SendResult, retry_at: datetime | None) -> None:
        """Some got it. Refusals for good are in the result; those for now are tried at `retry_at`, if any."""

    def postponed(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        """Nobody got it yet."""

    def failed(self, letter: Letter, sentence: str) -> None:
        """Nobody will get it."""

    def uncertain(self, letter: Letter, sentence: str) -> None:
        """It may have arrived; whether it is sent again is decided elsewhere."""

    def halted(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        """The account is at fault, not the letter, which stays queued: somebody must be told."""


def dispatch(
    session: SmtpSession, outbox: Outbox, *, clock: Callable[[], datetime], random: Callable[[], float]
) -> int:
    """Send all letters that are due and return how many were tried; stops when the account is at fault."""
    tried = 0
    while letter := outbox.claim():
        tried += 1
        if not _dispatch_one(session, outbox, letter, clock, random):
            break
    return tried


_ACCOUNT_PAUSE = timedelta(minutes=5)


def _dispatch_one(
    session: SmtpSession,
    outbox: Outbox,
    letter: Letter,
    clock: Callable[[], datetime],
    random: Callable[[], float],
) -> bool:
    """False when it makes no sense to try the next letter with this account."""
    try:
        result = session.send(letter.envelope_from, letter.recipients, letter.raw)
    except Uncertain as trouble:
        outbox.uncertain(letter, trouble.sentence)
        return True
    except Undeliverable as trouble:
        outbox.failed(letter, trouble.sentence)
        return True
    except TryAgain as trouble:
        retry_at = next_try(letter.attempts, letter.first_try, clock(), random)
        if retry_at:
            outbox.postponed(letter, retry_at, trouble.sentence)
        else:
            outbox.failed(letter, f"Given up after {letter.attempts} tries in two days. {trouble.sentence}")
        return True
    except Misconfigured as trouble:
        outbox.halted(letter, clock() + _ACCOUNT_PAUSE, trouble.sentence)
        return False
    waiting = any(not refusal.permanent for refusal in result.refused.values())
    retry_at = next_try(letter.attempts, letter.first_try, clock(), random) if waiting else None
    outbox.sent(letter, result, retry_at)
    return True
