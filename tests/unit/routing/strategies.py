"""Floors full of agents and lines full of cases, as hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, SkillAsked, Waiting
from desk.routing.patience import InLine

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNELS = (ChannelKind.EMAIL, ChannelKind.CHAT)
SKILLS = (SkillAsked(1, "billing", 3), SkillAsked(2, "Danish", 1))

_counts = st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4))


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
            limits=draw(_counts),
            taken=draw(_counts),
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]


@st.composite
def line(draw: st.DrawFn, most: int = 12) -> list[tuple[InLine, Waiting]]:
    """Up to `most` cases, each with what it asks for."""
    return [
        (
            InLine(
                case_id=number,
                waiting_since=NOON - timedelta(minutes=draw(st.integers(0, 300))),
                lead=timedelta(minutes=draw(st.integers(0, 150))),
            ),
            Waiting(
                case_id=number,
                queue_id=draw(st.none() | st.integers(1, 3)),
                channel=draw(st.sampled_from(CHANNELS)),
                skills=tuple(draw(st.lists(st.sampled_from(SKILLS), unique=True))),
            ),
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]


refusals = st.dictionaries(
    st.integers(1, 12),
    st.dictionaries(
        st.integers(1, 6), st.integers(0, 20).map(lambda minutes: NOON - timedelta(minutes=minutes))
    ),
)
