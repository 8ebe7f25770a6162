"""What `desk simulate` asks of the desk: its own days, and its policies by version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from desk.actions.routing.replay import policy_kept, recorded_days
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.model.errors import Invalid
from desk.routing.policy import Policy
from desk.routing.simulation.reading_off import ReadOff

PERIOD = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")


def of_the_desk(period: str | None, policies: Sequence[str]) -> tuple[ReadOff | None, dict[str, Policy]]:
    """The days of the period, where one is asked for, and the policies by how they were named.

    Raises Invalid, NotFound.
    """
    days = None if period is None else days_in(period)
    with desk_at_hand("simulate") as (_, store), store.reading(COMMAND_LINE) as work:
        kept = {name: policy_kept(work, name) for name in policies}
        return None if days is None else recorded_days(work, *days), kept


def days_in(period: str) -> tuple[date, date]:
    """First and last day of `FROM..TO`. Raises Invalid."""
    found = PERIOD.fullmatch(period)
    try:
        if found is not None:
            return date.fromisoformat(found[1]), date.fromisoformat(found[2])
    except ValueError:
        pass
    raise Invalid(
        f"“{period}” is no period; write the first and the last day, such as 2026-11-02..2026-11-08.",
        "replay",
    )
