"""Every decision in words: why this agent, why this case, and while a case waits, why still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf

from desk.model.inbound import ChannelKind
from desk.model.presence import PresenceState
from desk.routing.decision import Block, Blocked, Decision
from desk.routing.eligibility import Candidate, Obstacle, Waiting, obstacle, rest_of
from desk.routing.floor import minute, usual_minutes
from desk.routing.overflow import Cause, Overflow, Overflows
from desk.routing.policy import Policy
from desk.routing.reason import ahead_of_runner_up
from desk.routing.standing import Standing, last_to_pass, lead_minutes, most_lead

MOST_NAMES = 5
"""How many agents a sentence names before it counts the rest."""

MOST_OFFLINE_NAMED = 2
LEAST_TOLD = 0.05
"""Minutes below which a part of a score is not worth a word."""

_TO_THEM = {
    Block.FULL: "for which you have no place left",
    Block.REFUSED: "that you passed on a short while ago",
    Block.KEPT: "kept a little longer for whoever knows the customer",
    Block.LEVEL: "for which more skill is asked as yet",
    Block.UNSKILLED: "for which you lack a skill",
}
_ABILITY = (Obstacle.NO_RIGHT, Obstacle.NOT_IN_QUEUE, Obstacle.UNSKILLED)
_PARTS = {
    "value": "customer value",
    "priority": "priority",
    "channel": "channel",
    "due": "due date",
    "waited": "waiting time",
    "fit": "agent fit",
    "crowding": "cases in hand",
    "load": "free hands",
    "knows": "knows the customer",
}


def why_chosen(
    decision: Decision, candidates: Mapping[int, Candidate], waiting: Waiting, now: datetime
) -> str:
    """“Ada: billing 4 of 5, 1 of 3 places taken, free for 12 min; before case 7: customer value +38 min”."""
    assert decision.chosen is not None
    chosen = candidates[decision.chosen.agent.agent_id]
    parts = [
        *(
            f"{skill.name} {chosen.levels[skill.skill_id]} of 5"
            for skill in waiting.skills
            if skill.skill_id in chosen.levels
        ),
        f"{_places(chosen, waiting.channel)} places taken",
        f"free for {span(now - chosen.idle_since)}",
    ]
    usual = usual_minutes(chosen, waiting, decision.policy)
    if usual is not None:
        cases = chosen.handled[waiting.queue_id].cases
        parts.append(f"usually {_span(max(1.0, round(usual)))} for such cases, from {cases} of theirs")
    return f"{chosen.name}: {', '.join(parts)}; {_against(decision, candidates, waiting)}"


def why_pulled(
    decision: Decision, candidates: Mapping[int, Candidate], waiting: Waiting, queue: str, now: datetime
) -> str:
    """“Ada asked for the next case of Returns: before case 7: customer value +38 min”."""
    assert decision.chosen is not None
    name = candidates[decision.chosen.agent.agent_id].name
    if decision.runner_up is None:
        return f"{name} asked for the next case of {queue}, and could take no other"
    return f"{name} asked for the next case of {queue}: {_against(decision, candidates, waiting)}"


def why_nothing(blocked: Iterable[Blocked]) -> list[str]:
    """Why somebody who asks for the next case gets none of what waits, said to them; by rule, most first."""
    counts = Counter(block.rule for block in blocked)
    return [f"{count} {_TO_THEM[rule]}" for rule, count in counts.most_common() if rule in _TO_THEM]


def helped_by(overflow: Overflow, over: Overflows | None, queue: str, now: datetime) -> str:
    """“Billing may take it too, for 4 min now: it has waited for 10 min”, or from when on."""
    if over is None:
        return f"{overflow.name} may take it too while {queue} is closed or nobody of it is here"
    if over.at > now:
        return f"{overflow.name} may take it too if it still waits in {span(over.at - now)}"
    if over.cause is Cause.NOBODY:
        return f"{overflow.name} may take it too: nobody of {queue} is here"
    why = f"{queue} is closed" if over.cause is Cause.CLOSED else f"it waited for {overflow.minutes} min"
    return f"{overflow.name} may take it too, for {span(now - over.at)} now: {why}"


def to_be_taken(candidates: Sequence[Candidate], waiting: Waiting, queue: str) -> str:
    """“Waits to be taken: nothing of Returns is offered; 2 agents have the skill, 1 of them is here”."""
    able = [c for c in candidates if obstacle(c, waiting) not in _ABILITY]
    if not able:
        return _nobody_able(candidates, waiting)
    here = sum(c.state is PresenceState.AVAILABLE for c in able)
    some = "nobody of them is here" if not here else f"{here} of them {'is' if here == 1 else 'are'} here"
    return f"Waits to be taken: nothing of {queue} is offered; {_how_many(able, waiting)}, {some}"


def what_moved(decision: Decision) -> list[str]:
    """What the chosen case's place came from, and who can still pass one like it."""
    assert decision.chosen is not None
    standing, policy = decision.chosen.standing, decision.policy
    return [*place_parts(standing, policy, decision.at), who_can_pass(standing, policy, decision.at)]


