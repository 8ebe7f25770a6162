"""What is mailed on Monday mornings to those who work here: when it is due, over how many days, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.channels.email.compose import new_message_id
from desk.model.goal import Rhythm
from desk.model.transit import Outbox
from desk.store.knowledge.portal import channel_to
from desk.store.policies import policy
from desk.store.unit_of_work import Work

HOUR = 7
LATEST = timedelta(days=1)
"""A desk that slept through Monday says nothing on Wednesday."""

DAYS: Mapping[Rhythm, int] = {Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 28, Rhythm.QUARTERLY: 91}


def monday_due(work: Work, mailed: str) -> date | None:
    """Today, where it is a Monday from seven on in the desk's zone, and the policy `mailed` does not say
    that its mail has left."""
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    today = work.now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    due = datetime.combine(monday, time(HOUR), zone)
    if not due <= work.now < due + LATEST or policy(work.session, mailed, "") >= monday.isoformat():
        return None
    return monday


def looked_at_on(monday: date) -> Sequence[Rhythm]:
    """The rhythms that are due on this Monday: weekly every Monday, monthly on the first of a month,
    quarterly on the first of a quarter."""
    if monday.day > 7:
        return (Rhythm.WEEKLY,)
    if monday.month not in (1, 4, 7, 10):
        return (Rhythm.WEEKLY, Rhythm.MONTHLY)
    return (Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY)


def mail_to_one_of_us(work: Work, address: str, kind: str, subject: str, text: str) -> int:
    """Into the outbox, by the mailbox that the address wrote to, or any; 0 where the desk has none."""
    channel = channel_to(work.session, address)
    if channel is None:
        return 0
    work.session.add(
        Outbox(
            channel_id=channel.id,
            kind=kind,
            internet_id=new_message_id(channel.address.rpartition("@")[2]),
            recipients={address: {"state": "queued"}},
            queued_at=work.now,
            not_before=work.now,
            content={"subject": subject, "text": text},
        )
    )
    return 1
