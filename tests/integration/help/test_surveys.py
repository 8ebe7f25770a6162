"""How it went: asked once by mail, answered by a button, and told where a chat's score is told."""

from __future__ import annotations

import email.policy
import re
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from desk.actions.insights.scorecard import scorecard_asked
from desk.actions.insights.surveys import ask_for_scores
from desk.actions.mail.letters import letter_for
from desk.actions.proactive.holding_back import held_back
from desk.model.case import Case, CaseChange, CaseStatus
from desk.model.customer import Customer
from desk.model.inbound import Automatic, ChannelKind, Verdict
from desk.model.message import DeliveryState, Message, MessageKind
from desk.model.queue import Queue
from desk.model.survey import Asking, Survey
from desk.model.transit import Outbox, OutboxState
from desk.store.customers.finding import consent_of, keep_consent
from desk.store.customers.records import cases_with_messages
from desk.store.insights.metrics import METRICS
from desk.store.insights.metrics.figures import Point, cases_behind, figures
from desk.store.unit_of_work import Store, Work
from tests.people import (
    MORNING,
    STAGE,
    Cast,
    a_case,
    a_conversation,
    a_customer,
    a_message,
    an_address,
)
from tests.security.browser import Browser

SITE, SECRET = "http://desk.example", "a key for tests"
NOW = MORNING + timedelta(hours=3)
PERIOD: dict[str, Any] = {"first": date(2026, 3, 2), "last": date(2026, 3, 22)}


def settled(work: Work, cast: Cast, name: str, *, agreed: bool | None = True) -> Case:
    """A case by mail that was answered and resolved two hours ago."""
    customer = a_customer(work, name)
    an_address(work, customer, f"{name.split()[0].lower()}@asked.example")
    if agreed is not None:
        keep_consent(work.session, customer.id, "email", granted=agreed, source="checkout", at=work.now)
    case = a_case(work, customer, queue=work.session.merge(cast.support))
    conversation = a_conversation(work, case, cast.mail)
    a_message(work, case, "Where is it?", conversation=conversation)
    answer = a_message(
        work, case, "On its way.", kind=MessageKind.OUTBOUND, agent=cast.ada, conversation=conversation
    )
    answer.state = DeliveryState.SENT
    case.status, case.resolved_at, case.resolution_reason = CaseStatus.RESOLVED, MORNING, "Solved"
    work.session.flush()
    return case


def said_in(work: Work, case: Case, kind: MessageKind) -> Message:
    return work.session.scalars(select(Message).where(Message.case_id == case.id, Message.kind == kind)).one()


def asks(work: Work, cast: Cast, asking: Asking = Asking.AGREED) -> None:
    work.session.get_one(Queue, cast.support.id).survey = asking


def asked(store: Store, *, hours: float = 3) -> int:
    with store.unit_of_work(STAGE, now=MORNING + timedelta(hours=hours)) as work:
        return ask_for_scores(work, site=SITE, secret=SECRET)


def surveys(store: Store) -> dict[str, Survey]:
    with store.reading(STAGE) as work:
        rows = work.session.execute(
            select(Customer.name, Survey)
            .join(Case, Case.id == Survey.case_id)
            .join(Customer, Customer.id == Case.customer_id)
        )
        return {row[0]: row[1] for row in rows}


def outgoing(store: Store, name: str) -> Outbox:
    with store.reading(STAGE) as work:
        return work.session.get_one(Outbox, surveys(store)[name].outbox_id)


def mail(store: Store, name: str, secret: str = SECRET) -> EmailMessage:
    with store.reading(STAGE, now=NOW) as work:
        raw = letter_for(work, outgoing(store, name), secret=secret).raw
    return email.message_from_bytes(raw, policy=email.policy.default)


def told(store: Store, key: str) -> Point:
    with store.reading(STAGE, now=MORNING + timedelta(days=20)) as work:
        return figures(work.session, METRICS[key], scorecard_asked(work, **PERIOD))[0]


