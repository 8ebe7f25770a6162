"""Our whole intake, measured: the time of each mail, and CPU of application, child and database."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
from sqlalchemy import func, select, text, update

from benchmarks.crowd import people
from benchmarks.mailbag import Bag
from benchmarks.ratio import percentile
from desk.actions.mail.keeping import keep_mail
from desk.channels.email.fence import Fence
from desk.channels.email.mailbox import Cursor, FetchedMail
from desk.jobs.intake import BATCH, Intake
from desk.jobs.tray import Tray
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.permission import system
from desk.settings import Settings
from desk.store.opening import open_store
from desk.store.schema import migrate
from desk.store.unit_of_work import Store

KEPT_AT_ONCE = 50
BENCH = system("benchmark")


@dataclass(frozen=True)
class Taken:
    """One round: seconds of each mail, and CPU seconds of application and database for all."""

    seconds: list[float]
    cpu: float

    @property
    def milliseconds_each(self) -> float:
        return 1000 * statistics.fmean(self.seconds)

    @property
    def cpu_milliseconds_each(self) -> float:
        return 1000 * self.cpu / len(self.seconds)

    @property
    def slowest_of_a_hundred(self) -> float:
        return 1000 * percentile(self.seconds, 0.99)


@dataclass
class IntakeDesk:
    """Our whole intake, and what it costs."""

    store: Store
    fence: Fence
    intake: Intake
    tray: Tray
    channel_id: int
    customers: int
    postmaster: psutil.Process
    taken: int = 0
    _keys: Iterator[int] = field(default_factory=itertools.count)

    def one_by_one(self, bag: Bag) -> Taken:
        """As a quiet day brings them: each kept and read before the next one comes."""
        return self._checked(bag, lambda: self._timed(lambda: [self._take_in([mail]) for mail in bag.mails]))

    def read_alone(self, bag: Bag) -> Taken:
        """As `one_by_one`, from the kept bytes on: as much of the way as django-helpdesk's side goes."""

        def read() -> Taken:
            seconds, cpu = [], 0.0
            for mail in bag.mails:
                self._keep([mail])
                one = self._timed(lambda: [self._drained()])
                seconds += one.seconds
                cpu += one.cpu
            return Taken(seconds, cpu)

        return self._checked(bag, read)

    def backlog(self, bag: Bag) -> Taken:
        """As a mailbox that waits: kept in batches, then drained."""

        def drained() -> list[float]:
            begun = time.perf_counter()
            for first in range(0, len(bag.mails), KEPT_AT_ONCE):
                self._keep(bag.mails[first : first + KEPT_AT_ONCE])
            while self.intake.drain():
                pass
            return [(time.perf_counter() - begun) / len(bag.mails)] * len(bag.mails)

        return self._checked(bag, lambda: self._timed(drained))

    def counted(self) -> tuple[int, int]:
        with self.store.reading(BENCH) as work:
            inbound = select(func.count()).where(Message.kind == MessageKind.INBOUND)
            return work.session.scalar(inbound) or 0, work.session.scalar(select(func.count(Case.id))) or 0

    def database_cpu(self) -> float:
        """CPU seconds of the whole cluster until now, processes that ended included."""
        total = 0.0
        for process in (self.postmaster, *self.postmaster.children()):
            try:
                spent = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system + spent.children_user + spent.children_system
        return total

    def _timed(self, deed: Callable[[], list[float]]) -> Taken:
        # Looking at the others' clocks costs time of ours: it stays outside of what is measured.
        others = self._cpu_of_others()
        own = time.process_time()
        seconds = deed()
        own = time.process_time() - own
        return Taken(seconds, own + self._cpu_of_others() - others)

    def _checked(self, bag: Bag, deed: Callable[[], Taken]) -> Taken:
        before = self.counted()
        taken = deed()
        messages, cases = (after - old for after, old in zip(self.counted(), before, strict=True))
        if (messages, cases) != (len(bag.mails), bag.threads):
            raise SystemExit(
                f"{len(bag.mails)} mails in {bag.threads} threads became {messages} messages in {cases} cases"
            )
        return taken

    def _take_in(self, mails: list[bytes]) -> float:
        begun = time.perf_counter()
        self._keep(mails)
        self.intake.drain()
        return time.perf_counter() - begun

    def _drained(self) -> float:
        begun = time.perf_counter()
        self.intake.drain()
        return time.perf_counter() - begun

    def _keep(self, mails: list[bytes]) -> None:
        """As the thread of a mailbox does."""
        fetched = [FetchedMail(next(self._keys), 1, None, len(mail), mail) for mail in mails]
        claims = self.tray.has_room(len(mails))
        with self.store.unit_of_work(BENCH) as work:
            cursor = Cursor(1, fetched[-1].uid)
            kept = keep_mail(work, self.channel_id, "INBOX", fetched, cursor, claims=claims)
        self.tray.put(kept.claimed())
        self.taken += len(mails)

    def _cpu_of_others(self) -> float:
        return self.fence.cpu_seconds() + self.database_cpu()


@contextmanager
def intake_desk(settings: Settings) -> Iterator[IntakeDesk]:
    store = open_store(settings, "benchmark")
    migrate(store.engine)
    customers = people(store)
    with store.unit_of_work(BENCH) as work:
        channel_id = work.session.scalars(
            update(Channel)
            .where(Channel.kind == ChannelKind.EMAIL)
            .values(acknowledge=True)
            .returning(Channel.id)
        ).one()
        backend = work.session.scalars(text("SELECT pg_backend_pid()")).one()
    postmaster = psutil.Process(backend).parent()
    assert postmaster is not None
    with Fence() as fence:
        tray = Tray(BATCH)
        intake = Intake(store, settings, fence, tray=tray)
        yield IntakeDesk(store, fence, intake, tray, channel_id, customers, postmaster)
    store.close()
