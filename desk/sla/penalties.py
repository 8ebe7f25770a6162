"""What a broken promise costs: an amount for the miss, more for each hour late that begins, up to a cap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from desk.model.errors import Invalid
from desk.model.sla import ClockKind
from desk.sla.ledger import Clock

LARGEST = Decimal(1_000_000)


def penalty_of(clock: Clock, terms: Mapping[str, Any] | None) -> Decimal | None:
    """What a clock that was missed has cost by its ledger; None where it was not missed, or costs nothing.

    `terms` are `{amount, currency, per_hour, cap}`, as `checked_penalty` keeps them. Lateness is working
    time: what the clock has run since the miss. An hour counts once it begins. While the clock runs, it is
    what its last entry says; it is final when the clock has ended.
    """
    if terms is None or clock.missed_at is None:
        return None
    allowed = clock.missed_after if clock.missed_after is not None else clock.used
    late = max(clock.used - allowed, timedelta(0))
    owed = Decimal(terms["amount"])
    if terms["per_hour"] is not None:
        hours = (Decimal(late / timedelta(microseconds=1)) / Decimal(3_600_000_000)).to_integral_value(
            ROUND_CEILING
        )
        owed += hours * Decimal(terms["per_hour"])
    return owed if terms["cap"] is None else min(owed, Decimal(terms["cap"]))


def checked_penalty(given: Mapping[str, Any] | None, *, promised: set[str], at: int) -> dict[str, Any] | None:
    """A penalty as it is kept with the target number `at`: `{clocks, amount, currency, per_hour, cap}`.

    `promised` are the clocks that the target gives a time. Raises Invalid, in words: for an amount that is
    none or negative, a currency of other than three letters, a cap below the amount, a clock without a time.
    """
    if given is None:
        return None
    field = f"targets.{at - 1}"
    clocks = [kind.value for kind in ClockKind if kind.value in (given.get("clocks") or promised)]
    without = [kind for kind in clocks if kind not in promised]
    if without or not clocks:
        name = (without or ["a clock"])[0].replace("_", " ")
        raise Invalid(f"Target {at}: there is a penalty on {name}, and no time for it.", field)
    amount, per_hour, cap = (_money(given.get(name), name, at) for name in ("amount", "per_hour", "cap"))
    if amount is None:
        raise Invalid(f"Target {at}: say what a miss costs, or take the penalty away.", field)
    if not amount and not per_hour:
        raise Invalid(f"Target {at}: a penalty of nothing is none. Take it away.", field)
    if cap is not None and cap < amount:
        raise Invalid(f"Target {at}: the cap of {cap} is below the {amount} of a miss.", field)
    currency = str(given.get("currency") or "").strip().upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise Invalid(
            f"Target {at}: “{currency[:20]}” is not a currency. Write three letters, such as EUR.", field
        )
    return {
        "clocks": clocks,
        "amount": str(amount),
        "currency": currency,
        "per_hour": None if per_hour is None else str(per_hour),
        "cap": None if cap is None else str(cap),
    }


def refuse_mixed(kept: list[dict[str, Any]]) -> None:
    """Raises Invalid where penalties are in several currencies: money of two does not add up."""
    currencies = sorted({one["penalty"]["currency"] for one in kept if one["penalty"]})
    if len(currencies) > 1:
        raise Invalid(f"Penalties are in one currency, not in {' and '.join(currencies)}.", "targets")


def _money(given: Any, name: str, at: int) -> Decimal | None:
    if given is None or given == "":
        return None
    said = {"amount": "penalty", "per_hour": "penalty an hour", "cap": "cap"}[name]
    try:
        amount = Decimal(str(given))
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != round(amount, 2):
        raise Invalid(
            f"Target {at}: the {said} “{str(given)[:30]}” is not an amount. Write it as 50.00.",
            f"targets.{at - 1}",
        )
    if not 0 <= amount <= LARGEST:
        raise Invalid(f"Target {at}: the {said} is from 0 to {LARGEST:,}.", f"targets.{at - 1}")
    return round(amount, 2)
