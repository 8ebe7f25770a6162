"""The desk's own days, read from its rows, and replayed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from math import inf
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from desk.actions.cases.second_level import raise_case
from desk.actions.clocks.calendars import add_calendar
from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import change_presence
from desk.actions.routing.replay import policy_kept, recorded_days
from desk.actions.setup.kinds import QUEUES
from desk.actions.setup.rows import change
from desk.cli import main
from desk.model.case import Case, Category
from desk.model.customer import Tier
from desk.model.errors import Forbidden, Invalid, NotFound
from desk.model.message import MessageKind
from desk.model.permission import system
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.model.routing_policy import RoutingPolicy
from desk.routing.known_policies import DESK, POLICIES
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.reading_off import MOST_TIMES, ReadOff
from desk.routing.simulation.run import simulate
from desk.routing.simulation.scenario import TopicOverflow, TopicSecondLevel
from desk.routing.simulation.scenario_text import write_scenario
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_customer, a_message, minutes

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def read(store: Store, first: date = MONDAY, last: date = MONDAY, *, days_later: int = 3) -> ReadOff:
    with store.reading(STAGE, now=MORNING + days_later * DAY) as work:
        return recorded_days(work, first, last)


def a_morning(store: Store, cast: Cast) -> list[int]:
    """Ada comes at nine; two mails of bronze and one of gold wait, and are answered as they came."""
    with store.unit_of_work(STAGE, now=minutes(-30)) as work:
        people = [cast.cleo, a_customer(work, "Bo"), a_customer(work, "Goldie", tier=Tier.GOLD)]
        cases = [
            a_case(work, who, queue=cast.support, text="Help", at=minutes(place - 30))
            for place, who in enumerate(people)
        ]
        numbers = [case.id for case in cases]
    with store.unit_of_work(STAGE, now=MORNING) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
    for place, number in enumerate(numbers):
        with store.unit_of_work(STAGE, now=minutes(10 * place)) as work:
            assign(work, work.session.scalars(select(Case).where(Case.id == number)).one(), cast.ada.id)
        with store.unit_of_work(STAGE, now=minutes(10 * place + 5)) as work:
            case = work.session.scalars(select(Case).where(Case.id == number)).one()
            a_message(work, case, "Done", kind=MessageKind.OUTBOUND, agent=cast.ada)
    with store.unit_of_work(STAGE, now=minutes(480)) as work:
        change_presence(work, cast.ada.id, PresenceState.OFFLINE)
    return numbers


def test_a_day_is_read_as_it_was(store: Store, cast: Cast) -> None:
    numbers = a_morning(store, cast)
    found = read(store)
    assert (found.measured, found.capped, found.assumed) == (3, 0, 0)
    came = contacts(found.scenario, seed=0)
    assert [one.number for one in came] == numbers
    assert [one.at for one in came] == [510, 511, 512]
    assert [one.work for one in came] == [5, 5, 5]
    assert [one.tier for one in came] == ["bronze", "bronze", "gold"]
    (ada,) = found.scenario.agents
    assert (ada.name, ada.shifts) == ("Ada Lovelace", ((540.0, 1020.0),))
    assert ada.limits["email"] > 0


def test_a_policy_decides_over_the_same_day_otherwise(store: Store, cast: Cast) -> None:
    numbers = a_morning(store, cast)
    scenario = read(store).scenario
    day = simulate(scenario, POLICIES["tier-priority"], contacts(scenario, seed=0))
    waited = {one.contact.number: one.contact.at + one.waited for one in day.outcomes}
    assert waited[numbers[2]] == min(waited.values()) == 540


def test_who_helps_out_and_what_is_pulled_is_read_off_as_the_queues_are_set_up(
    store: Store, cast: Cast
) -> None:
    numbers = a_morning(store, cast)
    with store.unit_of_work(cast.actor(cast.sam), now=MORNING + DAY) as work:
        week = {day: [["00:00", "12:00"]] for day in ("mon", "tue")}
        add_calendar(work, {"name": "Early", "zone": "UTC", "days": week, "queue_ids": [cast.support.id]})
        change(work, QUEUES, cast.support.id, {"overflow_queue_id": cast.billing.id, "overflow_minutes": 10})
    with store.unit_of_work(STAGE, now=MORNING) as work:
        change_presence(work, cast.ben.id, PresenceState.AVAILABLE)
    scenario = read(store).scenario
    noon, midnight = 720.0, 1440.0
    closed = ((noon, midnight), (midnight + noon, 2 * midnight))
    assert scenario.overflow == {"Support": TopicOverflow("Billing", 10, closed)}
    assert scenario.topics == {"Billing": 0.0, "Support": 3.0} and scenario.pulled == {}
    day = simulate(scenario, POLICIES["fifo-round-robin"], contacts(scenario, seed=0))
    assert {one.agent_id for one in day.outcomes} == {1, 2}
    with store.unit_of_work(STAGE, now=MORNING) as work:
        queue = work.session.get_one(Queue, cast.support.id)
        queue.overflow_queue_id, queue.pull = None, True
    scenario = read(store).scenario
    assert (scenario.overflow, scenario.pulled) == ({}, {"Support": 0})
    assert len(simulate(scenario, DESK, contacts(scenario, seed=0)).outcomes) == len(numbers)


def test_what_is_raised_and_how_many_are_pulled_is_read_off_with_the_cases_that_were(
    store: Store, cast: Cast, tmp_path: Path
) -> None:
    late, hard, looked_at = a_morning(store, cast)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        queue = work.session.get_one(Queue, cast.support.id)
        queue.second_level_minutes, queue.second_level_queue_id = 60, cast.billing.id
        queue.pull, queue.pull_limit = True, 2
        category = Category(name="Legal", second_level=True)
        work.session.add(category)
        work.session.flush()
        change_presence(work, cast.ben.id, PresenceState.AVAILABLE)
        for number in (hard, looked_at):
            work.session.get_one(Case, number).category_id = category.id
    for place, number in enumerate((late, hard, looked_at)):
        with store.unit_of_work(system("clock"), now=minutes(200 + place)) as work:
            raise_case(work, number)
    with store.unit_of_work(STAGE, now=minutes(210)) as work:
        case = work.session.get_one(Case, looked_at)
        assign(work, case, cast.ben.id)
    with store.unit_of_work(STAGE, now=minutes(220)) as work:
        a_message(
            work, work.session.get_one(Case, looked_at), "So", kind=MessageKind.OUTBOUND, agent=cast.ben
        )
    found = read(store)
    scenario = found.scenario
    assert scenario.pulled == {"Support": 2}
    assert scenario.second_level == {"Support": TopicSecondLevel("Billing", 60)}
    assert scenario.topics == {"Billing": 0.0, "Support": 3.0}
    came = contacts(scenario, seed=0)
    # They lay in Ada's hands for hours, of which no more counts than of an answer.
    most = MOST_TIMES * DESK.rule("email").work_minutes
    assert [one.hard_after for one in came] == [None, most, most]
    assert scenario.recorded is not None
    third = scenario.recorded.contacts[2]
    assert (third.work, third.measured, third.agent) == (10, True, cast.ben.name)
    day = simulate(scenario, POLICIES["fifo-round-robin"], came)
    assert [one.raised_at < inf for one in day.outcomes] == [False, True, True]
    shown = tmp_path / "shown.json"
    shown.write_text(write_scenario(scenario))
    told = CliRunner().invoke(main, ["simulate", "--scenario", str(shown), "--seeds", "1"])
    assert told.exit_code == 0 and "raised to the second level" in told.output, told.output
    assert "fewer than 2 of it at hand" in told.output


def test_what_a_period_cannot_be_is_said_in_words(store: Store, cast: Cast) -> None:
    a_morning(store, cast)
    with pytest.raises(Invalid, match="ends before"):
        read(store, MONDAY, MONDAY - DAY)
    with pytest.raises(Invalid, match="lies in the future"):
        read(store, MONDAY, MONDAY + 9 * DAY)
    with pytest.raises(Invalid, match="No customer opened a case"):
        read(store, MONDAY + DAY, MONDAY + DAY)
    with pytest.raises(Invalid, match="At most 92 days"):
        read(store, date(2025, 1, 1), MONDAY)


def test_nobody_at_work_is_said_in_words(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        a_case(work, cast.cleo, queue=cast.support, text="Help")
    with pytest.raises(Invalid, match="Nobody who works here today was available"):
        read(store)


def test_a_case_that_we_opened_is_no_contact(store: Store, cast: Cast) -> None:
    a_morning(store, cast)
    with store.unit_of_work(STAGE, now=minutes(60)) as work:
        ours = a_case(work, cast.cleo, queue=cast.support)
        a_message(work, ours, "We owe you a refund", kind=MessageKind.OUTBOUND, agent=cast.ada)
    assert len(contacts(read(store).scenario, seed=0)) == 3


def test_policies_of_the_desk_are_found_by_version(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        draft = RoutingPolicy(body={"name": "mine", "overdue_factor": 5.0}, created_at=work.now)
        work.session.add(draft)
        work.session.flush()
        version = draft.id
    with store.reading(STAGE) as work:
        assert policy_kept(work, f"version:{version}").overdue_factor == 5.0
        assert policy_kept(work, f"version:{version}").name == f"version {version}"
        assert policy_kept(work, "in-force").name == "in force (version 0)"
        assert policy_kept(work, "version:0").channels != DESK.channels
        with pytest.raises(NotFound, match="There is no routing policy"):
            policy_kept(work, f"version:{version + 1}")
        with pytest.raises(Invalid, match="names no version"):
            policy_kept(work, "version:three")


def test_only_who_may_read_the_setup_may_replay(store: Store, cast: Cast) -> None:
    a_morning(store, cast)
    now = MORNING + DAY
    with store.reading(cast.actor(cast.sam), now=now) as work:
        assert recorded_days(work, MONDAY, MONDAY).measured == 3
    with store.reading(cast.actor(cast.ada), now=now) as work, pytest.raises(Forbidden):
        recorded_days(work, MONDAY, MONDAY)


def test_the_command_line_compares_policies_on_the_desks_own_days(
    store: Store,
    cast: Cast,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"DESK_{name}", value)
    a_morning(store, cast)
    asked = ["simulate", "--replay", "2026-03-02..2026-03-03", "--seeds", "2", "--jobs", "1"]
    ended = CliRunner().invoke(main, [*asked, "--policy", "in-force", "--policy", "tier-priority"])
    assert ended.exit_code == 0, ended.output
    assert "3 contacts as they came. Work: 3 measured" in ended.output
    assert "in force (version 0)" in ended.output and "tier-priority" in ended.output
    shown = tmp_path / "shown.json"
    shown.write_text(json.dumps(json.loads(CliRunner().invoke(main, [*asked, "--show"]).stdout)["scenario"]))
    again = CliRunner().invoke(main, ["simulate", "--scenario", str(shown), "--seeds", "1", "--json"])
    assert again.exit_code == 0, again.output
    told = json.loads(again.stdout)["results"][0]["policies"]["desk"]
    assert told["contacts"]["mean"] == 3 and told["unanswered"]["mean"] == 0
    late = CliRunner().invoke(main, ["simulate", "--replay", "2026-03-08..2026-03-02"])
    assert late.exit_code == 1 and "ends before" in late.output and "Traceback" not in late.output
    neither = CliRunner().invoke(main, ["simulate"])
    assert neither.exit_code == 1 and "--replay FROM..TO" in neither.output
