"""A policy tried on what waits at this moment: what it would do otherwise than the one in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from desk.actions.routing.floor import Floor, the_floor
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.routing.board import Board
from desk.routing.floor import InLine, board_of, hand_out, minute
from desk.routing.policy import Policy
from desk.routing.policy_text import read_policy
from desk.routing.standing import Standing
from desk.store.routing.queues import waiting_now
from desk.store.unit_of_work import Work

MOST_TRIED = 2000
MOST_MOVED = 10


def try_policy(work: Work, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{waiting, left_out, lines, moved, in_force, tried}`; nothing is changed.

    `lines` has a row for each queue and channel in which something waits: who would be next, how
    many are held back by a rule, how many could be given at once. `moved` are the cases whose place
    changes most. Raises Invalid for a policy that cannot be, Forbidden.
    """
    work.require(Permission.READ_SETUP)
    policy = read_policy(orjson.dumps(body).decode())
    rows = waiting_now(work.session, MOST_TRIED + 1)
    floor = the_floor(work, case_ids=[row.id for row in rows[:MOST_TRIED]])
    cases = [floor.in_line(row) for row in rows[:MOST_TRIED] if row.id not in floor.offered]
    before, after = (_boarded(floor, cases, one, work) for one in (floor.policy, policy))
    offered = [case for case in cases if case.waiting.queue_id not in floor.pulled]
    places = (_places(before, work), _places(after, work))
    subjects = {row.id: row.subject for row in rows}
    return {
        "waiting": len(cases),
        "left_out": max(0, len(rows) - MOST_TRIED),
        "lines": _lines(floor, places, subjects),
        "moved": _moved(places, subjects),
        "in_force": _given(_boarded(floor, offered, floor.policy, work), work),
        "tried": _given(_boarded(floor, offered, policy, work), work),
    }


Places = Mapping[tuple[str, str], Sequence[Standing]]


def _boarded(floor: Floor, cases: Sequence[InLine], policy: Policy, work: Work) -> Board:
    return board_of(
        cases,
        floor.candidates,
        {None: (), **floor.skills},
        refused=floor.refused,
        live_expected=floor.live_expected(policy),
        policy=policy,
        now=work.now,
        overflow=floor.overflow(work.now),
    )


def _places(board: Board, work: Work) -> Places:
    at = minute(work.now)
    found: dict[tuple[str, str], list[Standing]] = {}
    for one in sorted(
        board.cases.all(at), key=lambda one: (-one.score(at), one.case.since, one.case.case_id)
    ):
        found.setdefault((one.case.line.topic, one.case.line.channel), []).append(one)
    return found


def _lines(floor: Floor, places: tuple[Places, Places], subjects: Mapping[int, str]) -> list[dict[str, Any]]:
    before, after = places
    return [
        {
            "queue": floor.queue_of(topic),
            "channel": ChannelKind(channel),
            "waiting": len(before[topic, channel]),
            "next": _named(before[topic, channel][0], subjects),
            "next_then": _named(after[topic, channel][0], subjects),
            "held": sum(one.held for one in before[topic, channel]),
            "held_then": sum(one.held for one in after[topic, channel]),
        }
        for topic, channel in sorted(before, key=lambda line: (floor.queue_of(line[0]), line[1]))
    ]


def _moved(places: tuple[Places, Places], subjects: Mapping[int, str]) -> list[dict[str, Any]]:
    before, after = (
        {one.case.case_id: place for line in side.values() for place, one in enumerate(line, start=1)}
        for side in places
    )
    moved = sorted(before, key=lambda case_id: (-abs(before[case_id] - after[case_id]), case_id))
    return [
        {
            "case_id": case_id,
            "subject": subjects[case_id],
            "place": before[case_id],
            "place_then": after[case_id],
        }
        for case_id in moved[:MOST_MOVED]
        if before[case_id] != after[case_id]
    ]


def _given(board: Board, work: Work) -> dict[str, int]:
    """How much could be given out at once, and how much of it to how many."""
    given = [one.chosen for one in hand_out(board, work.now) if one.chosen is not None]
    return {"offers": len(given), "agents": len({pair.agent.agent_id for pair in given})}


def _named(standing: Standing, subjects: Mapping[int, str]) -> dict[str, Any]:
    return {"case_id": standing.case.case_id, "subject": subjects[standing.case.case_id]}
