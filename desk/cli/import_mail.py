"""`desk import`: mail that already exists, taken in silently; safe to run twice, and to break off."""

from __future__ import annotations

import hashlib
import json
import mailbox
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import select

from desk.channels.email.fence import Fence
from desk.channels.email.parsed import MAX_MAIL
from desk.cli.servers import desk_at_hand
from desk.jobs.intake import Intake
from desk.model.channel import Channel, ChannelState
from desk.model.errors import Invalid, NotFound
from desk.model.inbound import ChannelKind
from desk.model.message import Message
from desk.model.permission import system
from desk.model.transit import Inbox, InboxState
from desk.settings import MEGABYTE, Settings
from desk.store.channels import find_by_name, mail_channels
from desk.store.inbox import RawMail, keep_raw
from desk.store.unit_of_work import Store, Work

BATCH = 50
BATCH_BYTES = 32 * MEGABYTE
"""What is held in memory at once: so many mails, or as many as make up this."""

IMPORTER = system("import")

_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
"""A line that a mailbox would take for the next mail is written with a sign in front (mboxrd)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One mail of the import: where it lies, and its bytes; or why they cannot be had."""

    file: str
    raw: bytes
    trouble: str | None = None

    @property
    def source_key(self) -> str:
        """The same bytes are the same mail, wherever they lie: this makes a second run harmless."""
        return f"import/{hashlib.sha256(self.raw).hexdigest()}"


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--channel", help="Name or address of the email channel it came by; the first one unless given."
)
def import_mail(paths: tuple[Path, ...], channel: str | None) -> None:
    """Take in .eml files, mbox files and maildirs, silently: nothing is sent, nobody is called.

    Prints one JSON line a mail. Run again, it goes on where it stopped and doubles nothing.
    """
    total = sum(1 for path in paths for _ in _mails(path))
    unread = 0
    with (
        desk_at_hand("import") as (settings, store),
        Fence() as fence,
        closing(Intake(store, settings, fence)) as intake,
        _progress(total) as advance,
    ):
        channel_id = _channel_id(store, settings, channel)
        for batch in _batches(mail for path in paths for mail in _mails(path)):
            for line in _said_of(store, intake, channel_id, batch):
                click.echo(json.dumps(line, ensure_ascii=False))
                advance()
            unread += sum(mail.trouble is not None for mail in batch)
    if unread:
        raise Invalid(f"{unread} of {total} could not be read; their lines say why.")


def _mails(path: Path) -> Iterator[Found]:
    """Every mail under a path: a maildir, a folder of files, an mbox, or one mail as it travels."""
    try:
        yield from _in_folder(path) if path.is_dir() else _in_file(path)
    except OSError as error:
        yield Found(_name(path), b"", trouble=f"It cannot be read: {error.strerror or error}.")


def _in_folder(folder: Path) -> Iterator[Found]:
    """Of a maildir what lies in `cur` and `new`, not what is half written in `tmp`; and every folder below.

    The other folders of a mailbox are maildirs inside the first (Maildir++): `.Sent`, `.Archive`.
    """
    below = sorted(folder.iterdir())
    if (folder / "cur").is_dir() and (folder / "new").is_dir():
        for name in ("cur", "new"):
            for file in sorted((folder / name).iterdir()):
                yield from _mails(file)
        below = [one for one in below if one.is_dir() and one.name not in ("cur", "new", "tmp")]
    for one in below:
        if one.is_file() or (one.is_dir() and not one.is_symlink()):
            yield from _mails(one)


def _in_file(path: Path) -> Iterator[Found]:
    with path.open("rb") as opened:
        is_mbox = opened.read(5) == b"From "
    if not is_mbox:
        yield Found(_name(path), path.read_bytes())
        return
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.keys(), start=1):
            yield Found(f"{_name(path)}#{number}", _ESCAPED.sub(rb"\1", box.get_bytes(key)))
    finally:
        box.close()


