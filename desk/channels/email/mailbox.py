"""Reading a mailbox: what is new since the last time, and waiting for more.

Nothing here changes a mail before its bytes are safely ours; only `settle` does, afterwards.
Whether somebody has read a mail plays no part: people use the mailbox too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from desk.channels.email.imap import OpenMailbox, explain, select, speaking
from desk.model.errors import Unavailable

LARGEST_MAIL = 25 * 1024 * 1024

# Mail carries the date of its arrival, but a restored or moved mailbox may be off by a time zone and more.
_OVERLAP = timedelta(days=2)

# imaplib reads at most a megabyte a line, and a search answers in one line.
_UIDS_A_SEARCH = 50_000
_MAILS_A_LOOK = 500
_MAILS_A_BATCH = 20
_BYTES_A_BATCH = 8 * 1024 * 1024

_FLAG = "$DeskFetched"

_HEARTBEAT_SECONDS = 300.0
_FIRST_HEARTBEAT_SECONDS = 2.0
_GLANCE_SECONDS = 1.0
_EMPTY_ANSWERS_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox was read: UIDs up to `uid` under `uidvalidity`, the latest arriving at `last_date`.

    `Cursor()` reads everything; `Cursor(last_date=moment)` begins two days before that moment.
    """

    uidvalidity: int = 0
    uid: int = 0
    last_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the server gave it.

    `raw` is the whole mail if `whole`; else only its header (over 25 MB), or nothing when the
    server would not hand it over: then `trouble` says why, and the mail is to be set aside.
    """

    uid: int
    uidvalidity: int
    internal_date: datetime | None
    size: int
    raw: bytes
    whole: bool = True
    trouble: str = ""

    def cursor_after(self, cursor: Cursor) -> Cursor:
        """The cursor to store together with this mail."""
        dates = [moment for moment in (cursor.last_date, self.internal_date) if moment]
        return replace(cursor, uidvalidity=self.uidvalidity, uid=self.uid, last_date=max(dates, default=None))


def end_of(mailbox: OpenMailbox, now: datetime) -> Cursor:
    """A cursor behind everything that is there now, for a mailbox whose old mail is not wanted."""
    with speaking(mailbox.account):
        status = select(mailbox)
        uids = mailbox.imap.search(["UID", "*"]) if status[b"EXISTS"] else []
    return Cursor(_uidvalidity(status), max(uids, default=0), now)


def new_mail(mailbox: OpenMailbox, cursor: Cursor) -> Iterator[FetchedMail]:
    """Everything that arrived after `cursor`, by ascending UID, fetched in small batches as it is consumed.

    When the server has renumbered the mailbox (another UIDVALIDITY), lists what arrived since two
    days before `cursor.last_date`: some come again, and the reader knows them by their content.
    A mail that vanished meanwhile is left out. Raises Unavailable or Misconfigured.
    """
    with speaking(mailbox.account):
        status = select(mailbox)
        uidvalidity = _uidvalidity(status)
        if uidvalidity == cursor.uidvalidity:
            uids = _uids_above(mailbox, cursor.uid, status.get(b"UIDNEXT"))
        elif cursor.last_date:
            uids = _uids_since(mailbox, (cursor.last_date - _OVERLAP).date())
        else:
            uids = _uids_above(mailbox, 0, status.get(b"UIDNEXT"))
    yield from fetch(mailbox, uids, uidvalidity)


def missing_uids(mailbox: OpenMailbox, since: datetime, known: Container[int]) -> tuple[int, list[int]]:
    """The UIDVALIDITY, and the UIDs of mail since that day which are not `known`: a gap is an alarm.

    Feed them to `fetch` to close it. The server counts days in its own time zone, so a day is added.
    """
    with speaking(mailbox.account):
        uidvalidity = _uidvalidity(select(mailbox))
        uids = _uids_since(mailbox, (since - timedelta(days=1)).date())
    return uidvalidity, [uid for uid in uids if uid not in known]


def fetch(mailbox: OpenMailbox, uids: Sequence[int], uidvalidity: int) -> Iterator[FetchedMail]:
    """The mails behind these UIDs of the selected folder, in order, without marking them as read."""
    for start in range(0, len(uids), _MAILS_A_LOOK):
        looks = _look_at(mailbox, uids[start : start + _MAILS_A_LOOK], uidvalidity)
        for batch in _batches(looks):
            yield from _bodies(mailbox, batch)


def settle(mailbox: OpenMailbox, uids: Sequence[int]) -> str | None:
    """Flag or move what is ours now, as the account wishes. Best effort: returns what went wrong, if any.

    Only these UIDs are ever expunged; without UIDPLUS a moved mail stays behind marked as deleted.
    """
    account, imap = mailbox.account, mailbox.imap
    try:
        if account.after_fetch == "flag":
            imap.add_flags(uids, [_FLAG], silent=True)
        elif account.move_to and uids:
            _move(mailbox, uids, account.move_to)
    except (IMAPClientError, OSError, ValueError) as error:
        return explain(error, account)
    return None


def wait_for_mail(
    mailbox: OpenMailbox, stop: threading.Event, seconds: float, *, heartbeat: float = _HEARTBEAT_SECONDS
) -> bool:
    """Wait until something may have arrived (True), or `seconds` are over or `stop` is set (False).

    Uses IDLE (RFC 2177), spoken to at least every `heartbeat` seconds so that a line which died
    silently is noticed; where a server has no IDLE, waits and asks. Raises Unavailable when the
    connection is dead.
    """
    with speaking(mailbox.account):
        if not mailbox.imap.has_capability("IDLE"):
            if stop.wait(seconds):
                return False
            mailbox.imap.noop()
            return True
        ends_at = time.monotonic() + seconds
        # An arrival in the same packet as the server's "+ idling" lies in a buffer that idle_check
        # does not look into; ending the first IDLE early brings it to light.
        stretch = min(_FIRST_HEARTBEAT_SECONDS, heartbeat)
        while not stop.is_set() and (left := ends_at - time.monotonic()) > 0:
            if _idle(mailbox, stop, min(stretch, left)):
                return True
            stretch = heartbeat
        return False


def _uidvalidity(status: dict[bytes, int]) -> int:
    if b"UIDVALIDITY" not in status:
        raise Unavailable(
            "The mail server does not number its mail (no UIDVALIDITY), so it cannot be read safely."
        )
    return status[b"UIDVALIDITY"]


def _uids_above(mailbox: OpenMailbox, last: int, uidnext: int | None) -> list[int]:
    """UIDs greater than `last`. A range that ends in `*` always holds the last mail, whatever its UID."""
    if uidnext is None:
        found = mailbox.imap.search(["UID", f"{last + 1}:*"])
        return sorted(uid for uid in found if uid > last)
    uids: list[int] = []
    for start in range(last + 1, uidnext, _UIDS_A_SEARCH):
        end = min(start + _UIDS_A_SEARCH, uidnext) - 1
        uids += sorted(uid for uid in mailbox.imap.search(["UID", f"{start}:{end}"]) if uid > last)
    return uids


def _uids_since(mailbox: OpenMailbox, day: date) -> list[int]:
    return sorted(mailbox.imap.search(["SINCE", day]))


def _look_at(mailbox: OpenMailbox, uids: Sequence[int], uidvalidity: int) -> list[FetchedMail]:
    """Size and date first: a mail over the limit is not fetched whole."""
    looks = _fetched(mailbox, uids, ["INTERNALDATE", "RFC822.SIZE"])
    return [
        FetchedMail(
            uid=uid,
            uidvalidity=uidvalidity,
            internal_date=_utc(look.get(b"INTERNALDATE")),
            size=_whole_number(look.get(b"RFC822.SIZE")),
            raw=b"",
        )
        for uid, look in sorted(looks.items())
    ]


def _batches(mails: Iterable[FetchedMail]) -> Iterator[list[FetchedMail]]:
    """Few enough to hold in memory, and all of one kind: whole mails or headers only."""
    batch: list[FetchedMail] = []
    size = 0
    for mail in mails:
        mail = replace(mail, whole=mail.size <= LARGEST_MAIL)
        full = len(batch) == _MAILS_A_BATCH or size + mail.size > _BYTES_A_BATCH
        if batch and (full or batch[-1].whole != mail.whole):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += mail.size
    if batch:
        yield batch


def _bodies(mailbox: OpenMailbox, batch: Sequence[FetchedMail]) -> Iterator[FetchedMail]:
    # PEEK, because plain BODY[] marks the mail as read.
    part = "BODY.PEEK[]" if batch[0].whole else "BODY.PEEK[HEADER]"
    answer = _fetched(mailbox, [mail.uid for mail in batch], [part])
    for mail in batch:
        given = answer.get(mail.uid)
        if given is None:
            continue
        raw = given.get(part.replace(".PEEK", "").encode())
        if isinstance(raw, bytes) and (raw or not mail.size):
            yield replace(mail, raw=raw)
        elif _is_there(mailbox, mail.uid):
            trouble = given.get(_TROUBLE, "The mail server would not hand this mail over.")
            yield replace(mail, whole=False, trouble=str(trouble))


_TROUBLE = b"trouble"


def _fetched(mailbox: OpenMailbox, uids: Sequence[int], parts: list[str]) -> dict[int, dict[bytes, object]]:
    """What the server says of each UID; those that are gone are left out.

    One mail that a server cannot hand over must not hold up the others (Exchange refuses the whole
    FETCH then), so after a refusal they are asked for one by one.
    """
    with speaking(mailbox.account):
        try:
            return dict(mailbox.imap.fetch(uids, parts))
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, ValueError) as error:
            if len(uids) == 1:
                return {uids[0]: {_TROUBLE: f"The mail server would not hand this mail over ({error})."}}
    answers: dict[int, dict[bytes, object]] = {}
    for uid in uids:
        answers |= _fetched(mailbox, [uid], parts)
    return answers


def _is_there(mailbox: OpenMailbox, uid: int) -> bool:
    """Whether a mail without content is broken, and not just gone: Dovecot answers for both alike."""
    with speaking(mailbox.account):
        # The server may only tell us of removals when we ask for something else.
        mailbox.imap.noop()
        return uid in mailbox.imap.search(["UID", str(uid)])


def _utc(moment: object) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None


def _whole_number(size: object) -> int:
    return size if isinstance(size, int) else 0


def _move(mailbox: OpenMailbox, uids: Sequence[int], folder: str) -> None:
    imap = mailbox.imap
    if not imap.folder_exists(folder):
        imap.create_folder(folder)
    if imap.has_capability("MOVE"):
        imap.move(uids, folder)
        return
    imap.copy(uids, folder)
    imap.delete_messages(uids, silent=True)
    # A plain EXPUNGE would also remove what people have marked as deleted.
    if imap.has_capability("UIDPLUS"):
        imap.uid_expunge(uids)


def _idle(mailbox: OpenMailbox, stop: threading.Event, seconds: float) -> bool:
    """One IDLE of at most `seconds`; True when the server announced something.

    A dead connection makes idle_check answer empty at once and for ever, without an error, so an
    empty answer before its time is a reason to end IDLE: that fails if nobody is there. It is no
    proof, since half a TLS record also looks that way.
    """
    imap = mailbox.imap
    imap.idle()
    ends_at = time.monotonic() + seconds
    empty_answers = 0
    news: list[tuple[object, ...]] = []
    while not news and not stop.is_set() and (left := ends_at - time.monotonic()) > 0:
        glance = min(_GLANCE_SECONDS, left)
        began = time.monotonic()
        news = imap.idle_check(timeout=glance)
        if not news and time.monotonic() - began < glance / 2:
            empty_answers += 1
            if empty_answers == _EMPTY_ANSWERS_AT_MOST:
                break
            stop.wait(0.05)
    _, late_news = imap.idle_done()
    answers = [*news, *late_news]
    if any(answer[:1] == (b"BYE",) for answer in answers):
        raise Unavailable(f"{mailbox.account.host} said goodbye. We connect again.")
    return any(len(answer) > 1 and answer[1] == b"EXISTS" for answer in answers)
