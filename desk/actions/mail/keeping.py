"""Commit 1 of every mail: its bytes and how far the mailbox was read, together. From here on it is ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from desk.channels.email.loops import without_token
from desk.channels.email.mailbox import LARGEST_MAIL, Cursor, FetchedMail
from desk.model.channel import Channel
from desk.model.errors import NotFound, TooLarge
from desk.model.events import MailQuarantined
from desk.store.channels import find_mail_channel
from desk.store.failpoints import failpoint
from desk.store.inbox import Keeping, Place, RawMail, keep_raw
from desk.store.unit_of_work import Work

MEGABYTE = 1024 * 1024


def keep_mail(
    work: Work,
    channel_id: int,
    folder: str,
    mails: Sequence[FetchedMail],
    cursor: Cursor | None,
    *,
    claims: bool = False,
) -> Keeping:
    """Keep fetched mails, and how far the folder was read with them; all of it goes with the commit.

    A mail that is ours already is no news. One over the limit is kept as its header with a notice;
    one that the server would not hand over goes to quarantine at once. With `claims` it is the caller's
    to read them, once they are committed.
    """
    read_to = Place(folder, cursor.uidvalidity, cursor.uid, cursor.last_date) if cursor else None
    raws = [_raw(folder, mail) for mail in mails]
    kept = keep_raw(work.line, channel_id, raws, work.now, read_to=read_to, claims=claims)
    if any(mail.trouble for mail in mails):
        for one in kept.new:
            if not one.is_readable:
                work.record(MailQuarantined(inbox_id=one.id, channel_id=channel_id))
    failpoint("before_raw_commit")
    return kept


def keep_handed_over(
    work: Work, sender: str, recipients: Iterable[str], raw: bytes, *, claims: bool = False
) -> list[Keeping]:
    """Keep a mail that a server hands over, once for each channel it is for.

    Raises NotFound when it is for none of ours, TooLarge beyond the limit. As the last server on
    its way, we note whom it was for and who is to hear of failures (RFC 5321, 4.4). With `claims` as
    in `keep_mail`.
    """
    if len(raw) > LARGEST_MAIL:
        raise TooLarge(f"A mail can have {LARGEST_MAIL // MEGABYTE} MB at most.")
    channels: dict[int, str] = {}
    for recipient in recipients:
        channel = door_channel(work, recipient)
        if channel is not None:
            channels.setdefault(channel.id, recipient)
    if not channels:
        raise NotFound("There is no such recipient here.")
    kept = []
    for channel_id, recipient in channels.items():
        head = f"Return-Path: <{_clean(sender)}>\r\nDelivered-To: <{_clean(recipient)}>\r\n"
        key = f"door/{hashlib.sha256(raw).hexdigest()}"
        kept.append(
            keep_raw(work.line, channel_id, [RawMail(key, head.encode() + raw)], work.now, claims=claims)
        )
    failpoint("before_raw_commit")
    return kept


def door_channel(work: Work, recipient: str) -> Channel | None:
    """The channel that takes mail for this address, with or without a reply token in it."""
    channel = find_mail_channel(work.session, without_token(recipient))
    return channel if channel is not None and channel.enabled else None


def _raw(folder: str, mail: FetchedMail) -> RawMail:
    notice = None
    if not mail.whole and not mail.trouble:
        notice = (
            f"This mail has {mail.size // MEGABYTE} MB, more than the {LARGEST_MAIL // MEGABYTE} MB that are "
            "fetched. Only its header is here; the whole mail is still in the mailbox."
        )
    return RawMail(
        source_key=f"{folder}/{mail.uidvalidity}/{mail.uid}",
        raw=mail.raw,
        size=mail.size,
        notice=notice,
        trouble=mail.trouble or None,
    )


def _clean(address: str) -> str:
    return "".join(letter for letter in address if letter.isprintable() and letter not in "<>")
