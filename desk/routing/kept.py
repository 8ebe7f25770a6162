"""What the desk kept of a contact, and the minutes that its agent spent on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from desk.routing.policy import Policy

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class KeptContact:
    """A contact as it was kept; moments are minutes since the period began.

    `worked` is from joining to the end of a chat, else from acceptance to the answer; `left_at` is
    when somebody whom nobody had answered was gone. `came_back`: it was reopened after it was resolved.
    `hard_after` is how long the first level had it before it was raised for what it is, None where it was
    not.
    """

    number: int
    at: float
    channel: str
    topic: str
    tier: str
    worth: float | None = None
    target: float | None = None
    agent_id: int | None = None
    worked: Span | None = None
    left_at: float | None = None
    came_back: bool = False
    hard_after: float | None = None


def minutes_spent(kept: Sequence[KeptContact], policy: Policy) -> Mapping[int, float]:
    """Minutes of work at the agent's own speed, by contact; none for what nobody did.

    Live work shares its agent while it overlaps. What can wait is answered one by one: its minutes begin when
    it was accepted, or when the agent's answer before it was sent, whichever is later.
    """
    live: dict[int, list[KeptContact]] = defaultdict(list)
    others: dict[int, list[KeptContact]] = defaultdict(list)
    for one in kept:
        if one.worked is None or one.agent_id is None or one.worked[1] <= one.worked[0]:
            continue
        (live if policy.rule(one.channel).live else others)[one.agent_id].append(one)
    found: dict[int, float] = {}
    for talks in live.values():
        found |= _shared(talks, policy)
    for answers in others.values():
        found |= _one_by_one(answers)
    return found


def _one_by_one(answers: Sequence[KeptContact]) -> dict[int, float]:
    found: dict[int, float] = {}
    before = -inf
    ends = sorted((one.worked[1], one.worked[0], one.number) for one in answers if one.worked is not None)
    for done, begun, number in ends:
        found[number] = done - max(begun, before)
        before = done
    return found


def _shared(talks: Sequence[KeptContact], policy: Policy) -> dict[int, float]:
    """With n at once each gets e(n) / n of the time, as in the simulation."""
    events = sorted(
        (moment, step, one.number)
        for one in talks
        if one.worked is not None
        for moment, step in ((one.worked[0], 1), (one.worked[1], -1))
    )
    found = {one.number: 0.0 for one in talks}
    going_on: set[int] = set()
    before = 0.0
    for moment, step, number in events:
        if going_on:
            share = (moment - before) * policy.pace(len(going_on)) / len(going_on)
            for other in going_on:
                found[other] += share
        before = moment
        if step > 0:
            going_on.add(number)
        else:
            going_on.discard(number)
    return found
