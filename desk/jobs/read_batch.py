"""A batch of new contacts becomes questions of the topics that are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.actions.insights.questions import Read, keep_questions
from desk.insights.asking import Part, read
from desk.insights.boilerplate import less
from desk.insights.cleaning import is_askable, question_of
from desk.insights.discovery import NO_TOPIC
from desk.insights.encoders.remembered import words_hash
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.store.insights.topics import newest_discovery
from desk.store.insights.unread import Contact, Partition, unread_contacts


def read_batch(reading: Reading, now: datetime, within: Partition | None = None) -> list[int]:
    """Read the first that nobody has read yet, or what is unread of a partition; the messages that were read.

    What a second reader took is left. What was read while topics were found anew is read again.
    """
    while True:
        with reading.store.reading(ANALYST, now=now) as work:
            contacts = unread_contacts(work.session, work.now, reading.batch, within)
            # Before the topics themselves: if others are found between, nothing is kept.
            under = newest_discovery(work.session)
        if not contacts:
            return []
        rows = _read(reading, contacts)
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            if keep_questions(work, rows, under):
                return [contact.message_id for contact in contacts]


def _read(reading: Reading, contacts: Sequence[Contact]) -> list[Read]:
    standing = reading.standing()
    boilerplate = standing.boilerplate if standing else frozenset()
    questions = [less(_question(contact), boilerplate) for contact in contacts]
    known = reading.known(standing) if standing else None
    parts = read(known[0] if known else None, questions)
    numbers = known[1] if known else []
    return [
        _row(contact, ordinal, part, numbers)
        for contact, these in zip(contacts, parts, strict=True)
        for ordinal, part in enumerate(these)
    ]


def _question(contact: Contact) -> str:
    """What was said; the subject of a mail without words; nothing where there is no word at all."""
    for said in (contact.said or "", contact.subject if contact.channel != "chat" else ""):
        question = question_of(said, (contact.author_name, contact.customer_name))
        if is_askable(question):
            return question
    return ""


def _row(contact: Contact, ordinal: int, part: Part, numbers: list[int]) -> Read:
    return Read(
        message_id=contact.message_id,
        ordinal=ordinal,
        text=part.text,
        words_hash=words_hash(spoken(part.text)),
        found_id=None if part.row == NO_TOPIC else numbers[part.row],
        sure=part.sure,
        language_known=part.language_known,
    )
