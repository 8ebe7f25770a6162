"""Reading what the inbox holds: through the fence in batches, one commit a batch, one fate a mail."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError

from desk.actions.mail.letters import loop_id_of
from desk.actions.mail.reading import House, set_aside, take_in
from desk.channels.email.fence import Fence
from desk.channels.email.parsed import ParsedMail
from desk.channels.email.records import TextRecords
from desk.channels.email.trust import Judgement, judgement_of
from desk.jobs.tray import Tray
from desk.model.errors import Conflict, ParserStopped, Unavailable, UnreadableMail
from desk.model.permission import system
from desk.settings import Settings
from desk.store.channels import our_addresses
from desk.store.clocks.reading import foresee_promises
from desk.store.failpoints import failpoint
from desk.store.inbox import ATTEMPTS, Claimed, claim, hand_back, hold_kept, leave_for_later
from desk.store.routing.rules import foresee_triage
from desk.store.unit_of_work import Store

BATCH = 20
DEATHS = 10
"""A mail under which the whole program died so often is not tried again by itself."""

HOUSE_SECONDS = 5
"""How long we may not know of a new address of our own."""

LOOK_SECONDS = 1
"""However much comes by the tray, the inbox is looked into as often: a later try may be due there."""

MAILROOM = system("mailroom")
_PAUSE = timedelta(seconds=2)
_AWAY_PAUSE = timedelta(seconds=10)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """A mail that came through the fence."""

    kept: Claimed
    mail: ParsedMail
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Batch:
    """How many mails were tried together, and those of them that came through the fence."""

    tried: int
    read: list[Read]


class Intake:
    """Reads the inbox of one store; keeps its fenced child between batches. Not for several threads.

    Over a backlog the child has one batch while the one before is written.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        fence: Fence,
        records: TextRecords | None = None,
        tray: Tray | None = None,
    ) -> None:
        """`records` has the keys of signatures: the DNS, unless the settings say that it is not asked. What
        lies in the `tray` comes before the inbox.
        """
        self._store = store
        self._fence = fence
        self._house = House(frozenset(), settings.secret_key, loop_id_of(settings.secret_key))
        self._house_until = 0.0
        self._records = records or (TextRecords() if settings.check_signatures else None)
        self._authserv_ids = [settings.trusted_authserv_id] if settings.trusted_authserv_id else []
        self._tray = tray or Tray(BATCH)
        self._look_at = 0.0
        self._reads_ahead = ThreadPoolExecutor(1, "reads ahead")
        self._ahead: Future[Batch] | None = None

    def drain(self) -> int:
        """Read one batch of what is due; how many mails were tried, at least BATCH where more may be due.

        Raises Unavailable when a mail found no place, e.g. on a full disk; it waits, and goes on later.
        """
        ahead, self._ahead = self._ahead, None
        batch = ahead.result() if ahead else self._read()
        if batch.tried >= BATCH:
            self._ahead = self._reads_ahead.submit(self._read)
        self._write(batch.read)
        if batch.tried:
            failpoint("after_receive")
        # Of what came since a batch was claimed ahead, nobody has heard.
        return batch.tried + (self.drain() if ahead and batch.tried < BATCH else 0)

    def close(self) -> None:
        """Read what is claimed already, and claim no more. The fence is free afterwards."""
        if self._ahead:
            ahead, self._ahead = self._ahead, None
            self._write(ahead.result().read)
        self._write(self._read_out(self._tray.take()).read)
        self._reads_ahead.shutdown()

    def _read(self) -> Batch:
        claimed = self._tray.take()
        if not claimed or self._tray.more_waits or time.monotonic() > self._look_at:
            claimed += self._claimed()
        return self._read_out(sorted(claimed, key=lambda mail: mail.id))

    def _read_out(self, claimed: Sequence[Claimed]) -> Batch:
        if self._records:
            self._records.begin()
        return Batch(len(claimed), [one for kept in claimed if (one := self._through_the_fence(kept))])

    def _claimed(self) -> list[Claimed]:
        self._look_at = time.monotonic() + LOOK_SECONDS
        self._tray.note_inbox(more_waits=False)
        with self._store.at_once(MAILROOM) as work:
            claimed = claim(work.line, now=work.now, limit=BATCH)
        if len(claimed) == BATCH:
            self._tray.note_inbox(more_waits=True)
        return claimed

    def _write(self, read: list[Read]) -> None:
        if not read:
            return
        house = self._house_now()
        if self._together(read, house):
            return
        troubles = [trouble for one in read if (trouble := self._alone(one, house))]
        if troubles:
            raise troubles[0]

    def _house_now(self) -> House:
        if time.monotonic() > self._house_until:
            with self._store.asking(MAILROOM) as work:
                self._house = replace(self._house, addresses=our_addresses(work.session))
            self._house_until = time.monotonic() + HOUSE_SECONDS
        return self._house

    def _through_the_fence(self, kept: Claimed) -> Read | None:
        if kept.attempts > DEATHS:
            self._set_aside(kept, f"The program stopped {DEATHS} times while this mail was read.")
            return None
        try:
            failpoint("mid_parse")
            mail = self._fence.read(kept.raw)
        except ParserStopped as error:
            self._again_or_aside(kept, error.sentence)
            return None
        except UnreadableMail as error:
            # The parser is pure: what it cannot read now it can never read.
            self._set_aside(kept, error.sentence)
            return None
        return Read(kept, mail, self._judged(kept, mail))

    def _judged(self, kept: Claimed, mail: ParsedMail) -> Judgement:
        """Asks the DNS where our server has said nothing: here, between two units of work."""
        # Keys are changed every few months: of mail of long ago the DNS has nothing left to say.
        records = None if kept.silent else self._records
        return judgement_of(
            kept.raw,
            mail.identity,
            authserv_ids=self._authserv_ids,
            find_record=records.find if records else None,
        )

    def _together(self, read: list[Read], house: House) -> bool:
        """The whole batch in one commit; False when one of them spoils it for all."""
        if any(one.kept.attempts > 1 for one in read):
            return False
        try:
            self._take_in(read, house)
        except OperationalError:
            raise
        except Exception as error:
            log.info("batch_read_one_by_one", mails=len(read), error=type(error).__name__)
            return False
        return True

    def _alone(self, one: Read, house: House) -> Unavailable | None:
        """Take in one mail, or see to it that it is tried again; returns what was away of ours."""
        try:
            self._take_in([one], house)
        except OperationalError:
            raise
        except Unavailable as error:
            with self._store.unit_of_work(MAILROOM) as work:
                hand_back(work.session, one.kept.id, work.now + _AWAY_PAUSE, error.sentence)
            return error
        except Conflict as error:
            self._later(one.kept, error.sentence)
        except Exception as error:
            # The edge of the job: whatever it is, it is this mail's fate and no other's.
            log.exception("mail_not_taken_in", inbox=one.kept.id)
            self._again_or_aside(one.kept, f"It could not be taken in ({type(error).__name__}).")
        return None

    def _take_in(self, read: list[Read], house: House) -> None:
        with self._store.unit_of_work(MAILROOM) as work:
            hold_kept(work.line, [one.kept.id for one in read])
            foresee_triage(work.line)
            foresee_promises(work.line)
            for one in read:
                take_in(work, one.kept, one.mail, house, one.judgement)

    def _again_or_aside(self, kept: Claimed, reason: str) -> None:
        if kept.attempts >= ATTEMPTS:
            self._set_aside(kept, reason)
        else:
            self._later(kept, reason)

    def _later(self, kept: Claimed, reason: str) -> None:
        # Somebody sits and waits for an import; mail that comes by itself can wait a moment.
        pause = timedelta() if kept.silent else _PAUSE * kept.attempts
        with self._store.unit_of_work(MAILROOM) as work:
            leave_for_later(work.session, kept.id, work.now + pause, reason)

    def _set_aside(self, kept: Claimed, reason: str) -> None:
        with self._store.unit_of_work(MAILROOM) as work:
            set_aside(work, kept, reason)
        log.warning("mail_quarantined", inbox=kept.id, reason=reason)
