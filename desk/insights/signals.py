"""Rules over what is known of a topic: each says what to change, with the figures that say so, or nothing.

A rule fires on a share of the topic's own contacts, where there are enough of them, and, where other topics
have the same, only where it is clearly more here than there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt

from desk.model.proposal import ProposalKind

FEWEST_CONTACTS = 20
FEWEST_RESOLVED = 8
FEWEST_AGENTS = 3
FEWEST_HITS = 5
CHASED = 0.30
REOPENED = 0.10
ASKED_FOR = 0.50
WAITED = 0.50
SEARCHES = 10
UNHELPFUL = 0.60
MORE_THAN_OTHERS = 1.5


@dataclass(frozen=True)
class Coverage:
    """A published article about the topic, and how it fares: `used` in cases of the topic, opened out of a
    search, judged by readers."""

    article_id: int
    title: str
    used: int = 0
    opened: int = 0
    votes: int = 0
    helpful: int = 0
    weeks: int = 0


@dataclass(frozen=True)
class Facts:
    """What four weeks said of one topic; counts are of contacts unless a name says otherwise.

    `chasing` had an order or a case open of which nobody had told them for days. `asked_for` counts the
    first answers that asked for a field, by the field. `waited` is the share of working time on hold.
    `searches` are those about the topic, `in_vain` found or opened nothing.
    """

    topic_id: int
    name: str
    contacts: int
    resolved: int = 0
    agents: int = 0
    repeats: int = 0
    reopened: int = 0
    chasing: int = 0
    first_answers: int = 0
    asked_for: dict[str, int] = field(default_factory=dict)
    waited: float = 0.0
    waiting_cases: int = 0
    searches: int = 0
    in_vain: int = 0
    minutes: float = 0.0
    missed: int = 0
    coverage: Coverage | None = None
    rising: int = 0
    usual: float = 0.0

    @property
    def repeat_rate(self) -> float:
        return self.repeats / max(1, self.contacts)


@dataclass(frozen=True)
class Signal:
    """What one rule says. `hits` of `of` contacts show it: how many a change could spare (`addressable`)."""

    rule: str
    kind: ProposalKind
    title: str
    why: str
    fix: str
    hits: int
    of: int

    @property
    def addressable(self) -> float:
        return min(1.0, self.hits / max(1, self.of))


def signals(facts: Facts, others: Sequence[Facts]) -> list[Signal]:
    """What fires for a topic, beside the other topics of the same weeks; none below FEWEST_CONTACTS."""
    if facts.contacts < FEWEST_CONTACTS:
        return []
    return [signal for rule in RULES if (signal := rule(facts, others)) is not None]


def surely(share: float, of: int, z: float = 1.2816) -> float:
    """The share that it is at least: the lower end of its 90 % interval (Wilson 1927), for `of` contacts."""
    of = max(1, of)
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of))


def status_chase(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """People ask how far it is because nobody told them."""
    if facts.chasing < FEWEST_HITS or facts.chasing < CHASED * facts.contacts:
        return None
    usual = _usual(others, lambda one: one.chasing / max(1, one.contacts))
    if facts.chasing / facts.contacts < MORE_THAN_OTHERS * usual:
        return None
    return Signal(
        "status_chase",
        ProposalKind.PROACTIVE,
        f"Tell people how far it is before they ask: {facts.name}",
        f"{facts.chasing} of {facts.contacts} had an order or a case open of which they had heard nothing "
        f"for three days; in other topics it is {_percent(usual)}.",
        "Send word after two days without news, and show where an order is.",
        facts.chasing,
        facts.contacts,
    )


def repeat_contact(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """The first answer does not end it. Surely more than in nine of ten other topics: of many topics some
    always stand above that by chance."""
    rates = sorted(one.repeat_rate for one in others if one.contacts >= FEWEST_CONTACTS)
    if facts.repeats < FEWEST_HITS or not rates:
        return None
    bound = rates[min(len(rates) - 1, int(0.9 * len(rates)))]
    if surely(facts.repeat_rate, facts.contacts) <= max(bound, 0.05):
        return None
    return Signal(
        "repeat_contact",
        ProposalKind.PROCESS_FIX,
        f"Make the first answer the last one: {facts.name}",
        f"{facts.repeats} of {facts.contacts} had asked the same within seven days; nine of ten other topics "
        f"stay at or under {_percent(bound)}.",
        "Read the second contacts: what the first answer lacked belongs into it, or into the agents' rights.",
        facts.repeats,
        facts.contacts,
    )


def reopened(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """Cases are closed before they are over."""
    if facts.resolved < FEWEST_CONTACTS or facts.reopened < FEWEST_HITS:
        return None
    share = facts.reopened / facts.resolved
    usual = _usual(others, lambda one: one.reopened / max(1, one.resolved))
    if share < REOPENED or share < MORE_THAN_OTHERS * usual:
        return None
    return Signal(
        "reopen",
        ProposalKind.PROCESS_FIX,
        f"Close it when it is over: {facts.name}",
        f"{facts.reopened} of {facts.resolved} resolved cases were opened again; in other topics it is "
        f"{_percent(usual)}.",
        "Look for the step that was still to come when the case was closed, and close after it.",
        facts.reopened,
        facts.resolved,
    )


def missing_data(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """The first answer is a question that the form could have put."""
    if facts.first_answers < FEWEST_CONTACTS or not facts.asked_for:
        return None
    name, count = max(facts.asked_for.items(), key=lambda one: (one[1], one[0]))
    if count < ASKED_FOR * facts.first_answers:
        return None
    return Signal(
        "missing_data",
        ProposalKind.PROCESS_FIX,
        f"Ask for the {name} in the form: {facts.name}",
        f"{count} of {facts.first_answers} first answers asked the customer for the {name}.",
        f"Make the {name} a field of the contact form, or fill it in from what is known of the customer.",
        count,
        facts.first_answers,
    )


def policy_wait(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """The work waits for somebody's decision."""
    if facts.waiting_cases < FEWEST_RESOLVED or facts.waited < WAITED:
        return None
    return Signal(
        "policy_wait",
        ProposalKind.PROCESS_FIX,
        f"Let agents decide it: {facts.name}",
        f"{_percent(facts.waited)} of the time of these cases was spent on hold; "
        f"{facts.waiting_cases} cases waited so.",
        "Give agents a limit up to which they decide by themselves.",
        facts.waiting_cases,
        max(facts.resolved, facts.waiting_cases),
    )


