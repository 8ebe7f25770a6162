"""Customers who are leaving: their last months against their own habit, and against their own silences.

A rule of ours, not of the literature: models of a whole population (P(alive)) do not see that one
who buys as often as ever spends half, and take a seasonal buyer for gone between seasons. Both
tests here compare a customer with nobody but themselves.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from desk.customers.ledger import Ledger

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

LATELY = 4
"""Months that are compared with the habit before them."""
HABIT = 24
"""Months of habit at most: what was before says little about now."""
MIN_HABIT = 3
WEIGHTS = np.array([4, 3, 2, 1]) / 10
"""The latest month counts most: who falls slowly is seen at the end of the fall."""

FALLEN_TO = 0.75
"""Deserting is a fall of the weighted last months to this share of the habit or less."""
SURE = 2.0
"""... and by so many standard errors of such months in the customer's own past."""
STEADY = 0.1
"""Nobody is taken for steadier than this share of their habit."""
BELOW_EVER = 0.9
"""... and below this share of the leanest such months they ever had: their season is not desertion."""
BELOW_LAST_YEAR = 0.85

MIN_PURCHASES = 4
LIKELY_GONE = 0.5
SILENCE = 2.0
"""Silent for so many times their longest gap ..."""
KNOWN_DAYS = 182
"""... after they bought for half a year: the end of a first season looks like leaving ..."""
LONG_GONE_DAYS = 365
"""... and not so long ago that they have left already."""


@dataclass(frozen=True)
class Desertion:
    """One entry a customer: spend a month by habit and lately (NaN without a habit), and who is deserting."""

    habit: Floats
    lately: Floats
    spends_less: Flags
    fell_silent: Flags

    @property
    def deserting(self) -> Flags:
        return self.spends_less | self.fell_silent


@dataclass(frozen=True)
class Months:
    """By customer and month, the latest month first: spend, its squares, and purchases; and how many months
    ago the first purchase was."""

    spend: Floats
    squares: Floats
    count: Floats
    first: Counts

    @property
    def habit(self) -> Flags:
        """The months of habit. The month of the first purchase is left out: it may begin in its middle."""
        month = np.arange(self.spend.shape[1])
        return np.asarray((month >= LATELY) & (month < self.first[:, None]), np.bool_)


def desertion(ledger: Ledger, until: date, alive: Floats) -> Desertion:
    """Who is leaving at the end of `until`, given the P(alive) of each.

    *Spends less*: the last four months, the latest weighing most, are at most three quarters of the mean
    month of up to two years before, by two standard errors of the customer's own months, below the
    leanest such stretch of their past, and below the same season a year ago, once that was seen. The
    same of the amount of a purchase, when they do not buy more often: where purchases come at random,
    amounts tell sooner. Needs three months of habit with a purchase in most of them.

    *Fell silent*: probably gone (P(alive) below a half) after half a year and at least four purchases,
    and silent for twice their own longest gap, within the last year.
    """
    n, bought = len(ledger.customers), ledger.purchases
    habit, lately, less = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, np.bool_)
    often = np.flatnonzero(bought >= MIN_PURCHASES)
    for at in range(0, len(often), 50_000):
        some = often[at : at + 50_000]
        habit[some], lately[some], less[some] = _against_habit(months_of(ledger, some, until))
    silent = _fell_silent(ledger, until) & (alive < LIKELY_GONE) & (bought >= MIN_PURCHASES)
    return Desertion(habit, lately, less, silent)


