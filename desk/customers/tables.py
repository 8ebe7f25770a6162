"""Tables as spreadsheets write them: which encoding, which delimiter, and where a row stands."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from desk.model.errors import Invalid

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t")
WINDOWS = "cp1252"


def encoding_of(stream: BinaryIO) -> str:
    """UTF-16 by its mark, else UTF-8 where all of it is; else Windows-1252, a spreadsheet's.

    The stream is read from its start, and left at it. Raises Invalid for what is no text in any of them.
    """
    try:
        wide = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        for encoding in ("utf-16",) if wide else ("utf-8-sig", WINDOWS):
            stream.seek(0)
            if _is_in(stream, encoding):
                return encoding
    finally:
        stream.seek(0)
    raise Invalid("The file is not text. Save the table as CSV, in UTF-8.")


def _is_in(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def opened(lines: Iterable[str], columns: str) -> tuple[Reader, str]:
    """A reader of the rows, the first of which names the columns, and the delimiter.

    Raises Invalid for a file without a line, saying which `columns` it should name.
    """
    rest = iter(lines)
    head = next((line for line in rest if line.strip()), None)
    if head is None:
        raise Invalid(f"The file is empty: its first line must name the columns {columns}.")
    delimiter = max(DELIMITERS, key=head.count)
    return csv.reader(_from(head, rest), delimiter=delimiter, strict=True), delimiter


def _from(head: str, rest: Iterator[str]) -> Iterator[str]:
    yield head
    yield from rest
