"""The mails that leave about what was planted: what a customer comes to read of it."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

from sqlalchemy import select

from desk.actions.mail.acknowledge import KIND, acknowledge
from desk.actions.mail.letters import letter_for
from desk.actions.messages.reply import Reply, send_reply
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.conversation import Conversation
from desk.model.inbound import ChannelKind, InboundMessage, Participant
from desk.model.transit import Outbox
from desk.store.outbox import find_for_message
from desk.store.unit_of_work import Store, Work
from drills.planting import NOBODY, Cage
from tests.people import STAGE, Cast

SECRET = "canary"


def letters(store: Store, cast: Cast, cage: Cage) -> Iterator[tuple[str, str]]:
    """Where each mail comes from, and everything that can be read in it.

    A reply with its quote in the case of secrets, one in a case beside it, and an acknowledgement.
    """
    yield "the reply", _reply(store, cast, cast.ben, cage.billing_case)
    yield "the reply in another case", _reply(store, cast, cast.ada, cage.shared_case)
    with store.unit_of_work(STAGE) as work:
        written = cage.canary("a sender's words", NOBODY)
        yield "the acknowledgement", _read(work, _acknowledgement(work, cast, cage.billing_case, written))


def _reply(store: Store, cast: Cast, agent: Agent, case_id: int) -> str:
    with store.unit_of_work(cast.actor(agent)) as work:
        sent = send_reply(work, case_id, Reply(text="It is on its way.", client_id=f"letter-{case_id}"))
        letter = find_for_message(work.session, sent.id)
        assert letter is not None
        return _read(work, letter)


def _acknowledgement(work: Work, cast: Cast, case_id: int, written: str) -> Outbox:
    case = work.session.get_one(Case, case_id)
    inbound = InboundMessage(
        channel=ChannelKind.EMAIL,
        source_key="planted",
        sender=Participant("cleo@example.org", written),
        subject=written,
        text=written,
        reply=written,
        message_id=f"{case_id}@example.org",
    )
    conversation_id = work.session.scalar(select(Conversation.id).where(Conversation.case_id == case_id))
    assert conversation_id is not None
    acknowledge(
        work,
        case,
        inbound,
        channel_id=cast.mail.id,
        our_address=cast.mail.address,
        conversation_id=conversation_id,
    )
    return work.session.scalars(select(Outbox).where(Outbox.case_id == case_id, Outbox.kind == KIND)).one()


def _read(work: Work, letter: Outbox) -> str:
    """The mail as its reader has it, and its raw lines besides."""
    raw = letter_for(work, letter, secret=SECRET).raw
    mail = message_from_bytes(raw, policy=default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([raw.decode("utf-8", "replace"), str(mail.items()), *parts])