def _name(path: Path) -> str:
    """The path as JSON can carry it: a file name may hold bytes that are no text."""
    return str(path).encode("utf-8", "replace").decode()


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for mail in found:
        batch.append(mail)
        size += len(mail.raw)
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _channel_id(store: Store, settings: Settings, name: str | None) -> int:
    """The channel the mail belongs to; an empty desk gets one, so that its mail has a home."""
    with store.unit_of_work(IMPORTER) as work:
        if name is not None:
            chosen = find_by_name(work.session, name)
            if chosen is None or chosen.kind is not ChannelKind.EMAIL:
                raise NotFound(f"There is no email channel {name}. `desk channel list` shows them.")
            return chosen.id
        known = mail_channels(work.session)
        if known:
            return known[0].id
        made = Channel(
            kind=ChannelKind.EMAIL,
            name="Imported mail",
            address=f"import@{settings.message_id_domain}",
            state=ChannelState.OK,
            created_at=work.now,
        )
        work.session.add(made)
        work.session.flush()
        return made.id


def _said_of(
    store: Store, intake: Intake, channel_id: int, batch: Sequence[Found]
) -> Iterator[dict[str, object]]:
    """A line for each mail of the batch, in its order."""
    taken = _taken_in(store, intake, channel_id, [mail for mail in batch if mail.trouble is None])
    for mail in batch:
        if mail.trouble is None:
            yield next(taken)
        else:
            left = {"case": None, "message": None, "reason": mail.trouble}
            yield {"file": mail.file, "outcome": "ignored", **left}


def _taken_in(
    store: Store, intake: Intake, channel_id: int, batch: Sequence[Found]
) -> Iterator[dict[str, object]]:
    """Keep a batch in one commit, read it, and say of each what became of it."""
    with store.unit_of_work(IMPORTER) as work:
        known = _states(work, channel_id, batch)
        seen = set(known)
        fresh = []
        for mail in batch:
            if mail.source_key not in seen:
                seen.add(mail.source_key)
                fresh.append(mail)
        keep_raw(work.line, channel_id, [_raw(mail) for mail in fresh], work.now)
    keys = {mail.source_key for mail in fresh}
    rows = _read_through(store, intake, channel_id, batch)
    for mail in batch:
        row, message_id = rows[mail.source_key]
        first = mail.source_key in keys or known.get(mail.source_key) is InboxState.RECEIVED
        keys.discard(mail.source_key)
        known.setdefault(mail.source_key, InboxState.DONE)
        yield {
            "file": mail.file,
            "outcome": _outcome(row) if first else "duplicate",
            "case": row.case_id,
            "message": message_id,
            "reason": row.outcome_reason if first else "This mail was taken in before.",
        }


def _raw(mail: Found) -> RawMail:
    if len(mail.raw) <= MAX_MAIL:
        return RawMail(mail.source_key, mail.raw, silent=True)
    head, _, _ = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return RawMail(
        mail.source_key,
        head[:MAX_MAIL] + b"\n\n",
        size=len(mail.raw),
        silent=True,
        notice=f"Only the header was taken in: the mail has {len(mail.raw) // 1_000_000} MB.",
    )


def _states(work: Work, channel_id: int, batch: Sequence[Found]) -> dict[str, InboxState]:
    keys = [mail.source_key for mail in batch]
    found = work.session.execute(
        select(Inbox.source_key, Inbox.state).where(
            Inbox.channel_id == channel_id, Inbox.source_key.in_(keys)
        )
    )
    return {key: state for key, state in found}  # noqa: C416 - a Row is no pair to the type checker


def _read_through(
    store: Store, intake: Intake, channel_id: int, batch: Sequence[Found]
) -> dict[str, tuple[Inbox, int | None]]:
    """Read until none of the batch waits; a running mailroom may read some of it as well."""
    keys = [mail.source_key for mail in batch]
    while True:
        with store.reading(IMPORTER) as work:
            found = work.session.execute(
                select(Inbox, Message.id)
                .outerjoin(Message, Message.inbox_id == Inbox.id)
                .where(Inbox.channel_id == channel_id, Inbox.source_key.in_(keys))
            ).all()
        rows: dict[str, tuple[Inbox, int | None]] = {
            row.source_key: (row, message_id) for row, message_id in found
        }
        if all(row.state is not InboxState.RECEIVED for row, _ in rows.values()):
            return rows
        if not intake.drain():
            time.sleep(0.2)


def _outcome(row: Inbox) -> str:
    return "quarantined" if row.state is InboxState.QUARANTINED else row.outcome or "ignored"


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, where somebody looks; lines on standard output stay clean."""
    if total == 0:
        raise Invalid("There is no mail under that path.")
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, label="Importing", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
