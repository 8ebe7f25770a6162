"""Every metric on rows made by hand, whose figure can be told on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.insights.scorecard import scorecard_asked
from desk.actions.routing.assignments import assign
from desk.actions.routing.presence import change_presence
from desk.model.article import Article, ArticleVote, Collection
from desk.model.assignment import Offer, OfferState
from desk.model.case import Case, CaseChange
from desk.model.chat import Chat, ChatState, Visitor
from desk.model.customer import Customer, Tier
from desk.model.inbound import ChannelKind
from desk.model.knowledge import HelpSearch
from desk.model.message import Message, MessageKind
from desk.model.presence import PresenceState
from desk.model.retention import RetentionAction, RetentionOutcome, RetentionTask
from desk.model.sla import ClockKind, Phase, SlaClock, SlaPolicy
from desk.model.worth import ValueRun
from desk.store.insights.metrics import METRICS
from desk.store.insights.metrics.figures import Point, ages, cases_behind, figures
from desk.store.unit_of_work import Store, Work
from tests.people import MORNING, STAGE, Cast, a_case, a_conversation, a_customer, a_message, a_purchase

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = MORNING + 20 * DAY
Scene = Callable[[Work], None]


def about(value: float) -> Any:
    """Equal but for what floating point adds."""
    return pytest.approx(value)


def set_scene(store: Store, scene: Scene, *, now: datetime = MORNING) -> None:
    with store.unit_of_work(STAGE, now=now) as work:
        scene(work)


def told(store: Store, key: str, *, now: datetime = LATER, **asked: Any) -> Point:
    """The figure of 2 to 22 March, or of what is asked for."""
    period = {"first": date(2026, 3, 2), "last": date(2026, 3, 22)}
    with store.reading(STAGE, now=now) as work:
        return figures(work.session, METRICS[key], scorecard_asked(work, **period | asked))[0]


def say(work: Work, case: Case, *turns: tuple[float, bool]) -> None:
    """Words so many hours after the morning: True for ours. The first of ours is the first answer."""
    for hours, ours in turns:
        at = MORNING + hours * HOUR
        a_message(work, case, "…", kind=MessageKind.OUTBOUND if ours else MessageKind.INBOUND, at=at)
        if ours:
            case.first_replied_at = case.first_replied_at or at


def change(work: Work, case: Case, before: str, after: str, at: datetime) -> None:
    work.session.add(
        CaseChange(case_id=case.id, at=at, actor="t", sentence="…", what="status", before=before, after=after)
    )
    work.session.flush()
    if after == "resolved":
        case.resolved_at = at


def resolved(work: Work, who: Customer, hours: float, *turns: tuple[float, bool], opened: float = 0) -> Case:
    case = a_case(work, who, at=MORNING + opened * HOUR)
    say(work, case, (opened, False), *turns)
    change(work, case, "open", "resolved", MORNING + hours * HOUR)
    return case


def test_first_contact_resolution_counts_what_one_contact_solved(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        people = [a_customer(work, f"Customer {n}") for n in range(5)]
        resolved(work, people[0], 5, (2, True))  # solved at once
        resolved(work, people[1], 5, (2, True), (3, False), (4, True))  # wrote again
        again = resolved(work, people[2], 5, (2, True))  # came back two days later, with another case
        resolved(work, people[2], 60, (55, True), opened=53)
        reopened = resolved(work, people[3], 5, (2, True))
        change(work, reopened, "resolved", "open", MORNING + 6 * HOUR)
        change(work, reopened, "open", "resolved", MORNING + 7 * HOUR)
        merged = resolved(work, people[4], 5)
        merged.merged_into_id = again.id

    set_scene(store, scene)
    # Of five that count, the first and the second case of the third customer were solved at once.
    assert told(store, "first_contact_resolution") == Point(about(0.4), 5)
    # Seven days have not passed for any of them.
    assert told(store, "first_contact_resolution", now=MORNING + 4 * DAY) == Point(None, 0)


def test_answers_are_timed_from_the_word_that_waited(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        first = a_case(work, cast.cleo, at=MORNING)
        say(work, first, (0, False), (1, True), (5, False), (6, False), (8, True), (9, True), (20, False))
        second = a_case(work, cast.cleo, at=MORNING)
        say(work, second, (0, False), (3, True), (10, False), (11, True))
        ours = a_case(work, cast.cleo, at=MORNING)
        say(work, ours, (0, True))

    set_scene(store, scene)
    assert told(store, "first_response") == Point(2 * 3600, 2)
    assert told(store, "next_response") == Point(2 * 3600, 2)


def test_a_resolution_takes_from_the_opening_to_the_last_one(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        for hours in (2, 4, 12):
            resolved(work, cast.cleo, hours)
        taken_back = resolved(work, cast.cleo, 1)
        change(work, taken_back, "resolved", "open", MORNING + 3 * HOUR)
        taken_back.resolved_at = None

    set_scene(store, scene)
    assert told(store, "resolution_time") == Point(4 * 3600, 3)
    assert told(store, "reopened") == Point(0.25, 4)


def test_a_resolution_taken_back_after_the_grace_or_closed_is_not_reopened(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        late = resolved(work, cast.cleo, 1)
        change(work, late, "resolved", "open", MORNING + 15 * DAY)
        change(work, resolved(work, cast.cleo, 1), "resolved", "closed", MORNING + 2 * DAY)

    set_scene(store, scene)
    assert told(store, "reopened") == Point(0, 2)


def test_the_backlog_is_what_stands_at_the_end_of_each_week(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        resolved(work, cast.cleo, 2)  # gone within the first week
        resolved(work, cast.cleo, 8 * 24)  # gone in the second
        for opened in (0, 15 * 24):
            say(work, a_case(work, cast.cleo, at=MORNING + opened * HOUR), (opened, False))

    set_scene(store, scene)
    assert told(store, "backlog") == Point(2, 2)
    assert told(store, "old_backlog") == Point(0.5, 2)
    assert told(store, "backlog", last=date(2026, 3, 8)) == Point(2, 2)
    assert told(store, "old_backlog", last=date(2026, 3, 8)) == Point(0, 2)
    assert told(store, "backlog", queue=cast.billing.id) == Point(0, 0)
    with store.reading(STAGE, now=LATER) as work:
        asked = scorecard_asked(work, first=date(2026, 3, 2), last=date(2026, 3, 22))
        weeks = figures(work.session, METRICS["backlog"], asked)[1]
        assert [weeks[date(2026, 3, day)].value for day in (2, 9, 16)] == [2, 1, 2]
        assert len(cases_behind(work.session, METRICS["backlog"], asked, 10)) == 2
        by_age = ages(work.session, METRICS["backlog"], asked) or []
        assert [(step["from_days"], step["until_days"], step["cases"]) for step in by_age] == [
            (0, 1, 0), (1, 3, 0), (3, 7, 1), (7, 30, 1), (30, None, 0)
        ]  # fmt: skip
        assert ages(work.session, METRICS["resolution_time"], asked) is None


def test_promises_are_kept_or_missed(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        policy = SlaPolicy(number=1, targets=[], at=MORNING)
        work.session.add(policy)
        work.session.flush()
        case = a_case(work, cast.cleo)

        def clock(**given: Any) -> SlaClock:
            return SlaClock(
                case_id=case.id, kind=ClockKind.FIRST_RESPONSE, policy_id=policy.id, tier=Tier.GOLD,
                started_at=MORNING, last_at=MORNING, target=HOUR, **given,
            )  # fmt: skip

        end = MORNING + HOUR
        work.session.add_all(
            [
                *(clock(phase=Phase.MET, ended_at=end) for _ in range(3)),
                clock(phase=Phase.MET, missed_at=end, ended_at=end),
                clock(phase=Phase.CANCELLED, ended_at=end),
                clock(phase=Phase.RUNNING),
            ]
        )

    set_scene(store, scene)
    assert told(store, "sla_attainment") == Point(0.75, 4)
    assert told(store, "sla_attainment", tier="bronze") == Point(None, 0)


def chats(work: Work, cast: Cast, rows: Sequence[tuple[int | None, int, int | None]]) -> None:
    """Chats that began in the morning: joined and ended after so many seconds, and scored."""
    for number, (joined, ended, score) in enumerate(rows):
        visitor = Visitor(
            public=f"v{number}", secret_hash=f"h{number}", channel_id=cast.mail.id, created_at=MORNING
        )
        case = a_case(work, cast.cleo)
        case.channel = ChannelKind.CHAT
        work.session.add(visitor)
        work.session.flush()
        end = MORNING + timedelta(seconds=ended)
        work.session.add(
            Chat(
                conversation_id=a_conversation(work, case, cast.mail).id, visitor_id=visitor.id,
                begun_at=MORNING, last_visitor_at=MORNING, visitor_seen_at=MORNING, state=ChatState.ENDED,
                joined_at=None if joined is None else MORNING + timedelta(seconds=joined), ended_at=end,
                score=score, scored_at=end if score else None,
            )
        )  # fmt: skip


def test_chats_are_answered_left_handled_and_scored(store: Store, cast: Cast) -> None:
    rows = [(10, 110, 5), (20, 220, 4), (60, 360, 2), (30, 130, None), (None, 90, None)]
    set_scene(store, lambda work: chats(work, cast, rows))
    assert told(store, "speed_of_answer") == Point(30, 4)
    assert told(store, "abandonment") == Point(0.2, 5)
    assert told(store, "chat_handle_time") == Point(175, 4)
    assert told(store, "satisfaction") == Point(about(2 / 3), 3)
    assert told(store, "satisfaction_response") == Point(0.75, 4)
    assert told(store, "satisfaction", channel="email") == Point(None, 0)


def test_articles_help_and_searches_lead_to_them(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        collection = Collection(slug="c", title="C", created_at=MORNING)
        work.session.add(collection)
        work.session.flush()
        article = Article(
            collection_id=collection.id, slug="a", title="A", created_at=MORNING, changed_at=MORNING
        )
        work.session.add(article)
        work.session.flush()
        for number, helpful in enumerate((True, True, True, False)):
            vote = ArticleVote(
                article_id=article.id, voter=str(number), helpful=helpful, at=MORNING, revision=1
            )
            work.session.add(vote)
        for number in range(5):
            opened = article.id if number < 2 else None
            work.session.add(
                HelpSearch(token=str(number), words="tea", found=1, at=MORNING, article_id=opened)
            )

    set_scene(store, scene)
    assert told(store, "helpful_articles") == Point(0.75, 4)
    assert told(store, "self_service") == Point(0.4, 5)


def test_occupancy_is_available_time_with_something_in_hand(store: Store, cast: Cast) -> None:
    def presence(state: PresenceState, hours: float) -> None:
        with store.unit_of_work(STAGE, now=MORNING + hours * HOUR) as work:
            change_presence(work, cast.ada.id, state)

    def give(hours: float, agent_id: int | None, case_id: int) -> None:
        with store.unit_of_work(STAGE, now=MORNING + hours * HOUR) as work:
            assign(work, work.session.get_one(Case, case_id), agent_id)

    with store.unit_of_work(STAGE, now=MORNING) as work:
        one, other = (a_case(work, cast.cleo, queue=cast.support).id for _ in range(2))
    presence(PresenceState.AVAILABLE, 0)
    give(1, cast.ada.id, one)
    give(2, cast.ada.id, other)  # two at once are in hand once
    give(3, None, one)
    give(4, None, other)
    presence(PresenceState.OFFLINE, 8)
    give(9, cast.ada.id, one)  # in hand while nobody is available counts nowhere
    assert told(store, "occupancy") == Point(3 / 8, 1)
    assert told(store, "occupancy", first=date(2026, 3, 3)) == Point(None, 0)


def test_offers_are_taken_or_not(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        case = a_case(work, cast.cleo)
        ended = [OfferState.ACCEPTED] * 3 + [OfferState.DECLINED, OfferState.LAPSED, OfferState.WITHDRAWN]
        for state in ended:
            offer = Offer(
                case_id=case.id, agent_id=cast.ada.id, offered_at=MORNING, expires_at=MORNING, reason={},
                state=state, ended_at=MORNING + HOUR,
            )  # fmt: skip
            work.session.add(offer)

    set_scene(store, scene)
    assert told(store, "offers_taken") == Point(0.6, 5)


def test_contacts_are_counted_for_each_hundred_orders(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        gold = a_customer(work, "Goldie", tier=Tier.GOLD)
        a_case(work, cast.cleo, text="Hello?")
        a_case(work, gold, text="Hello?")
        a_case(work, cast.cleo)  # nobody wrote: we began it
        for number in range(6):
            a_purchase(work, cast.cleo, f"O{number}")
        a_purchase(work, gold, "G1")
        a_purchase(work, gold, "G2", amount="-25.00")  # money given back

    set_scene(store, scene)
    assert told(store, "contact_rate") == Point(about(200 / 7), 7)
    assert told(store, "contact_rate", tier="gold") == Point(100, 1)


def test_retention_is_told_in_people_and_in_money(store: Store, cast: Cast) -> None:
    def scene(work: Work) -> None:
        run = ValueRun(asked_at=MORNING, asked_by="t", finished_at=MORNING, currency="EUR")
        work.session.add(run)
        work.session.flush()

        def task(outcome: RetentionOutcome, worth: str, cost: str | None, currency: str = "EUR") -> Customer:
            customer = a_customer(work, f"{outcome} {worth}")
            work.session.add(
                RetentionTask(
                    customer_id=customer.id, run_id=run.id, opened_at=MORNING, reason="…",
                    action=RetentionAction.CALL, worth=Decimal(worth), currency=currency,
                    closed_at=MORNING + HOUR, outcome=outcome, cost=Decimal(cost) if cost else None,
                )
            )  # fmt: skip
            return customer

        kept = task(RetentionOutcome.KEPT, "300", "10")
        task(RetentionOutcome.KEPT, "500", None)
        lost = task(RetentionOutcome.LOST, "900", "30")
        task(RetentionOutcome.UNPROMPTED, "700", None)
        task(RetentionOutcome.KEPT, "999", "5", "USD")
        for customer, hours, amount in (
            (kept, 0, "70"),
            (kept, 2, "80"),
            (kept, 95 * 24, "60"),
            (lost, 2, "50"),
        ):
            a_purchase(work, customer, f"{customer.id} {hours}", amount).bought_at = MORNING + hours * HOUR

    set_scene(store, scene)
    assert told(store, "customers_kept") == Point(0.75, 4)
    assert told(store, "value_kept") == Point(800, 2)
    assert told(store, "retention_return", now=MORNING + 200 * DAY) == Point(2, 2)


def test_a_day_is_a_day_of_the_desk_and_tells_nothing_of_its_neighbours(store: Store, cast: Cast) -> None:
    set_scene(store, lambda work: chats(work, cast, [(10, 110, 5)]))
    assert told(store, "satisfaction", last=date(2026, 3, 2)).count == 1
    assert told(store, "satisfaction", first=date(2026, 3, 3)).count == 0
    assert told(store, "satisfaction", first=date(2026, 2, 2), last=date(2026, 3, 1)).count == 0


def test_figures_equal_a_slow_count(store: Store, cast: Cast) -> None:
    dice = Random(7)

    def scene(work: Work) -> None:
        for number in range(60):
            customer = a_customer(work, f"C{number}", tier=dice.choice(list(Tier)))
            opened = dice.uniform(0, 24 * 15)
            queue = dice.choice([cast.support, cast.billing])
            case = a_case(work, customer, at=MORNING + opened * HOUR, queue=queue)
            hour, turns = opened, [(opened, False)]
            for _ in range(dice.randrange(6)):
                hour += dice.uniform(0.1, 30)
                turns.append((hour, dice.random() < 0.5))
            say(work, case, *turns)
            if dice.random() < 0.7:
                change(work, case, "open", "resolved", MORNING + (hour + 1) * HOUR)

    set_scene(store, scene)
    until = datetime(2026, 3, 23, tzinfo=UTC)
    with store.reading(STAGE, now=LATER) as work:
        cases = [one for one in work.session.scalars(select(Case)) if one.queue_id == cast.support.id]
        words: dict[int, list[Message]] = {one.id: [] for one in cases}
        for message in work.session.scalars(select(Message).order_by(Message.position)):
            words.get(message.case_id, []).append(message)
    within = [one for one in cases if one.resolved_at and MORNING <= one.resolved_at < until]
    spans = [(one.resolved_at - one.opened_at).total_seconds() for one in within if one.resolved_at]
    answers = [span for said in words.values() for span in waits(said, until)]
    replied = [one for one in cases if one.first_replied_at and one.first_replied_at < until]
    firsts = [
        (one.first_replied_at - one.opened_at).total_seconds() for one in replied if one.first_replied_at
    ]
    narrowed: dict[str, Any] = {"queue": cast.support.id}
    assert told(store, "resolution_time", **narrowed) == Point(about(median(spans)), len(spans))
    assert told(store, "next_response", **narrowed) == Point(about(median(answers)), len(answers))
    assert told(store, "first_response", **narrowed) == Point(about(median(firsts)), len(firsts))


def waits(said: Sequence[Message], until: datetime) -> list[float]:
    """Seconds from the customer's first word since our last, to our next, after the first answer."""
    found: list[float] = []
    answered, asked = False, None
    for message in said:
        if message.kind is MessageKind.INBOUND:
            asked = asked or message.at
            continue
        if answered and asked and message.at < until:
            found.append((message.at - asked).total_seconds())
        answered, asked = True, None
    return found
