"""Why: a decision as it is stored, small, in numbers that lead to the same score again, and in minutes.

What is stored holds what went into the formula of `desk/routing/standing.py`, not only its parts:
`recomputed` makes the score of it anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import inf, log
from typing import Any

from desk.routing.decision import Blocked, Decision, Pair, pair_terms
from desk.routing.policy import Order, Policy
from desk.routing.standing import last_to_pass, lead_minutes, most_lead

MOST_BLOCKED = 4
"""So many rules in the way are stored one by one; the others are counted by rule."""


def stored(decision: Decision) -> dict[str, Any]:
    """The decision as plain values for JSON, under 1 KB: `chosen`; `runner_up`, only where it differs from
    the chosen; `blocked`, and `counts` by rule.
    """
    reason: dict[str, Any] = {"policy": decision.policy.name, "at": decision.at}
    if decision.chosen is not None:
        reason["chosen"] = _figures(decision.chosen, decision.policy, decision.at)
    if decision.chosen is not None and decision.runner_up is not None:
        figures = _figures(decision.runner_up, decision.policy, decision.at)
        reason["runner_up"] = {
            name: value for name, value in figures.items() if reason["chosen"][name] != value
        }
    if decision.drains_for is not None:
        reason["drains_for"] = decision.drains_for.case.case_id
    telling = sorted(
        decision.blocked, key=lambda one: (one.until == inf, one.until, one.agent_id, one.case_id)
    )
    reason["blocked"] = [_blocked(one) for one in telling[:MOST_BLOCKED]]
    reason["counts"] = dict(Counter(one.rule.value for one in decision.blocked))
    return reason


def recomputed(figures: Mapping[str, Any]) -> float:
    """J made anew from the stored figures of a pair."""
    if figures["order"] == Order.PRIORITY:
        return float(figures["priority"] + figures["waited"] + sum(figures["of_agent"].values()))
    lead = figures["lead_minutes"]
    past = figures["past_due"]
    waited = past / (figures["overdue_factor"] * lead) if figures["overdue"] else past / lead
    weight = log(figures["minute_cost"] / figures["agent_minutes"])
    moved = (figures["value_minutes"] + figures["priority_minutes"]) / lead
    return float(moved + weight + waited + sum(figures["of_agent"].values()))


def passers_until(decision: Decision) -> float | None:
    """Until when a case may begin to wait and still pass the chosen one; None when nobody was chosen."""
    if decision.chosen is None:
        return None
    case = decision.chosen.standing.case
    return last_to_pass(case, decision.policy, most_lead(decision.policy, case.line.channel))


def in_minutes(ahead: Mapping[str, float], behind: Mapping[str, float], lead: float) -> dict[str, float]:
    """What puts one pair before another, in minutes by part: as J is a sum, its parts are exact shares.

    `ahead` and `behind` are the parts of two scores, `lead` the lead minutes of the channel.
    """
    names = [*ahead, *(name for name in behind if name not in ahead)]
    return {
        name: lead * difference
        for name in names
        if (difference := ahead.get(name, 0.0) - behind.get(name, 0.0))
    }


def ahead_of_runner_up(decision: Decision) -> dict[str, float]:
    """By how many minutes of which part the chosen pair stood before the runner-up; empty without one."""
    if decision.chosen is None or decision.runner_up is None:
        return {}
    lead = decision.policy.rule(decision.chosen.standing.case.line.channel).lead_minutes
    if decision.policy.order is Order.PRIORITY:
        lead = 1.0
    return in_minutes(
        pair_terms(decision.chosen, decision.policy, decision.at),
        pair_terms(decision.runner_up, decision.policy, decision.at),
        lead,
    )


def _figures(pair: Pair, policy: Policy, at: float) -> dict[str, Any]:
    case, standing = pair.standing.case, pair.standing
    found: dict[str, Any] = {
        "case": case.case_id,
        "agent": pair.agent.agent_id,
        "score": pair.score,
        "order": policy.order.value,
        "of_agent": dict(pair.of_agent),
    }
    if policy.order is Order.PRIORITY:
        return found | {"priority": standing.base, "waited": at - case.since}
    rule = policy.rule(case.line.channel)
    return found | {
        "past_due": at - case.due,
        "overdue": standing.starts >= case.due,
        "value_minutes": lead_minutes(case, policy),
        "priority_minutes": policy.priority_minutes.get(case.priority, 0.0),
        "lead_minutes": rule.lead_minutes,
        "overdue_factor": policy.overdue_factor,
        "minute_cost": rule.minute_cost,
        "agent_minutes": policy.minutes_of_agent(case.line.channel),
    }


def _blocked(block: Blocked) -> dict[str, Any]:
    found: dict[str, Any] = {"rule": block.rule.value, "agent": block.agent_id, "case": block.case_id}
    if block.needs:
        found |= {"has": round(block.has, 3), "needs": round(block.needs, 3)}
    if block.topic:
        found["topic"] = block.topic
    if block.until < inf:
        found["until"] = block.until
    return found
