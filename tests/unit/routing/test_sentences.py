"""What people are told about routing, word for word; and triage by rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.model.case import Priority
from desk.model.inbound import ChannelKind
from desk.model.permission import Role
from desk.model.presence import PresenceState
from desk.routing.board import Board
from desk.routing.eligibility import Candidate, SkillAsked, Waiting
from desk.routing.explain import left_out, span, what_moved, why_chosen, why_waiting
from desk.routing.floor import InLine, board_of, hand_out, hand_to, holds_of
from desk.routing.known_policies import FIRST
from desk.routing.triage import Condition, Field, FirstMessage, Operator, Placement, Rule, is_met, placed
from tests.unit.routing.strategies import NOON

BILLING = Waiting(7, 1, ChannelKind.EMAIL, (SkillAsked(1, "billing", 2),))
ADA = Candidate(
    agent_id=1,
    name="Ada",
    role=Role.AGENT,
    state=PresenceState.AVAILABLE,
    idle_since=NOON - timedelta(minutes=12),
    queue_ids=frozenset({1}),
    levels={1: 4},
    limits={ChannelKind.EMAIL: 3},
    taken={ChannelKind.EMAIL: 1},
)
BEN = replace(ADA, agent_id=2, name="Ben", levels={1: 3}, taken={ChannelKind.EMAIL: 3})
COLD = FirstMessage(
    subject="Invoice 4711 is wrong",
    text="Please send a new one.",
    sender="cleo@Corp.example",
    recipients=("help@shop.example", "billing@shop.example"),
    channel="email",
    tier="gold",
    language="en",
)


def test_the_choice_tells_skill_places_idleness_and_the_next_in_rank() -> None:
    free_ben = replace(BEN, taken={ChannelKind.EMAIL: 1})

    assert _chosen([ADA, free_ben]) == (
        "Ada: billing 4 of 5, 1 of 3 places taken, free for 12 min; next would have been Ben (billing 3)"
    )


def test_the_choice_also_tells_who_was_left_out_and_why() -> None:
    assert _chosen([ADA, BEN]).endswith("; nobody else could take it")
    assert left_out([ADA, BEN], BILLING, refused_at={}, policy=FIRST, now=NOON) == ["Ben is full (3 of 3)"]


def test_the_choice_of_a_case_tells_in_minutes_what_put_it_before_the_next() -> None:
    plain = InLine(replace(BILLING, case_id=8), NOON - timedelta(minutes=25), None, "bronze", "normal")
    gold = InLine(BILLING, NOON - timedelta(minutes=12), None, "gold", "normal")

    decision = next(hand_to(_board([plain, gold], [ADA]), ADA.agent_id, NOON))

    assert why_chosen(decision, {1: ADA}, BILLING, NOON).endswith(
        "; before case 8: customer value +20 min, due date −13 min"
    )
    assert what_moved(decision)[:2] == ["Customer value moves it 20 min forward", "It is due in 3 h 48 min"]


def test_a_rule_that_holds_a_case_back_is_told_with_its_numbers_and_its_end() -> None:
    mail = InLine(BILLING, NOON, None, "bronze", "normal")
    board = board_of(
        [mail],
        [replace(ADA, limits={ChannelKind.EMAIL: 3, ChannelKind.CHAT: 2})],
        {None: (), 1: BILLING.skills},
        refused={},
        live_expected={"1": 4.0},
        policy=FIRST,
        now=NOON,
    )
    decision = holds_of(board, BILLING.case_id, [1], NOON)
    assert decision is not None

    sentence, reasons = why_waiting(
        [ADA],
        BILLING,
        refused_at={},
        policy=FIRST,
        now=NOON,
        holds=decision.blocked,
        queue_name=lambda _: "Billing",
    )
    assert reasons == [
        "Ada is kept for live work for at most 3 h 37 min:"
        " Billing has 2 seats free and needs 3.5 for what is expected"
    ]
    assert sentence == f"Still waiting: 1 agent has the skill; {reasons[0]}"


def test_a_wait_tells_who_has_the_skill_and_what_keeps_them() -> None:
    away_ada = replace(ADA, state=PresenceState.AWAY)

    sentence, reasons = why_waiting([away_ada, BEN], BILLING, refused_at={}, policy=FIRST, now=NOON)
    assert sentence == "Still waiting: 2 agents have the skill; Ada is away, Ben is full (3 of 3)"
    assert reasons == ["Ada is away", "Ben is full (3 of 3)"]


def test_many_who_are_offline_are_counted_and_not_named() -> None:
    gone = [replace(ADA, agent_id=n, name=f"N{n}", state=PresenceState.OFFLINE) for n in range(3, 6)]

    some, reasons = why_waiting([BEN, *gone], BILLING, refused_at={}, policy=FIRST, now=NOON)
    assert some == "Still waiting: 4 agents have the skill; Ben is full (3 of 3), 3 are offline"
    assert len(reasons) == 4
    none, _ = why_waiting(gone, BILLING, refused_at={}, policy=FIRST, now=NOON)
    assert none == "Still waiting: 3 agents have the skill; nobody of them is here"


def test_a_wait_without_anybody_skilled_says_what_is_asked() -> None:
    unskilled = replace(ADA, levels={})

    sentence, _ = why_waiting([unskilled], BILLING, refused_at={}, policy=FIRST, now=NOON)
    assert sentence == "Still waiting: nobody in its teams has billing (at least 2)"


def test_an_agent_who_passed_is_named_with_the_time_until_they_are_asked_again() -> None:
    refused_at = {1: NOON - timedelta(minutes=4)}

    sentence, _ = why_waiting([ADA, BEN], BILLING, refused_at=refused_at, policy=FIRST, now=NOON)
    assert "Ada passed on it and is asked again in 6 min" in sentence


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(40, "40 s"), (720, "12 min"), (11_100, "3 h 5 min"), (7200, "2 h"), (90_000, "1 day")],
)
def test_a_span_is_said_as_people_say_it(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("field", "operator", "value", "met"),
    [
        (Field.SUBJECT, Operator.CONTAINS, "INVOICE", True),
        (Field.SUBJECT, Operator.CONTAINS, "refund", False),
        (Field.SENDER, Operator.ENDS_WITH, "@corp.example", True),
        (Field.RECIPIENT, Operator.IS, "billing@shop.example", True),
        (Field.TIER, Operator.IS, "gold", True),
        (Field.TEXT, Operator.STARTS_WITH, "please", True),
        (Field.LANGUAGE, Operator.IS, "de", False),
        (Field.SUBJECT, Operator.CONTAINS, "  ", False),
    ],
)
def test_conditions_compare_in_any_letter_case(
    field: Field, operator: Operator, value: str, met: bool
) -> None:
    assert is_met(Condition(field, operator, value), COLD) is met


def test_the_first_rule_that_speaks_of_a_matter_settles_it_and_tags_add_up() -> None:
    invoice = Condition(Field.SUBJECT, Operator.CONTAINS, "invoice")
    gold = Condition(Field.TIER, Operator.IS, "gold")
    rules = [
        Rule("Gold first", (gold,), priority=Priority.HIGH, add_tags=("vip",)),
        Rule("Invoices", (invoice,), queue_id=4, priority=Priority.LOW, add_tags=("invoice", "vip")),
        Rule("Never", (), queue_id=9),
    ]

    assert placed(rules, COLD) == Placement(
        queue_id=4, priority=Priority.HIGH, tags=("vip", "invoice"), rules=("Gold first", "Invoices")
    )


def test_a_rule_asks_for_all_its_conditions_or_for_any() -> None:
    one = Condition(Field.SUBJECT, Operator.CONTAINS, "invoice")
    other = Condition(Field.LANGUAGE, Operator.IS, "de")

    assert placed([Rule("All", (one, other), queue_id=1)], COLD).queue_id is None
    assert placed([Rule("Any", (one, other), match_all=False, queue_id=1)], COLD).queue_id == 1


def _board(cases: list[InLine], agents: list[Candidate]) -> Board:
    asked = {None: (), 1: BILLING.skills}
    return board_of(cases, agents, asked, refused={}, live_expected={}, policy=FIRST, now=NOON)


def _chosen(agents: list[Candidate]) -> str:
    case = InLine(BILLING, NOON - timedelta(minutes=3), None, "bronze", "normal")
    decision = next(hand_out(_board([case], agents), NOON))
    return why_chosen(decision, {agent.agent_id: agent for agent in agents}, BILLING, NOON)
