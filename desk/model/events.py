"""What has happened: frozen facts of ids and plain values, never text a person wrote.

Fields are only ever added, with defaults; entries of any age must load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """The root of all events. `KINDS` maps the stored name to the class."""

    KINDS: ClassVar[dict[str, type[Event]]] = {}
    is_awaited: ClassVar[bool] = True
    """Whether somebody waits to hear of it, so that the relay is woken."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Event.KINDS[cls.__name__] = cls

    @property
    def kind(self) -> str:
        return type(self).__name__

    def payload(self) -> dict[str, Any]:
        return dict(vars(self))


def event_from(kind: str, payload: Mapping[str, Any]) -> Event | None:
    """The event as it was stored; unknown fields are dropped; None for a kind of a later release."""
    cls = Event.KINDS.get(kind)
    if cls is None:
        return None
    known = {f.name for f in fields(cls)}
    return cls(**{name: value for name, value in payload.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Event):
    """Something about one case; `queue_id` and `assignee_id` are as they are after it."""

    case_id: int
    queue_id: int | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CaseOpened(CaseEvent):
    customer_id: int
    channel: str
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageReceived(CaseEvent):
    """`visitor_id` and `sequence` where a further word of a chat came in."""

    message_id: int
    position: int
    channel_id: int | None = None
    automatic: bool = False
    silent: bool = False
    visitor_id: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReplyQueued(CaseEvent):
    """An answer was given; `outbox_id` is None where it needs nothing to carry it, as in a chat.

    `visitor_id` and `sequence` where it was said in a chat.
    """

    message_id: int
    position: int
    outbox_id: int | None = None
    visitor_id: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReplyWithdrawn(CaseEvent):
    message_id: int
    position: int


@dataclass(frozen=True, kw_only=True)
class NoteAdded(CaseEvent):
    """A note was written; `whisper_to` is the agent to whose ear it goes."""

    message_id: int
    position: int
    mentions: tuple[int, ...] = ()
    whisper_to: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryChanged(CaseEvent):
    message_id: int
    position: int
    state: str


@dataclass(frozen=True, kw_only=True)
class CaseChanged(CaseEvent):
    """A status, a field, a tag, a queue or an assignee changed; `what` names which."""

    what: str
    old_queue_id: int | None = None
    old_assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CaseResolved(CaseEvent):
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseMerged(CaseEvent):
    merged_id: int
    merge_id: int
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseDivided(CaseEvent):
    new_case_id: int
    split_id: int
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class OfferMade(CaseEvent):
    offer_id: int
    agent_id: int


@dataclass(frozen=True, kw_only=True)
class OfferEnded(CaseEvent):
    """The offer was accepted, declined, lapsed or withdrawn."""

    offer_id: int
    agent_id: int
    state: str


@dataclass(frozen=True, kw_only=True)
class ChatChanged(CaseEvent):
    """`what`: begun said joined waiting left returned ended wrapped_up scored address mailed."""

    conversation_id: int
    visitor_id: int
    what: str
    sequence: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClockDueSoon(CaseEvent):
    """A quarter of the target is left of a clock: `first_response`, `next_response` or `resolution`."""

    clock: str


@dataclass(frozen=True, kw_only=True)
class ClockMissed(CaseEvent):
    """The target of a clock is used up, and it still runs."""

    clock: str


@dataclass(frozen=True, kw_only=True)
class AgentFreed(Event):
    """An agent has a free place: came back, ended work, or may hold more."""

    agent_id: int


@dataclass(frozen=True, kw_only=True)
class PresenceChanged(Event):
    """`cause` is empty for the agent's own choice, else `missed_offers` or `silence`."""

    agent_id: int
    state: str
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Event):
    """An agent's role, teams or standing changed: open sessions and sockets must be looked at again."""

    agent_id: int


@dataclass(frozen=True, kw_only=True)
class SetupChanged(Event):
    """A row of the setup changed, e.g. `queues` 4."""

    table: str
    row_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    customer_id: int


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(Event):
    customer_id: int
    merged_id: int
    merge_id: int
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class MailQuarantined(Event):
    inbox_id: int
    channel_id: int


@dataclass(frozen=True, kw_only=True)
class MailKept(Event):
    """Mail that was set aside waits to be read again; `count` of them in one commit.

    Of mail that comes in the inbox itself tells: nobody waits to hear of it.
    """

    is_awaited: ClassVar[bool] = False

    channel_id: int
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class TextKept(Event):
    """Texts became ours and wait to be read; `count` of them in one commit."""

    channel_id: int
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class MediaAwaited(Event):
    """Files that came with a text lie with the provider and should be fetched."""

    channel_id: int


@dataclass(frozen=True, kw_only=True)
class FilesFetched(CaseEvent):
    """Files of a message are there now, or will never be."""

    message_id: int
    position: int


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Event):
    channel_id: int
    state: str


@dataclass(frozen=True, kw_only=True)
class ArticleChanged(Event):
    """An article, or without a number the order of the help centre, is not what it was."""

    article_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LinkAsked(Event):
    """Somebody wants a link to their cases; whether it is mailed is to be decided."""

    link_id: int


@dataclass(frozen=True, kw_only=True)
class PurchasesTaken(Event):
    """Purchases came in from an operational system."""

    added: int
    corrected: int


@dataclass(frozen=True, kw_only=True)
class EntitlementsTaken(Event):
    """Warranties and contracts came in from an operational system."""

    added: int
    corrected: int


@dataclass(frozen=True, kw_only=True)
class LookBackAsked(Event):
    """What the past says (handle times, the forecast) is to be read anew."""


@dataclass(frozen=True, kw_only=True)
class ValueRunAsked(Event):
    """The values of all customers are to be computed."""

    run_id: int


@dataclass(frozen=True, kw_only=True)
class ValuesComputed(Event):
    run_id: int
    customers: int
    tiers_changed: int


@dataclass(frozen=True, kw_only=True)
class TopicsChanged(Event):
    """Found, placed anew, or corrected by a person: of one topic where one is named, else of all."""

    topic_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProposalsChanged(Event):
    """Made, decided, put into effect or measured."""

    proposal_id: int


@dataclass(frozen=True, kw_only=True)
class TierChanged(Event):
    """By a run, or without one by hand."""

    customer_id: int
    before: str
    after: str
    run_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class RetentionTaskChanged(Event):
    """A task to keep a customer was opened, taken, or closed with `outcome`."""

    task_id: int
    customer_id: int
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class ReminderChanged(Event):
    """A reminder of this person was made, moved, done or dropped."""

    agent_id: int
    reminder_id: int


@dataclass(frozen=True, kw_only=True)
class ReminderDue(Event):
    """The time of a reminder has come."""

    agent_id: int
    reminder_id: int


@dataclass(frozen=True, kw_only=True)
class CalibrationChanged(Event):
    """This person is asked to judge a case, or may now see both judgements; `what` says which."""

    agent_id: int
    calibration_id: int
    what: str


@dataclass(frozen=True, kw_only=True)
class ReplyHeldBack(Event):
    """A scheduled reply of this person does not leave by itself: something was said, or it cannot go."""

    agent_id: int
    case_id: int
    scheduled_id: int
