"""Floors full of agents and lines full of cases, as hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, SkillAsked, Waiting
from desk.routing.floor import Asked, InLine

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNELS = (ChannelKind.EMAIL, ChannelKind.CHAT)
SKILLS = (SkillAsked(1, "billing", 3), SkillAsked(2, "Danish", 1))
QUEUES = (None, 1, 2, 3)

_counts = st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4))

asked = st.fixed_dictionaries(
    {queue_id: st.lists(st.sampled_from(SKILLS), unique=True).map(tuple) for queue_id in QUEUES[1:]}
).map(lambda queues: {None: (), **queues})
"""What each of the queues asks."""


@st.composite
def candidates(draw: st.DrawFn, most: int = 6) -> list[Candidate]:
    """A floor of up to `most` agents, in every role, state and load."""
    return [
        Candidate(
            agent_id=number,
            name=f"Agent {number}",
            role=draw(st.sampled_from([Role.AGENT, Role.AGENT, Role.MANAGER, Role.AUDITOR])),
            state=draw(st.sampled_from(PresenceState)),
            idle_since=NOON - timedelta(minutes=draw(st.integers(0, 90))),
            queue_ids=draw(st.frozensets(st.integers(1, 3))),
            assigned_only=draw(st.booleans()),
            levels=draw(st.dictionaries(st.integers(1, 2), st.integers(1, 5))),
            limits=dict.fromkeys(ChannelKind, 0) | draw(_counts),
            taken=draw(_counts),
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]


@st.composite
def line(draw: st.DrawFn, queues: Asked, most: int = 12) -> list[InLine]:
    """Up to `most` cases, each with what its queue asks for."""
    found = []
    for number in range(1, draw(st.integers(0, most)) + 1):
        queue_id = draw(st.sampled_from(QUEUES))
        waiting = Waiting(number, queue_id, draw(st.sampled_from(CHANNELS)), queues[queue_id])
        since = NOON - timedelta(minutes=draw(st.integers(0, 300)))
        due = draw(st.none() | st.integers(1, 300))
        found.append(
            InLine(
                waiting,
                since,
                None if due is None else since + timedelta(minutes=due),
                draw(st.sampled_from(["bronze", "silver", "gold", "platinum"])),
                draw(st.sampled_from(["low", "normal", "high", "urgent"])),
            )
        )
    return found


refusals = st.dictionaries(
    st.integers(1, 12),
    st.dictionaries(
        st.integers(1, 6), st.integers(0, 20).map(lambda minutes: NOON - timedelta(minutes=minutes))
    ),
)
