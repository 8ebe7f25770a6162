"""What is promised to whom: a list of targets, read from the top, of which the first that fits holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind
from desk.model.sla import ClockKind
from desk.sla.penalties import checked_penalty, refuse_mixed

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=365)
MOST_TARGETS = 200


@dataclass(frozen=True, slots=True)
class Target:
    """For cases of these tiers, channels and priorities (none named: all), so much working time each."""

    tiers: frozenset[Tier]
    channels: frozenset[ChannelKind]
    priorities: frozenset[Priority]
    times: Mapping[ClockKind, timedelta]
    penalty: Mapping[str, Any] | None = None

    def fits(self, tier: Tier, channel: ChannelKind, priority: Priority) -> bool:
        """Whether it is meant for such a case."""
        return (
            (not self.tiers or tier in self.tiers)
            and (not self.channels or channel in self.channels)
            and (not self.priorities or priority in self.priorities)
        )


Targets = Sequence[Target]


def target_for(
    targets: Targets, kind: ClockKind, tier: Tier, channel: ChannelKind, priority: Priority
) -> timedelta | None:
    """The time that the first fitting target gives; None where nothing is promised."""
    fitting = next((one for one in targets if one.fits(tier, channel, priority)), None)
    return None if fitting is None else fitting.times.get(kind)


def penalty_for(
    targets: Targets, kind: ClockKind, tier: Tier, channel: ChannelKind, priority: Priority
) -> dict[str, Any] | None:
    """What a miss of the first fitting target costs, as its terms; None where it costs nothing."""
    fitting = next((one for one in targets if one.fits(tier, channel, priority)), None)
    if fitting is None or fitting.penalty is None or kind.value not in fitting.penalty["clocks"]:
        return None
    return {name: fitting.penalty[name] for name in ("amount", "currency", "per_hour", "cap")}


def checked_targets(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Targets as they are kept: `{tiers, channels, priorities, first_response, next_response, resolution,
    penalty}`, the times in seconds or None, the penalty as in `checked_penalty`.

    Raises Invalid, in words: for a word that is none, a time out of bounds, a line that promises
    nothing, and a line that no case can reach because those above it take all of its cases.
    """
    if len(given) > MOST_TARGETS:
        raise Invalid(f"At most {MOST_TARGETS} targets.", "targets")
    kept = [_checked(number, one) for number, one in enumerate(given, 1)]
    refuse_mixed(kept)
    targets = targets_from(kept)
    for number, target in enumerate(targets):
        if not any(_reached(targets, number, *case) for case in _cases(target)):
            raise Invalid(
                f"Target {number + 1} is never reached: the ones above it take all of its cases. "
                "Move it up, or delete it.",
                f"targets.{number}",
            )
    return kept


def targets_from(kept: Sequence[Mapping[str, Any]]) -> Targets:
    """The targets of a content that was checked when it was kept."""
    return tuple(
        Target(
            tiers=frozenset(Tier(word) for word in one["tiers"]),
            channels=frozenset(ChannelKind(word) for word in one["channels"]),
            priorities=frozenset(Priority(word) for word in one["priorities"]),
            times={kind: timedelta(seconds=one[kind]) for kind in ClockKind if one[kind] is not None},
            penalty=one.get("penalty"),
        )
        for one in kept
    )


@lru_cache(64)
def targets_in(kept: str) -> Targets:
    """The targets in the JSON of a version of the policy."""
    return targets_from(json.loads(kept))


Asked = tuple[Tier, ChannelKind, Priority]


def _cases(target: Target) -> list[Asked]:
    return [
        (tier, channel, priority)
        for tier in target.tiers or Tier
        for channel in target.channels or ChannelKind
        for priority in target.priorities or Priority
    ]


def _reached(targets: Targets, number: int, tier: Tier, channel: ChannelKind, priority: Priority) -> bool:
    return not any(above.fits(tier, channel, priority) for above in targets[:number])


def _checked(number: int, one: Mapping[str, Any]) -> dict[str, Any]:
    field = f"targets.{number - 1}"
    kept: dict[str, Any] = {
        "tiers": _words(number, one.get("tiers"), Tier, field),
        "channels": _words(number, one.get("channels"), ChannelKind, field),
        "priorities": _words(number, one.get("priorities"), Priority, field),
    }
    for kind in ClockKind:
        kept[kind.value] = _seconds(number, kind, one.get(kind.value), field)
    if all(kept[kind.value] is None for kind in ClockKind):
        raise Invalid(f"Target {number} promises nothing: give at least one time.", field)
    promised = {kind.value for kind in ClockKind if kept[kind.value] is not None}
    kept["penalty"] = checked_penalty(one.get("penalty"), promised=promised, at=number)
    return kept


def _words(number: int, given: Any, words: type[Tier | ChannelKind | Priority], field: str) -> list[str]:
    known = [word.value for word in words]
    wrong = [one for one in given or [] if one not in known]
    if wrong:
        raise Invalid(f"Target {number}: “{str(wrong[0])[:30]}” is none of {', '.join(known)}.", field)
    return [word for word in known if word in (given or [])]


def _seconds(number: int, kind: ClockKind, given: Any, field: str) -> int | None:
    if given is None:
        return None
    if (
        isinstance(given, bool)
        or not isinstance(given, int)
        or not SHORTEST <= timedelta(seconds=given) <= LONGEST
    ):
        name = kind.value.replace("_", " ")
        raise Invalid(f"Target {number}: the {name} takes from 10 seconds to 365 days, in seconds.", field)
    return given
