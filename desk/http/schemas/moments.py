"""Moments as requests write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without a zone is taken to be in UTC.

    Raises ValueError for one that UTC cannot write, at either end of all years.
    """
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("this is before or after all years that can be written") from None


Moment = Annotated[datetime, AfterValidator(in_utc)]
"""An ISO 8601 date or time; aware, in UTC."""
