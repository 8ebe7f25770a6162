"""A proposal comes into effect, by word or by the publishing of its article; every deed is written down."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.setup.audit import audit
from desk.model.article import Article
from desk.model.events import ProposalsChanged
from desk.model.proposal import Proposal, ProposalEvent, ProposalEventKind
from desk.store.insights.proposals import waiting_for_article
from desk.store.policies import policy
from desk.store.unit_of_work import Work


def article_published(work: Work, article: Article) -> None:
    """What waited for this article is in effect from today."""
    for proposal in waiting_for_article(work.session, article.id):
        before = proposal.standing
        proposal.put_in_effect(desk_today(work))
        note_deed(work, proposal, ProposalEventKind.PUT_IN_EFFECT, before)


def note_deed(
    work: Work, proposal: Proposal, kind: ProposalEventKind, before: dict[str, Any]
) -> ProposalEvent:
    """A deed of a person is written down, with what takes it back."""
    event = ProposalEvent(
        proposal_id=proposal.id,
        kind=kind,
        at=work.now,
        agent_id=work.actor.agent_id,
        detail={"before": before},
    )
    work.session.add(event)
    proposal.updated_at = work.now
    work.session.flush()
    audit(work, f"proposal {kind.value.replace('_', ' ')}", f"proposal:{proposal.id}")
    work.record(ProposalsChanged(proposal_id=proposal.id))
    return event


def desk_today(work: Work) -> date:
    """The day that it is in the desk's zone."""
    return work.now.astimezone(ZoneInfo(policy(work.session, "time_zone", "UTC"))).date()
