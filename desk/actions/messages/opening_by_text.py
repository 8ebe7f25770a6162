"""A case that begins with a text of ours: to whom, whether they agreed to be texted, and at what hour."""

from __future__ import annotations

from dataclasses import dataclass

from desk.actions.customers.profile import note_consent
from desk.actions.proactive.campaigns import QUIET
from desk.channels.sms.numbers import consent_channel, e164
from desk.channels.sms.ways import WINDOW_CLOSED, obstacle_to
from desk.insights.telling import leaves_at
from desk.model.channel import Channel
from desk.model.customer import AddressKind, Customer
from desk.model.errors import Invalid
from desk.store.customers.finding import consent_of, find_owner
from desk.store.policies import policy
from desk.store.texts.reach import text_reach
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FirstText:
    """What stands before a first text to a number: `obstacle` why not, `warning` what to think of.

    `asks_consent` says that their word is missing, which an agent may have heard; `by_template` that
    WhatsApp takes no free words here, so that an approved template is chosen.
    """

    obstacle: str | None
    asks_consent: bool = False
    warning: str | None = None
    by_template: bool = False


def number_given(written: str) -> str:
    """The number in its one form. Raises Invalid for what is none with its country."""
    number = e164(written)
    if number is None:
        told = "is not a phone number with its country, such as +44 20 7946 0958."
        raise Invalid(f"“{written.strip()[:40]}” {told}", "to")
    return number


def first_text(work: Work, channel: Channel, number: str, *, agreed: bool) -> FirstText:
    """Whether a case may begin with a text to this number; `agreed` is what they told the agent.

    A STOP and a consent withdrawn are their word to us, and no agent's word stands against it.
    """
    owner = find_owner(work.session, AddressKind.PHONE, number)
    customer = owner[0] if owner else None
    kept = _consent(work, customer, channel)
    texts = text_reach(work.session, None, [number])
    silent = obstacle_to(texts, kept, channel.id, number)
    told = obstacle_to(texts, True if kept is None else kept, channel.id, number)
    by_template = told == WINDOW_CLOSED
    asks = silent != told and (told is None or by_template)
    # Where their word would not help, what stands against it all the same is told at once.
    obstacle = silent if asks and not agreed else told
    return FirstText(
        None if obstacle == WINDOW_CLOSED else obstacle, asks, _hour_there(work, customer), by_template
    )


def keep_their_word(work: Work, customer: Customer, channel: Channel) -> None:
    """They told the agent that they may be texted; said before, it stays as it was."""
    if _consent(work, customer, channel) is None:
        note_consent(work, customer.id, consent_channel(channel.address), granted=True)


def _consent(work: Work, customer: Customer | None, channel: Channel) -> bool | None:
    return consent_of(work.session, customer.id, consent_channel(channel.address)) if customer else None


def _hour_there(work: Work, customer: Customer | None) -> str | None:
    """In the quiet hours of who gets it; whose zone we do not know has the desk's."""
    zone = policy(work.session, "time_zone", "UTC")
    theirs = customer.time_zone if customer else None
    if leaves_at(work.now, theirs, zone, *QUIET) == work.now:
        return None
    return f"It is between {QUIET[0]} and {QUIET[1]} o’clock where they are: a text may wake them."
