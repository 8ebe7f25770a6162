"""Merges, splits and their undoing: no promise is lost with its case, and none is made twice.

- Merged: clocks that run go along. Of two of a kind, the one to be kept first goes on, and the other
  is cancelled; what has ended stays with the case in which it ended.
- Split: the running response clock goes with the question that it counts from; the case that stays
  counts from what is still unanswered there.
- Undone: clocks go back, and what was cancelled for the merge is as if it had never been.
"""

from __future__ import annotations

from desk.actions.clocks.book import Book, clock_of, open_books, open_rows
from desk.model.case import Case
from desk.model.sla import RESPONSES, EntryKind, SlaClock
from desk.sla.ledger import Entry
from desk.sla.rules import Deed, What, sooner
from desk.store.clocks.reading import clocks_numbered, entries_about
from desk.store.unit_of_work import Work


def join_clocks(work: Work, gone: Case, kept: Case, deed: Deed) -> None:
    """One case became part of another; the caller holds both, as they are after it."""
    books = _books(work, gone, kept)
    if books is None:
        return
    of_gone, of_kept = books
    of_kept.follow(Deed(What.STATUS, deed.sentence, move_id=deed.move_id))
    for row in open_rows(of_gone.rows):
        rival = next((one for one in open_rows(of_kept.rows) if one.kind is row.kind), None)
        if rival is None or sooner(clock_of(rival), clock_of(row), of_kept.hours_for) != clock_of(rival):
            _move(row, of_gone, of_kept, deed)
            _cancel(rival, of_kept, deed)
        else:
            _cancel(row, of_gone, deed)
    _settle(of_kept, deed)
    of_gone.close()


def part_clocks(work: Work, back: Case, left: Case, deed: Deed) -> None:
    """A merge was undone: `back` is a case of its own again. The caller holds both, as they are after it."""
    lines = entries_about(work.session, [back.id, left.id], move_id=deed.move_id)
    books = _books(work, back, left)
    if books is None:
        return
    of_back, of_left = books
    concerned = clocks_numbered(work.session, {line.clock_id for line in lines})
    moved = {line.clock_id for line in lines if line.kind is EntryKind.MOVED}
    for row in concerned:
        book = of_left if row.case_id == left.id else of_back
        if row not in book.rows:
            book.rows.append(row)
        if row.id in moved and book is of_left:
            _move(row, of_left, of_back, deed)
    cancelled = [line for line in lines if line.kind is EntryKind.CANCELLED]
    for book in (of_back, of_left):
        for row in book.void(cancelled, deed):
            if row.kind in RESPONSES and book.case.waiting_since is None:
                _cancel(row, book, Deed(deed.what, "It was answered while the two cases were one."))
        book.catch_up()
        _settle(book, deed)


def divide_clocks(work: Work, case: Case, new: Case, deed: Deed) -> None:
    """Messages became a case of their own; the caller holds both, as they are after it."""
    books = _books(work, case, new)
    if books is None:
        return
    of_case, of_new = books
    for row in open_rows(of_case.rows):
        if row.kind in RESPONSES and _counts_from_elsewhere(row, case):
            if new.waiting_since is not None and not _answers(of_new):
                _move(row, of_case, of_new, deed)
            else:
                _cancel(row, of_case, deed)
    of_new.follow(Deed(What.OPENED, deed.sentence, move_id=deed.move_id, since=new.waiting_since))
    if case.waiting_since is not None and not _answers(of_case):
        of_case.follow(Deed(What.WROTE, deed.sentence, move_id=deed.move_id, since=case.waiting_since))
    _settle(of_new, deed)
    _settle(of_case, deed)


def _books(work: Work, one: Case, other: Case) -> tuple[Book, Book] | None:
    books = {book.case.id: book for book in open_books(work, [one, other])}
    if not any(book.rows or book.promise.policy_id for book in books.values()):
        return None
    return books[one.id], books[other.id]


def _counts_from_elsewhere(row: SlaClock, case: Case) -> bool:
    """Whether the word that this clock counts from is not in this case any more."""
    return case.waiting_since is None or row.started_at < case.waiting_since


def _answers(book: Book) -> bool:
    return any(row.kind in RESPONSES for row in open_rows(book.rows))


def _move(row: SlaClock, source: Book, target: Book, deed: Deed) -> None:
    source.rows.remove(row)
    target.rows.append(row)
    row.case_id = target.case.id
    target.write(row, _entry(EntryKind.MOVED, target, deed))


def _cancel(row: SlaClock | None, book: Book, deed: Deed) -> None:
    if row is not None:
        book.write(row, _entry(EntryKind.CANCELLED, book, deed))


def _settle(book: Book, deed: Deed) -> None:
    """Clocks stand where their case stands now, and aim at what holds for it."""
    book.follow(Deed(What.STATUS, deed.sentence, move_id=deed.move_id))
    book.aim(deed)
    book.close()


def _entry(kind: EntryKind, book: Book, deed: Deed) -> Entry:
    return Entry(kind, book.work.now, deed.what, deed.sentence, move_id=deed.move_id)
