"""The mail of a Monday, counted and written by a worker: the counting may take seconds."""

from __future__ import annotations

from desk.actions.insights import questions_mail, scorecard_mail
from desk.actions.insights.mondays import monday_due
from desk.actions.insights.questions_mail import mail_questions
from desk.actions.insights.scorecard_mail import mail_scorecards
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store

COUNTER = system("mondays")


def mail_on_monday(store: Store, settings: Settings) -> int:
    """Who answers for goals hears how they stand, and who asked for it what customers ask, once a Monday;
    how many mails. Safe to run twice."""
    desk = f"{settings.public_url.rstrip('/')}/desk"
    mailed = 0
    # Most of a week nothing is due: then nobody waits for whoever holds the right to count.
    if _is_due(store, scorecard_mail.MAILED):
        with store.unit_of_work(COUNTER) as work:
            mailed += mail_scorecards(work, page=f"{desk}/scorecard")
    if _is_due(store, questions_mail.MAILED):
        with store.unit_of_work(COUNTER) as work:
            mailed += mail_questions(work, page=f"{desk}/questions")
    return mailed


def _is_due(store: Store, mailed: str) -> bool:
    with store.reading(COUNTER) as work:
        return monday_due(work, mailed) is not None
