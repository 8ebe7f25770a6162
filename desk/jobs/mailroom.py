"""The mailroom: mail comes in by IMAP and through the door, is kept at once, and read in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from desk.actions.mail.keeping import door_channel, keep_handed_over
from desk.channels.email.door import Envelope, MailDoor
from desk.channels.email.fence import Fence
from desk.jobs.intake import BATCH, MAILROOM, Intake
from desk.jobs.mailboxes import MailboxThread
from desk.jobs.tray import Tray
from desk.model.errors import Misconfigured, Unavailable
from desk.settings import Settings
from desk.store.channels import mail_channels
from desk.store.failpoints import failpoint
from desk.store.opening import open_store
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

LOOK_SECONDS = 2
"""How often the setup is looked at for mailboxes that were added, changed or switched off."""

REST_SECONDS = 1

log = structlog.get_logger(__name__)


def run(settings: Settings, stop: threading.Event) -> None:
    """Take mail in until told to stop; what is being accepted is finished first."""
    store = open_store(settings, "mailroom", pool_size=20)
    room = Mailroom(store, settings)
    room.open()
    try:
        while not stop.wait(LOOK_SECONDS):
            room.look_at_the_setup()
    finally:
        room.close()


@dataclass
class _Watched:
    """A mailbox that is read, and the setup it is read by."""

    setup: tuple[object, ...]
    thread: MailboxThread


@dataclass
class Mailroom:
    """The door, the mailboxes and the reader of one process."""

    store: Store
    settings: Settings
    _watched: dict[int, _Watched] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _tray: Tray = field(default_factory=lambda: Tray(BATCH))
    _door: MailDoor | None = None
    _reader: threading.Thread | None = None

    @property
    def door(self) -> MailDoor | None:
        """The door for mail servers, where one is open."""
        return self._door

    def open(self) -> None:
        """Open the door, begin to read, and look after the mailboxes."""
        self._reader = threading.Thread(target=self._read, name="reader", daemon=True)
        self._reader.start()
        self._open_the_door()
        self.look_at_the_setup()

    def close(self) -> None:
        """Take nothing new, finish what has begun."""
        if self._door:
            self._door.stop()
        for watched in self._watched.values():
            watched.thread.stop()
        self._stop.set()
        self._tray.ring()
        for watched in self._watched.values():
            watched.thread.join(5)
        if self._reader:
            self._reader.join(15)

    def look_at_the_setup(self) -> None:
        """Start a thread for every mailbox that should be read, and stop those that should not."""
        try:
            with self.store.reading(MAILROOM) as work:
                wanted = {
                    channel.id: (repr(channel.config), channel.secrets)
                    for channel in mail_channels(work.session)
                    if channel.config.get("imap")
                }
        except SQLAlchemyError as error:
            log.warning("setup_not_seen", error=type(error).__name__)
            return
        for channel_id, watched in list(self._watched.items()):
            if wanted.get(channel_id) != watched.setup:
                watched.thread.stop()
                del self._watched[channel_id]
        vault = Vault(self.settings.secret_key)
        for channel_id, setup in wanted.items():
            if channel_id not in self._watched:
                thread = MailboxThread(self.store, vault, channel_id, self._tray)
                self._watched[channel_id] = _Watched(setup, thread)
                thread.start()

    def _open_the_door(self) -> None:
        smtp, lmtp = self.settings.smtp_in_port, self.settings.lmtp_in_port
        if not smtp and not lmtp:
            return
        door = MailDoor(
            self._accept,
            self._knows,
            host=self.settings.smtp_in_host,
            smtp_port=smtp or None,
            lmtp_port=lmtp or None,
        )
        try:
            door.start()
        except Misconfigured as error:
            # Another mailroom may stand at this door; the mailboxes are read all the same.
            log.error("door_not_open", sentence=error.sentence)
            return
        self._door = door

    def _knows(self, address: str) -> bool:
        with self.store.reading(MAILROOM) as work:
            return door_channel(work, address) is not None

    def _accept(self, envelope: Envelope) -> None:
        claims = self._tray.has_room(1)
        with self.store.unit_of_work(MAILROOM) as work:
            kept = keep_handed_over(work, envelope.sender, envelope.recipients, envelope.raw, claims=claims)
        failpoint("after_raw_commit")
        self._tray.put([mail for one in kept for mail in one.claimed()])

    def _read(self) -> None:
        with Fence() as fence:
            intake = Intake(self.store, self.settings, fence, tray=self._tray)
            while not self._stop.is_set():
                self._tray.hear()
                # Whoever keeps a mail rings afterwards, so a batch that was not full was all there is.
                if self._tried(intake.drain) < BATCH:
                    self._tray.wait(REST_SECONDS)
            self._tried(intake.close)

    def _tried(self, deed: Callable[[], int | None]) -> int:
        try:
            return deed() or 0
        except SQLAlchemyError as error:
            log.warning("reader_waits_for_the_store", error=type(error).__name__)
        except Unavailable as error:
            log.warning("reader_waits_for_the_disk", reason=error.sentence)
        except Exception:
            log.exception("reader_failed")
        self._stop.wait(REST_SECONDS)
        return 0
