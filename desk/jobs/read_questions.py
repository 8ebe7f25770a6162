"""New contacts become questions of the topics that are known, within a minute and outside their way in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.actions.questions import Read, keep_questions
from desk.insights.asking import Part, read
from desk.insights.boilerplate import less
from desk.insights.cleaning import is_askable, question_of
from desk.insights.discovery import NO_TOPIC
from desk.insights.encoders.remembered import words_hash
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.store.question_figures import LOOKED_AT
from desk.store.questions import Contact, unread_contacts
from desk.store.statistics import analyze

BATCH = 500


def read_questions(reading: Reading, now: datetime) -> int:
    """Read what nobody has read yet; how many contacts that were. What a second reader took is left.

    After more than a batch, as with an import, the planner is told what the figures will look at.
    """
    taken = 0
    while True:
        with reading.store.reading(ANALYST, now=now) as work:
            contacts = unread_contacts(work.session, work.now, BATCH)
        if not contacts:
            break
        rows = _read(reading, contacts)
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            keep_questions(work, rows)
        taken += len(contacts)
    if taken > BATCH:
        with reading.store.unit_of_work(ANALYST, now=now) as work:
            analyze(work.session, LOOKED_AT)
    return taken


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
