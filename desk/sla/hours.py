"""Business hours: when a desk works, and how much working time lies between two moments.

A moment is open when the clock on the wall in the calendar's zone shows a time within the day's
spans, and the day is no holiday. Everything is counted in UTC, so the night in which the clocks
change is as long as it really was: an hour that is skipped was never worked, one that comes twice
is worked twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from desk.model.errors import Invalid
from desk.sla.holidays import holidays_of

Span = tuple[int, int]
"""Minutes of a day on the wall: from, until; until may be 1440, the day's end."""

DAY = timedelta(days=1)
_ZERO = timedelta(0)
_LOOK_AHEAD = 366 * 2
"""A calendar that opens at all has opened within so many days."""


@dataclass(frozen=True)
class Hours:
    """A week of spans in a zone, less holidays; `special` days replace whatever would be.

    `week` holds seven lists, Monday first. `country` and `region` are ISO codes, as the package
    `holidays` knows them. The days looked at are remembered: keep one object a calendar.
    """

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    country: str | None = None
    region: str | None = None
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_open(self, moment: datetime) -> bool:
        """Whether working time runs at this moment."""
        return any(start <= moment < end for start, end in self._open_on(moment.astimezone(UTC).date()))

    def closed_since(self, moment: datetime) -> datetime | None:
        """When it closed last, where it is closed at this moment; None while it is open, and where it has
        not been open within a year.
        """
        if self.is_open(moment):
            return None
        day = moment.astimezone(UTC).date()
        for back in range(_LOOK_AHEAD // 2):
            ended = [end for _, end in self._open_on(day - back * DAY) if end <= moment]
            if ended:
                return max(ended)
        return None

    def closing_after(self, moment: datetime) -> datetime | None:
        """When it closes next after this moment; None where it never opens again."""
        return next((closes for _, closes in self._spans_from(moment.astimezone(UTC))), None)

    def closed_within(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans between `start` and `end` in which it is closed."""
        closed = start.astimezone(UTC)
        for opens, closes in self._spans_from(closed):
            if opens >= end:
                break
            if opens > closed:
                yield closed, opens
            closed = closes
        if closed < end:
            yield closed, end.astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; none where `end` is not later."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        worked, day = _ZERO, start.date()
        while day <= end.date():
            for opens, closes in self._open_on(day):
                worked += max(_ZERO, min(closes, end) - max(opens, start))
            day += DAY
        return worked

    def after(self, start: datetime, worked: timedelta) -> datetime:
        """The first moment at which `worked` has passed since `start`: the inverse of `between`.

        Nothing to wait for is `start` itself, also while closed. Raises Invalid for hours that
        never open again.
        """
        moment = start.astimezone(UTC)
        if worked <= _ZERO:
            return moment
        for opens, closes in self._spans_from(moment):
            opens = max(opens, moment)
            if worked <= closes - opens:
                return opens + worked
            worked -= closes - opens
        raise Invalid("These hours never open again.", "hours")

    def opening_after(self, moment: datetime) -> datetime:
        """The moment itself while open, else the next opening. Raises Invalid where there is none."""
        moment = moment.astimezone(UTC)
        for opens, _ in self._spans_from(moment):
            return max(opens, moment)
        raise Invalid("These hours never open again.", "hours")

    def holiday_on(self, day: date) -> str | None:
        """The name of the public holiday, where there is one."""
        if self.country is None:
            return None
        return holidays_of(self.country, self.region, day.year).get(day)

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is open from a moment on. Ends once nothing has been open for two years."""
        day, fruitless = moment.date(), 0
        while fruitless < _LOOK_AHEAD:
            found = [span for span in self._open_on(day) if span[1] > moment]
            fruitless = 0 if found else fruitless + 1
            yield from found
            day += DAY

    def _open_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """What is open on a day of UTC, in order."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(_joined(self._opened(day)))
        return known

    def _opened(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for start, end, offset in _stretches(self.zone, day):
            shown = timezone(offset)
            first, last = start.astimezone(shown).date(), end.astimezone(shown).date()
            for local in (first, *([last] if last != first else [])):
                midnight = datetime.combine(local, time(), shown)
                for opens, closes in self._spans_on(local):
                    begin = max(start, midnight + timedelta(minutes=opens))
                    until = min(end, midnight + timedelta(minutes=closes))
                    if begin < until:
                        yield begin.astimezone(UTC), until.astimezone(UTC)

    def _spans_on(self, local: date) -> Sequence[Span]:
        if local in self.special:
            return self.special[local]
        return () if self.holiday_on(local) else self.week[local.weekday()]


AROUND_THE_CLOCK = Hours(zone=ZoneInfo("UTC"), week=(((0, 1440),),) * 7)
"""No calendar: every minute counts."""


def _joined(spans: Iterator[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that touch or overlap as one, in order."""
    last: tuple[datetime, datetime] | None = None
    for opens, closes in sorted(spans):
        if last is not None and opens <= last[1]:
            last = last[0], max(last[1], closes)
            continue
        if last is not None:
            yield last
        last = opens, closes
    if last is not None:
        yield last


def _stretches(zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """A day of UTC, cut where the zone's offset changes: (from, until, offset)."""
    start, end = datetime.combine(day, time(), UTC), datetime.combine(day, time(), UTC) + DAY
    while start < end:
        offset = _offset(zone, start)
        until = _first_change(zone, start, end)
        yield start, until, offset
        start = until


def _first_change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """The first moment in the span at which the offset is another one, to the second; else its end.

    No zone changes its offset twice within two hours, so that looking every two hours sees each change.
    """
    offset = _offset(zone, start)
    low, high = start, min(start + timedelta(hours=2), end)
    while _offset(zone, high) == offset:
        if high == end:
            return end
        low, high = high, min(high + timedelta(hours=2), end)
    seconds = range(int((high - low).total_seconds()) + 1)
    same = bisect_left(seconds, True, key=lambda n: _offset(zone, low + timedelta(seconds=n)) != offset)
    return low + timedelta(seconds=same)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or _ZERO
