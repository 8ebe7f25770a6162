"""The scorecards of a Monday, counted and mailed by a worker: the counting may take seconds."""

from __future__ import annotations

from desk.actions.scorecard_mail import mail_scorecards, monday_due
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store

COUNTER = system("scorecards")


def scorecards_on_monday(store: Store, settings: Settings) -> int:
    """Who answers for goals hears how they stand, once a Monday; how many mails. Safe to run twice."""
    # Most of a week nothing is due: then nobody waits for whoever holds the right to count.
    with store.reading(COUNTER) as work:
        if monday_due(work) is None:
            return 0
    with store.unit_of_work(COUNTER) as work:
        return mail_scorecards(work, page=f"{settings.public_url.rstrip('/')}/desk/scorecard")
