"""Public holidays of countries and their regions, from the package `holidays`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache


@cache
def holidays_of(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """The holidays of a year by day. The codes are those that `regions_of` knows."""
    # Taken in where it is first needed: it weighs twenty megabytes, and few processes count hours.
    from holidays import country_holidays

    # Named in one language, or the names would follow the locale of each process.
    return dict(country_holidays(country, subdiv=region, years=year, language="en_US"))


@cache
def regions_of(country: str) -> Sequence[str] | None:
    """The codes of the country's regions; None for a country that is not known."""
    return countries().get(country)


@cache
def countries() -> Mapping[str, Sequence[str]]:
    """Every country that is known, by its ISO 3166 code of two letters, with the codes of its regions."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    return {code: tuple(regions) for code, regions in sorted(known.items()) if len(code) == 2}
