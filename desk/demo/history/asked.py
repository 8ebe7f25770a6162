"""What customers of the shop asked about in these weeks, and what happened meanwhile: from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_STORIES = "stories.toml"
_TOPICS = ("coffee.toml", "delivery.toml", "machines.toml", "money.toml")


@dataclass(frozen=True)
class Topic:
    """What is asked about `a_day` times on a usual day: how, what people add to it, what we answer."""

    key: str
    subject: str
    queue: str
    a_day: float
    asks: tuple[str, ...]
    adds: tuple[str, ...]
    we: tuple[str, ...]
    category: str | None = None


@dataclass(frozen=True)
class Published:
    """An article that was published when a story began; `found` is the share of those who looked for it in
    the help centre and opened it."""

    collection: str
    title: str
    body: str
    found: float


@dataclass(frozen=True)
class Turn:
    """What changed for a topic between two days before the end of the history (see `stories.toml`).

    `again` of those who asked write a second time, in the words of `chases`.
    """

    topic: str
    began: int
    ended: int
    times: float
    new: float = 0.0
    again: float = 0.0
    asks: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    chases: tuple[str, ...] = ()
    article: Published | None = None

    def is_on(self, days_ago: int) -> bool:
        return self.ended <= days_ago < self.began


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of their files."""
    return tuple(
        Topic(**{key: _fixed(value) for key, value in one.items()})
        for name in _TOPICS
        for one in tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))["topic"]
    )


@cache
def turns() -> tuple[Turn, ...]:
    """Everything that happened, by its file."""
    told = tomllib.loads((_FOLDER / _STORIES).read_text(encoding="utf-8"))["story"]
    return tuple(_turn(one) for one in told)


def _turn(told: dict[str, Any]) -> Turn:
    values = {name: _fixed(value) for name, value in told.items() if name != "article"}
    article = told.get("article")
    return Turn(**values, article=Published(**article) if article else None)


def _fixed(value: Any) -> Any:  # what TOML holds
    return tuple(value) if isinstance(value, list) else value
