"""What time alone makes due: asked every second in one statement, each part of it by a partial index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from desk.model.access import Session as SignIn
from desk.model.article import Article
from desk.model.assignment import Assignment, Offer, OfferState
from desk.model.case import Case, CaseStatus
from desk.model.chat import Chat, ChatState
from desk.model.inbound import ChannelKind
from desk.model.portal import SignInLink
from desk.model.reminder import Reminder
from desk.model.scheduled_reply import ScheduledReply, ScheduledState
from desk.model.texting import FetchState, MediaFetch
from desk.model.transit import Inbox, InboxState, Outbox, OutboxState
from desk.store.outbox import DUE


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to do at a moment, by kind.

    `offers` are those that ran out, `links` those that were asked for. Of `scheduled` replies, `chats` and
    work that is `held` it says only that there are some: what is due of them takes a closer look.
    """

    mail: bool
    offers: bool
    links: bool
    texts: bool
    media: bool
    snoozed: bool
    reminders: bool
    scheduled: bool
    chats: bool
    held: bool
    articles: bool


_NOW = bindparam("now", type_=DateTime(timezone=True))
_ASLEEP = Case.status == CaseStatus.SNOOZED
_DUE = select(
    (
        exists().where(Outbox.state.in_(DUE), Outbox.not_before <= _NOW)
        | exists().where(Outbox.state == OutboxState.SENDING, Outbox.lease_until <= _NOW)
    ).label("mail"),
    exists().where(Offer.state == OfferState.LIVE, Offer.expires_at <= _NOW).label("offers"),
    exists().where(SignInLink.decided_at.is_(None)).label("links"),
    exists()
    .where(Inbox.state == InboxState.RECEIVED, Inbox.kind == ChannelKind.SMS, Inbox.not_before <= _NOW)
    .label("texts"),
    exists().where(MediaFetch.state == FetchState.WAITING, MediaFetch.not_before <= _NOW).label("media"),
    exists().where(_ASLEEP, Case.snoozed_until <= _NOW).label("snoozed"),
    exists()
    .where(Reminder.told_at.is_(None), Reminder.ended_at.is_(None), Reminder.at <= _NOW)
    .label("reminders"),
    exists().where(ScheduledReply.state == ScheduledState.WAITING).label("scheduled"),
    (
        exists().where(Chat.state != ChatState.ENDED)
        | exists().where(Chat.wrap_up_until.is_not(None))
        | exists().where(
            Chat.email.is_not(None),
            Chat.answered_sequence > Chat.visitor_read,
            Chat.answered_sequence > Chat.mailed_sequence,
        )
    ).label("chats"),
    exists().where(Assignment.ended_at.is_(None)).label("held"),
    (exists().where(Article.publish_at <= _NOW) | exists().where(Article.retire_at <= _NOW)).label(
        "articles"
    ),
)


def what_is_due(session: Session, now: datetime) -> Due:
    """One look at everything that time alone moves."""
    return Due(*session.execute(_DUE, {"now": now}).one())


def snoozed_until(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """The cases whose sleep is over, the longest over first."""
    return session.scalars(
        select(Case.id).where(_ASLEEP, Case.snoozed_until <= now).order_by(Case.snoozed_until).limit(limit)
    ).all()


def resolved_before(session: Session, moment: datetime, limit: int) -> Sequence[int]:
    """The resolved cases whose grace window ended, oldest first."""
    return session.scalars(
        select(Case.id)
        .where(Case.status == CaseStatus.RESOLVED, Case.resolved_at <= moment)
        .order_by(Case.resolved_at)
        .limit(limit)
    ).all()


def forget_old_sessions(session: Session, before: datetime) -> int:
    """Rows of sessions that ended or expired before a moment, removed."""
    return session.execute(  # type: ignore[no-any-return, attr-defined]  # a CursorResult, for a DELETE
        delete(SignIn).where((SignIn.expires_at < before) | (SignIn.ended_at < before))
    ).rowcount
