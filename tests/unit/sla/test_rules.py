"""What deeds do to clocks: a case is played through, and its clocks say what was promised and kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.case import Case, CaseStatus
from desk.model.inbound import ChannelKind
from desk.model.sla import RESPONSES, ClockKind, EntryKind, Phase
from desk.sla.hours import AROUND_THE_CLOCK
from desk.sla.ledger import Clock, Entry, fold
from desk.sla.rules import Deed, Standing, What, aimed, followed, overdue, sooner, started

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TIMES = {
    ClockKind.FIRST_RESPONSE: timedelta(hours=1),
    ClockKind.NEXT_RESPONSE: timedelta(hours=2),
    ClockKind.RESOLUTION: timedelta(hours=8),
}
DEEDS = ("wrote", "reply", "await", "hold", "snooze", "wake", "resolve", "reopen")


def hours_for(_: int | None) -> object:
    return AROUND_THE_CLOCK


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


class Play:
    """One case with its ledgers, played by the same rules as a desk's."""

    def __init__(self) -> None:
        self.case = Case(
            customer_id=1, subject="Kettle", channel=ChannelKind.EMAIL, opened_at=NINE, last_at=NINE,
            waiting_since=NINE,
        )  # fmt: skip
        self.kinds: list[ClockKind] = []
        self.ledgers: list[list[Entry]] = []
        self._follow(Deed(What.OPENED, "Opened."), NINE)

    def clocks(self) -> list[Clock]:
        return [
            fold(kind, ledger, hours_for)  # type: ignore[arg-type]
            for kind, ledger in zip(self.kinds, self.ledgers, strict=True)
        ]

    def clock(self, kind: ClockKind) -> Clock:
        return [clock for clock in self.clocks() if clock.kind is kind][-1]

    def do(self, name: str, at: datetime) -> None:
        case, before = self.case, self.case.status
        if name == "wrote":
            case.customer_wrote(at, case.next_position())
            return self._follow(Deed(What.WROTE, "Cleo wrote."), at)
        if name == "reply":
            case.we_replied(at)
            return self._follow(Deed(What.REPLIED, "Ada answered."), at)
        if name == "resolve" and case.is_active:
            case.resolve(at, "Solved")
            return self._follow(Deed(What.RESOLVED, "Ada resolved it."), at)
        if name == "reopen" and before in (CaseStatus.RESOLVED, CaseStatus.WAITING):
            case.reopen(at)
            return self._follow(Deed(What.REOPENED, "Ada reopened it."), at)
        if name == "await" and case.is_active:
            case.wait_for_customer()
        elif name == "hold" and case.is_active:
            case.put_on_hold()
        elif name == "snooze" and case.is_active:
            case.snooze(at + timedelta(days=1), at)
        elif name == "wake" and before in (CaseStatus.SNOOZED, CaseStatus.ON_HOLD):
            case.wake()
        return self._follow(Deed(What.STATUS, name), at)

    def _follow(self, deed: Deed, at: datetime) -> None:
        standing = Standing(
            self.case.status, self.case.waiting_since is not None, self.case.first_replied_at is not None
        )
        for ledger, clock in zip(self.ledgers, self.clocks(), strict=True):
            if (miss := overdue(clock, at, hours_for)) is not None:  # type: ignore[arg-type]
                ledger.append(miss)
        for ledger, entry in zip(self.ledgers, followed(self.clocks(), standing, deed, at), strict=True):
            if entry is not None:
                ledger.append(entry)
        for kind in started(self.clocks(), standing, deed):
            self.kinds.append(kind)
            self.ledgers.append([Entry(EntryKind.STARTED, at, deed.what, target=TIMES[kind])])


plays = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.timedeltas(timedelta(0), timedelta(hours=5))), max_size=14
)


def played(deeds: list[tuple[str, timedelta]]) -> tuple[Play, datetime]:
    play, now = Play(), NINE
    for name, gap in deeds:
        now += gap
        play.do(name, now)
    return play, now


@given(plays)
def test_clocks_stand_where_their_case_stands(deeds: list[tuple[str, timedelta]]) -> None:
    play, _ = played(deeds)
    case, open_ones = play.case, [clock for clock in play.clocks() if clock.is_open]
    rests = case.status in (CaseStatus.WAITING, CaseStatus.ON_HOLD)
    assert all((clock.phase is Phase.PAUSED) == rests for clock in open_ones)
    assert [c.kind for c in open_ones if c.kind is ClockKind.RESOLUTION] == (
        [ClockKind.RESOLUTION] if case.is_active else []
    )
    assert len([clock for clock in open_ones if clock.kind in RESPONSES]) <= 1


