"""Replays for managers: asked for, begun, told how far they are, and kept with what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson

from desk.actions.routing.floor import policy_in_force
from desk.actions.routing.replay import check_period, policy_kept
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.permission import Permission
from desk.model.routing_policy import PolicyReplay
from desk.routing.policy_text import write_policy
from desk.store.holds import hold
from desk.store.routing.policy_replays import keep_newest, newest_replays, unfinished_replay, waiting_replay
from desk.store.unit_of_work import Work

KEPT = 50
SEEDS = 3
"""So many samples of what was not recorded, for each of the two policies."""

ABANDONED = timedelta(minutes=30)
"""A replay that was begun so long ago and has no result was lost with whoever did it."""


def ask_for_replay(work: Work, first: date, last: date, version: int) -> dict[str, Any]:
    """Have a version compared with the one in force over these days, soon.

    Raises Invalid in words for a period that cannot be and for the version in force, NotFound, and
    Conflict while another replay is not finished.
    """
    work.require(Permission.EDIT_POLICIES)
    check_period(work, first, last)
    in_force = policy_in_force(work)
    if version == in_force.version:
        raise Invalid(f"Version {version} is in force itself; choose another to compare with it.", "version")
    tried = policy_kept(work, f"version:{version}")
    hold(work.session, "policy replay")
    if unfinished_replay(work.session) is not None:
        raise Conflict("Another replay is running. Wait for its result, and then ask again.")
    replay = PolicyReplay(
        asked_at=work.now,
        agent_id=work.actor.agent_id,
        first=first,
        last=last,
        in_force=in_force.version,
        tried=version,
        bodies=[orjson.loads(write_policy(one)) for one in (in_force.policy, tried)],
        total=2 * SEEDS,
    )
    work.session.add(replay)
    work.session.flush()
    keep_newest(work.session, KEPT)
    return _shown(replay)


def replays_shown(work: Work) -> list[dict[str, Any]]:
    """Those that are kept, the latest first, without their figures. Raises Forbidden."""
    work.require(Permission.READ_SETUP)
    return [_shown(one) | {"result": None} for one in newest_replays(work.session, KEPT)]


def replay_shown(work: Work, replay_id: int) -> dict[str, Any]:
    """One with its result. Raises NotFound, Forbidden."""
    work.require(Permission.READ_SETUP)
    replay = work.session.get(PolicyReplay, replay_id)
    if replay is None:
        raise NotFound(f"There is no replay {replay_id}; the oldest are forgotten.")
    return _shown(replay)


def begin_replay(work: Work) -> PolicyReplay | None:
    """Take the one that waits into our hands; None when there is none."""
    replay = waiting_replay(work.session, work.now - ABANDONED)
    if replay is not None:
        replay.started_at, replay.done = work.now, 0
    return replay


def note_progress(work: Work, replay_id: int, done: int) -> None:
    """So many samples are done."""
    replay = work.session.get(PolicyReplay, replay_id)
    if replay is not None:
        replay.done = done


def finish_replay(
    work: Work, replay_id: int, *, result: Mapping[str, Any] | None = None, problem: str | None = None
) -> None:
    """This came of it, or this is why nothing did."""
    replay = work.session.get(PolicyReplay, replay_id)
    if replay is not None:
        replay.result = dict(result) if result is not None else None
        replay.problem = problem[:500] if problem else None
        replay.finished_at = work.now


def _shown(one: PolicyReplay) -> dict[str, Any]:
    return {
        "id": one.id,
        "asked_at": one.asked_at,
        "first": one.first,
        "last": one.last,
        "in_force": one.in_force,
        "tried": one.tried,
        "done": one.done,
        "total": one.total,
        "finished_at": one.finished_at,
        "problem": one.problem,
        "result": one.result,
    }