def test_once_an_hour_later_only_those_whom_a_person_answered_and_who_agreed(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        first = settled(work, cast, "Yes Please")
        settled(work, cast, "No Thanks", agreed=False)
        settled(work, cast, "Never Said", agreed=None)
        machine, forged, spam, chat, unanswered = (
            settled(work, cast, f"{name} One") for name in ("Machine", "Forged", "Spam", "Chat", "Unanswered")
        )
        said_in(work, machine, MessageKind.INBOUND).automatic = Automatic.AUTO_REPLY
        said_in(work, forged, MessageKind.INBOUND).verdict = Verdict.FAIL
        said_in(work, unanswered, MessageKind.OUTBOUND).state = DeliveryState.FAILED
        spam.resolution_reason, chat.channel = "Spam", ChannelKind.CHAT
    assert asked(store) == 0, "no queue asks"
    with store.unit_of_work(STAGE) as work:
        asks(work, cast)
    assert asked(store, hours=0.5) == 0, "too soon"
    assert asked(store) == 3
    found = surveys(store)
    assert set(found) == {"Yes Please", "No Thanks", "Never Said"}
    assert found["Yes Please"].asked_at == NOW and found["Yes Please"].way == "email"
    assert found["Never Said"].asked_at is None and "agreed" in (found["Never Said"].why_not or "")
    assert asked(store) == 0, "once"
    with store.unit_of_work(STAGE, now=NOW) as work:
        again = settled(work, cast, "Other")
        again.customer_id = first.customer_id
        asks(work, cast, Asking.NOT_REFUSED)
    assert asked(store) == 0, "within the days"
    with store.reading(STAGE) as work:
        told = work.session.scalars(select(CaseChange.sentence).where(CaseChange.case_id == first.id)).all()
    assert told == ["The customer is asked by email how it went."]


def test_who_never_said_is_asked_where_the_queue_wants_so_in_their_language_and_not_at_night(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = settled(work, cast, "Nie Gefragt", agreed=None)
        customer = work.session.get_one(Customer, case.customer_id)
        customer.language, customer.time_zone = "de-AT", "Asia/Tokyo"
        asks(work, cast, Asking.NOT_REFUSED)
    assert asked(store, hours=5) == 1
    waits = outgoing(store, "Nie Gefragt")
    assert waits.not_before.hour == 23, "eight o'clock in Tokyo"
    letter = mail(store, "Nie Gefragt")
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert letter["Subject"] == "Wie war es?" and "Where is my order?" in said
    assert re.search(rf"{SITE}/help/score/\d+-\S{{24}}\s", said)
    assert letter["List-Unsubscribe"].strip().startswith(f"<{SITE}/help/no-more/")
    assert "+" in letter["Reply-To"], "an answer finds its case"


@pytest.mark.parametrize("meanwhile", ["reopened", "refused"])
def test_what_is_work_again_or_refused_meanwhile_is_not_asked(
    store: Store, cast: Cast, meanwhile: str
) -> None:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = settled(work, cast, "Yes Please")
        asks(work, cast)
    assert asked(store) == 1
    carrier = outgoing(store, "Yes Please")
    with store.unit_of_work(STAGE, now=NOW) as work:
        assert held_back(work, work.session.get_one(Outbox, carrier.id)) is False
        if meanwhile == "reopened":
            work.session.get_one(Case, case.id).reopen(work.now)
        else:
            keep_consent(
                work.session, case.customer_id, "email", granted=False, source="said so", at=work.now
            )
        assert held_back(work, work.session.get_one(Outbox, carrier.id)) is True
    with store.reading(STAGE) as work:
        assert work.session.get_one(Outbox, carrier.id).state is OutboxState.WITHDRAWN
    kept = surveys(store)
    assert kept == {} if meanwhile == "reopened" else kept["Yes Please"].asked_at is None


def test_opening_the_link_says_nothing_and_the_button_says_it_where_scores_are_told(
    store: Store, cast: Cast, app: Flask
) -> None:
    secret = app.extensions["desk"].settings.secret_key
    with store.unit_of_work(STAGE) as work:
        recent = [settled(work, cast, name) for name in ("Ann One", "Bo Two")]
        for case in recent:
            case.resolved_at = work.now - timedelta(hours=2)
        asks(work, cast)
        case_id = recent[0].id
        work.session.flush()
        assert ask_for_scores(work, site=SITE, secret=secret) == 2
    said = mail(store, "Ann One", secret).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    path = re.findall(rf"{SITE}(/help/score/\S+)", said)[0]
    browser = Browser(app)
    assert browser.get(path[:-2] + "aa").status_code == 404
    shown = browser.get(path)
    assert "How did it go?" in shown.text and surveys(store)["Ann One"].score is None
    assert "Wie war es?" in browser.ask("GET", path, headers={"Accept-Language": "de"}).text
    assert 'dir="rtl"' in browser.ask("GET", path, headers={"Accept-Language": "ar"}).text
    nothing = browser.ask("POST", path, data={"score": "6", "comment": "kept"})
    assert nothing.status_code == 422 and "from 1 to 5" in nothing.text and "kept" in nothing.text
    given = {"score": "4", "effort": "6", "comment": "Quick <b>and</b> kind"}
    assert "Thank you" in browser.ask("POST", path, data=given).text
    assert "Thank you" in browser.ask("POST", path, data={**given, "score": "5"}).text, "a second thought"
    kept = surveys(store)["Ann One"]
    assert (kept.score, kept.effort, kept.comment) == (5, 6, "Quick <b>and</b> kind")
    with store.reading(STAGE) as work:
        lines = work.session.scalars(
            select(Message.text).where(Message.case_id == case_id).order_by(Message.position)
        ).all()
    assert "5 of 5, and 6 of 7 for how easy we made it: “Quick <b>and</b> kind”" in lines[-1]
    with store.reading(STAGE) as work:
        customer_id = work.session.get_one(Case, case_id).customer_id
        (exported,) = cases_with_messages(work.session, work.actor, customer_id)
    assert [(one["score"], one["effort"]) for one in exported["scores"]] == [(5, 6)]
    with store.unit_of_work(STAGE) as work:
        late = work.session.get_one(Survey, kept.id)
        late.scored_at = MORNING + timedelta(days=1)
        for one in work.session.scalars(select(Survey)):
            one.asked_at = MORNING
    assert "You have answered already" in browser.get(path).text
    assert browser.ask("POST", path, data=given).status_code == 409
    assert told(store, "satisfaction") == Point(1.0, 1) and told(store, "effort") == Point(1.0, 1)
    assert told(store, "satisfaction_response") == Point(0.5, 2)
    with store.reading(STAGE, now=MORNING + timedelta(days=20)) as work:
        period = scorecard_asked(work, **PERIOD)
        behind = cases_behind(work.session, METRICS["effort"], period, limit=5)
    assert [one["case_id"] for one in behind] == [case_id]


def test_the_link_of_a_survey_withdraws_consent_as_that_of_a_message_does(
    store: Store, cast: Cast, app: Flask
) -> None:
    secret = app.extensions["desk"].settings.secret_key
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = settled(work, cast, "Yes Please")
        asks(work, cast)
    assert asked(store) == 1
    path = mail(store, "Yes Please", secret)["List-Unsubscribe"].strip(" <>").removeprefix(SITE)
    assert Browser(app).ask("POST", path, data={}).status_code == 200
    with store.reading(STAGE) as work:
        assert consent_of(work.session, case.customer_id, "email") is False
