"""Reminders: made, moved, done, dropped and taken back by the person whose they are, and told in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.events import ReminderChanged, ReminderDue
from desk.model.permission import Permission
from desk.model.reminder import LONGEST_WORD, Reminder
from desk.store.people.reminders import count_reminders, hold_due_reminders, open_reminders, own_reminder
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work

MOST_OPEN = 500
FURTHEST = timedelta(days=5 * 366)


def remind(work: Work, at: datetime, word: str, case_id: int | None = None) -> dict[str, Any]:
    """Tell the actor again, at this time, of a case they see or of something else; the reminder.

    Raises Invalid in words for a time that is over or too far away, and for no word; NotFound for a case that
    they do not see; Conflict where they have very many.
    """
    agent_id = _who(work)
    if case_id is not None and case_id not in seen_among(work.session, work.actor, {case_id}):
        raise NotFound(f"There is no case {case_id}.")
    if count_reminders(work.session, agent_id, work.now).open >= MOST_OPEN:
        raise Conflict(f"You have {MOST_OPEN} reminders. Finish or delete some, and try again.")
    made = Reminder(
        agent_id=agent_id, word=_word(word), at=_to_come(work, at), made_at=work.now, case_id=case_id
    )
    work.session.add(made)
    return _done(work, made)


def change_reminder(
    work: Work,
    reminder_id: int,
    *,
    at: datetime | None = None,
    word: str | None = None,
    done: bool | None = None,
) -> dict[str, Any]:
    """Move it, say it otherwise, be done with it, or have it back that was done or dropped. Moved, it is told
    again. Raises NotFound for one that is not the actor's, and Invalid.
    """
    found = _own(work, reminder_id)
    if at is not None:
        found.at, found.told_at = _to_come(work, at), None
    if word is not None:
        found.word = _word(word)
    if done is not None:
        found.ended_at, found.dropped = (work.now if done else None), False
    return _done(work, found)


def drop_reminder(work: Work, reminder_id: int) -> None:
    """It is wanted no more. Raises NotFound."""
    found = _own(work, reminder_id)
    found.ended_at, found.dropped = found.ended_at or work.now, True
    _done(work, found)


def reminders_shown(work: Work) -> dict[str, Any]:
    """`{now, rows}`: the actor's own, the first to come first; of a case they see no more, only that it is
    one.
    """
    rows = open_reminders(work.session, _who(work), MOST_OPEN)
    seen = seen_among(work.session, work.actor, {row.case_id for row in rows if row.case_id is not None})
    shown = []
    for row in rows:
        told = dict(row._mapping) | {"opens": row.case_id in seen}
        shown.append(told if told["opens"] else told | {"subject": None, "customer": None})
    return {"now": work.now, "rows": shown}


def reminders_counted(work: Work, agent_id: int) -> dict[str, int]:
    """`{open, due}` of a person: all that others learn of their reminders."""
    return dict(count_reminders(work.session, agent_id, work.now)._mapping)


def tell_reminders(work: Work, limit: int) -> int:
    """Tell those whose time has come, each to its person; how many."""
    due = hold_due_reminders(work.session, work.now, limit)
    for one in due:
        one.told_at = work.now
        work.record(ReminderDue(agent_id=one.agent_id, reminder_id=one.id))
    return len(due)


def _who(work: Work) -> int:
    work.require(Permission.READ_CASES)
    if work.actor.agent_id is None:
        raise Forbidden("Reminders are for people; sign in as one.")
    return work.actor.agent_id


def _own(work: Work, reminder_id: int) -> Reminder:
    found = own_reminder(work.session, _who(work), reminder_id)
    if found is None:
        raise NotFound(f"You have no reminder {reminder_id}.")
    return found


def _word(word: str) -> str:
    said = word.strip()
    if not said or len(said) > LONGEST_WORD:
        raise Invalid(f"Say in 1 to {LONGEST_WORD} characters what you want to be reminded of.", "word")
    return said


def _to_come(work: Work, at: datetime) -> datetime:
    if at <= work.now:
        raise Invalid("That time is over. Choose one that is still to come.", "at")
    if at > work.now + FURTHEST:
        raise Invalid("A reminder reaches five years ahead. Choose a nearer day.", "at")
    return at


def _done(work: Work, reminder: Reminder) -> dict[str, Any]:
    work.session.flush()
    work.record(ReminderChanged(agent_id=reminder.agent_id, reminder_id=reminder.id))
    return {
        "id": reminder.id,
        "word": reminder.word,
        "at": reminder.at,
        "case_id": reminder.case_id,
        "told_at": reminder.told_at,
        "ended_at": reminder.ended_at,
    }
