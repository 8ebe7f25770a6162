"""An effect that was planted is proven, one that was not is not, and each look is made once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from desk.actions.insights.proposal_board import board_shown
from desk.actions.insights.proposals import accept_proposal, put_in_effect
from desk.actions.insights.topics import merge_topics, take_back
from desk.jobs.measure_effects import history_of, measure_effects
from desk.model.errors import Conflict
from desk.model.proposal import EffectReading, Proposal, ProposalKind, ProposalState
from desk.store.insights.proposals import measured_effects, readings_of
from desk.store.unit_of_work import Store
from tests.integration.topics.planted import a_space, counted
from tests.people import MORNING, STAGE, Cast

BEFORE, AFTER = 63, 45
CHANGED = (MORNING + timedelta(days=BEFORE)).date()
NAMES = [f"{one}{other}" for one in ("apple", "birch", "cedar", "daisy", "elder") for other in "vwxyz"]


@pytest.fixture
def asked_for_months(store: Store) -> list[int]:
    """Twenty-five topics, six a day each; from the change on the first has two."""
    dice = np.random.default_rng(12)
    rates = np.full((len(NAMES), BEFORE + AFTER), 6.0)
    rates[0, BEFORE:] = 2
    with store.unit_of_work(STAGE, now=MORNING) as work:
        topics = a_space(work, NAMES)
    counted(store, topics, dice.poisson(rates), MORNING)
    return topics


def put(store: Store, cast: Cast, topic_id: int, kind: ProposalKind = ProposalKind.PROCESS_FIX) -> int:
    """A proposal of the topic that is in effect from the change on."""
    now = MORNING + timedelta(days=BEFORE)
    with store.unit_of_work(cast.actor(cast.sam), now=now) as work:
        proposal = Proposal(
            kind=kind, rule="reopen", topic_id=topic_id, title="Close it later", evidence={"signals": []},
            saving={"hours": [1, 2, 3]}, confidence=0.5, created_at=now, updated_at=now,
        )  # fmt: skip
        work.session.add(proposal)
        work.session.flush()
        accept_proposal(work, proposal.id, cast.ada.id, None)
        put_in_effect(work, proposal.id, CHANGED)
        return proposal.id


def state_of(store: Store, proposal_id: int) -> ProposalState:
    with store.reading(STAGE) as work:
        return work.session.get_one(Proposal, proposal_id).state


def looks_of(store: Store, proposal_id: int) -> list[EffectReading]:
    with store.reading(STAGE) as work:
        return list(readings_of(work.session, proposal_id))


def test_a_planted_effect_is_proven_at_a_look_and_measured_no_more(
    store: Store, cast: Cast, asked_for_months: list[int]
) -> None:
    proposal = put(store, cast, asked_for_months[0])
    day = MORNING + timedelta(days=BEFORE)
    assert measure_effects(store, day + timedelta(days=16)) == 0
    assert measure_effects(store, day + timedelta(days=17)) == 1
    assert state_of(store, proposal) is ProposalState.PROVEN
    (look,) = looks_of(store, proposal)
    assert look.change is not None and look.low is not None and look.high is not None
    assert 0 < look.low < 2 / 3 < look.high
    assert look.detail["why"].startswith("Fewer ask")
    assert look.detail["controls"] >= 19
    assert len(look.detail["chart"]["topic"]) == 11
    assert measure_effects(store, day + timedelta(days=60)) == 0
    with store.reading(STAGE) as work:
        assert measured_effects(work.session) == {"process_fix": [look.change]}


def test_a_change_follows_its_topic_into_another_and_back(
    store: Store, cast: Cast, asked_for_months: list[int]
) -> None:
    changed, other = asked_for_months[0], asked_for_months[1]
    put(store, cast, changed)
    before = MORNING + timedelta(days=BEFORE)
    with store.unit_of_work(cast.actor(cast.sam), now=before) as work:
        event = merge_topics(work, changed, other)
    assert measure_effects(store, before + timedelta(days=17)) == 1
    with store.reading(cast.actor(cast.sam)) as work:
        (card,) = board_shown(work)
    assert card["topic_id"] == other
    assert card["look"]["change"] is not None and "none any more" not in card["look"]["why"]
    # Twelve a day became eight: a third fewer of both, where of the first alone it were two thirds.
    assert 0.1 < card["look"]["change"] < 0.55
    with store.unit_of_work(cast.actor(cast.sam), now=before) as work:
        take_back(work, event.id)
    with store.reading(cast.actor(cast.sam)) as work:
        assert board_shown(work)[0]["topic_id"] == changed


def test_without_an_effect_the_last_look_says_not_proven_and_why(
    store: Store, cast: Cast, asked_for_months: list[int]
) -> None:
    proposal = put(store, cast, asked_for_months[1])
    day = MORNING + timedelta(days=BEFORE)
    assert measure_effects(store, day + timedelta(days=30)) == 2
    assert state_of(store, proposal) is ProposalState.IN_EFFECT
    # Whoever comes late finds what the looks would have found in time.
    assert measure_effects(store, day + timedelta(days=AFTER)) == 3
    assert state_of(store, proposal) is ProposalState.NOT_PROVEN
    looks = looks_of(store, proposal)
    assert [look.weeks for look in looks] == [2, 3, 4, 5, 6]
    assert "spans zero" in looks[-1].detail["why"]
    with pytest.raises(Conflict), store.unit_of_work(cast.actor(cast.sam)) as work:
        put_in_effect(work, proposal, CHANGED)


def test_topics_with_a_change_of_their_own_are_no_controls(
    store: Store, cast: Cast, asked_for_months: list[int]
) -> None:
    for topic in asked_for_months[2:9]:
        put(store, cast, topic)
    proposal = put(store, cast, asked_for_months[0])
    measure_effects(store, MORNING + timedelta(days=BEFORE + 17))
    look = next(iter(looks_of(store, proposal)))
    assert not look.proven
    assert look.detail["controls"] <= 25 - 8
    assert "19 are needed" in look.detail["why"]


def test_what_could_be_found_is_known_before(store: Store, cast: Cast, asked_for_months: list[int]) -> None:
    with store.reading(STAGE, now=MORNING + timedelta(days=BEFORE)) as work:
        found = history_of(work).detectable(asked_for_months[3])
        assert work.session.scalars(select(EffectReading)).first() is None
    assert found is not None
    assert 0.02 < found < 0.6
