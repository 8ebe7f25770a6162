"""The forecast from the desk's own rows: what comes by half hour and weekday, whom it takes, and when not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from desk.actions.routing.forecasting import look_ahead, staff_ahead
from desk.actions.routing.presence import change_presence
from desk.actions.routing.staffing_ahead import keep_ahead, staffing_shown
from desk.cli import main
from desk.model.errors import Forbidden, Invalid
from desk.model.presence import PresenceState
from desk.routing.ahead import HalfHourAhead
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case

DAY = timedelta(days=1)


def weeks_of_mornings(store: Store, cast: Cast, *, days: int, until: datetime | None = None) -> None:
    """Three mails at nine on each day but Sundays, and one at four in the afternoon; Ada is there one day."""
    begins = MORNING if until is None else until.replace(hour=9, minute=0) - days * DAY
    with store.unit_of_work(STAGE, now=begins) as work:
        for n in range(days):
            opened = begins + n * DAY
            if opened.weekday() == 6:
                continue
            for hours in (0.1, 0.2, 0.3, 7.1):
                at = opened + timedelta(hours=hours)
                a_case(work, cast.cleo, queue=cast.support, text="Help", at=at).opened_at = at
        for hours, state in ((0, PresenceState.AVAILABLE), (8, PresenceState.OFFLINE)):
            work.now = begins + (days - 3) * DAY + timedelta(hours=hours)
            change_presence(work, cast.ada.id, state)


def told(store: Store, cast: Cast, *, on: int, days: int) -> list[HalfHourAhead]:
    with store.reading(cast.actor(cast.sam), now=MORNING + on * DAY) as work:
        return staff_ahead(work, days, in_time=0.8)


def test_each_half_hour_to_come_is_told_with_what_it_takes(store: Store, cast: Cast) -> None:
    weeks_of_mornings(store, cast, days=43)
    ahead = told(store, cast, on=43, days=7)
    by_day = {one.starts.date() for one in ahead}
    assert len(by_day) == 6 and all(day.weekday() != 6 for day in by_day)
    nine = [one for one in ahead if one.starts.hour == 9]
    assert len(nine) == 6
    for one in nine:
        assert one.contacts == pytest.approx(3.0, rel=0.1) and one.low <= 3 <= one.high
        assert 1 <= one.agents <= one.busy_agents
    assert {one.starts.hour for one in ahead} == {9, 16}


def test_a_history_that_is_too_short_is_refused_and_so_is_who_may_not_know(store: Store, cast: Cast) -> None:
    weeks_of_mornings(store, cast, days=20)
    with pytest.raises(Invalid, match="too short to forecast from: 19 whole days"):
        told(store, cast, on=20, days=7)
    with pytest.raises(Invalid, match="1 to 28 days ahead, not 99"):
        told(store, cast, on=20, days=99)
    with pytest.raises(Invalid, match="Nobody came in the last twelve weeks"):
        told(store, cast, on=500, days=7)
    with store.reading(cast.actor(cast.ada)) as work, pytest.raises(Forbidden):
        staff_ahead(work, 7, in_time=0.8)


def test_what_the_night_told_is_shown_day_by_day_and_why_where_it_could_not(store: Store, cast: Cast) -> None:
    weeks_of_mornings(store, cast, days=43)
    at = MORNING + 43 * DAY
    with store.reading(STAGE, now=at) as work:
        ahead = look_ahead(work)
    with store.unit_of_work(STAGE, now=at) as work:
        keep_ahead(work, None, "too short")
        keep_ahead(work, ahead)
    with store.reading(cast.actor(cast.sam), now=at + 2 * DAY) as work:
        shown = staffing_shown(work, 7, in_time=0.8, within=20)
    assert (shown["made_at"], shown["problem"], shown["zone"]) == (at, None, "UTC")
    assert [one["day"] for one in shown["days"]] == [f"2026-04-{day}" for day in range(16, 23)]
    assert [len(one["half_hours"]) for one in shown["days"]] == [2, 2, 2, 0, 2, 2, 2]
    of_cli = [asdict(one) for one in told(store, cast, on=43, days=3) if one.starts.day == 16]
    assert shown["days"][0]["half_hours"] == [one | {"starts": f"{one['starts']:%H:%M}"} for one in of_cli]
    with store.unit_of_work(STAGE, now=at) as work:
        keep_ahead(work, None, "The history is too short.")
        assert staffing_shown(work, 7, in_time=0.8, within=20)["problem"] == "The history is too short."
    with store.reading(cast.actor(cast.ada)) as work, pytest.raises(Forbidden):
        staffing_shown(work, 7, in_time=0.8, within=20)


def test_the_command_tells_it_by_line_and_says_in_words_what_cannot_be(
    store: Store,
    cast: Cast,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    late = CliRunner().invoke(main, ["staff", "--forecast", "3"])
    assert late.exit_code == 1 and "Nobody came in the last twelve weeks" in late.output
    neither = CliRunner().invoke(main, ["staff"])
    assert neither.exit_code == 1 and "--forecast DAYS" in neither.output

    weeks_of_mornings(store, cast, days=40, until=datetime.now(UTC))
    ended = CliRunner().invoke(main, ["staff", "--forecast", "7"])
    assert ended.exit_code == 0, ended.output
    head, *lines = ended.output.splitlines()
    assert head.split() == ["from", "contacts", "nine", "of", "ten", "agents", "busy"]
    assert len(lines) >= 12 and all(len(line.split()) == 9 for line in lines)
