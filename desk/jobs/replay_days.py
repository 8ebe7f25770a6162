"""A replay that a manager asked for: days read, told again under both policies, and the result kept."""

from __future__ import annotations

from dataclasses import replace

import orjson
import structlog

from desk.actions.routing.policy_replays import SEEDS, begin_replay, finish_replay, note_progress
from desk.actions.routing.replay import recorded_days
from desk.model.errors import DeskError
from desk.model.permission import system
from desk.model.routing_policy import PolicyReplay
from desk.routing.policy_text import read_policy
from desk.routing.simulation.comparison import compared, room_told, rules_told
from desk.routing.simulation.trials import side_by_side
from desk.store.unit_of_work import Store

REPLAYER = system("replayer")
log = structlog.get_logger()


def replay_days(store: Store) -> int:
    """Do the replay that waits, if one does; safe to run twice. Trouble is kept in words with it."""
    with store.unit_of_work(REPLAYER) as work:
        replay = begin_replay(work)
    if replay is None:
        return 0
    try:
        result = _result(store, replay)
    except DeskError as refused:
        _finish(store, replay.id, problem=str(refused))
    except Exception:
        log.exception("replay_failed", replay=replay.id)
        _finish(store, replay.id, problem="Something went wrong while the days were replayed; see the log.")
    else:
        _finish(store, replay.id, result=result)
    return 1


def _result(store: Store, replay: PolicyReplay) -> dict[str, object]:
    before, after = (read_policy(orjson.dumps(body).decode()) for body in replay.bodies)
    before, after = replace(before, name="before"), replace(after, name="after")
    with store.reading(REPLAYER) as work:
        days = recorded_days(work, replay.first, replay.last)

    def progress(done: int, _: int) -> None:
        with store.unit_of_work(REPLAYER) as work:
            note_progress(work, replay.id, done)

    # One at a time: this process is to take a single core, and the lowest in rank.
    runs = side_by_side(days.scenario, [before, after], range(SEEDS), progress=progress, jobs=1)
    result = compared(days.scenario, runs["before"], runs["after"], seeds=SEEDS)
    return result | {
        "words": [*result["words"], *room_told(before, after, sorted(days.scenario.channels))],
        "read": {
            "measured": days.measured,
            "capped": days.capped,
            "assumed": days.assumed,
            "left_out": dict(days.left_out),
            "rules": rules_told(days.scenario),
        },
    }


def _finish(
    store: Store, replay_id: int, *, result: dict[str, object] | None = None, problem: str | None = None
) -> None:
    with store.unit_of_work(REPLAYER) as work:
        finish_replay(work, replay_id, result=result, problem=problem)
