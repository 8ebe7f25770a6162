"""What was planted in the demo's past is found by the analyst, who knows of contacts alone."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from desk.actions.proactive.post import tell_those_concerned
from desk.demo.forewarning import forewarn
from desk.demo.history import tell_history
from desk.demo.line import open_the_line
from desk.demo.seed import _set_up
from desk.jobs.analyst import beat
from desk.jobs.reading_space import Reading
from desk.model.proposal import Proposal, ProposalKind
from desk.model.survey import Survey
from desk.model.topic import TopicAlert
from desk.settings import Settings
from desk.store.proactive.campaigns import running_messages
from desk.store.unit_of_work import Store
from tests.people import STAGE


def test_the_voucher_that_stopped_working_is_an_alert_and_a_proposal(
    store: Store, settings: Settings, reading: Reading
) -> None:
    _set_up(store, settings)
    with store.unit_of_work(STAGE) as work:
        open_the_line(work, settings)
    now = datetime(2026, 11, 26, 2, tzinfo=UTC)
    tell_history(store, now, share=0.5)

    beat(reading, now)

    with store.reading(STAGE) as work:
        alerts = work.session.scalars(select(TopicAlert).where(TopicAlert.ended_at.is_(None))).all()
        shared = {alert.topic_id: str((alert.cause or {}).get("value", "")).upper() for alert in alerts}
        assert "MORGEN15" in shared.values()
        topic_id = next(number for number, value in shared.items() if value == "MORGEN15")
        kinds = work.session.scalars(select(Proposal.kind).where(Proposal.topic_id == topic_id)).all()
    assert ProposalKind.PROACTIVE in kinds
    assert forewarn(store), "the manager takes it up"
    with store.reading(STAGE) as work:
        (message,) = running_messages(work.session)
        scored = work.session.scalar(select(func.count()).where(Survey.score.is_not(None)))
        asked = work.session.scalar(select(func.count()).where(Survey.asked_at.is_not(None)))
    assert asked and scored and 0.1 < scored / asked < 0.4
    with store.unit_of_work(STAGE) as work:
        assert tell_those_concerned(work, message, page="http://desk.example/help/no-more/") > 0
