"""What the night proposes: made, renewed, joined with a like one, or left declined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.model.events import ProposalsChanged
from desk.model.proposal import (
    STANDING,
    EffectReading,
    Proposal,
    ProposalEvent,
    ProposalEventKind,
    ProposalKind,
    ProposalState,
)
from desk.store.insights.proposals import every_proposal, get_proposal
from desk.store.unit_of_work import Work

GONE = "Its topic is none any more."

MOST_NEW = 12
"""So many undecided ones are a board that somebody reads; more are a list that nobody does."""


@dataclass(frozen=True)
class Proposed:
    """What rules say of one topic; `joined` are topics of which they say the same, and that are near."""

    kind: ProposalKind
    rule: str
    topic_id: int
    title: str
    evidence: dict[str, Any]
    saving: dict[str, Any]
    confidence: float
    article_id: int | None = None
    joined: tuple[int, ...] = ()


@dataclass(frozen=True)
class Read:
    """What a planned look said; `ends` where it is the last one."""

    proposal_id: int
    read_on: date
    weeks: int
    proven: bool
    ends: bool
    change: float | None
    low: float | None
    high: float | None
    p: float | None
    detail: dict[str, Any]


def keep_proposals(
    work: Work,
    found: Sequence[Proposed],
    counted: Mapping[int, int | None],
    news: Callable[[Mapping[str, Any], Mapping[str, Any]], str],
) -> int:
    """Keep what was found; how many are new, or are back.

    `counted` says of each topic for which it counts now; `news` what an evidence holds that an older one
    did not. One that stands is renewed while it is new, and left alone once somebody took it up. A declined
    one comes back with news alone. At most MOST_NEW stand as new: those of the largest sure saving, and the
    others once somebody made room.
    """
    kept = list(every_proposal(work.session, lock=True))
    _follow_topics(work, kept, counted)
    work.session.flush()
    count = 0
    room = MOST_NEW - sum(old.state is ProposalState.NEW and old.joined_into_id is None for old in kept)
    for one in sorted(found, key=_sure_saving, reverse=True):
        alike = [
            old for old in kept
            if (counted.get(old.topic_id), old.kind) == (one.topic_id, one.kind)
            and old.joined_into_id is None
        ]  # fmt: skip
        # After a merge two that were taken up may stand for one topic: the older goes on speaking for it.
        standing = next((old for old in alike if old.state in STANDING), None)
        last = alike[-1] if alike else None
        if standing is not None:
            main = standing
            if standing.state is ProposalState.NEW:
                _renew(work, standing, one)
        elif last is not None and last.state is ProposalState.DECLINED:
            why = news(last.evidence, one.evidence)
            if not why or count >= room:
                continue
            _renew(work, last, one)
            last.state, last.reason, last.owner_id, last.due_on = ProposalState.NEW, None, None, None
            _note(work, last, ProposalEventKind.RETURNED, {"why": why})
            main, count = last, count + 1
        elif last is not None:
            # It was done and measured: it is for a person to see that it is asked all the same.
            continue
        elif count >= room:
            continue
        else:
            main = _made(work, one)
            kept.append(main)
            count += 1
        _join(work, main, [old for old in kept if old.topic_id in one.joined])
    return count


def _sure_saving(one: Proposed) -> float:
    """The hours a year that it spares in nine of ten cases."""
    return float(one.saving["hours"][0])


def keep_reading(work: Work, read: Read) -> None:
    """A look at a change is kept; the first that proves it, and else the last, ends the measuring."""
    proposal = get_proposal(work.session, read.proposal_id, lock=True)
    if proposal.state is not ProposalState.IN_EFFECT:
        return
    work.session.add(
        EffectReading(
            proposal_id=read.proposal_id,
            read_on=read.read_on,
            weeks=read.weeks,
            proven=read.proven,
            change=read.change,
            low=read.low,
            high=read.high,
            p=read.p,
            detail=read.detail,
        )
    )
    if read.proven or read.ends:
        proposal.state = ProposalState.PROVEN if read.proven else ProposalState.NOT_PROVEN
    _note(work, proposal, ProposalEventKind.MEASURED, {"weeks": read.weeks, "proven": read.proven})


def _follow_topics(work: Work, kept: list[Proposal], counted: Mapping[int, int | None]) -> None:
    """What was proposed of a topic is of the one that it counts for now. What somebody took up keeps the
    topic of which it was said, so that a merge can be taken back; whoever reads it goes by `counted`."""
    for old in kept:
        now = counted.get(old.topic_id)
        if old.state is not ProposalState.NEW or now == old.topic_id:
            continue
        if now is None:
            old.state, old.reason = ProposalState.DECLINED, GONE
            _note(work, old, ProposalEventKind.DECLINED, {"why": GONE})
            continue
        other = next(
            (
                one
                for one in kept
                if one is not old
                and (counted.get(one.topic_id), one.kind) == (now, old.kind)
                and one.state in STANDING
                and one.joined_into_id is None
            ),
            None,
        )
        if other is None:
            old.topic_id = now
        else:
            _join_into(work, other, old)


def _join(work: Work, main: Proposal, others: Sequence[Proposal]) -> None:
    for old in others:
        if (
            old.id != main.id
            and old.kind is main.kind
            and old.rule == main.rule
            and old.state is ProposalState.NEW
            and old.joined_into_id is None
        ):
            _join_into(work, main, old)


def _join_into(work: Work, main: Proposal, old: Proposal) -> None:
    old.joined_into_id = main.id
    _note(work, main, ProposalEventKind.JOINED, {"proposal_id": old.id, "title": old.title})


def _made(work: Work, one: Proposed) -> Proposal:
    proposal = Proposal(
        kind=one.kind,
        rule=one.rule,
        topic_id=one.topic_id,
        title=one.title[:300],
        evidence=one.evidence,
        saving=one.saving,
        confidence=one.confidence,
        article_id=one.article_id,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(proposal)
    work.session.flush()
    _note(work, proposal, ProposalEventKind.MADE, {})
    return proposal


def _renew(work: Work, proposal: Proposal, one: Proposed) -> None:
    proposal.rule, proposal.title = one.rule, one.title[:300]
    proposal.evidence, proposal.saving, proposal.confidence = one.evidence, one.saving, one.confidence
    proposal.article_id, proposal.updated_at = one.article_id, work.now


def _note(work: Work, proposal: Proposal, kind: ProposalEventKind, detail: dict[str, Any]) -> None:
    proposal.updated_at = work.now
    work.session.add(ProposalEvent(proposal_id=proposal.id, kind=kind, at=work.now, detail=detail))
    work.record(ProposalsChanged(proposal_id=proposal.id))
