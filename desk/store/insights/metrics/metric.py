"""What a metric is: a question that yields observations, how they become one figure, and how it reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The four sides of a balanced scorecard (Kaplan and Norton, 1992)."""

    CUSTOMERS = "customers"
    PROCESS = "process"
    PEOPLE = "people"
    FINANCE = "finance"


class Unit(StrEnum):
    """SHARE is from 0 to 1."""

    SHARE = "share"
    SECONDS = "seconds"
    CASES = "cases"
    NUMBER = "number"
    MONEY = "money"


class Fold(StrEnum):
    """How observations become a figure: sum of values by sum of weights, the middle value, or their sum.

    LAST is the sum, LAST_RATIO the ratio, at the end of the period: what stands there does not add up
    over weeks. An observation of these has two columns more: it stands from after `at` up to `until_at`, and
    its value counts from after `value_at`.
    """

    RATIO = "ratio"
    MEDIAN = "median"
    SUM = "sum"
    LAST = "last"
    LAST_RATIO = "last_ratio"


CASE = ("queue", "channel", "tier")
TIER = ("tier",)

OF_CASE = "c.id AS case_id, c.queue_id, c.channel, u.tier"
"""What an observation about case `c` of customer `u` is narrowed by."""

OWNER = "LEFT JOIN customers u ON u.id = c.customer_id"
"""Joins the customer of case `c`. There is always one; LEFT, as is a case that is joined to be narrowed by
alone, lets the database leave the join out where nobody asks for what it brings."""

OF_CUSTOMER = "NULL::bigint AS case_id, NULL::bigint AS queue_id, NULL::text AS channel, u.tier"
OF_NOBODY = "NULL::bigint AS case_id, NULL::bigint AS queue_id, NULL::text AS channel, NULL::text AS tier"

TAKEN_BACK = """SELECT case_id FROM case_changes
                WHERE what = 'status' AND before = '"resolved"' AND after <> '"closed"'"""
"""The cases of which a resolution was ever taken back: few, so that they are looked at first."""

Question = Callable[[], str]


@dataclass(frozen=True)
class Metric:
    """`question` is SQL for rows `(at, value, weight, case_id, queue_id, channel, tier)` from `:begin` to
    before `:until`; it may use `:now` and `:zone` as well, and the tables of `desk.store.cases.work.TURNED`.
    `narrows` says what a period can be narrowed by.
    """

    key: str
    group: Group
    unit: Unit
    fold: Fold
    more_is_better: bool
    narrows: tuple[str, ...]
    question: str
    title: str
    formula: str
    definition: str
    source: str

    @property
    def has_cases(self) -> bool:
        """Whether cases stand behind its figure."""
        return "queue" in self.narrows


def metric(
    group: Group, unit: Unit, fold: Fold, *, more_is_better: bool, narrows: tuple[str, ...] = CASE
) -> Callable[[Question], Metric]:
    """Make a metric of a function: its name is the key, its docstring what people read.

    The docstring is a title, a formula, what is counted, and a paragraph that begins with “Source:”.
    """

    def declare(question: Question) -> Metric:
        title, formula, *said, source = paragraphs(inspect.getdoc(question) or "")
        return Metric(
            key=question.__name__,
            group=group,
            unit=unit,
            fold=fold,
            more_is_better=more_is_better,
            narrows=narrows,
            question=question(),
            title=title.removesuffix("."),
            formula=formula,
            definition=" ".join(said),
            source=source.removeprefix("Source: "),
        )

    return declare


def paragraphs(doc: str) -> list[str]:
    """The paragraphs of a docstring, each in one line."""
    return [" ".join(part.split()) for part in doc.split("\n\n")]
