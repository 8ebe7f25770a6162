"""A table of the star: its columns, what they mean, and the SQL that fills it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, in the words of Parquet's readers. A MOMENT is UTC, a DATE a day of the desk."""

    NUMBER = "BIGINT"
    REAL = "DOUBLE"
    MONEY = "DECIMAL(14, 2)"
    TEXT = "VARCHAR"
    YES_NO = "BOOLEAN"
    DATE = "DATE"
    MOMENT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; a `personal` one is empty unless names are asked for."""

    name: str
    kind: Kind
    meaning: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`question` is SQL that yields the columns in their order; it may use `%(zone)s`, the desk's zone."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    question: str

    def asked(self, *, names: bool) -> str:
        """The question, with nothing in what is personal unless names are asked for."""
        picked = ", ".join(
            one.name if names or not one.personal else f"NULL AS {one.name}" for one in self.columns
        )
        return f"SELECT {picked} FROM ({self.question}) asked"  # noqa: S608 - constants of this package


def columns(told: str) -> tuple[Column, ...]:
    """Columns from lines `name kind meaning`; a kind with an asterisk is personal."""
    found = []
    for line in told.strip().splitlines():
        name, kind, meaning = line.split(maxsplit=2)
        found.append(Column(name, Kind[kind.rstrip("*").upper()], meaning, personal=kind.endswith("*")))
    return tuple(found)