def months_of(ledger: Ledger, some: Counts, until: date) -> Months:
    """The months of `some` customers (their indexes).

    Months are counted back from `until`, so that none is cut short: to the 15th, each runs from the 16th.
    Until the last of a month they are calendar months.
    """
    back = months_ago(ledger.day, until)
    sizes = ledger.purchases[some]
    row = np.repeat(np.arange(len(some)), sizes)
    entry = np.repeat(ledger.starts[some] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    width = LATELY + HABIT
    recent = back[entry] < width
    cells, amounts = row[recent] * width + back[entry][recent], ledger.amount[entry][recent]

    def by_month(weights: Floats) -> Floats:
        summed = np.bincount(cells, weights, len(some) * width).reshape(len(some), width)
        return np.asarray(summed, np.float64)

    return Months(
        by_month(amounts), by_month(amounts**2), by_month(np.ones_like(amounts)), back[ledger.starts[some]]
    )


def months_ago(day: NDArray[np.int32], until: date) -> Counts:
    """Whole months from each day (a proleptic ordinal) to `until`."""
    moments = (day.astype(np.int64) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = moments.astype("datetime64[M]").astype(np.int64)
    in_month = (moments - moments.astype("datetime64[M]")).astype(np.int64) + 1
    ends_month = until.day == monthrange(until.year, until.month)[1]
    last = (until.year - 1970) * 12 + until.month - 1
    return np.asarray(last - months - (in_month > (31 if ends_month else until.day)), np.int64)


def _against_habit(months: Months) -> tuple[Floats, Floats, Flags]:
    """Habit and lately, in money a month, and who spends less."""
    of_habit = months.habit
    length = of_habit.sum(axis=1)
    many = np.maximum(length, 1)
    spend = np.where(of_habit, months.spend, 0.0)
    count = np.where(of_habit, months.count, 0.0)
    habit, rate = spend.sum(axis=1) / many, count.sum(axis=1) / many
    enough = (length >= MIN_HABIT) & ((count > 0).sum(axis=1) > many / 2)

    by_month = _stretches(months.spend)
    spread = _deviation(np.where(of_habit, months.spend**2, 0.0).sum(axis=1), habit, many)
    error = np.maximum(spread, STEADY * habit) * np.sqrt(WEIGHTS @ WEIGHTS + 1 / many)
    less = _fell(by_month, habit, error, months.first)

    # The same of the amount of a purchase; an empty stretch has none.
    counts = _stretches(months.count)
    amounts = np.divide(by_month, counts, out=np.full_like(counts, np.inf), where=counts > 0)
    purchases = np.maximum(count.sum(axis=1), 1)
    amount = spend.sum(axis=1) / purchases
    spread = _deviation(np.where(of_habit, months.squares, 0.0).sum(axis=1), amount, purchases)
    weighed = _stretches(months.count, WEIGHTS**2)[:, 0] / np.maximum(counts[:, 0], 1e-9) ** 2
    error = np.maximum(spread, STEADY * amount) * np.sqrt(weighed + 1 / purchases)
    lately, usual = months.count[:, :LATELY].sum(axis=1), rate * LATELY
    smaller = _fell(amounts, amount, error, months.first) & (lately <= usual + np.sqrt(usual))

    lately_spent = np.where(enough, by_month[:, 0], np.nan)
    return np.where(enough, habit, np.nan), lately_spent, enough & (less | smaller)


def _fell(stretches: Floats, habit: Floats, error: Floats, first: Counts) -> Flags:
    """Whose last stretch is low beside the habit, its error, every stretch before, and last year's season."""
    lately = stretches[:, 0]
    month = np.arange(stretches.shape[1])
    # A stretch of the past starts after the last months and ends before the first purchase's.
    past = (month >= LATELY) & (month + LATELY <= first[:, None]) & np.isfinite(stretches)
    leanest = np.where(past, stretches, np.inf).min(axis=1)
    # Where habits swing over months, as with seasons, errors of single months promise too much.
    known, times = np.where(past, stretches, 0.0), past.sum(axis=1)
    swing = _deviation((known**2).sum(axis=1), known.sum(axis=1) / np.maximum(times, 1), times)
    # The same months a year ago, and the month to either side: seasons do not keep the calendar.
    then = np.where(past[:, 11:14], stretches[:, 11:14], np.inf).min(axis=1)
    return np.asarray(
        (lately <= FALLEN_TO * habit)
        & (habit - lately >= SURE * np.maximum(error, swing))
        & (lately <= BELOW_EVER * leanest)
        & (lately <= BELOW_LAST_YEAR * then),
        np.bool_,
    )


def _stretches(by_month: Floats, weights: Floats = WEIGHTS) -> Floats:
    """The weighted sum of each run of four months, by its latest month."""
    width = by_month.shape[1] - LATELY + 1
    return np.asarray(sum(w * by_month[:, at : at + width] for at, w in enumerate(weights)), np.float64)


def _deviation(squares: Floats, mean: Floats, count: NDArray[np.generic]) -> Floats:
    """The standard deviation, from the sum of squares; 0 below two values."""
    counted = count.astype(np.float64)
    variance = (squares - counted * mean**2) / np.maximum(counted - 1, 1)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), np.float64)


def _fell_silent(ledger: Ledger, until: date) -> Flags:
    gaps = np.diff(ledger.day, prepend=ledger.day[:1]).astype(np.int64)
    gaps[ledger.starts[:-1]] = 0
    longest = np.maximum.reduceat(gaps, ledger.starts[:-1])
    silence = until.toordinal() - ledger.last
    known = ledger.last - ledger.first >= KNOWN_DAYS
    return np.asarray(known & (silence > SILENCE * longest) & (silence <= LONG_GONE_DAYS), np.bool_)
