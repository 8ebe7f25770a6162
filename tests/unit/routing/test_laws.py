"""The laws of routing, for any floor and any line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.permission import ROLES, Permission
from desk.model.presence import PresenceState
from desk.routing.eligibility import Candidate, Obstacle, Waiting, eligible, obstacle
from desk.routing.explain import why_chosen, why_waiting
from desk.routing.patience import InLine, Lines, in_order, lead, overtaking_bound
from desk.routing.ranking import decide, hand_out, proficiency, ranked
from tests.unit.routing.strategies import NOON, candidates, line, refusals

Case = tuple[InLine, Waiting]
Refusals = Mapping[int, Mapping[int, datetime]]


@given(line(), candidates(), refusals)
def test_nobody_absent_full_unskilled_or_without_right_is_ever_given_a_case(
    cases: list[Case], floor: list[Candidate], refused: Refusals
) -> None:
    for decision in hand_out(cases, floor, refused=refused, now=NOON):
        chosen, waiting = decision.chosen, decision.waiting
        assert chosen.state is PresenceState.AVAILABLE
        assert Permission.WORK_CASES in ROLES[chosen.role]
        assert not chosen.assigned_only
        assert waiting.queue_id is None or waiting.queue_id in chosen.queue_ids
        assert all(chosen.levels[skill.skill_id] >= skill.minimum for skill in waiting.skills)


@given(line(), candidates(), refusals)
def test_nobody_is_given_more_than_their_places_and_no_case_twice(
    cases: list[Case], floor: list[Candidate], refused: Refusals
) -> None:
    decisions = hand_out(cases, floor, refused=refused, now=NOON)

    given_out = Counter((d.chosen.agent_id, d.waiting.channel) for d in decisions)
    by_id = {candidate.agent_id: candidate for candidate in floor}
    assert all(count <= by_id[a].free_places(channel) for (a, channel), count in given_out.items())
    assert len({d.waiting.case_id for d in decisions}) == len(decisions)


@given(line(), candidates())
def test_no_case_stays_that_somebody_could_still_take(cases: list[Case], floor: list[Candidate]) -> None:
    decisions = hand_out(cases, floor, refused={}, now=NOON)

    taken = Counter((d.chosen.agent_id, d.waiting.channel) for d in decisions)
    done = {d.waiting.case_id for d in decisions}
    for _, waiting in cases:
        if waiting.case_id not in done:
            assert all(
                obstacle(c, waiting) is not None
                or c.free_places(waiting.channel) == taken[c.agent_id, waiting.channel]
                for c in floor
            )


@given(line(), candidates(), refusals)
def test_the_heaps_hand_out_what_a_full_scan_would(
    cases: list[Case], floor: list[Candidate], refused: Refusals
) -> None:
    by_heaps = hand_out(cases, floor, refused=refused, now=NOON)

    by_scan = []
    now_on_floor = {candidate.agent_id: candidate for candidate in floor}
    asked = {waiting.case_id: waiting for _, waiting in cases}
    for standing in in_order(standing for standing, _ in cases):
        decision = decide(
            tuple(now_on_floor.values()),
            asked[standing.case_id],
            refused_at=refused.get(standing.case_id, {}),
            now=NOON,
        )
        if decision is None:
            continue
        by_scan.append(decision)
        now_on_floor = {c.agent_id: c for c in _one_more(now_on_floor, decision.chosen, decision.waiting)}
    assert by_heaps == by_scan


@given(line())
def test_several_lines_give_the_same_head_as_one_sorted_list(cases: list[Case]) -> None:
    lines = Lines()
    for standing, waiting in cases:
        lines.join(waiting.queue_id, standing)

    queues = {waiting.queue_id for _, waiting in cases}
    taken = [lines.take(queues) for _ in cases]
    assert taken == in_order(standing for standing, _ in cases)
    assert lines.take(queues) is None


moments = st.integers(0, 10_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
leads = st.builds(lead, st.sampled_from(Tier), st.sampled_from(Priority))


@given(moments, leads, moments, leads)
def test_nobody_passes_a_case_from_beyond_its_overtaking_bound(
    since: datetime, own: timedelta, other_since: datetime, other: timedelta
) -> None:
    case, later = InLine(1, since, own), InLine(2, other_since, other)

    passed = in_order([case, later])[0] is later
    assert not (passed and other_since > since + overtaking_bound(own))
    assert not (passed and other_since > since + (other - own))


@given(st.integers(-100, 10_000), st.sampled_from(Priority))
def test_a_tier_moves_a_case_forward_by_its_minutes_and_never_backward(
    minutes: int, priority: Priority
) -> None:
    plain = lead(Tier.BRONZE, priority, {})
    moved = lead(Tier.GOLD, priority, {Tier.GOLD: minutes}) - plain

    assert timedelta(0) <= moved <= timedelta(minutes=max(minutes, 0))


@given(candidates(), line(most=1))
def test_a_lower_rank_is_never_more_proficient_nor_freer_at_the_same_skill(
    floor: list[Candidate], cases: list[Case]
) -> None:
    for _, waiting in cases:
        order = ranked(floor, waiting)
        for better, worse in pairwise(order):
            assert proficiency(better, waiting) >= proficiency(worse, waiting)
            if proficiency(better, waiting) == proficiency(worse, waiting):
                assert better.free_places(waiting.channel) >= worse.free_places(waiting.channel)


@given(candidates(), line(most=1), refusals)
def test_a_refusal_never_shuts_out_the_only_one_able_for_long(
    floor: list[Candidate], cases: list[Case], refused: Refusals
) -> None:
    for standing, waiting in cases:
        able = [c for c in floor if obstacle(c, waiting) in (None, Obstacle.FULL)]
        free = [c for c in able if obstacle(c, waiting) is None]
        if len(able) == 1 and free:
            soon = NOON + timedelta(seconds=30)
            refused_at = refused.get(standing.case_id, {})
            assert eligible(floor, waiting, refused_at=refused_at, now=soon) == free


@given(line(), candidates(), refusals)
def test_every_decision_and_every_wait_has_its_sentence(
    cases: list[Case], floor: list[Candidate], refused: Refusals
) -> None:
    decisions = hand_out(cases, floor, refused=refused, now=NOON)

    for decision in decisions:
        sentence = why_chosen(decision, NOON)
        assert sentence.startswith(decision.chosen.name)
        assert decision.runner_up is None or decision.runner_up.name in sentence
    for _, waiting in cases:
        sentence, _ = why_waiting(floor, waiting, refused_at={}, now=NOON)
        assert sentence.startswith("Still waiting: ")


def _one_more(floor: Mapping[int, Candidate], chosen: Candidate, waiting: Waiting) -> list[Candidate]:
    held = {**chosen.taken, waiting.channel: chosen.taken.get(waiting.channel, 0) + 1}
    return [replace(c, taken=held) if c.agent_id == chosen.agent_id else c for c in floor.values()]
