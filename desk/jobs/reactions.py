"""What follows what: the one table from events to the jobs that react to them.

A job is a doorbell by name, not a message: it says that there may be work, and whoever answers
drains all that is due. Truth is rows in PostgreSQL; a bell that is lost costs seconds, a bell that
rings twice costs nothing.
"""

from __future__ import annotations

from enum import StrEnum

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


REACTIONS: dict[type[Event], tuple[Bell, ...]] = {
    events.AgentFreed: (Bell.OFFER_WORK,),
    events.ArticleChanged: (),
    events.CaseChanged: (Bell.OFFER_WORK,),
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
    events.ReplyWithdrawn: (),
    events.RetentionTaskChanged: (),
    events.RightsChanged: (Bell.OFFER_WORK,),
    events.SetupChanged: (Bell.OFFER_WORK, Bell.AIM_CLOCKS),
    events.TextKept: (Bell.READ_TEXTS,),
    events.TierChanged: (),
    events.ValueRunAsked: (Bell.VALUE_CUSTOMERS,),
    events.ValuesComputed: (),
}
