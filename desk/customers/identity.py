"""Who is who: how an address is written, what proves that two faces are one, and what a claim opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from desk.model.customer import AddressKind, normal_email
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind, Verdict

TYPED = frozenset({ChannelKind.FORM, ChannelKind.API})
"""Channels on which the sender's address is what somebody typed."""


def normal_address(kind: AddressKind, value: str) -> str:
    """The one form in which an address of this kind is stored and compared.

    Raises Invalid with a sentence for what cannot be one.
    """
    if kind is AddressKind.EMAIL:
        return normal_email(value)
    if kind is AddressKind.PHONE:
        return normal_phone(value)
    written = value.strip()
    if not written or len(written) > 320 or not written.isprintable():
        raise Invalid("An address must be 1 to 320 printable characters.", "value")
    return written


def normal_phone(number: str) -> str:
    """E.164, e.g. +442079460958. Raises Invalid, also for a number without its country."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Invalid(
            f"“{number[:40]}” is not a phone number with its country, such as +44 20 7946 0958.", "value"
        )
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@dataclass(frozen=True, slots=True)
class Approach:
    """One way in which a customer reached us in a case: by which address, and how sure the channel was."""

    verified: bool
    verdict: Verdict = Verdict.NONE
    channel: ChannelKind = ChannelKind.EMAIL

    @property
    def is_proven(self) -> bool:
        """The address is verified, and the channel did not find the sender forged.

        Where the address was only typed, as into a form, the channel must have proof of it.
        """
        if self.channel in TYPED:
            return self.verified and self.verdict is Verdict.PASS
        return self.verified and self.verdict is not Verdict.FAIL


def opens_history(approaches: Iterable[Approach]) -> bool:
    """Whether a case may show what else we know of its customer.

    Somebody who only claims an address may be anybody: one approach from a verified address is
    needed, and one that its channel did not find forged. Where we wrote first there is no claim.
    """
    approached = list(approaches)
    return not approached or any(approach.is_proven for approach in approached)


def proof_of(kind: AddressKind, value: str, *, verified: bool) -> str:
    """Why two faces may be one person, when one claims an address that belongs to the other."""
    if kind is AddressKind.VISITOR:
        return "Both chatted from the same browser."
    owned = "a verified" if verified else "an unverified"
    names = {
        AddressKind.EMAIL: "email address",
        AddressKind.PHONE: "phone number",
        AddressKind.EXTERNAL: "customer number",
    }
    return f"Both go by {value}, {owned} {names[kind]} of one of them."[:300]
