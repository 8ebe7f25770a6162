"""Two cases become one piece of work, and two again when that was wrong."""

from __future__ import annotations

from typing import Any

from desk.actions.cases.history import add_event, note_change
from desk.actions.cases.snapshots import put_back, snapshot
from desk.actions.clocks.moves import join_clocks, part_clocks
from desk.actions.routing.assignments import end_stint, keep_or_free
from desk.actions.routing.withdrawals import withdraw_offer
from desk.actions.setup.audit import audit
from desk.model.case import Case, CaseMerge, CaseStatus
from desk.model.conversation import Conversation
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import CaseMerged
from desk.model.permission import Permission
from desk.model.thread import Place, interleaved, numbered, read_to
from desk.model.transit import Inbox, Outbox
from desk.sla.rules import Deed, What
from desk.store.cases.reading import locked_cases
from desk.store.messages.scheduled import move_scheduled, scheduled_back
from desk.store.messages.threads import (
    add_watchers,
    drafts_back,
    hold_conversations,
    move_drafts,
    place_messages,
    reads_of,
    remove_watchers,
    repoint,
    speaking_of,
    threads_of,
    write_reads,
    younger_move,
)
from desk.store.unit_of_work import Work


def merge_cases(work: Work, merged_id: int, *, into: int) -> CaseMerge:
    """Everything said in one case moves into the other, in order of time; the emptied case is closed.

    Its conversations go along, so that later mail lands in the case that stays. Raises Invalid
    for one and the same case, NotFound where the actor may not know of one, and Conflict where one
    was merged already or the target is closed.
    """
    work.require(Permission.MERGE_CASES)
    if merged_id == into:
        raise Invalid("A case cannot be merged into itself.", "into")
    conversations = hold_conversations(work.session, [merged_id])
    merged, target = _two_cases(work, merged_id, into)
    before = {"merged": snapshot(merged), "target": snapshot(target)}
    withdraw_offer(work, merged)
    end_stint(work, merged)
    moved = _move_thread(work, merged, target)
    moved |= _move_belongings(work, merged, target, conversations)
    _take_over(work, merged, target)
    merged.close_into(target.id, work.now)
    merge = CaseMerge(
        merged_id=merged.id,
        into_id=target.id,
        moved={**moved, "before": before, "after": {"merged": snapshot(merged), "target": snapshot(target)}},
        at=work.now,
        agent_id=work.actor.agent_id,
    )
    work.session.add(merge)
    work.session.flush()
    sentence = f"{work.actor.name} merged case {merged.id} into case {target.id}."
    join_clocks(work, merged, target, Deed(What.MERGE, sentence, move_id=f"merge:{merge.id}"))
    _tell(work, merge, merged, target)
    return merge


def undo_case_merge(work: Work, merge_id: int) -> Case:
    """Two cases again, each with its own messages in their old places; returns the one that came back.

    What came in since stays where its conversation belongs. Raises NotFound, and Conflict where it
    was undone already or a later merge or split builds on it.
    """
    work.require(Permission.MERGE_CASES)
    merge = work.session.get(CaseMerge, merge_id)
    if merge is None:
        raise NotFound(f"There is no merge {merge_id}.")
    pair = [merge.merged_id, merge.into_id]
    hold_conversations(work.session, pair)
    merged, target = _both(work, *pair)
    work.session.refresh(merge, with_for_update=True)
    if merge.undone_at is not None:
        raise Conflict("This merge has been undone already.")
    younger = younger_move(work.session, merge, pair)
    if younger is not None:
        raise Conflict(f"A later {younger} builds on this merge. Undo that one first.")
    back = _threads_back(work, merge, merged, target)
    _belongings_back(work, merge, merged, target)
    for case, name in ((merged, "merged"), (target, "target")):
        put_back(case, merge.moved["before"][name], merge.moved["after"][name])
    _live_on(work, merged, back)
    merge.undone_at = work.now
    sentence = f"{work.actor.name} took case {merged.id} out of case {target.id} again."
    part_clocks(work, merged, target, Deed(What.MERGE, sentence, move_id=f"merge:{merge.id}"))
    _tell_undone(work, merge, merged, target)
    return merged


