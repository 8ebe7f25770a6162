"""Messages before the question: who is told, who never is, when it leaves, and what it spared."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from desk.actions.mail.letters import letter_for
from desk.actions.proactive import campaigns
from desk.actions.proactive.post import hold_proactive, tell_those_concerned
from desk.model.case import Case
from desk.model.customer import Address, Consent, Customer
from desk.model.message import MessageKind
from desk.model.proactive import ProactiveRecipient, Segment, SegmentKind
from desk.model.proposal import Proposal, ProposalKind, ProposalState
from desk.model.transit import Outbox, OutboxState
from desk.store.customers.finding import keep_consent
from desk.store.insights.proposals import get_proposal
from desk.store.unit_of_work import Store, Work
from tests.integration.topics.planted import WHOSE, a_space, asked
from tests.people import MORNING, STAGE, Cast, a_case, a_customer, a_message, a_purchase, an_address
from tests.security.browser import Browser

NOW = MORNING + timedelta(days=60)
PAGE = "http://desk.example/help/no-more/"
TEXT = {
    "language": "en",
    "subject": "Your order {{order.number}}",
    "text": "Hello {{customer.first_name}}, {{order.product}} takes longer.",
}
LATE = Segment(SegmentKind.LATE_ORDER, statuses=("shipped",), older_than_days=5)


@pytest.fixture
def proposal(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE, now=NOW) as work:
        made = Proposal(
            kind=ProposalKind.PROACTIVE, rule="status_chase", topic_id=a_space(work, WHOSE)[3],
            title="Tell people how far it is before they ask", evidence={"contacts": 40, "trend": []},
            saving={"hours": [1.0, 2.0, 3.0]}, confidence=0.9, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        work.session.add(made)
        work.session.flush()
        return made.id


def a_buyer(
    work: Work, name: str, *, agreed: bool | None = True, verified: bool = True, days: int = 9, **about: Any
) -> Customer:
    """Somebody with an order that was shipped so many days ago."""
    buyer = a_customer(work, name)
    for field, value in about.items():
        setattr(buyer, field, value)
    an_address(work, buyer, f"{name.split()[0].lower()}@buyers.example", verified=verified)
    if agreed is not None:
        keep_consent(work.session, buyer.id, "email", granted=agreed, source="checkout", at=NOW)
    a_purchase(work, buyer, f"N-{name.split()[0]}").bought_at = NOW - timedelta(days=days)
    return buyer


def written(store: Store, cast: Cast, proposal: int, **changes: Any) -> int:
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        made = campaigns.write_proactive(work, proposal).id
        wanted: dict[str, Any] = {"segment": LATE, "texts": [TEXT], "held_percent": 0} | changes
        campaigns.change_proactive(work, made, campaigns.Wanted(**wanted))
        return made


def started(store: Store, cast: Cast, proposal: int, **changes: Any) -> int:
    made = written(store, cast, proposal, **changes)
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        campaigns.start_proactive(work, made)
    return made


def told(store: Store, message: int, *, now: datetime = NOW) -> int:
    with store.unit_of_work(STAGE, now=now) as work:
        return tell_those_concerned(work, message, page=PAGE)


def outbox(store: Store) -> dict[str, Outbox]:
    with store.reading(STAGE) as work:
        return {next(iter(one.recipients)): one for one in work.session.scalars(select(Outbox))}


def mail_of(store: Store, outgoing: Outbox, secret: str = "a key for tests") -> EmailMessage:
    with store.reading(STAGE, now=NOW) as work:
        raw = letter_for(work, work.session.get_one(Outbox, outgoing.id), secret=secret).raw
    return email.message_from_bytes(raw, policy=email.policy.default)


def held(store: Store, outgoing: Outbox, *, now: datetime) -> bool:
    """Whether it must not leave at that moment."""
    with store.unit_of_work(STAGE, now=now) as work:
        return hold_proactive(work, outgoing.id)


def effect(store: Store, message: int, now: datetime) -> dict[str, Any]:
    with store.reading(STAGE, now=now) as work:
        return dict(campaigns.proactive_shown(work, message)["effect"])


def gives(work: Work, case_id: int, customer_id: int) -> None:
    """The case is that customer's."""
    work.session.get_one(Case, case_id).customer_id = customer_id
    work.session.flush()


def _agreed(store: Store, name: str) -> bool:
    with store.reading(STAGE) as work:
        asked_for = select(Consent.granted).join(Customer, Customer.id == Consent.customer_id)
        return bool(work.session.scalar(asked_for.where(Customer.name == name)))


