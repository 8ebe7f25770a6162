"""The shop's manager takes up the first proposal to tell people before they ask: what a manager would do."""

from __future__ import annotations

import time

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from desk.actions import proactive
from desk.demo.stories import actor_of
from desk.model.agent import Agent
from desk.model.permission import Actor, Role, system
from desk.model.proactive import Segment, SegmentKind
from desk.model.proposal import Proposal, ProposalKind, ProposalState
from desk.store.policies import policy, set_policies
from desk.store.unit_of_work import Store

DEMO = system("demo")
LOOKS_EVERY = 20.0
WRITTEN = "demo_forewarned"
ON_ITS_WAY = ("packed", "shipped")
TEXTS = (
    {
        "language": "en",
        "subject": "Your order {{order.number}} takes a little longer",
        "text": "Hello {{customer.first_name}},\n\nour parcels travel with another courier these weeks, and "
        "yours ({{order.product}}) takes two to three days more than you are used to. There is nothing you "
        "have to do: the tracking link in your confirmation stays as it is.\n\n{{desk.name}}",
    },
    {
        "language": "de",
        "subject": "Ihre Bestellung {{order.number}} dauert etwas länger",
        "text": "Guten Tag {{customer.first_name}},\n\nunsere Pakete reisen zurzeit mit einem anderen "
        "Kurier, und Ihres ({{order.product}}) braucht zwei bis drei Tage länger als gewohnt. Sie müssen "
        "nichts tun: der Link zur Sendung in Ihrer Bestätigung bleibt, wie er ist.\n\n{{desk.name}}",
    },
)


class Forewarning:
    """Looks now and then, until there is something to tell; once for the demo's life."""

    def __init__(self, store: Store) -> None:
        self._store, self._look_at, self._done = store, time.monotonic() + LOOKS_EVERY, False

    def turn(self) -> None:
        """Write and start the message, where the analyst has proposed one by now."""
        if self._done or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOKS_EVERY
        self._done = forewarn(self._store)


def forewarn(store: Store) -> bool:
    """Whether it is done: the message runs, or ran before."""
    with store.reading(DEMO) as work:
        if policy(work.session, WRITTEN, False):
            return True
        proposal_id, manager = _proposed(work.session), _manager(work.session)
    if proposal_id is None:
        return False
    with store.unit_of_work(manager) as work:
        message = proactive.write_proactive(work, proposal_id)
        segment = Segment(SegmentKind.LATE_ORDER, statuses=ON_ITS_WAY, younger_than_days=90)
        proactive.change_proactive(work, message.id, proactive.Wanted(segment=segment, texts=TEXTS))
        proactive.start_proactive(work, message.id)
        set_policies(work.session, {WRITTEN: True})
    return True


def _proposed(session: Session) -> int | None:
    """The newest proposal to tell those who wait for their order, else the newest to tell anybody."""
    chases = case((Proposal.rule == "status_chase", 0), else_=1)
    return session.scalar(
        select(Proposal.id)
        .where(Proposal.kind == ProposalKind.PROACTIVE, Proposal.state == ProposalState.NEW)
        .order_by(chases, Proposal.id.desc())
        .limit(1)
    )


def _manager(session: Session) -> Actor:
    agent = session.scalars(select(Agent).where(Agent.role == Role.MANAGER).order_by(Agent.id)).first()
    assert agent is not None, "the shop has a manager"
    return actor_of(agent)
