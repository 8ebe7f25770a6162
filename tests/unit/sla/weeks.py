"""Hours for the laws: any week, in zones with every kind of change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from desk.sla.hours import Hours, Span

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/St_Johns", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip

_minutes = st.integers(0, 1440)
OFFICE = (((540, 720), (780, 1020)),) * 5 + ((), ())
"""Monday to Friday, 9 to 12 and 13 to 17."""

BERLIN = Hours(zone=ZoneInfo("Europe/Berlin"), week=OFFICE, country="DE", region="BE")


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Up to three spans of a day, apart from each other."""
    cuts = sorted(draw(st.lists(_minutes, min_size=0, max_size=6, unique=True)))
    return tuple((cuts[n], cuts[n + 1]) for n in range(0, len(cuts) - 1, 2))


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    """Hours that open at least once a week."""
    week = [draw(spans()) for _ in range(7)]
    if not any(week):
        week[draw(st.integers(0, 6))] = ((540, 1020),)
    return Hours(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        week=tuple(week),
        country=draw(st.sampled_from([None, "DE", "US"])),
    )


def _moments_from(*first: int, days: int) -> st.SearchStrategy[datetime]:
    start = datetime(*first, tzinfo=UTC)  # type: ignore[misc, arg-type]
    return st.timedeltas(timedelta(0), timedelta(days=days)).map(lambda later: start + later)


# The years around the changes of 2026, the nights themselves, and the day that Samoa left out.
moments = st.one_of(
    _moments_from(2025, 6, 1, days=730),
    _moments_from(2026, 3, 28, days=2),
    _moments_from(2026, 10, 24, days=2),
    _moments_from(2011, 12, 25, days=10),
)
lengths = st.timedeltas(timedelta(0), timedelta(hours=60))
