"""What a screen has missed: the changes since a position, with the rights of now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desk.model.change import Change, changes_of, rooms_of
from desk.model.events import event_from
from desk.store.journal import last_position, relayed_since
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work

MOST = 500


@dataclass(frozen=True, slots=True)
class Missed:
    """`reload` asks the screen to fetch everything it shows: what it missed is too much to tell."""

    position: int
    reload: bool
    changes: list[dict[str, Any]]


def changes_since(work: Work, since: int) -> Missed:
    """Everything the actor may know of that was relayed after `since`."""
    entries = relayed_since(work.session, since, MOST + 1)
    if len(entries) > MOST:
        return Missed(last_position(work.session), reload=True, changes=[])
    if not entries:
        # What is relayed between the two questions has been told to nobody: no screen may take it for heard.
        position = last_position(work.session)
        return Missed(min(since, position), reload=since > position, changes=[])
    changes = []
    for entry in entries:
        event = event_from(entry.kind, entry.payload)
        if event is not None and entry.trouble is None:
            changes += changes_of(event, entry.position or 0)
    return Missed(entries[-1].position or 0, reload=False, changes=_for_actor(work, changes))


def _for_actor(work: Work, changes: list[Change]) -> list[dict[str, Any]]:
    """Those told to a room of the actor's, and those about a case the actor sees, such as a watched one."""
    rooms = rooms_of(work.actor)
    unsure = {change.case_id for change in changes if change.case_id and rooms.isdisjoint(change.rooms)}
    seen = seen_among(work.session, work.actor, unsure)
    return [
        change.payload for change in changes if not rooms.isdisjoint(change.rooms) or change.case_id in seen
    ]