def test_only_those_who_agreed_with_a_proven_address_are_told(
    store: Store, cast: Cast, proposal: int
) -> None:
    with store.unit_of_work(STAGE, now=NOW) as work:
        a_buyer(work, "Yes Please")
        a_buyer(work, "No Thanks", agreed=False)
        a_buyer(work, "Never Asked", agreed=None)
        a_buyer(work, "Only Claimed", verified=False)
        a_buyer(work, "Too Early", days=2)
        broken = a_buyer(work, "Bounced Back")
        work.session.execute(
            update(Address).where(Address.customer_id == broken.id).values(trouble="unknown user")
        )
        asks = a_buyer(work, "Asked Already")
        topic = get_proposal(work.session, proposal).topic_id
        case = asked(work, cast, topic, "courier", 1, NOW - timedelta(days=1))
        gives(work, case[0], asks.id)
    message = started(store, cast, proposal)
    with store.reading(cast.actor(cast.sam), now=NOW) as work:
        reach = campaigns.reach_shown(work, message)
    assert [one["name"] for one in reach["who"]] == ["Yes Please"] and reach["may"] == 1
    assert (reach["concerned"], reach["no_address"], reach["no_consent"]) == (6, 2, 2)
    assert (reach["told_lately"], reach["asked_already"], reach["lacks"]) == (0, 1, 0)
    assert told(store, message) == 1
    ((address, outgoing),) = outbox(store).items()
    assert address == "yes@buyers.example"
    mail = mail_of(store, outgoing)
    assert mail["Subject"] == "Your order N-Yes"
    said = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert said.startswith("Hello Yes, Tea, green takes longer.") and PAGE in said
    assert mail["List-Unsubscribe"].strip().startswith(f"<{PAGE}")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert told(store, message) == 0, "once"
    with store.reading(STAGE) as work:
        assert get_proposal(work.session, proposal).state is ProposalState.IN_EFFECT


def test_nobody_is_told_twice_within_the_days_by_whatever_message(
    store: Store, cast: Cast, proposal: int
) -> None:
    with store.unit_of_work(STAGE, now=NOW) as work:
        buyer = a_buyer(work, "Yes Please")
    message = started(store, cast, proposal)
    assert told(store, message) == 1
    with store.unit_of_work(STAGE, now=NOW) as work:
        a_purchase(work, buyer, "N-2").bought_at = NOW - timedelta(days=6)
    assert told(store, message, now=NOW + timedelta(days=13)) == 0
    assert told(store, message, now=NOW + timedelta(days=15)) == 1


def test_it_waits_for_the_morning_and_what_is_stopped_or_refused_meanwhile_never_leaves(
    store: Store, cast: Cast, proposal: int, app: Flask
) -> None:
    night = NOW.replace(hour=21)
    with store.unit_of_work(STAGE, now=NOW) as work:
        for name, zone in (("Ann Utc", "UTC"), ("Bo Angeles", "America/Los_Angeles"), ("Cy Utc", None)):
            a_buyer(work, name, time_zone=zone)
    message = started(store, cast, proposal)
    assert told(store, message, now=night) == 3
    waits = outbox(store)
    morning = (night + timedelta(hours=11)).replace(minute=0)
    assert waits["ann@buyers.example"].not_before == waits["cy@buyers.example"].not_before == morning
    assert waits["bo@buyers.example"].not_before == night
    assert held(store, waits["ann@buyers.example"], now=night + timedelta(hours=2)) is True, "a late retry"
    browser, secret = Browser(app), app.extensions["desk"].settings.secret_key
    link = mail_of(store, waits["ann@buyers.example"], secret)["List-Unsubscribe"].strip(" <>")
    path = link.removeprefix("http://desk.example")
    assert browser.get(path[:-3] + "abc").status_code == 404
    assert "Send me no more of these" in browser.get(path).text
    assert not _agreed(store, "No one") and _agreed(store, "Ann Utc"), (
        "a link that is opened says nothing yet"
    )
    assert "no more of these" in browser.ask("POST", path, data={"List-Unsubscribe": "One-Click"}).text
    assert not _agreed(store, "Ann Utc")
    assert held(store, waits["ann@buyers.example"], now=morning) is True
    assert outbox(store)["ann@buyers.example"].state is OutboxState.WITHDRAWN
    assert held(store, waits["bo@buyers.example"], now=night) is False
    with store.unit_of_work(cast.actor(cast.sam), now=night) as work:
        campaigns.stop_proactive(work, message)
    assert outbox(store)["cy@buyers.example"].state is OutboxState.WITHDRAWN
    assert told(store, message, now=NOW + timedelta(days=30)) == 0


