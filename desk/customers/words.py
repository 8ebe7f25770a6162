"""The figures of a customer in words: why this tier, and what speaks for leaving."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from desk.model.customer import Tier

LADDER = tuple(Tier)


def worth_in_words(figures: Mapping[str, Any], tier: str, *, by_hand: bool) -> dict[str, Any]:
    """The figures as they are shown, with `why` of the tier and `risk` (None where nothing speaks for it)."""
    shown = {name: value for name, value in figures.items() if name != "cuts"}
    shown["why"] = why_tier(figures, Tier(tier), by_hand=by_hand)
    shown["risk"] = why_leaving(figures)
    return shown


def why_tier(figures: Mapping[str, Any], tier: Tier, *, by_hand: bool) -> str:
    """One or two sentences a manager can check against the figures."""
    better = f"Worth more than {round(100 * figures['above'])} of 100 customers."
    if by_hand:
        return f"Set by hand. {better}"
    value, cuts, currency = Decimal(figures["value"]), figures["cuts"], figures["currency"]
    earned = next((one for one in reversed(LADDER[1:]) if value > Decimal(str(cuts[one]))), Tier.BRONZE)
    begins = ""
    if tier is not Tier.BRONZE:
        begins = f" {tier.capitalize()} begins above {Decimal(str(cuts[tier])):,.2f} {currency}."
    if earned is tier:
        return f"{better}{begins}"
    return f"{better}{begins} The value is within the band in which a tier stays as it is."


def why_leaving(figures: Mapping[str, Any]) -> str | None:
    """What speaks for it that the customer is leaving."""
    if figures["spends_less"]:
        lately, habit, currency = figures["lately"], figures["habit"], figures["currency"]
        return f"Spends less: {lately} {currency} a month lately, {habit} by habit."
    if figures["fell_silent"]:
        return f"Fell silent: no purchase for {figures['recency']} days, far longer than ever before."
    return None
