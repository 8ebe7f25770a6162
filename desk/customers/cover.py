"""Whether the work on a case is covered: pure, from entitlements, product, category and day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from desk.model.entitlement import EntitlementKind, Standing

KIND_WORDS = {
    EntitlementKind.WARRANTY: "warranty",
    EntitlementKind.EXTENDED_WARRANTY: "extended warranty",
    EntitlementKind.CONTRACT: "contract",
}


@dataclass(frozen=True, slots=True)
class Held:
    """An entitlement of the customer, or of their organisation; `used` is the other cases it covers."""

    id: int
    kind: EntitlementKind
    product: str
    starts_on: date
    ends_on: date
    category_ids: frozenset[int] = frozenset()
    allowance: int | None = None
    used: int = 0

    @property
    def called(self) -> str:
        return f"the {KIND_WORDS[self.kind]}"

    @property
    def is_used_up(self) -> bool:
        return self.allowance is not None and self.used >= self.allowance


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the entitlements say, in a word and a sentence, and by which of them until when.

    The sentence never gives the number: it is read, and kept in histories, before anybody has proven to be
    the customer.
    """

    standing: Standing
    sentence: str
    entitlement_id: int | None = None
    until: date | None = None


def ruling(
    held: Sequence[Held], *, product: str, categories: Collection[int], on: date, category: str = ""
) -> Ruling:
    """Whether the work on a product is covered on a day.

    `categories` are the case's category and the one above it, none while it has none. Of several that
    cover it, the one that it uses nothing up of, then the one that ends last. Where none does, the one
    that comes closest says why. Without a product only what holds for every product can say anything.
    """
    meant = [one for one in held if not one.product or (product and _same(one.product, product))]
    if not meant:
        return _nothing(held, product)
    inside = [one for one in meant if one.starts_on <= on <= one.ends_on]
    fitting = [one for one in inside if not one.category_ids or one.category_ids & set(categories)]
    covering = [one for one in fitting if not one.is_used_up]
    if covering:
        return _covered(
            min(covering, key=lambda one: (one.allowance is not None, -one.ends_on.toordinal(), one.id))
        )
    if fitting:
        last = max(fitting, key=lambda one: one.ends_on)
        return _uncovered(last, f"{_begun(last)} has covered its {last.allowance} cases already.")
    if inside and not categories:
        return Ruling(
            Standing.UNKNOWN,
            f"{_begun(inside[0])} covers some categories only: set the category of the case.",
        )
    if inside:
        told = f"“{category}”" if category else "this category"
        return _uncovered(inside[0], f"{_begun(inside[0])} does not cover {told}.")
    over = [one for one in meant if one.ends_on < on]
    if over:
        last = max(over, key=lambda one: one.ends_on)
        return _uncovered(last, f"{_begun(last)}{_for(last)} ended on {last.ends_on}.")
    first = min(meant, key=lambda one: one.starts_on)
    return _uncovered(first, f"{_begun(first)}{_for(first)} begins on {first.starts_on} only.")


def named_in(text: str, products: Iterable[str]) -> str:
    """The one product that the words name; empty for none or several. Of two names one of which holds the
    other, the longer.
    """
    words = _plain(text)
    found = [one for one in dict.fromkeys(products) if one and re.search(_whole(one), words)]
    longest = [
        one
        for one in found
        if not any(one != other and re.search(_whole(one), _plain(other)) for other in found)
    ]
    return longest[0] if len(longest) == 1 else ""


def _covered(one: Held) -> Ruling:
    counted = "" if one.allowance is None else f" It is case {one.used + 1} of {one.allowance}."
    sentence = f"{_begun(one)}{_for(one)} covers it, until {one.ends_on}.{counted}"
    return Ruling(Standing.COVERED, sentence, one.id, one.ends_on)


def _uncovered(one: Held, sentence: str) -> Ruling:
    return Ruling(Standing.UNCOVERED, sentence, one.id)


def _nothing(held: Sequence[Held], product: str) -> Ruling:
    if product:
        sentence = f"No warranty and no contract for “{product}” is known of this customer."
        return Ruling(Standing.UNCOVERED, sentence)
    products = sorted({one.product for one in held})
    if not products:
        return Ruling(Standing.UNKNOWN, "No product is named, and no warranty or contract is known.")
    return Ruling(Standing.UNKNOWN, f"Say which product it is about: {', '.join(products[:5])}.")


def _for(one: Held) -> str:
    return f" for {one.product}" if one.product else ""


def _begun(one: Held) -> str:
    return one.called[0].upper() + one.called[1:]


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _whole(product: str) -> str:
    return rf"(?<!\w){re.escape(_plain(product))}(?!\w)"
