"""A rule fires on what it is about, where it is enough and more than elsewhere; and on nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.insights.evidence import confidence_of, fields_asked_for, news, searches_about
from desk.insights.signals import Coverage, Facts, Signal, signals
from desk.model.proposal import ProposalKind

CALM = Facts(topic_id=1, name="My parcel", contacts=60, resolved=50, agents=2, first_answers=50, minutes=6.0)
OTHERS = [replace(CALM, topic_id=number, name=f"Topic {number}") for number in range(2, 12)]
SPOILT = Coverage(7, "Parcels", used=9, weeks=8)
FIRING = {
    "status_chase": {"chasing": 30},
    "rising": {"rising": 60, "usual": 12.0},
    "repeat_contact": {"repeats": 12},
    "reopen": {"reopened": 10},
    "missing_data": {"asked_for": {"order number": 30}},
    "policy_wait": {"waited": 0.6, "waiting_cases": 20},
    "search_failed": {"searches": 14, "in_vain": 12},
    "faq_gap": {"agents": 3},
    "improve_article": {"coverage": SPOILT},
}


def fired(facts: Facts) -> list[str]:
    return [one.rule for one in signals(facts, OTHERS)]


def test_nothing_is_proposed_of_a_calm_topic() -> None:
    assert fired(CALM) == []


@pytest.mark.parametrize("rule", FIRING)
def test_each_rule_fires_on_its_own_sign_alone(rule: str) -> None:
    facts = replace(CALM, **FIRING[rule])  # type: ignore[arg-type]
    assert fired(facts) == [rule]
    assert fired(replace(facts, contacts=19)) == []


def test_what_is_so_everywhere_is_no_sign() -> None:
    chased = replace(CALM, chasing=30, repeats=12, reopened=10)
    others = [replace(chased, topic_id=number) for number in range(2, 12)]
    assert signals(chased, others) == []


@pytest.mark.parametrize(
    "facts",
    [
        replace(CALM, agents=3, coverage=replace(SPOILT, used=0)),
        replace(CALM, coverage=replace(SPOILT, weeks=2)),
        replace(CALM, agents=3, resolved=7),
        replace(CALM, asked_for={"order number": 20}),
        replace(CALM, searches=40, in_vain=12),
    ],
)
def test_too_little_evidence_proposes_nothing(facts: Facts) -> None:
    assert fired(facts) == []


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 50), st.integers(0, 30))
def test_what_can_be_spared_is_never_more_than_was_asked(
    chasing: int, repeats: int, reopened: int, rising: int
) -> None:
    facts = replace(CALM, chasing=chasing, repeats=repeats, reopened=reopened, rising=rising, usual=2.0)
    found = signals(facts, OTHERS)
    assert all(0 < one.addressable <= 1 for one in found)
    assert 0 <= confidence_of(found) <= 1


def test_an_answer_that_asks_for_a_field_is_told_from_one_that_names_it() -> None:
    assert fields_asked_for(
        ["Could you tell us your order number and send a photo?", "Your order number is 12."]
    ) == {"order number": 1, "picture": 1}


def test_a_search_is_about_a_topic_when_it_shares_two_of_its_words() -> None:
    made = [("parcel lost", 4, 3), ("parcel", 2, 0), ("lost card", 9, 9), ("", 5, 5)]
    assert searches_about(["parcel", "lost courier"], made) == (6, 3)


def test_what_rules_agree_on_is_surer() -> None:
    one = Signal("reopen", ProposalKind.PROCESS_FIX, "", "", "", 10, 50)
    assert confidence_of([one]) < confidence_of([one, replace(one, rule="policy_wait")]) < 1
    assert confidence_of([replace(one, hits=1, of=5)]) < confidence_of([one])


def test_only_another_rule_or_clearly_more_contacts_are_news() -> None:
    before = {"contacts": 40, "signals": [{"rule": "reopen", "why": "so"}]}
    assert news(before, before) == ""
    assert news(before, {**before, "contacts": 59}) == ""
    assert "60" in news(before, {**before, "contacts": 60})
    assert "much" in news(before, {**before, "signals": [{"rule": "policy_wait", "why": "It waits much."}]})
