"""Proactive messages: written from a proposal, tried out on whom they would reach, started and stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from desk.actions.insights.proposal_effects import desk_today, note_deed
from desk.actions.knowledge.deflection import strata_of, verdict_of
from desk.actions.proactive.leaving import stop_line
from desk.actions.proactive.ways import cost_of_texts, lines_of, reachable
from desk.actions.setup.audit import audit
from desk.channels.sms.segments import LONGEST_TEXT
from desk.insights.holdout import spared
from desk.insights.telling import PLACEHOLDERS, names_in
from desk.model.errors import Conflict, Invalid
from desk.model.events import ProposalsChanged
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.proactive import ProactiveMessage, Segment, SegmentKind
from desk.model.proposal import Proposal, ProposalEventKind, ProposalKind, ProposalState
from desk.store.insights.proposals import get_proposal
from desk.store.insights.topics import get_topic
from desk.store.policies import policy
from desk.store.proactive import campaigns as store
from desk.store.proactive.segments import Telling, concerned, reach_counted
from desk.store.unit_of_work import Work

HELD_PERCENT = 10
ONCE_IN_DAYS = 14
QUIET = (20, 8)
WITHIN_DAYS = 7
SHOWN = 20
TITLE = 80
STATUSES_OF = 180


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message as somebody writes it; see `ProactiveMessage`."""

    segment: Segment
    texts: Sequence[Mapping[str, str]]
    way: ChannelKind = ChannelKind.EMAIL
    held_percent: int = HELD_PERCENT
    once_in_days: int = ONCE_IN_DAYS
    quiet_from: int = QUIET[0]
    quiet_until: int = QUIET[1]
    within_days: int = WITHIN_DAYS


