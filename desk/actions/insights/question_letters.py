"""Letters of questions: a person has what customers ask mailed to them, all of it or a part, and ends it."""

from __future__ import annotations

from typing import Any

from desk.model.errors import Forbidden, Invalid, NotFound
from desk.model.goal import Rhythm
from desk.model.permission import Permission
from desk.model.question_letter import QuestionLetter
from desk.store.holds import hold
from desk.store.insights.question_letters import drop_letter, find_letter, letters_of
from desk.store.unit_of_work import Work

MOST = 10


def my_letters(work: Work) -> dict[str, Any]:
    """`{rows, next}` of `{id, rhythm, narrowed, asked_at}`: the caller's own."""
    return {"rows": [letter_plain(one) for one in letters_of(work.session, _person(work))], "next": None}


def ask_for_letter(work: Work, rhythm: Rhythm, narrowed: dict[str, Any]) -> QuestionLetter:
    """From the next Monday of the rhythm on; one that is there already is as good. Raises Invalid."""
    agent_id = _person(work)
    hold(work.session, f"question letters of {agent_id}")
    found = find_letter(work.session, agent_id, rhythm, narrowed)
    if found is not None:
        return found
    if len(letters_of(work.session, agent_id)) >= MOST:
        raise Invalid(f"You have {MOST} letters. End one of them before you ask for another.")
    letter = QuestionLetter(agent_id=agent_id, rhythm=rhythm, narrowed=narrowed, asked_at=work.now)
    work.session.add(letter)
    work.session.flush()
    return letter


def end_letter(work: Work, letter_id: int) -> None:
    """It is mailed no more. Raises NotFound for what is not the caller's."""
    if not drop_letter(work.session, _person(work), letter_id):
        raise NotFound("You have no such letter.")


def letter_plain(letter: QuestionLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "rhythm": letter.rhythm.value,
        "narrowed": letter.narrowed,
        "asked_at": letter.asked_at,
    }


def _person(work: Work) -> int:
    work.require(Permission.WATCH_FLOOR)
    if work.actor.agent_id is None:
        raise Forbidden("Letters go to persons.")
    return work.actor.agent_id