def test_the_held_out_are_counted_beside_and_the_effect_is_told(
    store: Store, cast: Cast, proposal: int
) -> None:
    with store.unit_of_work(STAGE, now=NOW) as work:
        buyers = [a_buyer(work, f"B{number} Buyer").id for number in range(90)]
    message = started(store, cast, proposal, held_percent=50)
    assert told(store, message) == 90
    with store.reading(STAGE) as work:
        drawn = {one.customer_id: one.held for one in work.session.scalars(select(ProactiveRecipient))}
    out = [buyer for buyer in buyers if drawn[buyer]]
    assert 30 <= len(out) <= 60 and len(outbox(store)) == 90 - len(out)
    with store.unit_of_work(STAGE, now=NOW) as work:
        topic = get_proposal(work.session, proposal).topic_id
        soon, apart = NOW + timedelta(hours=1), timedelta(minutes=1)
        cases = asked(work, cast, topic, "courier", len(out), soon, apart=apart)
        for case, buyer in zip(cases, out, strict=True):
            gives(work, case, buyer)
    assert effect(store, message, NOW + timedelta(days=3))["verdict"] == "too_few", "their days are not over"
    found = effect(store, message, NOW + timedelta(days=8))
    assert (found["told"], found["held"]) == (90 - len(out), len(out))
    assert found["contacted_held"] == 1 and found["contacted_told"] == 0 and found["verdict"] == "proven"


def test_who_waits_is_told_and_who_got_word_or_an_answer_is_not(
    store: Store, cast: Cast, proposal: int
) -> None:
    with store.unit_of_work(STAGE, now=NOW) as work:
        waits, heard, solved = (
            a_buyer(work, f"{name} Case", days=90) for name in ("Wait", "Heard", "Solved")
        )
        for buyer in (waits, heard, solved):
            case = a_case(work, buyer, at=NOW - timedelta(days=5))
            if buyer is heard:
                a_message(work, case, "Soon.", kind=MessageKind.OUTBOUND, at=NOW - timedelta(days=1))
            case.resolved_at = NOW - timedelta(days=2) if buyer is solved else None
        a_buyer(work, "Order Late")
    plain = {**TEXT, "subject": "Still on its way", "text": "We have not forgotten you, {{customer.name}}."}
    segment = Segment(SegmentKind.AWAITING, older_than_days=3, statuses=("shipped", "packed"))
    message = started(store, cast, proposal, segment=segment, texts=[plain])
    assert told(store, message) == 2
    assert set(outbox(store)) == {"wait@buyers.example", "order@buyers.example"}


def test_managers_write_it_for_a_proposal_of_the_kind_and_nothing_after_the_start(
    store: Store, cast: Cast, proposal: int, app: Flask, as_agent: Callable[..., Browser]
) -> None:
    sam, ada = as_agent(cast.sam), as_agent(cast.ada)
    assert ada.api("POST", f"/proposals/{proposal}/message").status_code == 403
    made = sam.api("POST", f"/proposals/{proposal}/message")
    assert made.status_code == 201 and made.json is not None
    number = made.json["id"]
    again = sam.api("POST", f"/proposals/{proposal}/message")
    assert again.status_code == 409 and again.json
    assert again.json["error"]["current"] == {"message_id": number}
    path = f"/proactive-messages/{number}"
    assert sam.api("PUT", f"{path}/start").status_code == 422, "without words"
    form = {"segment": {"kind": "bought", "words": "tea"}, "texts": [TEXT]}
    wrong = {**form, "texts": [{**TEXT, "text": "{{customer.password}}"}]}
    assert sam.api("PUT", path, wrong).status_code == 422
    assert sam.api("PUT", path, {**form, "held_percent": 51}).status_code == 422
    assert sam.api("PUT", path, {**form, "texts": [TEXT, TEXT]}).status_code == 422
    assert sam.api("PUT", path, {**form, "segment": {"kind": "bought"}}).status_code == 422
    kept = sam.api("PUT", path, form)
    assert kept.status_code == 200 and kept.json and kept.json["segment"]["words"] == "tea"
    assert sam.api("GET", f"{path}/reach").status_code == 200
    assert sam.api("PUT", f"{path}/start").status_code == 200
    assert sam.api("PUT", path, form).status_code == 422
    rows = sam.api("GET", "/proactive-messages").json
    assert rows and [one["state"] for one in rows["rows"]] == ["running"]
    assert sam.api("PUT", f"{path}/stop").json["state"] == "stopped"
    assert sam.api("PUT", f"{path}/stop").status_code == 422
