"""Numbers as texts use them: ours with their way, theirs as E.164 or as they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import phonenumbers

from desk.model.errors import Invalid

WHATSAPP = "whatsapp:"


def channel_number(given: str) -> str:
    """A number of ours, as a channel keeps it. Raises Invalid for what is no number with its country."""
    written = given.strip()
    way = WHATSAPP if written.lower().startswith(WHATSAPP) else ""
    number = e164(written[len(way) :])
    if number is None:
        raise Invalid(
            f"“{given[:40]}” is not a phone number with its country, such as +44 20 7946 0958.", "address"
        )
    return way + number


def e164(written: str) -> str | None:
    """The number in its one form; None for short codes and for senders that are names."""
    try:
        parsed = phonenumbers.parse(written.strip(), None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def sender_of(written: str) -> str:
    """Who wrote: E.164 where it is a number, else as it came; nobody can answer the latter."""
    plain = written.strip().removeprefix(WHATSAPP)
    return e164(plain) or plain[:40]


def is_whatsapp(channel_address: str) -> bool:
    return channel_address.startswith(WHATSAPP)


def destination(channel_address: str, number: str) -> str:
    """The number as the channel's way writes it."""
    return f"{WHATSAPP}{number}" if is_whatsapp(channel_address) else number


def country_of(number: str) -> str:
    """Two letters, or `001` for numbers of no country, which are among the dearest there are.

    A number of a range that is not in use counts to the country with its code.
    """
    try:
        parsed = phonenumbers.parse(number.removeprefix(WHATSAPP), None)
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.region_code_for_number(parsed)
    return str(found or phonenumbers.region_code_for_country_code(parsed.country_code or 0))


def country_named(number: str) -> str:
    """The country of a number for a sentence, in English: “Ireland”."""
    code = country_of(number)
    return _named().get(code, code)


@cache
def _named() -> Mapping[str, str]:
    """Countries by their two letters, as the time zone database names them (iso3166.tab)."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    named = dict(line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return named | {"XK": "Kosovo", "001": "numbers of no country", "": "that country"}


def countries_of(channel_address: str, chosen: Iterable[str]) -> frozenset[str]:
    """Where a channel may write to: what was chosen, else the country of its own number."""
    return frozenset(chosen) or frozenset({country_of(channel_address)})


def prefix_of(number: str) -> str:
    """The range a number belongs to: country and the three digits after it. Pumping fills ranges."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number[:4]
    return f"+{parsed.country_code}{str(parsed.national_number)[:3]}"


def beginnings_of(countries: Iterable[str]) -> tuple[str, ...]:
    """How the numbers of these countries begin; several countries may share a beginning, such as +1."""
    codes = {phonenumbers.country_code_for_region(one) for one in countries}
    return tuple(f"+{code}" for code in sorted(codes) if code)


def checked_countries(chosen: Iterable[str]) -> list[str]:
    """Country codes in one form, sorted. Raises Invalid for one that does not exist."""
    codes = sorted({code.strip().upper() for code in chosen})
    for code in codes:
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise Invalid(f"There is no country {code[:10]}; write two letters, such as GB.", "sms.countries")
    return codes


def stop_sender(channel_address: str, part: Mapping[str, Any]) -> str:
    """What a STOP is against: the whole messaging service where there is one, as Twilio keeps it."""
    return str(part.get("messaging_service_sid") or channel_address)


def consent_channel(channel_address: str) -> str:
    """The name under which a consent to be texted is kept."""
    return "whatsapp" if is_whatsapp(channel_address) else "sms"