def _two_cases(work: Work, merged_id: int, into_id: int) -> tuple[Case, Case]:
    merged, target = _both(work, merged_id, into_id)
    for case in (merged, target):
        if case.merged_into_id is not None:
            raise Conflict(
                f"Case {case.id} was merged into case {case.merged_into_id} already.",
                {"merged_into_id": case.merged_into_id},
            )
    if target.status is CaseStatus.CLOSED:
        raise Conflict(f"Case {target.id} is closed; nothing is added to it any more.")
    return merged, target


def _both(work: Work, one: int, other: int) -> tuple[Case, Case]:
    found = {case.id: case for case in locked_cases(work.session, work.actor, (one, other))}
    for case_id in (one, other):
        if case_id not in found:
            raise NotFound(f"There is no case {case_id}.")
    return found[one], found[other]


def _move_thread(work: Work, merged: Case, target: Case) -> dict[str, Any]:
    threads = threads_of(work.session, (target.id, merged.id))
    kept, come = threads[target.id], threads[merged.id]
    whole = interleaved(kept, come)
    positions = numbered(whole)
    reads = {case.id: reads_of(work.session, case.id) for case in (merged, target)}
    place_messages(work.session, target.id, positions)
    placed = [(positions[place.message_id], place) for place in whole]
    after = _reads_together(placed, threads, reads)
    write_reads(work.session, target.id, after)
    target.last_position = max(target.last_position, len(whole))
    target.last_inbound_position = max((n for n, place in placed if place.is_inbound), default=0)
    return {
        "messages": [[place.message_id, place.position] for place in come],
        "kept": [[place.message_id, place.position] for place in kept],
        "last_positions": [merged.last_position, max((place.position for place in kept), default=0)],
        "reads": {
            "merged": sorted(reads[merged.id].items()),
            "target": sorted(reads[target.id].items()),
            "after": sorted(after.items()),
        },
    }


def _reads_together(
    placed: list[tuple[int, Place]], threads: dict[int, list[Place]], reads: dict[int, dict[int, int]]
) -> dict[int, int]:
    """Who had read both to the end has read the whole; anyone else up to the first message they have not."""
    readers = {agent_id for of_case in reads.values() for agent_id in of_case}
    return {
        agent_id: read_to(
            placed,
            {
                place.message_id
                for case_id, thread in threads.items()
                for place in thread
                if place.position <= reads.get(case_id, {}).get(agent_id, 0)
            },
        )
        for agent_id in readers
    }


def _move_belongings(work: Work, merged: Case, target: Case, conversations: list[int]) -> dict[str, Any]:
    moved: dict[str, Any] = {
        "conversations": conversations,
        "outbox": speaking_of(work.session, Outbox, merged.id),
        "inbox": speaking_of(work.session, Inbox, merged.id),
        "drafts": move_drafts(work.session, merged.id, target.id),
        "scheduled": _move_scheduled(work, merged, target),
        "watchers": add_watchers(work.session, merged.id, target.id),
    }
    repoint(work.session, Conversation, conversations, target.id)
    repoint(work.session, Outbox, moved["outbox"], target.id)
    repoint(work.session, Inbox, moved["inbox"], target.id)
    return moved


def _move_scheduled(work: Work, merged: Case, target: Case) -> list[int]:
    """What was to be said in one case may be wrong in the whole: who wrote it decides anew."""
    why = f"Case {merged.id} was merged into this case."
    return move_scheduled(work.session, merged.id, target.id, why=why, now=work.now)


def _take_over(work: Work, merged: Case, target: Case) -> None:
    """The case that stays speaks for both: who waits longest, what was said last, every tag."""
    target.tags = [*target.tags, *(tag for tag in merged.tags if tag not in target.tags)]
    if merged.last_at > target.last_at:
        target.last_at, target.preview = merged.last_at, merged.preview
    replied = [at for at in (target.first_replied_at, merged.first_replied_at) if at]
    target.first_replied_at = min(replied, default=None)
    if merged.status is not CaseStatus.OPEN:
        return
    waits = [at for at in (target.waiting_since, merged.waiting_since) if at]
    was_resolved = target.status is CaseStatus.RESOLVED
    if target.status is not CaseStatus.ON_HOLD:
        target.status = CaseStatus.OPEN
    target.waiting_since = min(waits, default=None)
    target.snoozed_until = target.resolved_at = target.resolution_reason = None
    if was_resolved:
        keep_or_free(work, target)


