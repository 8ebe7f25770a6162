"""The laws of routing on the desk's own floor: roles, queues, skills, places and rests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.inbound import ChannelKind
from desk.model.permission import ROLES, Permission
from desk.model.presence import PresenceState
from desk.routing.board import Board
from desk.routing.decision import Decision
from desk.routing.eligibility import Candidate, Obstacle, Waiting, obstacle, rest_of
from desk.routing.explain import left_out, what_moved, why_chosen, why_waiting
from desk.routing.floor import Asked, InLine, board_of, hand_out, hand_to, minute
from desk.routing.known_policies import DESK, FIRST
from desk.routing.reason import recomputed, stored
from tests.unit.routing.strategies import NOON, asked, candidates, line, refusals


@dataclass(frozen=True)
class Scene:
    queues: Asked
    cases: list[InLine]
    agents: list[Candidate]
    refused: Mapping[int, Mapping[int, datetime]]

    def board(self) -> Board:
        return board_of(
            self.cases,
            self.agents,
            self.queues,
            refused=self.refused,
            live_expected={},
            policy=FIRST,
            now=NOON,
        )

    def agent(self, agent_id: int) -> Candidate:
        return next(one for one in self.agents if one.agent_id == agent_id)

    def waiting(self, decision: Decision) -> Waiting:
        assert decision.chosen is not None
        return next(c.waiting for c in self.cases if c.waiting.case_id == decision.chosen.case_id)


@st.composite
def scenes(draw: st.DrawFn, *, refusing: bool = True) -> Scene:
    queues = draw(asked)
    return Scene(queues, draw(line(queues)), draw(candidates()), draw(refusals) if refusing else {})


@given(scenes())
def test_nobody_absent_full_unskilled_or_without_right_is_ever_given_a_case(scene: Scene) -> None:
    for decision in hand_out(scene.board(), NOON):
        assert decision.chosen is not None
        chosen, waiting = scene.agent(decision.chosen.agent.agent_id), scene.waiting(decision)
        assert chosen.state is PresenceState.AVAILABLE
        assert Permission.WORK_CASES in ROLES[chosen.role]
        assert not chosen.assigned_only
        assert waiting.queue_id is None or waiting.queue_id in chosen.queue_ids
        assert all(chosen.levels[skill.skill_id] >= skill.minimum for skill in waiting.skills)


@given(scenes())
def test_nobody_is_given_more_than_their_places_and_no_case_twice(scene: Scene) -> None:
    decisions = list(hand_out(scene.board(), NOON))

    given_out = _places_given(scene, decisions)
    assert all(count <= scene.agent(a).free_places(channel) for (a, channel), count in given_out.items())
    assert len({scene.waiting(d).case_id for d in decisions}) == len(decisions)


@given(scenes(refusing=False))
def test_no_case_stays_that_somebody_could_still_take(scene: Scene) -> None:
    decisions = list(hand_out(scene.board(), NOON))

    taken = _places_given(scene, decisions)
    done = {scene.waiting(decision).case_id for decision in decisions}
    for case in scene.cases:
        if case.waiting.case_id not in done:
            assert all(
                obstacle(c, case.waiting) is not None
                or c.free_places(case.waiting.channel) == taken[c.agent_id, case.waiting.channel]
                for c in scene.agents
            )


@given(scenes(refusing=False))
def test_one_who_is_free_takes_the_case_that_stands_furthest_forward_of_what_they_may(scene: Scene) -> None:
    for agent in scene.agents:
        board, at = scene.board(), minute(NOON)
        standings = {one.case.case_id: one for one in board.cases.all(at)}
        first = next(hand_to(board, agent.agent_id, NOON), None)
        could = [c.waiting for c in scene.cases if obstacle(agent, c.waiting) is None]
        assert (first is None) == (not could)
        if first is not None and first.chosen is not None:
            skills = board.agents[agent.agent_id].skills
            best = max(
                standings[w.case_id].score(at) + skills[standings[w.case_id].case.line.topic].fit
                for w in could
            )
            given_score = first.chosen.score - first.chosen.of_agent["crowding"]
            assert abs(given_score - best) < 1e-9


@given(scenes(refusing=False))
def test_a_refusal_never_shuts_out_the_only_one_able_for_long(scene: Scene) -> None:
    for case in scene.cases:
        able = [c for c in scene.agents if obstacle(c, case.waiting) in (None, Obstacle.FULL)]
        if len(able) == 1:
            refused_at = {able[0].agent_id: NOON}
            rest = rest_of(able[0].agent_id, scene.agents, case.waiting, refused_at, FIRST)
            assert rest == timedelta(minutes=FIRST.short_rest_minutes)


@given(scenes())
def test_every_decision_has_its_sentence_and_recomputes_to_its_score(scene: Scene) -> None:
    for decision in hand_out(scene.board(), NOON):
        assert decision.chosen is not None
        names = {candidate.agent_id: candidate for candidate in scene.agents}
        sentence = why_chosen(decision, names, scene.waiting(decision), NOON)
        assert sentence.startswith(names[decision.chosen.agent.agent_id].name)
        assert any("due" in part for part in what_moved(decision))
        figures = stored(decision)["chosen"]
        assert abs(recomputed(figures) - figures["score"]) < 1e-9


@given(scenes())
def test_every_wait_has_its_sentence(scene: Scene) -> None:
    for case in scene.cases:
        sentence, _ = why_waiting(scene.agents, case.waiting, refused_at={}, policy=DESK, now=NOON)
        assert sentence.startswith("Still waiting: ")
        told = left_out(scene.agents, case.waiting, refused_at={}, policy=DESK, now=NOON)
        assert len(told) <= len(scene.agents)


def _places_given(scene: Scene, decisions: list[Decision]) -> Counter[tuple[int, ChannelKind]]:
    return Counter(
        (d.chosen.agent.agent_id, scene.waiting(d).channel) for d in decisions if d.chosen is not None
    )