def place_parts(standing: Standing, policy: Policy, now: float) -> list[str]:
    """“Customer value moves it 20 min forward”, and when it is due; minutes of the case's channel."""
    case = standing.case
    moved = (
        ("Customer value", lead_minutes(case, policy)),
        ("Its priority", policy.priority_minutes.get(case.priority, 0.0)),
    )
    told = [
        f"{what} moves it {_span(abs(by))} {'forward' if by > 0 else 'back'}"
        for what, by in moved
        if abs(by) >= LEAST_TOLD
    ]
    left = case.due - now
    return [*told, f"It is due in {_span(left)}" if left > 0 else f"It has been due for {_span(-left)}"]


def who_can_pass(standing: Standing, policy: Policy, now: float) -> str:
    """Until when a case that comes could pass this one: the overtaking bound."""
    left = last_to_pass(standing.case, policy, most_lead(policy, standing.case.line.channel)) - now
    if left == inf:
        return "A case with more points can pass it, however late it comes"
    if left <= 0:
        return "No case that comes from now on can pass it"
    return f"A case that comes more than {_span(left)} from now cannot pass it, whatever it is worth"


def left_out(
    candidates: Sequence[Candidate],
    waiting: Waiting,
    *,
    refused_at: Mapping[int, datetime],
    policy: Policy,
    now: datetime,
) -> list[str]:
    """A sentence for everybody of the queue who was able in principle and could not be given it."""
    everybody = list(candidates)
    found = []
    for candidate in everybody:
        hindrance = obstacle(candidate, waiting)
        if hindrance in _ABILITY:
            continue
        if hindrance is not None:
            found.append(f"{candidate.name} is {_state(hindrance, candidate, waiting.channel)}")
        elif candidate.agent_id in refused_at:
            rest = rest_of(candidate.agent_id, everybody, waiting, refused_at, policy)
            again_at = refused_at[candidate.agent_id] + rest
            if again_at > now:
                found.append(f"{candidate.name} passed on it and is asked again in {span(again_at - now)}")
    return found


def why_waiting(
    candidates: Sequence[Candidate],
    waiting: Waiting,
    *,
    refused_at: Mapping[int, datetime],
    policy: Policy,
    now: datetime,
    holds: Iterable[Blocked] = (),
    queue_name: Callable[[str], str] = str,
) -> tuple[str, list[str]]:
    """“Still waiting: 2 agents have the skill; Ada is away, Ben is full (3 of 3)”, and each agent's line.

    `holds` are the rules of the policy that keep the case from whoever is free.
    """
    able = [c for c in candidates if obstacle(c, waiting) not in _ABILITY]
    if not able:
        return _nobody_able(candidates, waiting), []
    names = {c.agent_id: c.name for c in able if obstacle(c, waiting) is None}
    held = [
        sentence
        for block in holds
        if block.agent_id in names and (sentence := _hold(block, names, minute(now), queue_name))
    ]
    reasons = [*left_out(able, waiting, refused_at=refused_at, policy=policy, now=now), *held]
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


def _span(minutes: float) -> str:
    return span(timedelta(minutes=minutes + 1e-6))


def _against(decision: Decision, candidates: Mapping[int, Candidate], waiting: Waiting) -> str:
    chosen, other = decision.chosen, decision.runner_up
    assert chosen is not None
    if other is None:
        return "nobody else could take it"
    if other.case_id == chosen.case_id:
        return f"next would have been {_runner_up(candidates[other.agent.agent_id], waiting)}"
    parts = [
        f"{_PARTS[name]} {_signed(by)}"
        for name, by in ahead_of_runner_up(decision).items()
        if abs(by) >= LEAST_TOLD
    ]
    return f"before case {other.case_id}: {', '.join(parts) or 'it waits for longer'}"


def _signed(minutes: float) -> str:
    told = f"{minutes:+.0f} min" if abs(minutes) >= 1 else f"{minutes * 60:+.0f} s"
    return told.replace("-", "−")


def _hold(block: Blocked, names: Mapping[int, str], now: float, queue_name: Callable[[str], str]) -> str:
    name = names[block.agent_id]
    until = "" if block.until == inf else f" for at most {_span(block.until - now)}"
    match block.rule:
        case Block.RESERVE | Block.EMPTY_RESERVE:
            what = "seats" if block.rule is Block.RESERVE else "agents with empty hands"
            return (
                f"{name} is kept for live work{until}: {queue_name(block.topic)} has {block.has:.0f} {what}"
                f" free and needs {block.needs:.1f} for what is expected"
            )
        case Block.MATCH:
            return (
                f"{name} leaves it to somebody faster{until}:"
                f" {block.has:.2f} of the usual pace, {block.needs:.2f} is asked"
            )
        case Block.LEVEL:
            return f"{name} is asked once it has waited {_span(block.until - now)} more: fewer levels then do"
        case Block.KEPT:
            return f"It is kept for the agent who knows the customer{until}"
        case Block.FULL:
            return f"{name} has {block.has:.0f} units of attention left, and it takes {block.needs:.0f}"
        case _:
            return ""


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
