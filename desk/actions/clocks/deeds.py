"""What deeds do to the clocks of a case; called by them, in the same transaction.

The caller holds the case, and has done to it what the deed does. Nothing happens on a desk that has
promised nothing.
"""

from __future__ import annotations

from desk.actions.clocks.book import Book, open_book, open_rows
from desk.model.case import Case, CaseStatus
from desk.model.sla import RESPONSES, EntryKind
from desk.sla.ledger import Entry
from desk.sla.rules import Deed, What
from desk.store.clocks.reading import Promise, clocks_numbered, entries_about, promise_once
from desk.store.unit_of_work import Work


def keep_clocks(work: Work, case: Case, deed: Deed, promise: Promise | None = None) -> None:
    """Start, pause, resume, meet or cancel what the deed concerns; clocks by an old calendar, tier or
    priority are aimed anew. `promise` is what holds for the case, where that is known.
    """
    book = open_book(work, case, promise)
    if book is None:
        return
    book.follow(deed)
    book.aim(deed)
    book.close()


def begin_clocks(work: Work, case: Case, deed: Deed, *, tier: str) -> Book | None:
    """The clocks of a case that is about to be kept for a customer of this tier, shown on it; `keep` them
    once it has a number.
    """
    promise = promise_once(work.line, queue_id=case.queue_id, tier=tier)
    if promise.policy_id is None:
        return None
    book = Book(work, case, promise, [])
    book.follow(deed)
    book.show()
    return book


def note_reply(work: Work, case: Case, message_id: int) -> None:
    """A person answered: response clocks are met, and the ball is with the customer."""
    keep_clocks(work, case, Deed(What.REPLIED, f"{work.actor.name} answered.", message_id=message_id))


def take_back_reply(work: Work, case: Case, message_id: int) -> None:
    """A reply came back before it left: what it did to the clocks was never so."""
    lines = entries_about(work.session, [case.id], message_id=message_id)
    book = open_book(work, case) if lines else None
    if book is None:
        return
    # A response that was met is over for good, and not among those at hand.
    concerned = clocks_numbered(work.session, {line.clock_id for line in lines})
    book.rows += [row for row in concerned if row not in book.rows]
    deed = Deed(What.WITHDRAWN, f"{work.actor.name} took the answer back before it left.")
    book.void(lines, deed)
    book.catch_up()
    _one_response(book, deed)
    book.follow(deed)
    book.close()


def flag_pauses(work: Work, case: Case, message_id: int, sentence: str) -> None:
    """The customer wrote, and the case rests all the same: its pauses are flagged, and go on."""
    if case.status not in (CaseStatus.WAITING, CaseStatus.ON_HOLD):
        return
    book = open_book(work, case)
    if book is None:
        return
    for row in open_rows(book.rows):
        book.write(row, Entry(EntryKind.FLAGGED, work.now, What.WROTE, sentence, message_id=message_id))
    book.close()


def _one_response(book: Book, deed: Deed) -> None:
    """The customer may have written after the answer that came back: they wait since their earlier word."""
    waiting = sorted(
        (row for row in open_rows(book.rows) if row.kind in RESPONSES), key=lambda row: row.started_at
    )
    for row in waiting[1:]:
        book.write(row, Entry(EntryKind.CANCELLED, book.work.now, deed.what, deed.sentence))
