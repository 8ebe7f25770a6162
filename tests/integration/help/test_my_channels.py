"""My cases, whatever channel their words came by: one face to the customer, and their own clock."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from desk.model.case import Case
from desk.model.customer import AddressKind, Customer
from desk.model.inbound import ChannelKind
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store
from tests.integration.help.guests import Post, signed_in
from tests.people import STAGE, Cast, a_channel, a_conversation, a_customer, a_message, an_address

HERS, CLAIMED = "+447700900123", "+447700900124"


def test_texts_to_a_confirmed_number_are_shown_and_to_a_claimed_one_not(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        an_address(work, cast.cleo, HERS, kind=AddressKind.PHONE)
        an_address(work, cast.cleo, CLAIMED, kind=AddressKind.PHONE, verified=False)
        case = work.session.get_one(Case, cleos.id)
        texts = a_conversation(work, case, a_channel(work, "+442079460958", kind=ChannelKind.SMS))
        for number, words in ((HERS, "Texted to her."), (CLAIMED, "Texted to whomever.")):
            text = a_message(work, case, words, kind=MessageKind.OUTBOUND, agent=cast.ada, conversation=texts)
            text.recipients_to = [{"address": number, "name": ""}]

    shown = signed_in(app, post, "cleo@example.org").get(f"/help/cases/{cleos.id}").text
    assert "Texted to her." in shown
    assert "Texted to whomever." not in shown


def test_both_sides_of_a_chat_are_shown_and_no_word_of_another_one(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        case = work.session.get_one(Case, cleos.id)
        channel = a_channel(work, "site-of-the-shop", kind=ChannelKind.CHAT)
        chat, another = a_conversation(work, case, channel), a_conversation(work, case, channel)
        another.customer_id = a_customer(work, "Noa", "noa@example.org").id
        said = [
            a_message(work, case, "Asked in the chat", conversation=chat),
            a_message(
                work, case, "Said in the chat", kind=MessageKind.OUTBOUND, agent=cast.ada, conversation=chat
            ),
        ]
        other = a_message(
            work, case, "Said to Noa", kind=MessageKind.OUTBOUND, agent=cast.ada, conversation=another
        )
        for number, message in enumerate([*said, other], 1):
            message.sequence = number

    shown = signed_in(app, post, "cleo@example.org").get(f"/help/cases/{cleos.id}").text
    assert "Asked in the chat" in shown and "Said in the chat" in shown
    assert "Said to Noa" not in shown


def test_times_are_those_of_the_customer_s_clock_and_say_whose(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        case = work.session.get_one(Case, cleos.id)
        conversation = a_conversation(work, case, work.session.merge(cast.mail))
        summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        a_message(work, case, "In summer", conversation=conversation, at=summer)
    browser = signed_in(app, post, "cleo@example.org")
    assert "1 July 2026, 12:00 UTC" in browser.get(f"/help/cases/{cleos.id}").text

    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Customer, cast.cleo.id).time_zone = "Europe/Stockholm"
    assert "1 July 2026, 14:00 CEST" in browser.get(f"/help/cases/{cleos.id}").text
