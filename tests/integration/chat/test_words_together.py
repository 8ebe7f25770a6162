"""Further words of several chats share a commit: each goes in once, and none waits for another's case."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from desk.actions.chat.visiting import Going, Gone, Heard, Said, go_on, speak
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.message import Message
from desk.model.transit import JournalEntry
from desk.store.chat.chats import KnownVisitor
from desk.store.unit_of_work import Store
from tests.chat import a_guest
from tests.people import STAGE


@dataclass(frozen=True)
class InAChat:
    visitor: KnownVisitor
    first: Heard
    case_id: int

    def says(self, client_id: str) -> Going:
        return Going(self.visitor, self.first.conversation_id, Said(client_id, f"This is {client_id}."))


@pytest.fixture
def chatting(store: Store, channel: Channel) -> list[InAChat]:
    """Three visitors who have each said a first word."""
    begun = []
    for _ in range(3):
        visitor = a_guest(store, channel).known
        with store.unit_of_work(STAGE) as w:
            first = speak(w, visitor, Said("first", "Is anybody there?"))
            case_id = w.session.get_one(Message, first.message_id).case_id
        begun.append(InAChat(visitor, first, case_id))
    return begun


def gone_on(store: Store, *saying: Going) -> list[Gone | None]:
    with store.unit_of_work(STAGE) as w:
        return go_on(w, saying)


def test_each_word_goes_into_its_chat_and_its_journal(store: Store, chatting: list[InAChat]) -> None:
    went = gone_on(store, *(one.says(f"w{place}") for place, one in enumerate(chatting)))

    assert [gone and (gone.heard.sequence, gone.row.case_id) for gone in went] == [
        (2, one.case_id) for one in chatting
    ]
    with store.reading(STAGE) as w:
        kept = w.session.scalars(select(Message).where(Message.sequence == 2).order_by(Message.case_id)).all()
        assert [(one.text, one.position) for one in kept] == [(f"This is w{n}.", 2) for n in range(3)]
        told = w.session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc()).limit(3)).all()
        assert {entry.payload["message_id"] for entry in told} == {one.id for one in kept}
        counts = w.session.scalars(select(Case.last_position).order_by(Case.id)).all()
        assert list(counts) == [2, 2, 2]


def test_said_before_or_twice_at_once_is_left_to_the_long_way(store: Store, chatting: list[InAChat]) -> None:
    ada, ben, cleo = chatting
    gone_on(store, ada.says("before"))

    went = gone_on(store, ada.says("before"), ben.says("one"), ben.says("two"), cleo.says("three"))

    assert [gone is not None for gone in went] == [False, True, False, True]
    with store.reading(STAGE) as w:
        assert [w.session.get_one(Case, one.case_id).last_position for one in chatting] == [2, 2, 2]


def test_a_case_that_somebody_holds_keeps_nobody_else_waiting(store: Store, chatting: list[InAChat]) -> None:
    ada, ben, _ = chatting
    with store.unit_of_work(STAGE) as other:
        other.session.get_one(Case, ada.case_id, with_for_update=True)

        assert [gone is not None for gone in gone_on(store, ada.says("w"), ben.says("w"))] == [False, True]
    with store.unit_of_work(STAGE) as w:
        assert speak(w, ada.visitor, Said("w", "This is w.")).sequence == 2


def test_a_token_that_is_good_no_more_lets_nothing_in(store: Store, chatting: list[InAChat]) -> None:
    ada, ben, _ = chatting
    with store.unit_of_work(STAGE) as w:
        revoke = "UPDATE visitors SET revoked_at = now() WHERE id = :id"
        w.session.execute(text(revoke), {"id": ada.visitor.id})

    stranger = Going(ada.visitor, ben.first.conversation_id, Said("w", "Not mine."))
    went = gone_on(store, ada.says("w"), stranger, ben.says("w"))
    assert [gone is not None for gone in went] == [False, False, True]
