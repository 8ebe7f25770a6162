"""What a person does with a proposal: takes it up, puts it into effect, declines it, and takes that back."""

from __future__ import annotations

from datetime import date

from desk.actions.insights.proposal_effects import desk_today, note_deed
from desk.actions.knowledge.articles import new_article
from desk.model.agent import Agent
from desk.model.article import Article
from desk.model.errors import Conflict, Invalid
from desk.model.events import ProposalsChanged
from desk.model.knowledge import UseKind
from desk.model.permission import Permission
from desk.model.proposal import (
    LONGEST_REASON,
    Proposal,
    ProposalEvent,
    ProposalEventKind,
    ProposalKind,
    ProposalState,
)
from desk.store.insights.proposals import get_deed, get_proposal, last_deed, readings_of
from desk.store.knowledge.at_work import keep_use
from desk.store.unit_of_work import Work


def accept_proposal(work: Work, proposal_id: int, owner_id: int, due_on: date | None) -> ProposalEvent:
    """Somebody does it, by a day if one is named. Raises NotFound, Invalid for who cannot, or a past day."""
    proposal = _held(work, proposal_id)
    owner = work.session.get(Agent, owner_id)
    if owner is None or owner.disabled_at is not None:
        raise Invalid("There is no such person to do it.", "owner_id")
    today = desk_today(work)
    if due_on is not None and due_on < today:
        raise Invalid(
            f"That day is over: at the desk it is {today} already. Choose one that is still to come.",
            "due_on",
        )
    before = proposal.standing
    proposal.accept(owner_id, due_on)
    return note_deed(work, proposal, ProposalEventKind.ACCEPTED, before)


def put_in_effect(work: Work, proposal_id: int, since: date) -> ProposalEvent:
    """It is done since that day, which may be past; measuring begins anew. Raises Invalid for a day to come,
    and where it was looked at already."""
    proposal = _held(work, proposal_id)
    today = desk_today(work)
    if since > today:
        raise Invalid(
            f"That day is still to come: at the desk it is {today}. Say so when it is in effect.", "since"
        )
    if readings_of(work.session, proposal_id):
        raise Conflict("It was measured since the day that was said; that day stays.")
    before = proposal.standing
    proposal.put_in_effect(since)
    return note_deed(work, proposal, ProposalEventKind.PUT_IN_EFFECT, before)


def decline_proposal(work: Work, proposal_id: int, reason: str) -> ProposalEvent:
    """It is not done. It comes back with new evidence alone. Raises Invalid without a reason."""
    proposal = _held(work, proposal_id)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Invalid("Say why, for whoever thinks of it next.", "reason")
    before = proposal.standing
    proposal.decline(reason)
    return note_deed(work, proposal, ProposalEventKind.DECLINED, before)


def draft_article(work: Work, proposal_id: int, collection_id: int, *, as_reworded: bool = False) -> Article:
    """The answer that most agents give as a draft for the article editor; a person publishes it, and with
    that the proposal is in effect. Who makes it has taken the proposal up.

    `as_reworded` takes the writer's words instead of the agents'. Raises Invalid where there is no draft or
    no such words, Conflict where it was made already.
    """
    work.require(Permission.EDIT_ARTICLES)
    proposal = _held(work, proposal_id)
    draft = proposal.evidence.get("draft")
    if proposal.kind is not ProposalKind.FAQ or not draft:
        raise Invalid("Agents do not agree on one answer here; write the article by hand.")
    if proposal.article_id is not None:
        raise Conflict("The article was made already.", {"article_id": proposal.article_id})
    before = proposal.standing
    if proposal.state is ProposalState.NEW:
        if work.actor.agent_id is None:
            raise Invalid("Take it up in somebody's name first.")
        proposal.accept(work.actor.agent_id, None)
    if proposal.state is not ProposalState.ACCEPTED:
        raise Conflict("Only what is new or accepted becomes an article.")
    sentences = draft["wording"]["sentences"] if as_reworded and draft.get("wording") else draft["sentences"]
    if not sentences or (as_reworded and sentences is draft["sentences"]):
        raise Invalid("There is no other wording of this draft; take the agents' own words.", "as_reworded")
    body = "\n\n".join(_paragraphs([one["text"] for one in sentences]))
    article = new_article(work, collection_id=collection_id, title=draft["question"], body=body)
    proposal.article_id = article.id
    for case_id in dict.fromkeys(one["case_id"] for one in draft["sentences"]):
        keep_use(work.session, article.id, case_id, UseKind.SOURCE, at=work.now, agent_id=work.actor.agent_id)
    note_deed(work, proposal, ProposalEventKind.DRAFTED, before)
    return article


def take_back(work: Work, event_id: int) -> Proposal:
    """As it stood before. Raises Conflict where something was done or measured since."""
    work.require(Permission.EDIT_POLICIES)
    event = get_deed(work.session, event_id)
    proposal = get_proposal(work.session, event.proposal_id, lock=True)
    last = last_deed(work.session, proposal.id)
    if event.detail.get("taken_back") or last is None or last.id != event.id:
        raise Conflict("Something was done since; take that back first.")
    proposal.restore(event.detail["before"])
    event.detail = {**event.detail, "taken_back": True}
    work.session.add(
        ProposalEvent(
            proposal_id=proposal.id,
            kind=ProposalEventKind.TAKEN_BACK,
            at=work.now,
            agent_id=work.actor.agent_id,
            detail={"of": event.id},
        )
    )
    proposal.updated_at = work.now
    work.record(ProposalsChanged(proposal_id=proposal.id))
    return proposal


def _held(work: Work, proposal_id: int) -> Proposal:
    work.require(Permission.EDIT_POLICIES)
    return get_proposal(work.session, proposal_id, lock=True)


def _paragraphs(sentences: list[str]) -> list[str]:
    """Lines of a list stay lines; sentences go together."""
    found: list[str] = []
    for one in sentences:
        if found and not one.startswith(("-", "*", "•")) and not found[-1].startswith(("-", "*", "•")):
            found[-1] = f"{found[-1]} {one}"
        else:
            found.append(one)
    return found
