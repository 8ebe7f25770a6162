"""An answer by text: offered where it may be, never twice, and shown as it fares."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from desk.actions.mail.deliveries import send_again
from desk.actions.messages.ways import ways_shown
from desk.actions.texts.deliveries import claim_text, found_among, note_accepted
from desk.demo.twilio_account import Turn
from desk.jobs.deliver import deliver_due
from desk.model.agent import Agent
from desk.model.channel import Channel, ChannelState
from desk.model.customer import AddressKind
from desk.model.errors import Invalid
from desk.model.message import DeliveryState, Message
from desk.model.texting import SentText
from desk.model.transit import Outbox, OutboxState
from desk.store.customers.finding import keep_consent
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE, a_case, an_address
from tests.security.browser import Browser


def test_an_answer_leaves_once_and_is_shown_delivered(desk: DeskWithANumber) -> None:
    case_id = desk.receive("Where is it?").case_id
    message = desk.answer(case_id, "  On its way — today.  ")
    assert desk.deliver() == 1
    (sent,) = desk.twilio.sent()
    assert (sent.to, sent.sender, sent.body) == (CLEO, desk.twilio.number, "On its way — today.")
    assert desk.message(message.id).state is DeliveryState.SENT
    for status in ("sending", "sent", "delivered"):
        assert desk.twilio.fare(sent, status) == 200
    assert desk.message(message.id).state is DeliveryState.DELIVERED
    assert desk.deliver() == 0


def test_what_the_number_texts_next_belongs_to_the_case_that_wrote_to_it(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        an_address(work, desk.cast.cleo, CLEO, kind=AddressKind.PHONE)
        keep_consent(work.session, desk.cast.cleo.id, "sms", granted=True, source="told Ada", at=work.now)
        case = a_case(work, desk.cast.cleo, queue=desk.cast.support, text="By mail")
    desk.answer(case.id, "By text", channel_id=desk.channel.id)
    assert desk.receive("Thank you").case_id == case.id


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])))
def test_statuses_in_any_order_five_times_at_once_end_delivered(
    desk: DeskWithANumber, order: tuple[str, ...]
) -> None:
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    (sent,) = desk.twilio.sent()
    with ThreadPoolExecutor(5) as pool:
        for status in order:
            assert set(pool.map(lambda _, told=status: desk.twilio.fare(sent, told), range(5))) == {200}
    assert desk.message(message.id).state is DeliveryState.DELIVERED


def test_statuses_of_a_text_that_is_not_known_yet_are_kept_until_it_is(desk: DeskWithANumber) -> None:
    """All of them at once, while the answer to our request is still on its way."""
    early: list[int] = []

    def at_once(text: object) -> None:
        with ThreadPoolExecutor(3) as pool:
            statuses = ("delivered", "sent", "queued")
            early.extend(pool.map(lambda told: desk.twilio.fare(text, told), statuses))  # type: ignore[arg-type]

    desk.twilio.on_sent = at_once
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    assert early == [200] * 3
    assert desk.message(message.id).state is DeliveryState.DELIVERED


def test_a_failure_is_told_and_the_agent_may_try_again(desk: DeskWithANumber) -> None:
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    first = desk.twilio.sent()[0]
    desk.twilio.fare(first, "undelivered", 30003)
    shown = desk.message(message.id)
    assert shown.state is DeliveryState.FAILED
    assert "switched off or out of reach. (Twilio 30003)" in (shown.state_sentence or "")
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        send_again(work, message.id)
    desk.deliver()
    second = desk.twilio.sent()[1]
    desk.twilio.fare(second, "delivered")
    desk.twilio.fare(first, "failed", 30003)
    assert desk.message(message.id).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("turn", [Turn(hang_up=True), Turn(hang_up=True, then=(("sent", None),))])
def test_a_line_that_broke_after_the_text_was_taken_never_sends_a_second(
    desk: DeskWithANumber, turn: Turn
) -> None:
    desk.twilio.turns = [turn]
    message = desk.answer(desk.receive("Hello").case_id)
    for _ in range(5):
        desk.deliver()
        desk.hasten()
    assert len(desk.twilio.sent()) == 1
    assert desk.message(message.id).state is DeliveryState.SENT


def test_a_text_that_was_not_taken_is_looked_up_and_then_sent(desk: DeskWithANumber) -> None:
    desk.twilio.turns = [Turn(code=20500, status=503)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    assert desk.message(message.id).state is DeliveryState.UNCERTAIN
    assert desk.twilio.sent() == []
    desk.hasten()
    desk.deliver()
    assert len(desk.twilio.sent()) == 1
    assert f"GET /2010-04-01/Accounts/{desk.twilio.account_sid}/Messages.json" in desk.twilio.asked


def test_the_same_words_twice_on_purpose_are_two_texts(desk: DeskWithANumber) -> None:
    case_id = desk.receive("Hello").case_id
    desk.twilio.turns = [Turn(hang_up=True), Turn(hang_up=True)]
    for number in range(2):
        desk.answer(case_id, "Yes.", client_id=f"yes {number}")
    for _ in range(5):
        desk.deliver()
        desk.hasten()
    assert len(desk.twilio.sent()) == 2
    with desk.store.reading(STAGE) as work:
        assert len({one.outbox_id for one in work.session.scalars(select(SentText))}) == 2


def test_two_texts_in_doubt_are_never_both_told_from_one_that_left(desk: DeskWithANumber) -> None:
    """Two workers look at once and see the same single text; the one that waits must look further."""
    case_id = desk.receive("Hello").case_id
    texts = []
    for number in range(2):
        desk.answer(case_id, "Yes.", client_id=f"yes {number}")
        with desk.store.unit_of_work(STAGE) as work:
            texts.append(claim_text(work, desk.kept_channel(work)))
    first, second = texts
    assert first and second

    def second_looks() -> str | None:
        with desk.store.unit_of_work(STAGE) as work:
            return found_among(work, second, ["SMonly"])

    with ThreadPoolExecutor(1) as pool:
        with desk.store.unit_of_work(STAGE) as work:
            assert found_among(work, first, ["SMonly"]) == "SMonly"
            waiting = pool.submit(second_looks)
            note_accepted(work, first.outbox_id, "SMonly", "sent")
        assert waiting.result(timeout=60) is None


def test_a_worker_that_died_with_a_text_in_hand_leaves_it_to_be_looked_up(desk: DeskWithANumber) -> None:
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    with desk.store.unit_of_work(STAGE) as work:  # as it was before the answer was noted
        work.session.query(SentText).delete()
        carrier = work.session.scalars(select(Outbox)).one()
        carrier.state, carrier.lease_until = OutboxState.SENDING, work.now - timedelta(seconds=1)
    for _ in range(3):
        desk.deliver()
        desk.hasten()
    assert len(desk.twilio.sent()) == 1
    assert desk.message(message.id).state is DeliveryState.SENT


def test_an_agent_who_sends_an_uncertain_text_again_sends_none_twice(desk: DeskWithANumber) -> None:
    desk.twilio.turns = [Turn(hang_up=True)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        send_again(work, message.id)
    desk.deliver()
    assert len(desk.twilio.sent()) == 1


def test_a_text_given_up_in_doubt_is_sent_again_only_for_an_agent_who_knows_the_risk(
    desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    desk.twilio.turns = [Turn(hang_up=True)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    with desk.store.unit_of_work(STAGE) as work:
        work.session.scalars(select(Outbox)).one().queued_at -= timedelta(hours=25)
    desk.hasten()
    deliver_due(desk.store, desk.settings.model_copy(update={"secret_key": "another key"}))
    shown = desk.message(message.id)
    assert shown.state is DeliveryState.FAILED and "It may have left." in (shown.state_sentence or "")

    ada = as_agent(desk.cast.ada)
    refused = ada.api("PUT", f"/messages/{message.id}/delivery")
    assert (refused.status_code, refused.json["error"]["field"]) == (422, "accept_doubling")
    assert "may arrive twice" in refused.json["error"]["sentence"]
    desk.deliver()
    assert len(desk.twilio.sent()) == 1

    again = ada.api("PUT", f"/messages/{message.id}/delivery", {"accept_doubling": True})
    assert (again.status_code, again.json["perhaps_twice"]) == (200, True)
    desk.deliver()
    assert len(desk.twilio.sent()) == 2


def test_a_text_in_doubt_is_never_sent_again_because_the_account_cannot_be_opened(
    desk: DeskWithANumber,
) -> None:
    desk.twilio.turns = [Turn(hang_up=True)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    assert desk.message(message.id).state is DeliveryState.UNCERTAIN

    desk.hasten()
    deliver_due(desk.store, desk.settings.model_copy(update={"secret_key": "another key"}))
    assert desk.message(message.id).state is DeliveryState.UNCERTAIN
    desk.hasten()
    desk.deliver()
    assert desk.message(message.id).state is DeliveryState.SENT
    assert len(desk.twilio.sent()) == 1


def test_while_twilio_cannot_be_asked_the_text_stays_uncertain(desk: DeskWithANumber) -> None:
    desk.twilio.turns = [Turn(hang_up=True)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    desk.twilio.stop()
    desk.hasten()
    desk.deliver()
    shown = desk.message(message.id)
    assert shown.state is DeliveryState.UNCERTAIN and "asked before another try" in (
        shown.state_sentence or ""
    )


def test_too_many_requests_wait_and_nothing_is_lost(desk: DeskWithANumber) -> None:
    desk.twilio.turns = [Turn(code=20429, status=429)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    assert desk.message(message.id).state is DeliveryState.QUEUED
    desk.hasten()
    desk.deliver()
    assert len(desk.twilio.sent()) == 1


@pytest.mark.parametrize(("code", "words"), [(21610, "STOP"), (21211, "not a number"), (21614, "landline")])
def test_a_refusal_for_good_is_never_tried_again(desk: DeskWithANumber, code: int, words: str) -> None:
    desk.twilio.turns = [Turn(code=code)]
    message = desk.answer(desk.receive("Hello").case_id)
    desk.deliver()
    desk.hasten()
    assert desk.deliver() == 0
    shown = desk.message(message.id)
    assert shown.state is DeliveryState.FAILED and words in (shown.state_sentence or "")
    assert desk.stops() == ({(desk.twilio.number, CLEO): True} if code == 21610 else {})


def test_an_account_that_does_not_open_says_so_and_texts_wait(desk: DeskWithANumber) -> None:
    message = desk.answer(desk.receive("Hello").case_id)
    token, desk.twilio.auth_token = desk.twilio.auth_token, "changed"
    desk.deliver()
    assert desk.message(message.id).state is DeliveryState.QUEUED
    with desk.store.reading(STAGE) as work:
        assert desk.kept_channel(work).state is ChannelState.TROUBLE
    desk.twilio.auth_token = token
    desk.hasten()
    desk.deliver()
    assert len(desk.twilio.sent()) == 1
    with desk.store.reading(STAGE) as work:
        assert desk.kept_channel(work).state is ChannelState.OK


def test_a_stop_that_comes_while_a_text_waits_holds_it_back(desk: DeskWithANumber) -> None:
    case_id = desk.receive("Hello").case_id
    message = desk.answer(case_id)
    desk.receive("STOP")
    desk.deliver()
    assert desk.twilio.sent() == []
    assert desk.message(message.id).state is DeliveryState.FAILED
    with pytest.raises(Invalid, match="asked for no more texts"):
        desk.answer(case_id, "But", client_id="another", channel_id=desk.channel.id)


def test_a_text_is_at_most_1600_characters(desk: DeskWithANumber) -> None:
    case_id = desk.receive("Hello").case_id
    with pytest.raises(Invalid, match="1,601"):
        desk.answer(case_id, "a" * 1601)


def test_a_number_that_is_not_the_customers_cannot_be_named(desk: DeskWithANumber) -> None:
    case_id = desk.receive("Hello").case_id
    with pytest.raises(Invalid, match="no number of this customer"):
        desk.answer(case_id, "Hi", to=("+447700900999",))
    with pytest.raises(Invalid, match="one number"):
        desk.answer(case_id, "Hi", to=(CLEO, "+447700900999"))
    desk.answer(case_id, "Hi", to=("+44 7700 900123",))


def obstacle(desk: DeskWithANumber, case_id: int | None) -> str | None:
    assert case_id is not None
    with desk.store.reading(desk.cast.actor(desk.cast.ada)) as work:
        found = [way for way in ways_shown(work, case_id) if way["kind"] == "sms"]
    return found[0]["obstacle"]  # type: ignore[no-any-return]


def test_the_composer_says_why_a_text_cannot_go(desk: DeskWithANumber) -> None:
    assert obstacle(desk, desk.receive("Hello").case_id) is None
    assert "cannot be answered" in str(obstacle(desk, desk.receive("Hi", sender="60606").case_id))
    assert "may not text Ireland" in str(obstacle(desk, desk.receive("Hi", sender="+353850000001").case_id))
    assert "may not text numbers of no country" in str(
        obstacle(desk, desk.receive("Hi", sender="+88213000001").case_id)
    )
    with desk.store.unit_of_work(STAGE) as work:
        case = a_case(work, desk.cast.cleo, queue=desk.cast.support, text="By mail")
    assert "No phone number" in str(obstacle(desk, case.id))
    with desk.store.unit_of_work(STAGE) as work:
        an_address(work, desk.cast.cleo, "+447700900555", kind=AddressKind.PHONE)
    assert "nor agreed to be texted" in str(obstacle(desk, case.id))
    with desk.store.unit_of_work(STAGE) as work:
        keep_consent(work.session, desk.cast.cleo.id, "sms", granted=True, source="told Ada", at=work.now)
    assert obstacle(desk, case.id) is None
    with desk.store.unit_of_work(STAGE) as work:
        keep_consent(work.session, desk.cast.cleo.id, "sms", granted=False, source="told Ada", at=work.now)
    assert "does not want" in str(obstacle(desk, case.id))
    desk.change(countries=["IE"])
    assert "may not text Britain (UK)" in str(obstacle(desk, desk.receive("Hello").case_id))


def test_whatsapp_takes_an_answer_for_24_hours(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).address = f"whatsapp:{desk.twilio.number}"
    desk.twilio.number = f"whatsapp:{desk.twilio.number}"
    case_id = desk.receive("Hello", sender=f"whatsapp:{CLEO}").case_id
    desk.answer(case_id)
    desk.deliver()
    assert desk.twilio.sent()[0].to == f"whatsapp:{CLEO}"
    with desk.store.unit_of_work(STAGE) as work:
        work.session.execute(update(Message).values(at=Message.at - timedelta(hours=25)))
    assert "within 24 hours" in str(obstacle(desk, case_id))


def test_spending_ends_at_the_limit_and_rings_an_alarm(desk: DeskWithANumber) -> None:
    """C9: whoever makes us text, it costs no more than the day's limit."""
    desk.change(daily_limit=4)
    case_id = desk.receive("Hello").case_id
    for number in range(8):
        desk.answer(case_id, f"Text {number}", client_id=f"text {number}")
    desk.deliver()
    assert len(desk.twilio.sent()) == 2, "half of the limit is what one range of numbers gets"
    other = desk.receive("Hello", sender="+442079460000").case_id
    for number in range(8):
        desk.answer(other, f"Text {number}", client_id=f"more {number}")
    desk.deliver()
    assert len(desk.twilio.sent()) == 4
    with desk.store.reading(STAGE) as work:
        channel: Channel = desk.kept_channel(work)
        assert channel.state is ChannelState.TROUBLE and "limit of 4 segments" in (channel.trouble or "")


def test_the_composer_asks_what_a_text_costs(
    desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ada = as_agent(desk.cast.ada)
    dear = ada.api("POST", "/sms/segments", {"text": "It’s here. " * 12}).json
    assert (dear["encoding"], dear["segments"], dear["many"]) == ("UCS-2", 2, False)
    assert dear["plain"]["segments"] == 1 and "It's here." in dear["plain"]["text"]
    assert (dear["places"], dear["room"], dear["rare_letters"]) == (131, 134, ["’"])
    assert ada.api("POST", "/sms/segments", {"text": "a" * 1601}).json["too_long"]


def test_a_held_text_can_be_taken_back(desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]) -> None:
    message = desk.answer(desk.receive("Hello").case_id, "Too soon", hold_seconds=30)
    taken_back = as_agent(desk.cast.ada).api("DELETE", f"/messages/{message.id}/hold")
    assert taken_back.status_code == 200, taken_back.text
    desk.hasten()
    assert desk.deliver() == 0