@given(plays)
def test_a_clock_is_missed_exactly_when_it_ran_for_longer_than_its_target(
    deeds: list[tuple[str, timedelta]],
) -> None:
    play, now = played(deeds)
    for clock in play.clocks():
        used = clock.used_at(now, hours_for)  # type: ignore[arg-type]
        assert (clock.missed_at is not None) == (used > TIMES[clock.kind])


@given(plays)
def test_the_first_response_is_asked_once(deeds: list[tuple[str, timedelta]]) -> None:
    play, _ = played(deeds)
    assert play.kinds.count(ClockKind.FIRST_RESPONSE) == 1
    assert play.kinds.count(ClockKind.RESOLUTION) == 1


def test_an_answer_in_time_meets_the_first_response_and_pauses_the_resolution() -> None:
    play = Play()
    play.do("reply", minutes(40))
    first, resolution = play.clock(ClockKind.FIRST_RESPONSE), play.clock(ClockKind.RESOLUTION)
    assert (first.phase, first.used, first.missed_at) == (Phase.MET, timedelta(minutes=40), None)
    assert (resolution.phase, resolution.flagged) == (Phase.PAUSED, False)


def test_an_answer_after_its_time_is_met_late() -> None:
    play = Play()
    play.do("reply", minutes(61))
    first = play.clock(ClockKind.FIRST_RESPONSE)
    assert (first.phase, first.missed_at) == (Phase.MET, minutes(60))


def test_a_second_word_does_not_start_the_wait_anew() -> None:
    play = Play()
    play.do("reply", minutes(10))
    play.do("wrote", minutes(20))
    play.do("wrote", minutes(100))
    assert play.clock(ClockKind.NEXT_RESPONSE).started_at == minutes(20)
    play.do("reply", minutes(110))
    assert play.clock(ClockKind.NEXT_RESPONSE).used == timedelta(minutes=90)


def test_sleep_stops_no_clock_and_hold_does() -> None:
    play = Play()
    play.do("snooze", minutes(5))
    assert play.clock(ClockKind.RESOLUTION).phase is Phase.RUNNING
    play.do("hold", minutes(10))
    assert play.clock(ClockKind.RESOLUTION).phase is Phase.PAUSED
    play.do("wake", minutes(30))
    assert play.clock(ClockKind.FIRST_RESPONSE).due_at(hours_for) == minutes(80)  # type: ignore[arg-type]


def test_a_pause_with_an_unanswered_word_is_flagged_on_every_clock() -> None:
    play = Play()
    play.do("await", minutes(5))
    assert play.clock(ClockKind.FIRST_RESPONSE).flagged
    assert play.clock(ClockKind.RESOLUTION).flagged


def test_resolved_without_an_answer_is_cancelled_and_reopened_goes_on() -> None:
    play = Play()
    play.do("resolve", minutes(50))
    assert play.clock(ClockKind.FIRST_RESPONSE).phase is Phase.CANCELLED
    play.do("wrote", minutes(500))
    first = play.clock(ClockKind.FIRST_RESPONSE)
    assert first.due_at(hours_for) == minutes(510), "ten minutes are left of the hour"  # type: ignore[arg-type]


def test_resolving_too_early_gains_nothing() -> None:
    play = Play()
    play.do("reply", minutes(0))
    play.do("wrote", minutes(10))
    play.do("resolve", minutes(10 + 470))
    play.do("wrote", minutes(1000))
    resolution = play.clock(ClockKind.RESOLUTION)
    assert resolution.due_at(hours_for) == minutes(1010)  # type: ignore[arg-type]


def test_a_raised_priority_is_due_at_the_change_and_never_before_it() -> None:
    clock = Play().clock(ClockKind.RESOLUTION)
    raised = Deed(What.PRIORITY, "Ada set the priority to urgent.")
    entry = aimed(clock, timedelta(minutes=30), None, raised, minutes(90))
    assert entry is not None
    urgent = fold(ClockKind.RESOLUTION, [Entry(EntryKind.STARTED, NINE, target=TIMES[clock.kind]), entry],
                  hours_for)  # type: ignore[arg-type]  # fmt: skip
    assert urgent.due_at(hours_for) == minutes(90)  # type: ignore[arg-type]
    assert aimed(urgent, timedelta(minutes=30), None, raised, minutes(95)) is None


def test_the_promise_to_be_kept_first_is_the_sooner_one() -> None:
    early, late = Play().clock(ClockKind.RESOLUTION), Play()
    late.do("wrote", minutes(5))
    paused = Play()
    paused.do("hold", minutes(240))
    held = paused.clock(ClockKind.RESOLUTION)
    assert sooner(held, early, hours_for) is held  # type: ignore[arg-type]
    assert sooner(early, held, hours_for) is held  # type: ignore[arg-type]
