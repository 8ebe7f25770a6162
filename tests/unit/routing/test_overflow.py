"""Overflow: when a case may be taken by those of another queue, and by nobody of them sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.decision import Block
from desk.routing.eligibility import Candidate, SkillAsked, Waiting
from desk.routing.explain import helped_by
from desk.routing.floor import InLine, board_of, hand_out, hand_to, holds_of
from desk.routing.known_policies import DESK, FIRST
from desk.routing.overflow import Cause, Overflow, Overflows, overflows

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
SUPPORT, BILLING = 1, 2
ASKED = {None: (), SUPPORT: (SkillAsked(7, "returns", 2),), BILLING: ()}
CASE = Waiting(1, SUPPORT, ChannelKind.EMAIL, ASKED[SUPPORT])
TEN = Overflow(BILLING, "Billing", minutes=10)


def agent(
    number: int, name: str, queue_id: int, state: PresenceState = PresenceState.AVAILABLE, **more: int
) -> Candidate:
    return Candidate(
        agent_id=number,
        name=name,
        role=Role.AGENT,
        state=state,
        idle_since=NOON,
        queue_ids=frozenset({queue_id}),
        levels={7: more.get("level", 4)} if queue_id == SUPPORT else {},
        limits=dict.fromkeys(ChannelKind, more.get("places", 3)),
        taken=dict.fromkeys(ChannelKind, 0),
    )


ADA, BEN = agent(1, "Ada", SUPPORT), agent(2, "Ben", BILLING)
FULL = replace(ADA, limits=dict.fromkeys(ChannelKind, 0))
AWAY = replace(ADA, state=PresenceState.AWAY)


def given_to(candidates: list[Candidate], overflow: Overflow, *, waited: float) -> list[int]:
    """Whom a case of Support that waited so many minutes is offered."""
    since = NOON - timedelta(minutes=waited)
    board = board_of(
        [InLine(CASE, since, since + timedelta(hours=1), "bronze", "normal")],
        candidates,
        ASKED,
        refused={},
        live_expected={},
        policy=FIRST,
        now=NOON,
        overflow={SUPPORT: overflow},
    )
    return [one.chosen.agent.agent_id for one in hand_out(board, NOON) if one.chosen]


def test_the_other_queue_is_asked_once_it_waited_long_enough_and_nobody_of_its_own_is_free() -> None:
    assert given_to([FULL, BEN], TEN, waited=9) == []
    assert given_to([FULL, BEN], TEN, waited=10) == [2]
    assert given_to([FULL, BEN], replace(TEN, minutes=0), waited=999) == []


def test_the_other_queue_is_asked_at_once_while_the_own_is_closed_or_nobody_of_it_is_here() -> None:
    closed = replace(TEN, closed_since=NOON - timedelta(hours=2))
    assert given_to([FULL, BEN], closed, waited=1) == [2]
    assert given_to([AWAY, BEN], TEN, waited=1) == [2]
    unskilled = replace(ADA, levels={7: 1})
    assert given_to([unskilled, BEN], TEN, waited=1) == [2]


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.none() | st.integers(0, 90),
    st.sampled_from([ADA, FULL, AWAY]),
)
def test_nobody_helps_out_sooner_than_told_and_nobody_idles_once_it_is(
    waited: int, minutes: int, closed: int | None, own: Candidate
) -> None:
    since = NOON - timedelta(minutes=waited)
    overflow = Overflow(
        BILLING, "Billing", minutes, None if closed is None else NOON - timedelta(minutes=closed)
    )
    over = overflows(overflow, CASE, since, [own, BEN], NOON)
    told = over is not None and over.at <= NOON
    assert over is None or over.at >= since
    asked = given_to([own, BEN], overflow, waited=waited)
    if own is ADA:
        assert asked == [1] or (told and asked == [2])
    else:
        assert asked == ([2] if told else [])


def test_whoever_helps_out_is_given_the_case_when_they_are_free_and_else_told_until_when_not() -> None:
    since = NOON - timedelta(minutes=4)
    board = board_of(
        [InLine(CASE, since, since + timedelta(hours=1), "bronze", "normal")],
        [FULL, BEN],
        ASKED,
        refused={},
        live_expected={},
        policy=DESK,
        now=NOON,
        overflow={SUPPORT: TEN},
    )
    held = holds_of(board, 1, [2], NOON)
    assert held is not None
    [block] = held.blocked
    assert (block.rule, block.until) == (Block.OVERFLOW, (since + timedelta(minutes=10)).timestamp() / 60)
    assert list(hand_to(board, 2, NOON)) == []
    later = NOON + timedelta(minutes=6)
    board.cases.changed(later.timestamp() / 60)
    assert [one.chosen.case_id for one in hand_to(board, 2, later) if one.chosen] == [1]


def test_it_is_told_in_words_who_may_take_it_and_why() -> None:
    ago = NOON - timedelta(minutes=4)
    closed = replace(TEN, closed_since=ago)
    said = [
        helped_by(TEN, None, "Support", NOON),
        helped_by(TEN, Overflows(NOON + timedelta(minutes=3), Cause.WAITED), "Support", NOON),
        helped_by(TEN, Overflows(ago, Cause.WAITED), "Support", NOON),
        helped_by(closed, Overflows(ago, Cause.CLOSED), "Support", NOON),
        helped_by(TEN, Overflows(NOON, Cause.NOBODY), "Support", NOON),
    ]
    assert said == [
        "Billing may take it too while Support is closed or nobody of it is here",
        "Billing may take it too if it still waits in 3 min",
        "Billing may take it too, for 4 min now: it waited for 10 min",
        "Billing may take it too, for 4 min now: Support is closed",
        "Billing may take it too: nobody of Support is here",
    ]
