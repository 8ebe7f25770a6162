"""One thread for each mailbox: it holds the mailbox's lock, and keeps what arrives."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Container, Sequence
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from desk.actions.mail.keeping import keep_mail
from desk.actions.mail.mailboxes import keep_refresh_token, note_mailbox
from desk.channels.email.accounts import mailbox_account
from desk.channels.email.imap import MailboxAccount
from desk.channels.email.mailbox import Cursor, FetchedMail
from desk.channels.email.watch import MailboxState, watch_mailbox
from desk.jobs.tray import Tray
from desk.model.channel import ChannelState
from desk.model.errors import Misconfigured
from desk.model.permission import system
from desk.store.channels import get_channel
from desk.store.failpoints import failpoint
from desk.store.inbox import cursor_of, keys_since
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

MAILBOX_LOCKS = 0x4445534B
"""The first half of the advisory locks of mailboxes; the second is the channel's number."""

LOCK_AGAIN_SECONDS = 5
MAILROOM = system("mailroom")

log = structlog.get_logger(__name__)

STATES = {
    MailboxState.READING: ChannelState.OK,
    MailboxState.AWAY: ChannelState.TROUBLE,
    MailboxState.MISCONFIGURED: ChannelState.TROUBLE,
    MailboxState.NEEDS_SIGN_IN: ChannelState.NEEDS_SIGN_IN,
}


class MailboxThread:
    """Reads one channel's mailbox until it is stopped, or a person has to sign in again."""

    def __init__(self, store: Store, vault: Vault, channel_id: int, tray: Tray) -> None:
        self._store = store
        self._vault = vault
        self._channel_id = channel_id
        self._tray = tray
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"mailbox {channel_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop; `join` waits for it."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._read_alone():
                    return
            except SQLAlchemyError as error:
                log.warning(
                    "mailbox_waits_for_the_store", channel=self._channel_id, error=type(error).__name__
                )
            except Misconfigured as error:
                self._report(MailboxState.MISCONFIGURED, error.sentence)
                return
            except Exception:
                log.exception("mailbox_failed", channel=self._channel_id)
            self._stop.wait(LOCK_AGAIN_SECONDS)

    def _read_alone(self) -> bool:
        """Read while the mailbox is ours alone; True when reading is over for good.

        Should the lock get lost with its connection, two readers meet: the store keeps each mail once.
        """
        with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
            numbers = {"kind": MAILBOX_LOCKS, "channel": self._channel_id % 2**31}
            if not guard.scalar(text("SELECT pg_try_advisory_lock(:kind, :channel)"), numbers):
                return False
            try:
                account = self._account()
                if account is None:
                    return True
                keeper = _Keeper(self._store, self._channel_id, account.folder, self._tray, self._report)
                watch_mailbox(account, keeper, self._stop, random=random.random)
                return True
            finally:
                guard.execute(text("SELECT pg_advisory_unlock(:kind, :channel)"), numbers)

    def _account(self) -> MailboxAccount | None:
        with self._store.reading(MAILROOM) as work:
            channel = get_channel(work.session, self._channel_id)
        secrets = self._vault.open_values(channel.secrets)
        return mailbox_account(channel.config, secrets, keep_refresh_token=self._keep_refresh_token)

    def _keep_refresh_token(self, token: str) -> None:
        with self._store.unit_of_work(MAILROOM) as work:
            keep_refresh_token(work, self._channel_id, token, self._vault)

    def _report(self, state: MailboxState, sentence: str) -> None:
        with self._store.unit_of_work(MAILROOM) as work:
            note_mailbox(work, self._channel_id, STATES[state], sentence)
        log.info("mailbox", channel=self._channel_id, state=state.value, sentence=sentence)


class _Keeper:
    """Where the mail of one folder goes; see `desk.channels.email.watch.Keeper`."""

    def __init__(
        self,
        store: Store,
        channel_id: int,
        folder: str,
        tray: Tray,
        report: Callable[[MailboxState, str], None],
    ) -> None:
        self._store = store
        self._channel_id = channel_id
        self._folder = folder
        self._tray = tray
        self.report = report
        self._has_kept = False

    def cursor(self) -> Cursor:
        # Asked again only after what was kept has its flag on the server.
        if self._has_kept:
            failpoint("after_flag")
        with self._store.reading(MAILROOM) as work:
            found = cursor_of(work.session, self._channel_id, self._folder)
        if found is None:
            return Cursor()
        return Cursor(found.uidvalidity, found.uid, found.last_internal_date)

    def keep(self, mails: Sequence[FetchedMail], cursor: Cursor | None) -> None:
        claims = self._tray.has_room(len(mails))
        with self._store.unit_of_work(MAILROOM) as work:
            kept = keep_mail(work, self._channel_id, self._folder, mails, cursor, claims=claims)
        failpoint("after_raw_commit")
        self._has_kept = True
        self._tray.put(kept.claimed())

    def kept_uids(self, uidvalidity: int, since: datetime) -> Container[int]:
        prefix = f"{self._folder}/{uidvalidity}/"
        with self._store.reading(MAILROOM) as work:
            keys = keys_since(work.session, self._channel_id, prefix, since)
            return {int(key.removeprefix(prefix)) for key in keys}

    def warn(self, sentence: str) -> None:
        log.warning("mailbox_warning", channel=self._channel_id, sentence=sentence)
