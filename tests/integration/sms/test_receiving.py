"""Texts become messages of cases: one conversation a number, each once, whatever they say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from desk.actions.mail.quarantine import read_again
from desk.jobs.read_texts import read_texts
from desk.model.case import Case, CaseStatus
from desk.model.customer import Address, AddressKind, Consent, Customer
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, MessageKind
from desk.model.texting import Suppression
from desk.model.transit import Inbox, InboxState, Outbox
from desk.store.inbox import RawMail, keep_raw
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE, an_address


def test_a_text_opens_a_case_and_the_next_continues_it(desk: DeskWithANumber) -> None:
    first = desk.receive("Where is my kettle?\nI wait for a week.")
    second = desk.receive("Order NK-1")
    assert first.case_id == second.case_id
    case = desk.case(first.case_id)
    assert (case.channel, case.subject, case.queue_id) == (
        ChannelKind.SMS, "Where is my kettle?", desk.cast.support.id,
    )  # fmt: skip
    said = desk.messages(case.id)
    assert [one.text for one in said] == ["Where is my kettle?\nI wait for a week.", "Order NK-1"]
    assert said[1].threading == "It goes on with the conversation with this number."
    assert {one.author_kind for one in said} == {AuthorKind.CUSTOMER}


def test_two_numbers_are_two_cases_and_a_known_number_is_its_customers(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        an_address(work, desk.cast.cleo, CLEO, kind=AddressKind.PHONE)
    known, stranger = desk.receive("Hello"), desk.receive("Hello", sender="+447700900999")
    assert known.case_id != stranger.case_id
    assert desk.case(known.case_id).customer_id == desk.cast.cleo.id
    assert desk.case(stranger.case_id).customer_id != desk.cast.cleo.id


def test_the_number_of_a_stranger_is_claimed_and_that_of_whatsapp_proven(desk: DeskWithANumber) -> None:
    desk.receive("Hello")
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).address = f"whatsapp:{desk.twilio.number}"
    desk.twilio.number = f"whatsapp:{desk.twilio.number}"
    desk.receive("Hello", sender="whatsapp:+447700900777", ProfileName="Dora")
    with desk.store.reading(STAGE) as work:
        found = {one.value: one for one in work.session.scalars(select(Address))}
        assert not found[CLEO].is_verified
        assert found["+447700900777"].is_verified
        dora = work.session.get_one(Customer, found["+447700900777"].customer_id)
        assert dora.name == "Dora"


def test_the_same_text_five_times_at_once_is_one_message(desk: DeskWithANumber) -> None:
    text = desk.twilio.lose(CLEO, "Once")
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: desk.twilio.bring_again(text), range(5)))
    assert answers == [200] * 5
    desk.read()
    assert [one.text for case in desk.cases() for one in desk.messages(case.id)] == ["Once"]


def test_two_first_texts_of_a_number_read_at_once_are_one_conversation(desk: DeskWithANumber) -> None:
    for number in range(8):
        desk.twilio.write(CLEO, f"Part {number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: read_texts(desk.store, desk.settings), range(4)))
    desk.read()
    assert len(desk.cases()) == 1
    assert len(desk.messages(desk.cases()[0].id)) == 8


def test_a_resolved_case_is_reopened_within_the_window_and_followed_after_it(desk: DeskWithANumber) -> None:
    first = desk.receive("Hello")
    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, first.case_id).resolve(work.now, "Answered")
    assert desk.receive("Thanks, but").case_id == first.case_id
    assert desk.case(first.case_id).status is CaseStatus.OPEN
    with desk.store.unit_of_work(STAGE) as work:
        case = work.session.get_one(Case, first.case_id)
        case.resolve(work.now, "Answered")
        case.resolved_at = work.now - timedelta(days=60)
    later = desk.receive("Something else")
    assert later.case_id != first.case_id
    assert desk.case(later.case_id).follows_id == first.case_id
    assert desk.receive("And more").case_id == later.case_id


@pytest.mark.parametrize("sender", ["60606", "MyBank"])
def test_a_sender_that_is_no_number_is_kept_as_it_came(desk: DeskWithANumber, sender: str) -> None:
    read = desk.receive("Your code is 4711", sender=sender)
    (message,) = desk.messages(read.case_id)
    assert message.author_address == sender
    assert desk.receive("Again", sender=sender).case_id == read.case_id


@pytest.mark.parametrize("word", ["STOP", " stop "])
def test_stop_is_kept_shown_and_wakes_nobody(desk: DeskWithANumber, word: str) -> None:
    read = desk.receive("Hello")
    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, read.case_id).resolve(work.now, "Answered")
    stop = desk.receive(word)
    assert stop.case_id == read.case_id
    assert desk.case(read.case_id).status is CaseStatus.RESOLVED
    assert desk.stops() == {(desk.twilio.number, CLEO): True}
    said = desk.messages(read.case_id)
    assert "asked for no more texts" in said[-1].text and said[-1].kind is MessageKind.EVENT
    assert desk.consents() == {"sms": False}
    with desk.store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_start_takes_it_back_and_is_an_ordinary_text_where_there_was_no_stop(desk: DeskWithANumber) -> None:
    desk.receive("Hello")
    desk.receive("STOP")
    desk.receive("START")
    assert desk.stops() == {(desk.twilio.number, CLEO): False}
    assert desk.consents() == {"sms": True}
    case = desk.case(desk.receive("Yes").case_id)
    assert case.status is CaseStatus.OPEN and case.last_inbound_position == case.last_position


def test_a_stop_of_a_stranger_is_kept_and_opens_no_case(desk: DeskWithANumber) -> None:
    read = desk.receive("STOP")
    assert (read.outcome, read.case_id) == ("ignored", None)
    assert desk.stops() == {(desk.twilio.number, CLEO): True}
    assert desk.cases() == []


def test_cancel_stops_the_line_but_may_be_an_answer_and_wakes_the_agent(desk: DeskWithANumber) -> None:
    read = desk.receive("Hello")
    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, read.case_id).wait_for_customer()
    desk.receive("CANCEL")
    assert desk.stops() == {(desk.twilio.number, CLEO): True}
    assert desk.case(read.case_id).status is CaseStatus.OPEN


def test_stop_please_is_no_stop_and_carries_a_flag(desk: DeskWithANumber) -> None:
    read = desk.receive("Stop please")
    assert desk.stops() == {}
    (message,) = desk.messages(read.case_id)
    assert "only the word STOP alone is heard" in message.suspicions[0]


def test_a_stop_to_a_messaging_service_is_against_all_its_numbers(desk: DeskWithANumber) -> None:
    desk.change(messaging_service_sid="MG1")
    desk.receive("Hello")
    desk.receive("no more", OptOutType="STOP")
    assert desk.stops() == {("MG1", CLEO): True}


def test_what_cannot_be_read_is_set_aside_and_can_be_read_again(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        keep_raw(work.line, desk.channel.id, [RawMail("SMbroken", b"{}")], work.now, ChannelKind.SMS)
    good = desk.receive("Behind it")
    assert good.state is InboxState.DONE
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.sam)) as work:
        broken = work.session.scalars(select(Inbox).where(Inbox.source_key == "SMbroken")).one()
        assert broken.state is InboxState.QUARANTINED and broken.outcome_reason
        broken.raw = work.session.get_one(Inbox, good.id).raw.replace(good.source_key.encode(), b"SMbroken")
        read_again(work, broken.id)
    desk.read()
    assert [one.text for one in desk.messages(good.case_id)] == ["Behind it", "Behind it"]


def test_letters_that_cannot_be_kept_are_left_out(desk: DeskWithANumber) -> None:
    read = desk.receive("a\0b\x07c 😀")
    assert desk.messages(read.case_id)[0].text == "abc 😀"


def test_a_text_without_words_is_still_a_message(desk: DeskWithANumber) -> None:
    read = desk.receive("")
    assert desk.case(read.case_id).subject == f"Text from {CLEO}"


def test_consents_and_stops_are_rows_of_their_own(desk: DeskWithANumber) -> None:
    desk.receive("STOP")
    with desk.store.reading(STAGE) as work:
        (stop,) = work.session.scalars(select(Suppression))
        assert "texted STOP" in stop.source
        assert work.session.scalars(select(Consent)).all() == []
