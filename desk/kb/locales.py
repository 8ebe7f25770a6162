"""Which variant of an article a reader gets, by the languages that they prefer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Variant(Protocol):
    """An article in one language; an original and its translations share `group`."""

    @property
    def group(self) -> int: ...
    @property
    def language(self) -> str: ...


V = TypeVar("V", bound=Variant)


def best_of_each(variants: Iterable[V], preferred: Sequence[str]) -> list[V]:
    """One of each group, at the place of its first: in the language preferred most, else that first one.

    `preferred` are codes such as `de-at` or `de`; a reader of `de-at` reads `de` as well, and the
    other way round (RFC 4647, 3.4, and a little more generous).
    """
    best: dict[int, V] = {}
    for one in variants:
        held = best.get(one.group)
        if held is None or _place(one.language, preferred) < _place(held.language, preferred):
            best[one.group] = one
    return list(best.values())


def spoken_of(variants: Iterable[V], preferred: Sequence[str]) -> list[V]:
    """Those in a language that is preferred at all."""
    return [one for one in variants if _place(one.language, preferred) < len(preferred)]


def _place(language: str, preferred: Sequence[str]) -> float:
    wanted = language.lower()
    for place, code in enumerate(preferred):
        if code == wanted:
            return place
        if code.partition("-")[0] == wanted.partition("-")[0]:
            return place + 0.5
    return len(preferred) + 1
