"""Days as they were: read off from what was kept, and told again under any policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from desk.cli.replay import days_in
from desk.cli.simulate import how_read
from desk.model.errors import Invalid
from desk.routing.kept import KeptContact
from desk.routing.known_policies import DESK, FIRST, POLICIES
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.reading_off import KeptAgent, ReadOff, read_off
from desk.routing.simulation.run import Outcome, simulate
from desk.routing.simulation.scenario import Scenario
from desk.routing.simulation.scenario_text import read_scenario, write_scenario
from desk.routing.simulation.trials import side_by_side

DAY = 24 * 60.0
FIFO = POLICIES["fifo-round-robin"]
GOLD_FIRST = POLICIES["tier-priority"]

ANN = KeptAgent(1, "Ann", {"billing": 1.0}, {"billing": 1}, {"email": 1, "chat": 3}, [(480.0, 960.0)])


def mail(
    number: int, at: float, tier: str = "bronze", worked: tuple[float, float] | None = None
) -> KeptContact:
    return KeptContact(
        number=number, at=at, channel="email", topic="billing", tier=tier, agent_id=1, worked=worked
    )  # fmt: skip


def chat(number: int, at: float, joined: float | None, gone: float) -> KeptContact:
    return KeptContact(
        number=number,
        at=at,
        channel="chat",
        topic="billing",
        tier="bronze",
        agent_id=None if joined is None else 1,
        worked=None if joined is None else (joined, gone),
        left_at=gone if joined is None else None,
    )


def days_of(*kept: KeptContact, agents: tuple[KeptAgent, ...] = (ANN,), days: int = 1) -> ReadOff:
    return read_off(
        "then",
        kept,
        agents,
        days=[DAY * day for day in range(days)],
        minutes=days * DAY,
        policy=DESK,
    )


def served(scenario: Scenario, policy: object = FIFO) -> list[Outcome]:
    """Those who were served, in the order in which they were."""
    day = simulate(scenario, policy, contacts(scenario, seed=0))  # type: ignore[arg-type]  # any policy
    found = [one for one in day.outcomes if one.agent_id is not None]
    return sorted(found, key=lambda one: one.contact.at + one.waited)


NIGHT = (
    mail(11, 60.0, "bronze", (480.0, 490.0)),
    mail(12, 61.0, "silver", (490.0, 500.0)),
    mail(13, 62.0, "gold", (500.0, 510.0)),
    mail(14, 63.0, "bronze", (510.0, 520.0)),
)
"""Four mails wait for Ann, who comes at eight and takes ten minutes for each."""


def test_first_come_first_served_tells_the_day_as_it_was() -> None:
    outcomes = served(days_of(*NIGHT).scenario)
    assert [one.contact.number for one in outcomes] == [11, 12, 13, 14]
    assert [one.contact.at + one.waited for one in outcomes] == [480, 490, 500, 510]
    assert [one.done_at for one in outcomes] == [490, 500, 510, 520]


def test_a_policy_that_serves_gold_first_does_so_in_the_replay() -> None:
    outcomes = served(days_of(*NIGHT).scenario, GOLD_FIRST)
    assert [one.contact.tier for one in outcomes] == ["gold", "silver", "bronze", "bronze"]


def test_the_difference_for_gold_is_the_twenty_minutes_that_it_waited_behind_others() -> None:
    runs = side_by_side(days_of(*NIGHT).scenario, [FIFO, GOLD_FIRST], [0], jobs=1)
    fifo, gold = (runs[policy.name][0].tiers["gold"].wait for policy in (FIFO, GOLD_FIRST))
    assert (fifo, gold) == (500 - 62, 480 - 62)


def test_minutes_are_measured_capped_or_the_policys_own_and_it_says_so() -> None:
    read = days_of(mail(1, 500, worked=(510, 514)), mail(2, 500, worked=(510, 900)), mail(3, 500))
    works = [one.work for one in contacts(read.scenario, seed=0)]
    mean = DESK.rule("email").work_minutes
    assert works == [4, 3 * mean, mean]
    assert (read.measured, read.capped, read.assumed) == (1, 1, 1)
    assert "3 contacts as they came. Work: 1 measured, 1 measured and cut" in how_read(read)[0]


def test_two_chats_at_once_share_their_agent() -> None:
    read = days_of(chat(1, 500, 500, 520), chat(2, 510, 510, 520))
    first, second = (one.work for one in contacts(read.scenario, seed=0))
    # Ten minutes alone, then ten in which each of two gets 1.5 / 2.
    assert (first, second) == (17.5, 7.5)


def test_work_of_a_slow_agent_is_less_work_at_the_common_pace() -> None:
    slow = replace(ANN, speeds={"billing": 0.5})
    scenario = days_of(mail(1, 500, worked=(510, 520)), agents=(slow,)).scenario
    assert [one.work for one in contacts(scenario, seed=0)] == [5]
    assert served(scenario)[0].done_at == 510


def test_who_left_leaves_again_and_only_the_patience_of_the_others_is_drawn() -> None:
    scenario = days_of(chat(1, 100, None, 106), chat(2, 500, 502, 520), chat(3, 540, 541, 550)).scenario
    one, other = (contacts(scenario, seed=seed) for seed in (1, 2))
    assert one[0].patience == other[0].patience == 6
    assert one[1].patience != other[1].patience
    assert all(c.patience >= stayed for c, stayed in zip(one[1:], (2, 1), strict=True))
    same = [[(c.number, c.at, c.work, c.topic, c.tier, c.target) for c in drawn] for drawn in (one, other)]
    assert same[0] == same[1]
    # Nine minutes of waiting in which one left.
    assert scenario.channels["chat"].patience_minutes == 9


def test_agents_are_at_work_when_they_were_and_what_is_left_is_done_the_next_day() -> None:
    away_at_noon = replace(ANN, shifts=[(480.0, 500.0), (520.0, 540.0), (DAY + 480, DAY + 600)])
    came = (mail(1, 505, worked=(520, 530)), mail(2, 1000, worked=(DAY + 480, DAY + 490)))
    outcomes = served(days_of(*came, agents=(away_at_noon,), days=2).scenario)
    assert [one.contact.at + one.waited for one in outcomes] == [520, DAY + 480]


def test_each_day_is_told_by_what_came_on_it() -> None:
    shifts = [(480.0, 960.0), (DAY + 480, DAY + 960)]
    came = (mail(1, 500, worked=(500, 510)), mail(2, 510, worked=(510, 520)), mail(3, DAY + 500))
    read = days_of(*came, agents=(replace(ANN, shifts=shifts),), days=2)
    first, second = side_by_side(read.scenario, [FIFO], [0], jobs=1)[FIFO.name]
    assert (first.contacts, second.contacts) == (2, 1)
    assert (first.load, second.load) == ([20 / 480], [DESK.rule("email").work_minutes / 480])


def test_places_by_channel_hold_in_the_replay() -> None:
    outcomes = served(days_of(*NIGHT).scenario, FIRST)
    # One mail at a time is her limit, however many units a policy gives her.
    assert len({one.contact.at + one.waited for one in outcomes}) == 4


def test_live_work_is_expected_as_it_came_of_late() -> None:
    scenario = days_of(chat(1, 500, 501, 505), chat(2, 530, 531, 535), mail(3, 540)).scenario
    assert scenario.expected(["chat"], 545, 6) == {"billing": pytest.approx(0.2)}
    assert scenario.expected(["chat"], 580, 6) == {"billing": pytest.approx(0.1)}
    assert scenario.expected(["chat"], 600, 6) == {}


def test_what_nobody_at_work_knew_is_left_out_and_said() -> None:
    read = days_of(mail(1, 500), replace(mail(2, 500), topic="legal"))
    assert read.left_out == {"legal": 1}
    assert "Left out: 1 contacts of “legal”" in how_read(read)[1]


def test_a_recorded_scenario_is_written_and_read_back() -> None:
    scenario = days_of(*NIGHT, chat(5, 100, None, 106)).scenario
    again = read_scenario(write_scenario(scenario))
    assert again == scenario
    assert [one.contact.number for one in served(again)] == [11, 12, 13, 14]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"number": 12', '"number": 11'), "each with its own number"),
        (('"topic": "billing"', '"topic": "law"'), "is none of billing"),
        (('"at": 60.0', '"at": -1'), "recorded.contacts[0].at"),
    ],
)
def test_a_recorded_scenario_that_cannot_be_is_refused(change: tuple[str, str], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_scenario(write_scenario(days_of(*NIGHT).scenario).replace(*change, 1))
    assert said in str(refused.value)


def test_a_period_without_contacts_or_agents_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="No customer opened a case"):
        days_of()
    with pytest.raises(Invalid, match="Nobody who works here today was available"):
        days_of(mail(1, 500), agents=(replace(ANN, shifts=[]),))


def test_a_period_is_two_days() -> None:
    assert days_in("2026-11-02..2026-11-08") == (date(2026, 11, 2), date(2026, 11, 8))
    for wrong in ("2026-11-02", "2026-11-02..2026-11-31", "..", "november"):
        with pytest.raises(Invalid, match="is no period"):
            days_in(wrong)
