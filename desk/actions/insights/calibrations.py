"""Calibration: two who coach an agent judge one case, each alone, and then see both judgements side by side.

It is about how they judge: no figure of the agent's comes of it, and the agent is shown nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from desk.actions.cases.access import case_for
from desk.actions.setup.audit import audit
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.coaching import LEVELS, Calibration, CalibrationReview, Criterion
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.events import CalibrationChanged
from desk.model.permission import Permission
from desk.store.insights.calibrations import calibrations_of, coaches_of, hold_calibration, reviews_of
from desk.store.unit_of_work import Work

MOST = 200
LONGEST_TEXT = 4000


def calibrations_shown(work: Work) -> dict[str, Any]:
    """`{rows}`: those the actor judges in, the newest first. The other's judgement is in it only once both
    have given theirs.
    """
    return {"rows": _rows(work, _who(work))}


def calibration_shown(work: Work, calibration_id: int) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    rows = _rows(work, _who(work), calibration_id)
    if not rows:
        raise _not_there(calibration_id)
    return rows[0]


def reviewers_for(work: Work, case_id: int) -> dict[str, Any]:
    """`{agent, rows}`: whose work a case is, and with whom the actor can judge it. Raises as `calibrate`."""
    _, agent, others = _to_judge(work, case_id)
    return {
        "agent": {"id": agent.id, "name": agent.name},
        "rows": [{"id": one.id, "name": one.name} for one in others],
    }


def calibrate(work: Work, case_id: int, with_id: int) -> dict[str, Any]:
    """Judge a case together with another who coaches its agent; both are asked.

    Raises NotFound for a case the actor does not see, and Invalid where nobody has it or one of the two does
    not coach who has.
    """
    who = _who(work)
    case, agent, others = _to_judge(work, case_id)
    if with_id not in {one.id for one in others}:
        raise Invalid(f"Choose somebody else who coaches {agent.name}.", "with_id")
    made = Calibration(case_id=case.id, agent_id=agent.id, first_id=who, second_id=with_id, at=work.now)
    work.session.add(made)
    work.session.flush()
    audit(work, "calibration asked", f"agent:{agent.id}", {"calibration_id": made.id, "case_id": case.id})
    _tell(work, made, with_id, "asked")
    return calibration_shown(work, made.id)


def judge(work: Work, calibration_id: int, levels: Mapping[str, int | None], comment: str) -> dict[str, Any]:
    """The actor's judgement. It can be given anew until the other has given theirs as well; then it stands.

    Raises NotFound, Invalid for a criterion that is missing or unknown, and Conflict once both are given.
    """
    who, one = _held(work, calibration_id)
    if set(levels) != set(Criterion) or any(level not in (*LEVELS, None) for level in levels.values()):
        raise Invalid("Judge each criterion: not met, partly, met, or not tried by the case.", "levels")
    given = {review.reviewer_id: review for review in reviews_of(work.session, [one.id])[one.id]}
    if len(given) == len(one.reviewers):
        raise Conflict("Both have judged, and have seen each other's judgement: it stands as it is.")
    mine = given.get(who)
    if mine is None:
        mine = CalibrationReview(
            calibration_id=one.id, reviewer_id=who, levels=dict(levels), comment=comment, at=work.now
        )
        work.session.add(mine)
    else:
        mine.levels, mine.comment, mine.at = dict(levels), comment, work.now
    work.session.flush()
    audit(work, "calibration judged", f"agent:{one.agent_id}", {"calibration_id": one.id})
    if given.keys() | {who} == set(one.reviewers):
        _tell(work, one, _other(one, who), "judged")
    return calibration_shown(work, one.id)


def agree(work: Work, calibration_id: int, text: str) -> dict[str, Any]:
    """What both agreed on; the later word stands. Raises NotFound, and Conflict before both have judged."""
    _, one = _held(work, calibration_id)
    if len(reviews_of(work.session, [one.id])[one.id]) < len(one.reviewers):
        raise Conflict("Both judge first; then you can agree.")
    one.agreed = text or None
    audit(work, "calibration agreed", f"agent:{one.agent_id}", {"calibration_id": one.id})
    return calibration_shown(work, one.id)


def drop_calibration(work: Work, calibration_id: int) -> None:
    """Who asked for it takes it back. Raises NotFound, Forbidden, and Conflict once both have judged."""
    who, one = _held(work, calibration_id)
    if one.first_id != who:
        raise Forbidden("Only who asked for a calibration can take it back.")
    if len(reviews_of(work.session, [one.id])[one.id]) == len(one.reviewers):
        raise Conflict("Both have judged: it stands.")
    one.dropped_at = work.now
    audit(work, "calibration dropped", f"agent:{one.agent_id}", {"calibration_id": one.id})


def _who(work: Work) -> int:
    work.require(Permission.COACH)
    if work.actor.agent_id is None:
        raise Forbidden("Cases are judged by people; sign in as one.")
    return work.actor.agent_id


def _to_judge(work: Work, case_id: int) -> tuple[Case, Agent, list[Agent]]:
    """The case, whose work it is, and who else coaches them."""
    who = _who(work)
    case = case_for(work, case_id, to=Permission.COACH)
    agent = work.session.get(Agent, case.assignee_id) if case.assignee_id is not None else None
    if agent is None:
        raise Invalid("Nobody has this case: there is nobody's work to judge.", "case_id")
    coaches = coaches_of(work.session, agent.id)
    if who not in {one.id for one in coaches}:
        raise Invalid(f"You do not coach {agent.name}, whose case this is.", "case_id")
    return case, agent, [one for one in coaches if one.id != who]


def _held(work: Work, calibration_id: int) -> tuple[int, Calibration]:
    who = _who(work)
    one = hold_calibration(work.session, calibration_id)
    if one is None or who not in one.reviewers or one.dropped_at is not None:
        raise _not_there(calibration_id)
    return who, one


def _other(one: Calibration, who: int) -> int:
    return one.second_id if who == one.first_id else one.first_id


def _tell(work: Work, one: Calibration, agent_id: int, what: str) -> None:
    work.record(CalibrationChanged(agent_id=agent_id, calibration_id=one.id, what=what))


def _rows(work: Work, who: int, calibration_id: int | None = None) -> list[dict[str, Any]]:
    work.session.flush()
    found = calibrations_of(work.session, who, MOST, calibration_id=calibration_id)
    reviews = reviews_of(work.session, [row[0].id for row in found])
    return [_shown(who, row, reviews[row[0].id]) for row in found]


def _shown(who: int, row: Row[*tuple[Any, ...]], reviews: list[CalibrationReview]) -> dict[str, Any]:
    one, subject, agent, first, second = row
    given = {review.reviewer_id: review for review in reviews}
    both = len(given) == len(one.reviewers)
    names = dict(zip(one.reviewers, (first, second), strict=True))
    other = _other(one, who)
    return {
        "id": one.id,
        "case_id": one.case_id,
        "subject": subject,
        "agent": {"id": one.agent_id, "name": agent},
        "asked_by_me": one.first_id == who,
        "at": one.at,
        "state": "both" if both else "mine_given" if who in given else "mine_missing",
        "other_given": other in given,
        "mine": _judgement(given.get(who), names[who]),
        "other": _judgement(given.get(other) if both else None, names[other]),
        "differ": _differing(given[who], given[other]) if both else None,
        "agreed": one.agreed,
    }


def _judgement(review: CalibrationReview | None, name: str) -> dict[str, Any]:
    if review is None:
        return {"name": name, "levels": None, "comment": None, "at": None}
    return {"name": name, "levels": review.levels, "comment": review.comment, "at": review.at}


def _differing(mine: CalibrationReview, other: CalibrationReview) -> list[str]:
    return [name.value for name in Criterion if mine.levels[name] != other.levels[name]]


def _not_there(calibration_id: int) -> NotFound:
    return NotFound(f"There is no calibration {calibration_id} that you judge in.")
