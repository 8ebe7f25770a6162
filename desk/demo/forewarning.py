"""The shop's manager takes up the proposal to tell people of the code before they ask."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.actions.insights.proposals import accept_proposal
from desk.actions.insights.topic_runs import ask_for_night
from desk.actions.proactive import campaigns
from desk.demo.stories import actor_of
from desk.model.agent import Agent
from desk.model.permission import Actor, Role, system
from desk.model.proactive import Segment, SegmentKind
from desk.model.proposal import Proposal, ProposalKind, ProposalState
from desk.model.topic import TopicAlert
from desk.store.policies import policy, set_policies
from desk.store.unit_of_work import Store, Work

DEMO = system("demo")
LOOKS_EVERY = 20.0
WRITTEN, MADE_ROOM = "demo_forewarned", "demo_made_room"
CODE = "MORGEN15"
"""What those share who ask since it stopped working; see `history/stories.toml`."""

TAKEN_UP = 3
WHOM = Segment(SegmentKind.BOUGHT, words="House Blend", younger_than_days=365)
"""Those to whom the shop mailed its code."""

TEXTS = (
    {
        "language": "en",
        "subject": f"The code {CODE} is not accepted at the moment",
        "text": "Hello {{customer.first_name}},\n\n"
        f"our checkout refuses the code {CODE} that we sent you. We are mending it, and it stays valid until "
        "the end of next month. There is nothing you have to do.\n\n{{desk.name}}",
    },
    {
        "language": "de",
        "subject": f"Der Code {CODE} wird zurzeit nicht angenommen",
        "text": "Guten Tag {{customer.first_name}},\n\n"
        f"unsere Kasse lehnt den Code {CODE} ab, den wir Ihnen geschickt haben. Wir beheben das, und er gilt "
        "bis Ende nächsten Monats. Sie müssen nichts tun.\n\n{{desk.name}}",
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
    """Whether it is done: the message runs, or ran before.

    Where the board is full of what spares more, some of it is taken up, once, and the analyst asked again.
    """
    with store.reading(DEMO) as work:
        if policy(work.session, WRITTEN, False):
            return True
        manager = _manager(work.session)
    with store.unit_of_work(manager) as work:
        proposal_id = _proposed(work.session)
        if proposal_id is None:
            _make_room(work)
            return False
        message = campaigns.write_proactive(work, proposal_id)
        campaigns.change_proactive(work, message.id, campaigns.Wanted(segment=WHOM, texts=TEXTS))
        campaigns.start_proactive(work, message.id)
        set_policies(work.session, {WRITTEN: True})
    return True


def _proposed(session: Session) -> int | None:
    """The proposal to tell people of the code."""
    return session.scalar(
        select(Proposal.id)
        .join(TopicAlert, TopicAlert.topic_id == Proposal.topic_id)
        .where(
            Proposal.kind == ProposalKind.PROACTIVE,
            Proposal.state == ProposalState.NEW,
            func.upper(TopicAlert.cause["value"].as_string()) == CODE,
        )
        .limit(1)
    )


def _make_room(work: Work) -> None:
    new = work.session.scalars(
        select(Proposal.id).where(Proposal.state == ProposalState.NEW).order_by(Proposal.id)
    ).all()
    if not new or policy(work.session, MADE_ROOM, False):
        return
    assert work.actor.agent_id is not None, "a manager is an agent"
    for proposal_id in new[:TAKEN_UP]:
        accept_proposal(work, proposal_id, work.actor.agent_id, work.now.date() + timedelta(days=14))
    ask_for_night(work)
    set_policies(work.session, {MADE_ROOM: True})


def _manager(session: Session) -> Actor:
    agent = session.scalars(select(Agent).where(Agent.role == Role.MANAGER).order_by(Agent.id)).first()
    assert agent is not None, "the shop has a manager"
    return actor_of(agent)
