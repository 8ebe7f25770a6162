"""A contact in somebody's words: greeting, question, what they add, their name, and slips of the hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from desk.demo.people import PRODUCTS, Person
from desk.model.inbound import ChannelKind

SENTENCES = ((1, 0.15), (2, 0.45), (3, 0.4))
OTHERWISE, WITH_MORE, WITH_A_SLIP = 0.6, 0.5, 0.12
"""In how many sentences people ask; how often they choose another word, add something, and mistype."""

_GREETINGS = (
    "Hello,\n\n",
    "Hi,\n\n",
    "Hello Nordkaffe,\n\n",
    "Dear team,\n\n",
    "Good morning,\n\n",
    "Hi there,\n\n",
    "",
    "",
)
_ENDS = (
    "\n\nKind regards,\n{name}", "\n\nBest wishes,\n{name}", "\n\nThanks,\n{first}",
    "\n\nThank you!\n{first}",
    "\n\nRegards,\n{name}\n\n-- \nSent from my phone", "\n\n{first}", "",
)  # fmt: skip
_SHORT_GREETINGS = ("", "", "", "hi, ", "Hello! ", "hey, ")
_SLOTS = {
    "machine": ("Espresso machine Havn", "Havn", "dual boiler Fyr", "Fyr"),
    "grinder": ("Skov 64", "grinder Skov", "hand grinder Fjell"),
    "coffee": ("House Blend", "Ethiopia Guji", "Colombia Huila", "Kenya Nyeri", "Decaf"),
    "voucher": ("SLOW-10", "KAFFE5", "WELCOME10", "THANKS5"),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}
_SYNONYMS = Path(__file__).with_name("synonyms.toml")
_PRODUCTS = tuple(name.partition(",")[0] for name, _ in PRODUCTS)


def worded(
    channel: ChannelKind,
    asks: Sequence[str],
    adds: Sequence[str],
    person: Person,
    dice: Random,
    ago: str = "",
) -> str:
    """One of `asks` as this person writes it on this channel."""
    slots = {name: dice.choice(words) for name, words in _SLOTS.items()}
    parts = [_otherwise(ask, dice) for ask in dice.sample(list(asks), _sentences(len(asks), dice))]
    if dice.random() < WITH_MORE and adds:
        parts.append(dice.choice(adds))
    words = " ".join(_ended(part) for part in parts).format(
        order=person.order,
        product=dice.choice((person.product, *_PRODUCTS)),
        amount=person.amount,
        ago=ago,
        **slots,
    )
    if dice.random() < WITH_A_SLIP:
        words = _with_a_slip(words, dice)
    if channel is ChannelKind.EMAIL:
        greeting, end = dice.choice(_GREETINGS), dice.choice(_ENDS)
        return f"{greeting}{words}{end.format(name=person.name, first=person.first)}"
    return f"{dice.choice(_SHORT_GREETINGS)}{words}"


def answered(we: Sequence[str], channel: ChannelKind, person: Person, agent: str, dice: Random) -> str:
    """One of our answers, as it is signed on this channel."""
    words = dice.choice(we)
    if channel is ChannelKind.EMAIL:
        return f"Hello {person.first},\n\n{words}\n\nBest wishes\n{agent.split()[0]}"
    return words


def since(earlier: datetime, later: datetime) -> str:
    """How long ago that was, as people say it."""
    days = max(1, (later - earlier) // timedelta(days=1))
    return "yesterday" if days == 1 else f"{('two', 'three', 'four')[min(days, 4) - 2]} days ago"


def _sentences(most: int, dice: Random) -> int:
    return min(most, dice.choices([count for count, _ in SENTENCES], [share for _, share in SENTENCES])[0])


def _otherwise(words: str, dice: Random) -> str:
    """The same, with other words for what can be said in several."""

    def another(found: re.Match[str]) -> str:
        return dice.choice(_synonyms()[found[1]]) if dice.random() < OTHERWISE else found[1]

    return _pattern().sub(another, words)


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = tomllib.loads(_SYNONYMS.read_text(encoding="utf-8"))["groups"]
    return {word: tuple(group) for group in groups for word in group}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_synonyms(), key=len, reverse=True)
    return re.compile(rf"(?<![\w{{])({'|'.join(map(re.escape, longest_first))})(?![\w}}])")


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".?!" else f"{sentence}."


def _with_a_slip(words: str, dice: Random) -> str:
    """Two letters in the wrong order, or one too few, in a longer word."""
    places = [
        at
        for at in range(1, len(words) - 2)
        if words[at - 1 : at + 3].isalpha() and words[at - 1 : at + 3].islower()
    ]
    if not places:
        return words
    at = dice.choice(places)
    if dice.random() < 0.5:
        return words[:at] + words[at + 1] + words[at] + words[at + 2 :]
    return words[:at] + words[at + 1 :]
