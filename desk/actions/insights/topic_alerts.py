"""Alerts of rising topics: opened, kept up to date, closed when it is calm, and seen by somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from desk.model.errors import NotFound
from desk.model.events import TopicsChanged
from desk.model.permission import Permission
from desk.model.topic import TopicAlert
from desk.store.insights.topics import keep_level, open_alerts
from desk.store.unit_of_work import Work


class Cause(Protocol):
    """What most of the rising contacts share; shares are 0 to 1."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def share(self) -> float: ...
    @property
    def usual(self) -> float: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Level:
    """Questions a day and what was usual, the last day today."""

    topic_id: int
    counts: list[int]
    expected: list[float | None]


@dataclass(frozen=True)
class Rise:
    """So many asked since a day, where so many were usual."""

    topic_id: int
    began_on: date
    asked: int
    expected: float
    cause: Cause | None


def keep_levels(work: Work, today: date, levels: Sequence[Level], rises: Sequence[Rise]) -> None:
    """What is usual of each topic, and an alert for each that rises; screens hear of new ones and ends."""
    for level in levels:
        keep_level(work.session, level.topic_id, today, level.counts, level.expected)
    standing = {alert.topic_id: alert for alert in open_alerts(work.session)}
    rising = {rise.topic_id for rise in rises}
    for number, alert in standing.items():
        if number not in rising:
            alert.ended_at = work.now
            work.record(TopicsChanged(topic_id=number))
    for rise in rises:
        if rise.topic_id not in standing:
            work.session.add(_opened(work, rise))
            work.record(TopicsChanged(topic_id=rise.topic_id))
            continue
        alert = standing[rise.topic_id]
        # A day later the first one may be out of sight; what was told of it still holds.
        if rise.began_on <= alert.began_on or rise.asked > alert.asked:
            alert.began_on = min(alert.began_on, rise.began_on)
            alert.asked, alert.expected, alert.cause = rise.asked, rise.expected, _plain(rise.cause)


def see_alert(work: Work, alert_id: int) -> None:
    """Somebody has seen it: it stands no more above the page, and stays with its topic. Raises NotFound."""
    work.require(Permission.EDIT_POLICIES)
    alert = work.session.get(TopicAlert, alert_id)
    if alert is None:
        raise NotFound(f"There is no alert {alert_id}.")
    alert.seen_by_id = work.actor.agent_id
    work.record(TopicsChanged(topic_id=alert.topic_id))


def _opened(work: Work, rise: Rise) -> TopicAlert:
    return TopicAlert(
        topic_id=rise.topic_id,
        began_on=rise.began_on,
        found_at=work.now,
        asked=rise.asked,
        expected=rise.expected,
        cause=_plain(rise.cause),
    )


def _plain(cause: Cause | None) -> dict[str, Any] | None:
    if cause is None:
        return None
    return {
        "kind": cause.kind,
        "value": cause.value,
        "share": round(cause.share, 4),
        "usual": round(cause.usual, 4),
        "count": cause.count,
    }