def _threads_back(work: Work, merge: CaseMerge, merged: Case, target: Case) -> list[Place]:
    """Everybody to the old place; what is newer follows, in its order. Returns what came in since."""
    thread = threads_of(work.session, (target.id,))[target.id]
    old: dict[int, int] = dict(merge.moved["messages"])
    kept: dict[int, int] = dict(merge.moved["kept"])
    conversations = set(merge.moved["conversations"])
    newer = [place for place in thread if place.message_id not in old and place.message_id not in kept]
    come = [place for place in newer if place.conversation_id in conversations]
    stay = [place for place in newer if place.conversation_id not in conversations]
    last_merged, last_target = merge.moved["last_positions"]
    there = {place.message_id for place in thread}
    to_merged = _still(old, there) | numbered(come, after=last_merged)
    to_target = _still(kept, there) | numbered(stay, after=last_target)
    after = reads_of(work.session, target.id)
    place_messages(work.session, merged.id, to_merged)
    place_messages(work.session, target.id, to_target)
    for case, positions, name in ((merged, to_merged, "merged"), (target, to_target, "target")):
        placed = sorted(
            ((positions[place.message_id], place) for place in thread if place.message_id in positions),
            key=lambda one: one[0],
        )
        _read_again(work, case, placed, merge.moved["reads"], name, after)
        case.last_position = max(positions.values(), default=0)
        case.last_inbound_position = max((n for n, place in placed if place.is_inbound), default=0)
    return come


def _still(positions: dict[int, int], there: set[int]) -> dict[int, int]:
    return {message_id: position for message_id, position in positions.items() if message_id in there}


def _read_again(
    work: Work,
    case: Case,
    placed: list[tuple[int, Place]],
    reads: dict[str, Any],
    name: str,
    now: dict[int, int],
) -> None:
    """As it was for those who have not read on since; for the others up to the first unread message."""
    before, after = dict(reads[name]), dict(reads["after"])
    again = dict(before)
    for agent_id, position in now.items():
        if after.get(agent_id) != position:
            seen = {place.message_id for _, place in placed if place.position <= position}
            again[agent_id] = read_to(placed, seen)
    write_reads(work.session, case.id, again)


def _belongings_back(work: Work, merge: CaseMerge, merged: Case, target: Case) -> None:
    for noun, name in ((Conversation, "conversations"), (Outbox, "outbox"), (Inbox, "inbox")):
        repoint(work.session, noun, merge.moved[name], merged.id)
    drafts_back(work.session, merge.moved["drafts"], target.id, merged.id)
    scheduled_back(work.session, merge.moved.get("scheduled", []), target.id, merged.id)
    remove_watchers(work.session, target.id, merge.moved["watchers"])


def _live_on(work: Work, merged: Case, come: list[Place]) -> None:
    """A case that came back with new words of the customer is open; its agent goes on with it."""
    inbound = [place for place in come if place.is_inbound]
    if inbound:
        merged.customer_wrote(inbound[-1].at, merged.last_inbound_position)
    if merged.is_active:
        keep_or_free(work, merged)


def _tell(work: Work, merge: CaseMerge, merged: Case, target: Case) -> None:
    who = work.actor.name
    sentence = f"{who} merged case {merged.id} (“{merged.subject[:200]}”) into this case."
    add_event(work, target, sentence)
    note_change(work, target, "merge", sentence, after=merged.id)
    note_change(work, merged, "merge", f"{who} merged this case into case {target.id}.", after=target.id)
    audit(work, "cases merged", f"case:{target.id}", {"merged": merged.id, "merge": merge.id})
    _record(work, merge, target)


def _tell_undone(work: Work, merge: CaseMerge, merged: Case, target: Case) -> None:
    who = work.actor.name
    sentence = f"{who} took case {merged.id} out of this case again."
    add_event(work, target, sentence)
    note_change(work, target, "merge", sentence, before=merged.id)
    note_change(
        work, merged, "merge", f"{who} took this case out of case {target.id} again.", before=target.id
    )
    audit(work, "case merge undone", f"case:{target.id}", {"merged": merged.id, "merge": merge.id})
    _record(work, merge, target)


def _record(work: Work, merge: CaseMerge, target: Case) -> None:
    work.record(
        CaseMerged(
            case_id=target.id,
            queue_id=target.queue_id,
            assignee_id=target.assignee_id,
            merged_id=merge.merged_id,
            merge_id=merge.id,
            undone=merge.undone_at is not None,
        )
    )