def write_proactive(work: Work, proposal_id: int) -> ProactiveMessage:
    """A draft for a proposal that people be told; who writes it has taken the proposal up.

    Raises Invalid for a proposal of something else, Conflict where there is one, or the proposal is over.
    """
    work.require(Permission.EDIT_POLICIES)
    proposal = get_proposal(work.session, proposal_id, lock=True)
    if proposal.kind is not ProposalKind.PROACTIVE:
        raise Invalid("This proposal is not about telling people before they ask.")
    if (standing := store.standing_message_of(work.session, proposal.id)) is not None:
        raise Conflict("There is a message for this proposal.", {"message_id": standing})
    if proposal.state is ProposalState.NEW:
        if work.actor.agent_id is None:
            raise Invalid("Take it up in somebody's name first.")
        before = proposal.standing
        proposal.accept(work.actor.agent_id, None)
        note_deed(work, proposal, ProposalEventKind.ACCEPTED, before)
    if proposal.state not in (ProposalState.ACCEPTED, ProposalState.IN_EFFECT):
        raise Conflict("Only for what is new, accepted or in effect is a message written.")
    segment = Segment(SegmentKind.AWAITING, older_than_days=3, younger_than_days=30)
    made = ProactiveMessage(
        proposal_id=proposal.id,
        segment=_kept(segment),
        texts=[{"language": "en", "subject": "", "text": ""}],
        held_percent=HELD_PERCENT,
        once_in_days=ONCE_IN_DAYS,
        quiet_from=QUIET[0],
        quiet_until=QUIET[1],
        within_days=WITHIN_DAYS,
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    _noted(work, made, "written")
    return made


def change_proactive(work: Work, message_id: int, wanted: Wanted) -> ProactiveMessage:
    """Another wording, or other people, while it is a draft. Raises NotFound, Invalid, InvalidTransition."""
    work.require(Permission.EDIT_POLICIES)
    message = store.get_proactive(work.session, message_id, lock=True)
    message.check_changeable()
    if wanted.segment.trouble:
        raise Invalid(wanted.segment.trouble, "segment")
    languages = [one["language"].lower() for one in wanted.texts]
    if not languages or len(set(languages)) < len(languages):
        raise Invalid("Write it once in each language, and in one at least.", "texts")
    for one in wanted.texts:
        _check_names(one)
        _check_length(one, wanted.way)
    message.segment, message.way = _kept(wanted.segment), wanted.way
    message.texts = [{**one, "language": one["language"].lower()} for one in wanted.texts]
    message.held_percent, message.once_in_days = wanted.held_percent, wanted.once_in_days
    message.quiet_from, message.quiet_until = wanted.quiet_from, wanted.quiet_until
    message.within_days = wanted.within_days
    _noted(work, message, "changed")
    return message


def start_proactive(work: Work, message_id: int) -> ProactiveMessage:
    """From now on people are told; with that the proposal is in effect.

    Raises Invalid for an empty text, and where there is no number of ours to text from.
    """
    work.require(Permission.EDIT_POLICIES)
    message = store.get_proactive(work.session, message_id, lock=True)
    if segment_of(message).trouble:
        raise Invalid(segment_of(message).trouble or "", "segment")
    by_text = message.way is ChannelKind.SMS
    for one in message.texts:
        if not (one["text"].strip() and (by_text or one["subject"].strip())):
            raise Invalid(f"There is no subject, or no text, in “{one['language']}”.", "texts")
    if by_text and not lines_of(work):
        raise Invalid("There is no number of yours to text from. Add one under Setup, Channels.", "way")
    message.start(work.now)
    proposal = get_proposal(work.session, message.proposal_id, lock=True)
    if proposal.state is ProposalState.ACCEPTED:
        before = proposal.standing
        proposal.put_in_effect(desk_today(work))
        note_deed(work, proposal, ProposalEventKind.PUT_IN_EFFECT, before)
    _noted(work, message, "started")
    return message


def stop_proactive(work: Work, message_id: int) -> ProactiveMessage:
    """Nobody is told any more, those included whose mail waits for the morning."""
    work.require(Permission.EDIT_POLICIES)
    message = store.get_proactive(work.session, message_id, lock=True)
    message.stop(work.now)
    work.session.flush()
    store.withdraw_carried(work.session, message.id, "The message was stopped before this one left.")
    _noted(work, message, "stopped")
    return message


def messages_shown(work: Work) -> list[dict[str, Any]]:
    """Every message with where it stands."""
    work.require(Permission.WATCH_FLOOR)
    return [_card(work, message, topic) for message, topic in store.proactive_messages(work.session)]


def proactive_shown(work: Work, message_id: int) -> dict[str, Any]:
    """One message with its texts, how it fared, and what it spared."""
    work.require(Permission.WATCH_FLOOR)
    message = store.get_proactive(work.session, message_id)
    proposal = work.session.get_one(Proposal, message.proposal_id)
    zone = policy(work.session, "time_zone", "UTC")
    rows = store.contact_counts(work.session, message, work.now, zone)
    found = spared(strata_of((row.week, row.percent, row.held, row.people, row.contacts) for row in rows))
    return _card(work, message, get_topic(work.session, proposal.topic_id).name) | {
        "segment": message.segment,
        "cost": cost_of_texts(work, message),
        "texts": message.texts,
        "quiet_from": message.quiet_from,
        "quiet_until": message.quiet_until,
        "once_in_days": message.once_in_days,
        "placeholders": PLACEHOLDERS,
        "statuses": _statuses(work),
        "effect": {
            "told": sum(row.people for row in rows if not row.held),
            "held": sum(row.people for row in rows if row.held),
            "contacted_told": found.given_share if found else None,
            "contacted_held": found.held_share if found else None,
            "spared_points": found.points if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
            "verdict": verdict_of(found),
        },
    }


def reach_shown(work: Work, message_id: int) -> dict[str, Any]:
    """A dry run: how many it would reach now, why not the others, and the first of them by name."""
    work.require(Permission.WATCH_FLOOR)
    message = store.get_proactive(work.session, message_id)
    segment = segment_of(message)
    if segment.trouble:
        raise Invalid(segment.trouble, "segment")
    telling = Telling(message, segment, reachable(work, message.way), needs_of(message))
    counted = reach_counted(work.session, telling, work.now)
    who = concerned(work.session, telling, work.now, limit=SHOWN)
    seen = work.actor.may(Permission.READ_CUSTOMERS)
    return counted | {
        "held_percent": message.held_percent,
        "who": [{"id": one.customer_id, "name": one.name, "about": one.about} for one in who] if seen else [],
    }


def segment_of(message: ProactiveMessage) -> Segment:
    kept = message.segment
    return Segment(**{**kept, "kind": SegmentKind(kept["kind"]), "statuses": tuple(kept["statuses"])})


def needs_of(message: ProactiveMessage) -> set[str]:
    """The placeholders that some text of the message holds."""
    return set().union(*(names_in(f"{one['subject']}\n{one['text']}") for one in message.texts))


def _check_length(one: Mapping[str, str], way: ChannelKind) -> None:
    """A text and the line that ends it fit into what is taken as one message, before names are filled in."""
    longest = LONGEST_TEXT - len(stop_line(one["language"])) - 1
    if way is ChannelKind.SMS and len(one["text"]) > longest:
        raise Invalid(f"It may have {longest:,} characters as a text, and has {len(one['text']):,}.", "texts")


def _check_names(one: Mapping[str, str]) -> None:
    try:
        names_in(f"{one['subject']}\n{one['text']}")
    except ValueError as error:
        raise Invalid(str(error), "texts") from None


def _kept(segment: Segment) -> dict[str, Any]:
    return asdict(segment) | {"kind": segment.kind.value, "statuses": list(segment.statuses)}


def _statuses(work: Work) -> list[str]:
    return list(store.order_statuses(work.session, work.now - timedelta(days=STATUSES_OF)))


def _card(work: Work, message: ProactiveMessage, topic: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "proposal_id": message.proposal_id,
        "topic": topic,
        "subject": message.texts[0]["subject"] or message.texts[0]["text"][:TITLE],
        "way": message.way.value,
        "state": message.state.value,
        "held_percent": message.held_percent,
        "within_days": message.within_days,
        "created_at": message.created_at,
        "started_at": message.started_at,
        "stopped_at": message.stopped_at,
        **store.recipients_counted(work.session, message.id),
    }


def _noted(work: Work, message: ProactiveMessage, what: str) -> None:
    audit(work, f"proactive message {what}", f"proactive:{message.id}")
    work.record(ProposalsChanged(proposal_id=message.proposal_id))
