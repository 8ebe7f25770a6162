"""Which of the agents who can take a case is given it, and a whole floor's work handed out at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from desk.model.inbound import ChannelKind
from desk.routing.eligibility import Candidate, Waiting, eligible, obstacle
from desk.routing.patience import InLine, Lines


@dataclass(frozen=True)
class Decision:
    """One case for one agent, with all that was known: enough to explain it, and to make it again.

    `candidates` are as they were at the decision, the chosen one included.
    """

    waiting: Waiting
    chosen: Candidate
    runner_up: Candidate | None
    candidates: tuple[Candidate, ...]
    refused_at: Mapping[int, datetime] = field(default_factory=dict)


def proficiency(candidate: Candidate, waiting: Waiting) -> int:
    """The sum of the levels of the skills asked; 0 where none is asked."""
    return sum(candidate.levels.get(skill.skill_id, 0) for skill in waiting.skills)


def ranked(candidates: Iterable[Candidate], waiting: Waiting) -> list[Candidate]:
    """Most proficient first; then the freest; then whoever has waited longest for work."""
    return sorted(
        candidates,
        key=lambda c: (
            -proficiency(c, waiting),
            -c.free_places(waiting.channel),
            c.idle_since,
            c.agent_id,
        ),
    )


def decide(
    candidates: Sequence[Candidate],
    waiting: Waiting,
    *,
    refused_at: Mapping[int, datetime],
    now: datetime,
) -> Decision | None:
    """Who is given this case now; None while nobody can be."""
    order = ranked(eligible(candidates, waiting, refused_at=refused_at, now=now), waiting)
    if not order:
        return None
    return Decision(
        waiting=waiting,
        chosen=order[0],
        runner_up=order[1] if len(order) > 1 else None,
        candidates=tuple(candidates),
        refused_at=refused_at,
    )


def hand_out(
    cases: Iterable[tuple[InLine, Waiting]],
    candidates: Iterable[Candidate],
    *,
    refused: Mapping[int, Mapping[int, datetime]],
    now: datetime,
) -> list[Decision]:
    """Give the cases out in the order they wait; each takes a place of its agent before the next.

    `refused` is by case, then by agent. A case nobody can be given holds up no other, and a line
    is left as soon as nobody has a place for it.
    """
    lines, asked = Lines(), dict[int, Waiting]()
    for standing, waiting in cases:
        asked[standing.case_id] = waiting
        lines.join(waiting.signature, standing)
    floor = {candidate.agent_id: candidate for candidate in candidates}
    open_lines = {waiting.signature for waiting in asked.values()}
    decisions = []
    while (first := lines.take(open_lines)) is not None:
        waiting = asked[first.case_id]
        everybody = tuple(floor.values())
        if all(obstacle(candidate, waiting) for candidate in everybody):
            open_lines.discard(waiting.signature)
            continue
        decision = decide(everybody, waiting, refused_at=refused.get(waiting.case_id, {}), now=now)
        if decision is not None:
            decisions.append(decision)
            floor[decision.chosen.agent_id] = _with_one_more(decision.chosen, waiting.channel)
    return decisions


def _with_one_more(candidate: Candidate, channel: ChannelKind) -> Candidate:
    return replace(candidate, taken={**candidate.taken, channel: candidate.taken.get(channel, 0) + 1})
