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
    """UTF-8 or UTF-16 by its mark, else UTF-8 where all of it is; else Windows-1252, a spreadsheet's.

    The stream is read from its start, and left at it.
    """
    try:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return WINDOWS
        return "utf-8-sig"
    finally:
        stream.seek(0)


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
