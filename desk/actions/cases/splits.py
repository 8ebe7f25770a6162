"""Messages that are another matter become a case of their own; and come back when they were not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.cases.history import add_event, note_change
from desk.actions.clocks.moves import divide_clocks, join_clocks
from desk.actions.customers.covers import judge_cover
from desk.actions.routing.assignments import end_stint
from desk.actions.routing.withdrawals import withdraw_offer
from desk.actions.setup.audit import audit
from desk.model.case import Case, CaseLink, CaseSplit, CaseStatus, LinkKind
from desk.model.conversation import Conversation
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import CaseDivided
from desk.model.message import Message, MessageKind
from desk.model.permission import Permission
from desk.model.thread import Place, numbered
from desk.sla.rules import Deed, What
from desk.store.cases.dividing import belong_to, copy_conversation, lead_back, lead_to
from desk.store.cases.reading import locked_cases
from desk.store.chat.chats import said_in_a_chat
from desk.store.messages.threads import hold_conversations, place_messages, threads_of, younger_move
from desk.store.unit_of_work import Work


def split_case(work: Work, case_id: int, message_ids: Collection[int], subject: str) -> CaseSplit:
    """The messages, in their order, begin a new case in the same queue, linked to the old one.

    Answers to them find the new case. What stays keeps its positions, so that undoing the split
    puts every message back. Raises Invalid where the messages are not of this case, or nothing
    would stay, and Conflict for a case that was merged.
    """
    work.require(Permission.MERGE_CASES)
    hold_conversations(work.session, [case_id])
    case = case_for(work, case_id, to=Permission.MERGE_CASES, lock=True)
    if case.merged_into_id is not None:
        raise Conflict(f"Case {case.id} was merged into case {case.merged_into_id}.")
    thread = threads_of(work.session, (case.id,))[case.id]
    chosen = _chosen(case, thread, message_ids)
    _refuse_to_divide_a_chat(work, chosen)
    conversations = _conversations(work, chosen)
    new = _new_case(work, case, chosen, conversations, subject)
    positions = numbered(chosen)
    place_messages(work.session, new.id, positions)
    moved = {
        "messages": [[place.message_id, place.position] for place in chosen],
        "conversations": _divide(work, new, thread, chosen, conversations),
    }
    _look_again(case, [(p.position, p) for p in thread if p.message_id not in positions])
    _look_again(new, [(positions[place.message_id], place) for place in chosen])
    split = CaseSplit(
        case_id=case.id, new_case_id=new.id, moved=moved, at=work.now, agent_id=work.actor.agent_id
    )
    work.session.add(split)
    work.session.add(CaseLink(case_id=new.id, other_id=case.id, kind=LinkKind.RELATED, at=work.now))
    work.session.flush()
    sentence = f"{work.actor.name} moved messages of case {case.id} into case {new.id}."
    divide_clocks(work, case, new, Deed(What.SPLIT, sentence, move_id=f"split:{split.id}"))
    _tell(work, split, case, new)
    judge_cover(work, new)
    return split


def undo_split(work: Work, split_id: int) -> Case:
    """The messages go back to their old places, and whatever the new case has got since follows them.

    The new case is closed. Raises NotFound, and Conflict where it was undone already or a later
    merge or split builds on it.
    """
    work.require(Permission.MERGE_CASES)
    split = work.session.get(CaseSplit, split_id)
    if split is None:
        raise NotFound(f"There is no split {split_id}.")
    pair = [split.case_id, split.new_case_id]
    hold_conversations(work.session, pair)
    case, new = _both(work, *pair)
    work.session.refresh(split, with_for_update=True)
    if split.undone_at is not None:
        raise Conflict("This split has been undone already.")
    younger = younger_move(work.session, split, pair)
    if younger is not None:
        raise Conflict(f"A later {younger} builds on this split. Undo that one first.")
    _threads_together(work, split, case, new)
    withdraw_offer(work, new)
    end_stint(work, new)
    new.close_into(case.id, work.now)
    split.undone_at = work.now
    sentence = f"{work.actor.name} put the messages of case {new.id} back into case {case.id}."
    join_clocks(work, new, case, Deed(What.SPLIT, sentence, move_id=f"split:{split.id}"))
    _tell_undone(work, split, case, new)
    return case


def _chosen(case: Case, thread: list[Place], message_ids: Collection[int]) -> list[Place]:
    wanted = set(message_ids)
    said = [place for place in thread if place.kind is not MessageKind.EVENT]
    chosen = [place for place in said if place.message_id in wanted]
    if not wanted or len(chosen) != len(wanted):
        raise Invalid(f"Choose messages of case {case.id}.", "message_ids")
    if len(chosen) == len(said):
        raise Invalid("At least one message has to stay; nothing would be left of the case.", "message_ids")
    return chosen


def _refuse_to_divide_a_chat(work: Work, chosen: list[Place]) -> None:
    """Its visitor sees one chat, and goes on in it: it cannot be in two cases."""
    if said_in_a_chat(work.session, [place.message_id for place in chosen]):
        raise Invalid("What was said in a chat stays together. Link a new case instead.", "message_ids")


def _conversations(work: Work, chosen: list[Place]) -> list[Conversation]:
    ids = sorted({place.conversation_id for place in chosen if place.conversation_id is not None})
    return [work.session.get_one(Conversation, conversation_id) for conversation_id in ids]


def _new_case(
    work: Work, case: Case, chosen: list[Place], conversations: list[Conversation], subject: str
) -> Case:
    """A case of whoever leads these conversations, where that is one person; else of the same customer."""
    owners = {conversation.customer_id for conversation in conversations}
    new = Case(
        customer_id=owners.pop() if len(owners) == 1 else case.customer_id,
        subject=subject.strip()[:998] or case.subject,
        channel=case.channel,
        opened_at=work.now,
        last_at=max(place.at for place in chosen),
        queue_id=case.queue_id,
        priority=case.priority,
        category_id=case.category_id,
    )
    work.session.add(new)
    work.session.flush()
    last = work.session.get_one(Message, chosen[-1].message_id)
    new.preview = " ".join(last.reply.split())[:160]
    return new


def _divide(
    work: Work, new: Case, thread: list[Place], chosen: list[Place], conversations: list[Conversation]
) -> list[dict[str, Any]]:
    """A conversation that goes whole changes its case; of one that goes in part, the part becomes its own."""
    taken = {place.message_id for place in chosen}
    divided: list[dict[str, Any]] = []
    for conversation in conversations:
        of_it = [place.message_id for place in thread if place.conversation_id == conversation.id]
        going = [message_id for message_id in of_it if message_id in taken]
        if len(going) == len(of_it):
            conversation.case_id = new.id
            divided.append({"id": conversation.id, "copy": None})
            continue
        copy = copy_conversation(work, conversation, new.id)
        lead_to(work.session, going, conversation.id, copy.id)
        belong_to(work.session, going, copy.id)
        divided.append({"id": conversation.id, "copy": copy.id})
    return divided


def _look_again(case: Case, placed: list[tuple[int, Place]]) -> None:
    """What the case says of its thread, after the thread has changed."""
    inbound = [(position, place) for position, place in placed if place.is_inbound]
    answered = [place.at for _, place in placed if place.kind is MessageKind.OUTBOUND]
    case.last_inbound_position = inbound[-1][0] if inbound else 0
    case.last_position = max(case.last_position, placed[-1][0] if placed else 0)
    waiting = [place.at for _, place in inbound if not answered or place.at > answered[-1]]
    if case.status is CaseStatus.OPEN:
        case.waiting_since = waiting[0] if waiting else None


def _both(work: Work, one: int, other: int) -> tuple[Case, Case]:
    found = {case.id: case for case in locked_cases(work.session, work.actor, (one, other))}
    for case_id in (one, other):
        if case_id not in found:
            raise NotFound(f"There is no case {case_id}.")
    return found[one], found[other]


def _threads_together(work: Work, split: CaseSplit, case: Case, new: Case) -> None:
    threads = threads_of(work.session, (case.id, new.id))
    old: dict[int, int] = dict(split.moved["messages"])
    since = [place for place in threads[new.id] if place.message_id not in old]
    there = {place.message_id for place in threads[new.id]}
    positions = {message_id: place for message_id, place in old.items() if message_id in there}
    positions |= numbered(since, after=case.last_position)
    place_messages(work.session, case.id, positions)
    for divided in split.moved["conversations"]:
        if divided["copy"] is None:
            work.session.get_one(Conversation, divided["id"]).case_id = case.id
            continue
        lead_back(work.session, divided["copy"], divided["id"])
        work.session.get_one(Conversation, divided["copy"]).case_id = case.id
    placed = [(place.position, place) for place in threads[case.id]]
    placed += [(positions[p.message_id], p) for p in threads[new.id] if p.message_id in positions]
    _look_again(case, sorted(placed, key=lambda one: one[0]))
    case.last_at = max([case.last_at, *(place.at for place in threads[new.id])])


def _tell(work: Work, split: CaseSplit, case: Case, new: Case) -> None:
    who, count = work.actor.name, len(split.moved["messages"])
    told = "1 message" if count == 1 else f"{count} messages"
    sentence = f"{who} moved {told} into case {new.id} (“{new.subject[:200]}”)."
    add_event(work, case, sentence)
    note_change(work, case, "split", sentence, after=new.id)
    note_change(work, new, "opened", f"{who} opened this case with {told} of case {case.id}.", after=case.id)
    audit(work, "case split", f"case:{case.id}", {"new": new.id, "split": split.id, "messages": count})
    _record(work, split, case)


def _tell_undone(work: Work, split: CaseSplit, case: Case, new: Case) -> None:
    who = work.actor.name
    sentence = f"{who} put the messages of case {new.id} back into this case."
    add_event(work, case, sentence)
    note_change(work, case, "split", sentence, before=new.id)
    note_change(work, new, "split", f"{who} put the messages of this case back into case {case.id}.")
    audit(work, "case split undone", f"case:{case.id}", {"new": new.id, "split": split.id})
    _record(work, split, case)


def _record(work: Work, split: CaseSplit, case: Case) -> None:
    work.record(
        CaseDivided(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            new_case_id=split.new_case_id,
            split_id=split.id,
            undone=split.undone_at is not None,
        )
    )
