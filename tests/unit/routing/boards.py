"""Boards full of agents and cases, as hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from hypothesis import strategies as st

from desk.routing.at_work import AgentAtWork, Skill
from desk.routing.board import Board
from desk.routing.known_policies import POLICIES
from desk.routing.policy import CHANNELS, Policy, Relaxation
from desk.routing.standing import Line, WaitingCase

TOPICS = ("billing", "delivery", "returns")
CHANNEL_NAMES = ("chat", "sms", "email", "call")
TIERS = ("bronze", "silver", "gold", "platinum")
NOW = 500.0

RELAXING = replace(
    Policy(),
    name="relaxing",
    channels={
        name: replace(rule, asks=2, relax=(Relaxation(1.0), Relaxation(20.0, 2)), kept_minutes=5.0)
        for name, rule in CHANNELS.items()
    },
)

policies = st.sampled_from([*POLICIES.values(), RELAXING])

_skills = st.dictionaries(
    st.sampled_from(TOPICS),
    st.builds(Skill, speed=st.sampled_from([0.7, 0.8, 0.9, 1.0, 1.15]), margin=st.integers(-1, 3)),
    min_size=1,
)


@st.composite
def waiting_cases(draw: st.DrawFn, most: int = 14) -> list[WaitingCase]:
    """Up to `most` cases, some of them due long ago, some known to an agent, some refused by one."""
    return [
        WaitingCase(
            case_id=number,
            line=Line(draw(st.sampled_from(TOPICS)), draw(st.sampled_from(CHANNEL_NAMES))),
            since=(since := NOW - draw(st.integers(0, 400))),
            due=since + draw(st.sampled_from([0.5, 1.5, 15.0, 240.0])),
            value=draw(st.sampled_from([0.0, 0.4, 0.5, 1.0, 2.0, 20.0])),
            tier=draw(st.sampled_from(TIERS)),
            priority=draw(st.sampled_from(["low", "normal", "urgent"])),
            knows=draw(st.none() | st.integers(1, 4)),
            overflows_at=draw(st.sampled_from([inf, inf, since, NOW - 2, NOW + 2])),
            refused_until=draw(
                st.dictionaries(st.integers(1, 6), st.sampled_from([NOW - 1, NOW + 5]), max_size=2)
            ),
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]


@st.composite
def agents_at_work(draw: st.DrawFn, policy: Policy, most: int = 6) -> list[AgentAtWork]:
    """Up to `most` agents, here and away, with empty and with full hands."""
    found = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        skills = draw(_skills)
        agent = AgentAtWork(
            agent_id=number,
            skills=skills,
            overflow={topic: skill for topic, skill in draw(_skills).items() if topic not in skills},
            limits=draw(st.dictionaries(st.sampled_from(CHANNEL_NAMES), st.integers(0, 2), max_size=2)),
            available=draw(st.integers(0, 5)) > 0,
            idle_since=float(draw(st.integers(0, 3))),
            given_at=float(draw(st.integers(0, 3))),
        )
        for channel in draw(st.lists(st.sampled_from(CHANNEL_NAMES), max_size=3)):
            units = policy.rule(channel).units
            if agent.has_room(channel, units):
                agent.used, agent.held = agent.used + units, agent.held + 1
                agent.taken[channel] = agent.taken.get(channel, 0) + 1
        found.append(agent)
    return found


expectations = st.dictionaries(st.sampled_from(TOPICS), st.sampled_from([0.0, 0.3, 1.0, 4.0]))


@st.composite
def boards(draw: st.DrawFn, policy: st.SearchStrategy[Policy] = policies) -> Board:
    """A board at NOW: agents with what they hold, and cases of which some have changed phase meanwhile."""
    board = Board(draw(policy))
    board.put(draw(agents_at_work(board.policy)))
    board.expect(live=draw(expectations), whole=draw(expectations))
    for case in draw(waiting_cases()):
        board.join(case, draw(st.sampled_from([case.since, NOW])))
    board.cases.changed(NOW)
    return board