def search_failed(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """People looked for an answer before they wrote, and did not find it."""
    if facts.in_vain < SEARCHES or facts.in_vain < 0.5 * facts.searches:
        return None
    return Signal(
        "search_failed",
        ProposalKind.FAQ,
        f"Answer it in the help centre: {facts.name}",
        f"{facts.in_vain} of {facts.searches} searches for it in the help centre found nothing, or nothing "
        "that was opened.",
        "Publish an answer under the words that people search for.",
        min(facts.in_vain, facts.contacts),
        facts.contacts,
    )


def faq_gap(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """Asked often, answered by many, written down nowhere."""
    if facts.coverage is not None or facts.resolved < FEWEST_RESOLVED or facts.agents < FEWEST_AGENTS:
        return None
    return Signal(
        "faq_gap",
        ProposalKind.FAQ,
        f"Answer it in the help centre: {facts.name}",
        f"{facts.contacts} contacts in four weeks, answered by {facts.agents} agents, and no published "
        "article is about it.",
        "Publish the answer that most agents give.",
        facts.resolved,
        facts.contacts,
    )


def improve_article(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """There is an article, and it does not spare the question."""
    found = facts.coverage
    if found is None or found.weeks < 4:
        return None
    unhelpful = found.votes >= FEWEST_HITS and found.helpful <= UNHELPFUL * found.votes
    told_anyway = found.used >= FEWEST_RESOLVED
    if not unhelpful and not told_anyway:
        return None
    said = []
    if unhelpful:
        said.append(f"{found.helpful} of {found.votes} readers found “{found.title}” helpful")
    if told_anyway:
        said.append(f"agents sent “{found.title}” to {found.used} customers who had not found it")
    return Signal(
        "improve_article",
        ProposalKind.IMPROVE_ARTICLE,
        f"Mend the article “{found.title}”",
        f"{' and '.join(said)}; {facts.contacts} asked all the same.",
        "Put the customers' words into its title and first lines, and what agents add into its text.",
        max(found.used, found.votes - found.helpful),
        facts.contacts,
    )


def rising(facts: Facts, others: Sequence[Facts]) -> Signal | None:
    """Something happened, and everybody asks about it."""
    more = facts.rising - facts.usual
    if facts.rising < FEWEST_CONTACTS or facts.rising < MORE_THAN_OTHERS * facts.usual:
        return None
    return Signal(
        "rising",
        ProposalKind.PROACTIVE,
        f"Say what happened before more people ask: {facts.name}",
        f"{facts.rising} contacts where {facts.usual:.0f} were usual.",
        "Put a notice where people look first, and write to those whom it concerns.",
        round(more),
        facts.contacts,
    )


RULES = (
    status_chase, rising, repeat_contact, reopened, missing_data, policy_wait, search_failed, faq_gap,
    improve_article,
)  # fmt: skip
"""All rules; the order is that of evidence on a card."""


def _usual(others: Sequence[Facts], share: Callable[[Facts], float]) -> float:
    """The middle of the other topics that are large enough to have one."""
    shares = sorted(share(one) for one in others if one.contacts >= FEWEST_CONTACTS)
    return shares[len(shares) // 2] if shares else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
