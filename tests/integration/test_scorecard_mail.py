"""On Monday morning whoever answers for a goal hears how it stands, once."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

import pytest
from sqlalchemy import select

from desk.actions.insights.mondays import looked_at_on
from desk.actions.insights.scorecard import set_goal
from desk.actions.insights.scorecard_mail import mail_scorecards
from desk.actions.mail.letters import letter_for
from desk.jobs.mondays import mail_on_monday
from desk.model.goal import Rhythm
from desk.model.transit import Outbox
from desk.settings import Settings
from desk.store import unit_of_work
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case

PAGE = "https://desk.example/desk/scorecard"
MONDAY = MORNING + timedelta(days=7)
"""9 March 2026, nine in the morning; the first week of March is over."""


class Monday(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Monday:
        return cls.fromisoformat(MONDAY.isoformat())


@pytest.fixture
def goals(store: Store, cast: Cast) -> None:
    """Ada answers for two goals, one of them monthly; Ben for one, and is not here any more."""
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = a_case(work, cast.cleo, text="Hello?")
        case.resolved_at = MORNING + timedelta(hours=5)
        set_goal(work, "resolution_time", target=4 * 3600, owner_id=cast.ada.id, rhythm=Rhythm.WEEKLY)
        set_goal(work, "satisfaction", target=0.9, owner_id=cast.ada.id, rhythm=Rhythm.MONTHLY)
        set_goal(work, "backlog", target=5, owner_id=cast.ben.id, rhythm=Rhythm.WEEKLY)
        set_goal(work, "abandonment", target=0.05, owner_id=None, rhythm=Rhythm.WEEKLY)
        work.session.merge(cast.ben).disabled_at = MORNING


def mailed(store: Store, after: timedelta = timedelta(0)) -> int:
    with store.unit_of_work(STAGE, now=MONDAY + after) as work:
        return mail_scorecards(work, page=PAGE)


def test_an_owner_is_told_once_how_the_goals_of_the_day_stand(store: Store, goals: None) -> None:
    assert [mailed(store), mailed(store, timedelta(hours=3))] == [1, 0]
    with store.reading(STAGE, now=MONDAY) as work:
        [row] = work.session.scalars(select(Outbox)).all()
        letter = letter_for(work, row, secret="secret")
    assert letter.recipients == ("ada.lovelace@desk.example",)
    assert letter.envelope_from == ""
    assert b"Auto-Submitted" in letter.raw
    text = row.content["text"]
    assert "- Resolution time: 5 h in the last 7 days; the target is at most 4 h: missed" in text
    assert "Satisfaction" not in text
    assert PAGE in text
    assert mailed(store, timedelta(days=7)) == 1


@pytest.mark.parametrize("away", [timedelta(hours=-3), timedelta(days=2), timedelta(days=6)])
def test_nothing_is_mailed_before_seven_or_on_another_day(store: Store, goals: None, away: timedelta) -> None:
    assert mailed(store, away) == 0


def test_a_worker_mails_them_once_however_often_it_is_called(
    store: Store, goals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "datetime", Monday)
    settings = Settings(public_url="https://desk.example/")
    assert [mail_on_monday(store, settings) for _ in range(2)] == [1, 0]
    with store.reading(STAGE) as work:
        assert PAGE in work.session.scalars(select(Outbox)).one().content["text"]


def test_months_and_quarters_begin_with_their_first_monday() -> None:
    assert looked_at_on(date(2026, 3, 9)) == (Rhythm.WEEKLY,)
    assert looked_at_on(date(2026, 3, 2)) == (Rhythm.WEEKLY, Rhythm.MONTHLY)
    assert looked_at_on(date(2026, 4, 6)) == (Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY)
