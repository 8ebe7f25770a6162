"""Shoppers with known habits, for tests that ask whether the habit is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from desk.customers.bgnbd import Buying, Histories
from desk.customers.ledger import Ledger, settle
from desk.customers.spending import Spending

UNTIL = date(2024, 12, 31)

Level = Callable[[int], float]
"""Money a month, by how many months ago."""


def ledger(*shoppers: list[tuple[int, float]]) -> Ledger:
    """A ledger of customers "0", "1", …; each a list of (day, amount)."""
    rows = [(who, day, amount) for who, bought in enumerate(shoppers) for day, amount in bought]
    who, days, amounts = zip(*rows, strict=True)
    names = [str(who) for who in range(len(shoppers))]
    return settle(names, np.array(who, np.int32), np.array(days, np.int32), np.array(amounts, float)).ledger


def shopper(
    level: Level, months: int, *, a_month: int = 4, noise: float = 0.1, seed: int = 1
) -> list[tuple[int, float]]:
    """Somebody who bought for so many months, so often, at random days, amounts spread by `noise`."""
    dice = np.random.default_rng(seed)
    bought = []
    for ago in range(months, -1, -1):
        last = _last_day(ago)
        for _ in range(a_month):
            amount = level(ago) / a_month * dice.lognormal(-(noise**2) / 2, noise)
            if amount >= 0.01:
                bought.append((last - int(dice.integers(0, 28)), round(float(amount), 2)))
    return bought


def population(
    buying: Buying, spending: Spending, count: int, *, weeks: float, ahead: float, seed: int
) -> tuple[Histories, np.ndarray, np.ndarray, np.ndarray]:
    """Customers who behave as the models say: what was seen in up to `weeks`, their mean repeat amount,
    and the purchases and spend of the `ahead` weeks after."""
    dice = np.random.default_rng(seed)
    seen, mean, later = np.zeros((count, 3)), np.zeros(count), np.zeros((count, 2))
    for at in range(count):
        rate, leaves = dice.gamma(buying.r) / buying.alpha, dice.beta(buying.a, buying.b)
        scale, observed, now, spent = (
            dice.gamma(spending.q) / spending.gamma,
            dice.uniform(10, weeks),
            0.0,
            0.0,
        )
        seen[at, 2] = observed
        while (now := now + dice.exponential(1 / max(rate, 1e-9))) <= observed + ahead:
            amount = dice.gamma(spending.p) / scale
            if now <= observed:
                seen[at, 0] += 1
                seen[at, 1] = now
                spent += amount
            else:
                later[at] += 1, amount
            if dice.random() < leaves:
                break
        mean[at] = spent / max(seen[at, 0], 1)
    return Histories(*seen.T), mean, later[:, 0], later[:, 1]


def _last_day(ago: int) -> int:
    month = UNTIL.year * 12 + UNTIL.month - ago
    return date(month // 12, month % 12 + 1, 1).toordinal() - 1
