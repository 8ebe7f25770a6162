"""The demo's ninety days: told behind the present, once, and without a trace in its work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text

from desk.demo.history import tell_history
from desk.demo.history.telling import TOLD
from desk.demo.line import open_the_line
from desk.demo.seed import _set_up
from desk.model.article import Article
from desk.model.assignment import Assignment
from desk.model.case import DONE, Case
from desk.model.chat import Chat, ChatState
from desk.model.record import Record
from desk.model.sla import SlaClock
from desk.model.transit import Outbox
from desk.settings import Settings
from desk.store.policies import policies
from desk.store.unit_of_work import Store
from tests.people import STAGE

A_TWENTIETH = 0.05


def test_the_past_is_told_once_and_is_nobodys_work(store: Store, settings: Settings) -> None:
    _set_up(store, settings)
    with store.unit_of_work(STAGE) as work:
        open_the_line(work, settings)
    end = datetime.now(UTC)

    count = tell_history(store, end, share=A_TWENTIETH)
    assert tell_history(store, end, share=A_TWENTIETH) == 0, "it is told already"

    def number_of(noun: type[Record]) -> int:
        return work.session.scalar(select(func.count()).select_from(noun)) or 0

    with store.reading(STAGE) as work:
        assert policies(work.session)[TOLD] == 13
        assert count > 100 and number_of(Case) == count
        assert set(work.session.scalars(select(Case.status))) <= set(DONE)
        first, last = work.session.execute(select(func.min(Case.opened_at), func.max(Case.resolved_at))).one()
        assert first < end - timedelta(days=88)
        assert last is not None and last < end
        assert number_of(Outbox) == number_of(SlaClock) == 0
        assert work.session.scalars(select(Assignment.id).where(Assignment.ended_at.is_(None))).all() == []
        assert set(work.session.scalars(select(Chat.state))) == {ChatState.ENDED}
        assert work.session.scalar(text("SELECT count(*) FROM journal WHERE case_id IS NOT NULL")) == 0
        published = select(Article.published_at).where(Article.title == "The descaling light stays on")
        at = work.session.scalars(published).one()
        assert at is not None and (end - at).days in (48, 49)
