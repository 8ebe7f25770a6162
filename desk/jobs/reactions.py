"""What follows what: the one table from events to the jobs that react to them.

A job is a doorbell by name, not a message: it says that there may be work, and whoever answers
drains all that is due. Truth is rows in PostgreSQL; a bell that is lost costs seconds, a bell that
rings twice costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from desk.model import events
from desk.model.events import Event


class Bell(StrEnum):
    """What a worker can be called to do."""

    DELIVER = "deliver"
    OFFER_WORK = "offer_work"
    MAIL_LINKS = "mail_links"
    READ_TEXTS = "read_texts"
    FETCH_MEDIA = "fetch_media"
    RECONCILE_TEXTS = "reconcile_texts"
    AIM_CLOCKS = "aim_clocks"
    VALUE_CUSTOMERS = "value_customers"
    MAIL_ON_MONDAY = "mail_on_monday"
    LOOK_BACK = "look_back"
    RAISE_CASES = "raise_cases"
    KEEP_WORK = "keep_work"


REACTIONS: dict[type[Event], tuple[Bell, ...]] = {
    events.AgentFreed: (Bell.OFFER_WORK,),
    events.ArticleChanged: (),
    events.CalibrationChanged: (),
    events.CaseChanged: (Bell.OFFER_WORK, Bell.RAISE_CASES),
    events.CaseDivided: (Bell.OFFER_WORK,),
    events.CaseMerged: (Bell.OFFER_WORK,),
    events.CaseOpened: (Bell.OFFER_WORK, Bell.DELIVER),
    events.CaseResolved: (),
    events.ChannelChanged: (),
    events.ChatChanged: (Bell.OFFER_WORK,),
    events.ClockDueSoon: (),
    events.ClockMissed: (),
    events.CustomerChanged: (Bell.AIM_CLOCKS,),
    events.CustomersMerged: (Bell.AIM_CLOCKS,),
    events.DeliveryChanged: (),
    events.EntitlementsTaken: (),
    events.LookBackAsked: (Bell.LOOK_BACK,),
    events.LinkAsked: (Bell.MAIL_LINKS,),
    events.FilesFetched: (),
    events.MailKept: (),
    events.MailQuarantined: (),
    events.MediaAwaited: (Bell.FETCH_MEDIA,),
    events.MessageReceived: (Bell.OFFER_WORK,),
    events.NoteAdded: (),
    events.OfferEnded: (Bell.OFFER_WORK,),
    events.OfferMade: (),
    events.PurchasesTaken: (),
    events.PresenceChanged: (Bell.OFFER_WORK,),
    events.ReplyQueued: (Bell.DELIVER, Bell.OFFER_WORK),
    events.ReplyHeldBack: (),
    events.ReplyWithdrawn: (),
    events.ReminderChanged: (),
    events.ReminderDue: (),
    events.RetentionTaskChanged: (),
    events.RightsChanged: (Bell.OFFER_WORK,),
    events.SetupChanged: (Bell.OFFER_WORK, Bell.AIM_CLOCKS, Bell.RAISE_CASES),
    events.TextKept: (Bell.READ_TEXTS,),
    events.TierChanged: (),
    events.TopicsChanged: (),
    events.ProposalsChanged: (),
    events.ValueRunAsked: (Bell.VALUE_CUSTOMERS,),
    events.ValuesComputed: (),
}

LEAVES_ALL: dict[type[Event], Callable[[Any], bool]] = {
    events.MessageReceived: lambda event: event.assignee_id is not None,
    events.ReplyQueued: lambda event: event.outbox_id is None,
    events.ChatChanged: lambda event: event.what in ("said", "scored", "address", "mailed"),
}
"""Which of these leave every place and every line as they were: a word to somebody who has the case, an
answer that keeps its chat's place, and what else goes on in a chat. They are most of all that happens."""


MAY_RAISE = frozenset({"status", "category", "queue", "triage"})
"""The changes of a case by which a rule may come to hold for it."""


def bells_for(event: Event) -> tuple[Bell, ...]:
    """The bells that an event rings: those of its kind, where there is something to offer or to carry."""
    leaves_all = LEAVES_ALL.get(type(event))
    bells = REACTIONS[type(event)]
    if isinstance(event, events.CaseChanged) and event.what not in MAY_RAISE:
        return tuple(bell for bell in bells if bell is not Bell.RAISE_CASES)
    if leaves_all is None or not leaves_all(event):
        return bells
    return tuple(bell for bell in bells if bell not in (Bell.OFFER_WORK, Bell.DELIVER))
