"""The inbox: raw mail that is ours, read in batches, and what became of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from desk.model.channel import MailboxCursor
from desk.model.errors import NotFound
from desk.model.inbound import ChannelKind
from desk.model.transit import Inbox, InboxState
from desk.store.line import Answer, Line, Statement

ATTEMPTS = 3
"""So often a mail may stop us before it is put into quarantine."""

LEASE = timedelta(seconds=45)
"""How long a claimed mail is left to whoever claimed it; longer than a batch in the fence takes."""


@dataclass(frozen=True, slots=True)
class RawMail:
    """Bytes to keep. `notice` says what is missing of them; `trouble` why nobody need try to read them."""

    source_key: str
    raw: bytes
    size: int = 0
    silent: bool = False
    notice: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that is being read now. `attempts` counts this try."""

    id: int
    channel_id: int
    source_key: str
    raw: bytes
    silent: bool
    notice: str | None
    attempts: int
    received_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw mail that is new, and ours now; `is_readable` unless it went to quarantine at once."""

    id: int
    is_readable: bool


@dataclass(frozen=True)
class Keeping:
    """Raw mails on their way into the inbox, with the next question or with the commit.

    To look before the commit costs a round trip.
    """

    answer: Answer
    channel_id: int
    mails: Sequence[RawMail]
    at: datetime

    @cached_property
    def new(self) -> list[Kept]:
        """Those that were new, in their order."""
        return [Kept(row.id, row.is_readable) for row in self.answer.rows]

    def claimed(self) -> list[Claimed]:
        """Those that were claimed as they were kept: whoever looks, once they are committed, reads them."""
        by_key = {mail.source_key: mail for mail in self.mails}
        return [self._claimed(row, by_key[row.source_key]) for row in self.answer.rows if row.attempts]

    def _claimed(self, row: Any, mail: RawMail) -> Claimed:
        return Claimed(
            id=row.id,
            channel_id=self.channel_id,
            source_key=mail.source_key,
            raw=mail.raw,
            silent=mail.silent,
            notice=mail.notice,
            attempts=row.attempts,
            received_at=self.at,
            sha256=row.sha256,
        )


_KEEP = Statement(
    """
    WITH kept AS (
      INSERT INTO inbox (channel_id, kind, source_key, sha256, size, raw, received_at, not_before, silent,
                         notice, state, outcome, outcome_reason, attempts)
      SELECT :channel_id, :kind, one.source_key, one.sha256, one.size,
             substring(:raws FROM one.first_byte FOR one.length), :at, :due_at, one.silent, one.notice,
             CASE WHEN one.trouble IS NULL THEN 'received' ELSE 'quarantined' END,
             CASE WHEN one.trouble IS NOT NULL THEN 'quarantined' END, one.trouble,
             CASE WHEN one.trouble IS NULL THEN :tries ELSE 0 END
      FROM ROWS FROM (jsonb_to_recordset(CAST(:mails AS jsonb)) AS (
             source_key varchar, sha256 varchar, size bigint, first_byte int, length int, silent boolean,
             notice varchar, trouble varchar)) WITH ORDINALITY
           AS one(source_key, sha256, size, first_byte, length, silent, notice, trouble, number)
      ORDER BY number
      ON CONFLICT DO NOTHING
      RETURNING id, state = 'received' AS is_readable, silent, source_key, sha256, attempts),
    noted AS (
      UPDATE channels SET last_inbound_at = :at WHERE id = :channel_id
        AND EXISTS (SELECT FROM kept WHERE NOT silent)),
    moved AS (
      INSERT INTO mailbox_cursors (channel_id, folder, uidvalidity, uid, last_internal_date)
      SELECT :channel_id, :folder, :uidvalidity, :uid, :last_date WHERE CAST(:folder AS varchar) IS NOT NULL
      ON CONFLICT (channel_id, folder) DO UPDATE SET uidvalidity = excluded.uidvalidity, uid = excluded.uid,
        last_internal_date = excluded.last_internal_date)
    SELECT id, is_readable, source_key, sha256, attempts FROM kept ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder was read."""

    folder: str
    uidvalidity: int
    uid: int
    last_date: datetime | None


def keep_raw(
    line: Line,
    channel_id: int,
    mails: Sequence[RawMail],
    at: datetime,
    kind: ChannelKind = ChannelKind.EMAIL,
    *,
    read_to: Place | None = None,
    claims: bool = False,
) -> Keeping:
    """Keep those that are new, in their order, and with them how far the folder was read; one statement.

    The same source key a second time is no news. The channel shows when news came last. With `claims` they
    are kept as `claim` would leave them: the first try is counted, and it is the caller's to make.
    """
    first_bytes = accumulate((len(mail.raw) for mail in mails), initial=1)
    kept = [
        {
            "source_key": mail.source_key,
            "sha256": hashlib.sha256(mail.raw).hexdigest(),
            "size": max(mail.size, len(mail.raw)),
            "first_byte": first_byte,
            "length": len(mail.raw),
            "silent": mail.silent,
            "notice": mail.notice,
            "trouble": mail.trouble,
        }
        for mail, first_byte in zip(mails, first_bytes, strict=False)
    ]
    values = {
        "channel_id": channel_id,
        "kind": kind.value,
        "at": at,
        "due_at": at + LEASE if claims else at,
        "tries": 1 if claims else 0,
        "mails": json.dumps(kept),
        # As JSON they would travel as text, and some bytes are none.
        "raws": b"".join(mail.raw for mail in mails),
        "folder": read_to.folder if read_to else None,
        "uidvalidity": read_to.uidvalidity if read_to else None,
        "uid": read_to.uid if read_to else None,
        "last_date": read_to.last_date if read_to else None,
    }
    return Keeping(line.write(_KEEP, values), channel_id, mails, at)


# That a try was counted need not be on the disk before it is made: it outlives any process of ours, and
# after a crash of the database itself a mail is tried once more.
_CLAIM = Statement(
    """
    WITH soon AS (SELECT set_config('synchronous_commit', 'off', true) AS set), due AS (
      SELECT id FROM inbox WHERE state = 'received' AND kind = :kind AND not_before <= :now
      ORDER BY not_before, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    UPDATE inbox SET attempts = attempts + 1, not_before = :until FROM due, soon WHERE inbox.id = due.id
    RETURNING inbox.id, channel_id, source_key, raw, silent, notice, attempts, received_at, sha256
    """
)


def claim(line: Line, *, now: datetime, limit: int, kind: ChannelKind = ChannelKind.EMAIL) -> list[Claimed]:
    """The oldest of this kind that are due, each try counted before it is made; others skip them.

    A deed of its own: nothing else belongs into its transaction, whose commit does not wait for the disk.
    """
    asked = {"now": now, "until": now + LEASE, "limit": limit, "kind": kind.value}
    claimed = line.ask(_CLAIM, asked, binary=True)
    return sorted((Claimed(*row) for row in claimed), key=lambda mail: mail.id)


_HOLD = Statement("SELECT FROM inbox WHERE id = ANY(:ids) AND state = 'received' ORDER BY id FOR UPDATE")


def hold_kept(line: Line, inbox_ids: Sequence[int]) -> None:
    """These are ours to read until the commit. Conflict follows, with the next question or the commit,
    when somebody else was faster with one of them.
    """
    line.write(
        _HOLD, {"ids": list(inbox_ids)}, rows=len(inbox_ids), otherwise="Somebody else has read it already."
    )


_FINISH = Statement(
    """
    UPDATE inbox SET state = 'done', outcome = :outcome, outcome_reason = :reason,
                     case_id = :case_id, sender = :sender, subject = :subject
    WHERE id = :id
    """
)


def finish(
    line: Line,
    inbox_id: int,
    outcome: str,
    reason: str,
    *,
    case_id: int | None = None,
    sender: str | None = None,
    subject: str | None = None,
) -> None:
    """Note what became of a mail that is held."""
    line.write(
        _FINISH,
        {
            "id": inbox_id,
            "outcome": outcome,
            "reason": reason[:500],
            "case_id": case_id,
            "sender": sender[:320] if sender else None,
            "subject": subject[:300] if subject else None,
        },
    )


def leave_for_later(session: Session, inbox_id: int, at: datetime, reason: str) -> None:
    """This try failed; another follows at `at`."""
    session.execute(
        update(Inbox)
        .where(Inbox.id == inbox_id, Inbox.state == InboxState.RECEIVED)
        .values(not_before=at, outcome_reason=reason[:500])
        .execution_options(synchronize_session=False)
    )


def hand_back(session: Session, inbox_id: int, at: datetime, reason: str) -> None:
    """This try does not count: a part of ours was away, and the mail is as good as before."""
    leave_for_later(session, inbox_id, at, reason)
    session.execute(
        update(Inbox)
        .where(Inbox.id == inbox_id, Inbox.state == InboxState.RECEIVED)
        .values(attempts=Inbox.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def quarantine(
    session: Session, inbox_id: int, reason: str, sender: str | None = None, subject: str | None = None
) -> bool:
    """Set a mail aside where people see it; False when it is not waiting any more."""
    done = session.execute(
        update(Inbox)
        .where(Inbox.id == inbox_id, Inbox.state == InboxState.RECEIVED)
        .values(
            state=InboxState.QUARANTINED,
            outcome="quarantined",
            outcome_reason=reason[:500],
            sender=sender[:320] if sender else None,
            subject=subject[:300] if subject else None,
        )
        .returning(Inbox.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def find_same_raw(session: Session, channel_id: int, sha256: str, but: int) -> Inbox | None:
    """An earlier mail of the channel with the very same bytes, already dealt with."""
    return session.scalar(
        select(Inbox)
        .where(
            Inbox.channel_id == channel_id,
            Inbox.sha256 == sha256,
            Inbox.id != but,
            Inbox.state == InboxState.DONE,
        )
        .order_by(Inbox.id)
        .limit(1)
    )


def quarantined(session: Session, *, before_id: int | None, limit: int) -> Sequence[Inbox]:
    """What could not be read, newest first."""
    statement = select(Inbox).where(Inbox.state == InboxState.QUARANTINED)
    if before_id is not None:
        statement = statement.where(Inbox.id < before_id)
    return session.scalars(statement.order_by(Inbox.id.desc()).limit(limit)).all()


def get_quarantined(session: Session, inbox_id: int, *, lock: bool = False) -> Inbox:
    """One mail in quarantine, with its bytes. Raises NotFound."""
    statement = (
        select(Inbox)
        .options(undefer(Inbox.raw))
        .where(Inbox.id == inbox_id, Inbox.state == InboxState.QUARANTINED)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"There is no mail {inbox_id} in quarantine.")
    return found


def get_kept(session: Session, inbox_id: int) -> Inbox:
    """One mail that is ours, wherever it stands, without its bytes. Raises NotFound."""
    found = session.get(Inbox, inbox_id)
    if found is None:
        raise NotFound(f"There is no mail {inbox_id}.")
    return found


def cursor_of(session: Session, channel_id: int, folder: str) -> MailboxCursor | None:
    return session.scalar(
        select(MailboxCursor).where(MailboxCursor.channel_id == channel_id, MailboxCursor.folder == folder)
    )


def keys_since(session: Session, channel_id: int, prefix: str, since: datetime) -> Iterable[str]:
    """The source keys under `prefix` that were kept since."""
    return session.scalars(
        select(Inbox.source_key).where(
            Inbox.channel_id == channel_id,
            Inbox.received_at >= since,
            Inbox.source_key.startswith(prefix, autoescape=True),
        )
    )


def known_keys(session: Session, channel_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the source keys that the channel has kept, whenever it was."""
    return set(
        session.scalars(
            select(Inbox.source_key).where(Inbox.channel_id == channel_id, Inbox.source_key.in_(list(keys)))
        )
    )
