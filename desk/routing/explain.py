"""Every decision in words: why this agent, and while a case waits, why still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from desk.model.inbound import ChannelKind
from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, Obstacle, Waiting, obstacle, rest_of
from desk.routing.ranking import Decision

MOST_NAMES = 5
"""How many agents a sentence names before it counts the rest."""

MOST_OFFLINE_NAMED = 2

_ABILITY = (Obstacle.NO_RIGHT, Obstacle.NOT_IN_QUEUE, Obstacle.UNSKILLED)


def why_chosen(decision: Decision, now: datetime) -> str:
    """“Ada: billing 4 of 5, 1 of 3 places taken, free for 12 min; next would have been Ben (billing 3)”."""
    waiting, chosen = decision.waiting, decision.chosen
    parts = [
        *(f"{skill.name} {chosen.levels.get(skill.skill_id, 0)} of 5" for skill in waiting.skills),
        f"{_places(chosen, waiting.channel)} places taken",
        f"free for {span(now - chosen.idle_since)}",
    ]
    sentence = f"{chosen.name}: {', '.join(parts)}"
    if decision.runner_up is None:
        return f"{sentence}; nobody else could take it"
    return f"{sentence}; next would have been {_runner_up(decision.runner_up, waiting)}"


def left_out(decision: Decision, now: datetime) -> list[str]:
    """A sentence for everybody of the queue who was able in principle and could not be given it."""
    return _hindrances(decision.candidates, decision.waiting, decision.refused_at, now)


def why_waiting(
    candidates: Sequence[Candidate],
    waiting: Waiting,
    *,
    refused_at: Mapping[int, datetime],
    now: datetime,
) -> tuple[str, list[str]]:
    """“Still waiting: 2 agents have the skill; Ada is away, Ben is full (3 of 3)”, and each agent's line."""
    able = [c for c in candidates if obstacle(c, waiting) not in _ABILITY]
    if not able:
        return _nobody_able(candidates, waiting), []
    reasons = _hindrances(able, waiting, refused_at, now)
    if not reasons:
        return "Still waiting: it will be offered in a moment", []
    return f"Still waiting: {_how_many(able, waiting)}; {_in_short(able, reasons)}", reasons


def span(time: timedelta) -> str:
    """A length of time as people say it: 40 s, 12 min, 3 h 5 min, 2 days."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days" if hours >= 48 else "1 day"


def _in_short(able: Sequence[Candidate], reasons: Sequence[str]) -> str:
    """Everybody by name while they are few; those who are offline counted once they are many."""
    offline = sum(candidate.state is PresenceState.OFFLINE for candidate in able)
    if offline == len(able) > 1:
        return "nobody of them is here"
    told = list(reasons)
    if offline > MOST_OFFLINE_NAMED:
        told = [*(one for one in reasons if not one.endswith(" is offline")), f"{offline} are offline"]
    more = len(told) - MOST_NAMES
    tail = [f"and {more} more cannot take it now"] if more > 0 else []
    return ", ".join([*told[:MOST_NAMES], *tail])


def _hindrances(
    candidates: Iterable[Candidate],
    waiting: Waiting,
    refused_at: Mapping[int, datetime],
    now: datetime,
) -> list[str]:
    everybody = list(candidates)
    found = []
    for candidate in everybody:
        hindrance = obstacle(candidate, waiting)
        if hindrance in _ABILITY:
            continue
        if hindrance is not None:
            found.append(f"{candidate.name} is {_state(hindrance, candidate, waiting.channel)}")
        elif candidate.agent_id in refused_at:
            again_at = refused_at[candidate.agent_id] + rest_of(
                candidate.agent_id, everybody, waiting, refused_at
            )
            if again_at > now:
                found.append(f"{candidate.name} passed on it and is asked again in {span(again_at - now)}")
    return found


def _state(hindrance: Obstacle, candidate: Candidate, channel: ChannelKind) -> str:
    if hindrance is Obstacle.FULL:
        return f"full ({_places(candidate, channel)})"
    return str(hindrance)


def _places(candidate: Candidate, channel: ChannelKind) -> str:
    return f"{candidate.taken.get(channel, 0)} of {candidate.limits.get(channel, 0)}"


def _runner_up(candidate: Candidate, waiting: Waiting) -> str:
    skills = ", ".join(f"{s.name} {candidate.levels.get(s.skill_id, 0)}" for s in waiting.skills)
    return f"{candidate.name} ({skills or _places(candidate, waiting.channel)})"


def _how_many(able: Sequence[Candidate], waiting: Waiting) -> str:
    count = "1 agent" if len(able) == 1 else f"{len(able)} agents"
    verb = "has" if len(able) == 1 else "have"
    if not waiting.skills:
        return f"{count} {'works' if len(able) == 1 else 'work'} this queue"
    return f"{count} {verb} the skill" + ("s" if len(waiting.skills) > 1 else "")


def _nobody_able(candidates: Iterable[Candidate], waiting: Waiting) -> str:
    if all(obstacle(c, waiting) is not Obstacle.UNSKILLED for c in candidates):
        return "Still waiting: no agent works this queue. Give it a team"
    asked = " and ".join(f"{s.name} (at least {s.minimum})" for s in waiting.skills)
    return f"Still waiting: nobody in its teams has {asked}"
