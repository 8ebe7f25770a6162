"""Topics and the runs that find them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, undefer

from desk.model.errors import NotFound
from desk.model.greeting import greets
from desk.model.topic import (
    LIVE,
    Question,
    RunKind,
    Topic,
    TopicAlert,
    TopicEvent,
    TopicLevel,
    TopicRun,
    TopicState,
)

STUCK = timedelta(hours=2)
"""A run that was started so long ago died with its process, and is begun anew."""

GREETED = 4
"""So many times the quotes that are wanted are looked at for some that begin without a greeting."""


@dataclass(frozen=True)
class Centres:
    """The topics to which questions can come, a row a topic: number, unit centre, and the cosine from which
    a question is sure."""

    ids: list[int]
    centres: NDArray[np.float32]
    floors: NDArray[np.float32]


_DONE_BY_A_PERSON = and_(TopicEvent.agent_id.is_not(None), TopicEvent.detail["taken_back"].is_(None))


def every_topic(session: Session, *, lock: bool = False) -> dict[int, Topic]:
    """All topics by number, whatever became of them."""
    statement = select(Topic).order_by(Topic.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return {topic.id: topic for topic in session.scalars(statement)}


def get_topic(session: Session, topic_id: int, *, lock: bool = False) -> Topic:
    """Raises NotFound."""
    statement = select(Topic).where(Topic.id == topic_id)
    topic = session.scalar(statement.with_for_update() if lock else statement)
    if topic is None:
        raise NotFound(f"There is no topic {topic_id}.")
    return topic


def names_of(session: Session, topic_ids: Collection[int]) -> dict[int, str]:
    """The names of topics, by number."""
    rows = session.execute(select(Topic.id, Topic.name).where(Topic.id.in_(topic_ids)))
    return {row.id: row.name for row in rows}


def live_topics(session: Session) -> Sequence[Topic]:
    """Those that a page shows, but for facets."""
    return session.scalars(
        select(Topic).where(Topic.state.in_(LIVE), Topic.facet_of_id.is_(None)).order_by(Topic.id)
    ).all()


def topics_set_aside(session: Session) -> list[tuple[Topic, TopicEvent]]:
    """Those that a person merged or said to be none, by name, with the last thing done to each, which can be
    taken back."""
    rows = session.execute(
        select(Topic, TopicEvent)
        .join(TopicEvent, TopicEvent.topic_id == Topic.id)
        .where(Topic.state.in_((TopicState.MERGED, TopicState.NOT_A_TOPIC)), _DONE_BY_A_PERSON)
        .ext(distinct_on(Topic.id))
        .order_by(Topic.id, TopicEvent.id.desc())
    )
    return sorted(((row[0], row[1]) for row in rows), key=lambda one: one[0].name.casefold())


def known_centres(session: Session, model: str) -> Centres:
    """Where questions can lie in the space of `model`."""
    rows = session.execute(
        select(Topic.id, Topic.centre, Topic.reach)
        .where(Topic.centre.is_not(None), Topic.model == model)
        .order_by(Topic.id)
    ).all()
    centres = [np.frombuffer(row.centre, np.float32) for row in rows]
    return Centres(
        [row.id for row in rows],
        np.stack(centres) if centres else np.zeros((0, 0), np.float32),
        np.array([row.reach for row in rows], np.float32),
    )


def newest_space(session: Session) -> TopicRun | None:
    """The last discovery that found anything, with its space."""
    return session.scalar(
        select(TopicRun)
        .where(TopicRun.kind == RunKind.DISCOVERY, TopicRun.space.is_not(None))
        .order_by(TopicRun.id.desc())
        .limit(1)
        .options(undefer(TopicRun.space), undefer(TopicRun.boilerplate))
    )


def newest_discovery(session: Session) -> int | None:
    """The number of that run."""
    return session.scalar(
        select(TopicRun.id)
        .where(TopicRun.kind == RunKind.DISCOVERY, TopicRun.space.is_not(None))
        .order_by(TopicRun.id.desc())
        .limit(1)
    )


def last_run(session: Session, kind: RunKind) -> TopicRun | None:
    """The last one of the kind that was asked for."""
    return session.scalar(
        select(TopicRun)
        .where(TopicRun.kind == kind)
        .order_by(TopicRun.asked_at.desc(), TopicRun.id.desc())
        .limit(1)
    )


def waiting_run(session: Session, now: datetime, *, lock: bool = False) -> TopicRun | None:
    """The oldest run that nobody does."""
    statement = (
        select(TopicRun)
        .where(
            TopicRun.finished_at.is_(None),
            TopicRun.started_at.is_(None) | (TopicRun.started_at < now - STUCK),
        )
        .order_by(TopicRun.asked_at, TopicRun.id)
        .limit(1)
    )
    return session.scalar(statement.with_for_update(skip_locked=True) if lock else statement)


def begin_anew(session: Session) -> None:
    """Runs in somebody's hands wait again: whoever calls this knows that those hands are gone."""
    session.execute(update(TopicRun).where(TopicRun.finished_at.is_(None)).values(started_at=None))


def forget_spaces(session: Session, but: int) -> None:
    """Only the newest space is needed: topics have their centres in it."""
    session.execute(
        update(TopicRun).where(TopicRun.id != but, TopicRun.space.is_not(None)).values(space=None)
    )


def open_alerts(session: Session) -> Sequence[TopicAlert]:
    """The alerts that are not over, the largest first."""
    return session.scalars(
        select(TopicAlert)
        .where(TopicAlert.ended_at.is_(None))
        .order_by(TopicAlert.asked.desc(), TopicAlert.id)
    ).all()


def bursts_of(session: Session, since: date) -> dict[int, list[tuple[date, date | None]]]:
    """By topic the days from which, and before which, it rose; None while it does."""
    rows = session.execute(
        select(TopicAlert.topic_id, TopicAlert.began_on, TopicAlert.ended_at)
        .where((TopicAlert.ended_at.is_(None)) | (TopicAlert.ended_at >= since))
        .order_by(TopicAlert.id)
    )
    found: dict[int, list[tuple[date, date | None]]] = {}
    for row in rows:
        found.setdefault(row.topic_id, []).append(
            (row.began_on, row.ended_at.date() if row.ended_at else None)
        )
    return found


def events_of(session: Session, topic_id: int, limit: int) -> Sequence[TopicEvent]:
    """What became of a topic, the newest first."""
    return session.scalars(
        select(TopicEvent).where(TopicEvent.topic_id == topic_id).order_by(TopicEvent.id.desc()).limit(limit)
    ).all()


def get_event(session: Session, event_id: int) -> TopicEvent:
    """Raises NotFound; only what a person did can be taken back."""
    event = session.get(TopicEvent, event_id)
    if event is None or event.agent_id is None:
        raise NotFound(f"There is no change {event_id} that could be taken back.")
    return event


def last_event(session: Session, topic_id: int) -> TopicEvent | None:
    """The last thing a person did to it."""
    return session.scalar(
        select(TopicEvent)
        .where(
            TopicEvent.topic_id == topic_id,
            _DONE_BY_A_PERSON,
        )
        .order_by(TopicEvent.id.desc())
        .limit(1)
    )


def texts_lying_at(session: Session, topic_id: int, limit: int) -> list[str]:
    """The newest texts there, those that a person put there first."""
    return list(
        session.scalars(
            select(Question.text)
            .where(Question.found_id == topic_id, Question.text != "")
            .order_by(Question.by_person.desc(), Question.asked_at.desc(), Question.id.desc())
            .limit(limit)
        )
    )


def made_without_centre(session: Session) -> list[int]:
    """Topics that a person made, and to which nothing can come yet."""
    return list(
        session.scalars(
            select(Topic.id)
            .where(Topic.made_by_person, Topic.centre.is_(None), Topic.state.in_(LIVE))
            .order_by(Topic.id)
        )
    )


def examples_gone(session: Session) -> list[int]:
    """Topics of which an example or the name (unless a person gave it) is asked by nobody any more."""
    return list(
        session.scalars(
            text(
                """
                SELECT t.id FROM topics t WHERE t.state IN ('active', 'proposed') AND EXISTS (
                  SELECT FROM jsonb_array_elements_text(t.examples) e(said)
                  WHERE NOT EXISTS (SELECT FROM questions q
                    WHERE q.found_id = t.id AND left(q.text, 190) = left(e.said, 190)))
                ORDER BY t.id
                """
            )
        )
    )


def daily_counts(session: Session, first: datetime, until: datetime, zone: str) -> dict[int, dict[str, int]]:
    """Of each topic the questions asked a day of the zone (ISO), from `first` to before `until`."""
    rows = session.execute(
        text(
            """
            SELECT topic_id, to_char(asked_at AT TIME ZONE :zone, 'YYYY-MM-DD') AS day, count(*) AS n
            FROM questions WHERE topic_id IS NOT NULL AND asked_at >= :first AND asked_at < :until
            GROUP BY 1, 2
            """
        ),
        {"first": first, "until": until, "zone": zone},
    )
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.topic_id, {})[row.day] = row.n
    return counts


_ASKED = """
    SELECT q.text, q.channel_kind, c.tags, coalesce((
        SELECT p.description FROM purchases p
        WHERE p.customer_id = c.customer_id AND p.amount > 0
          AND p.bought_at BETWEEN q.asked_at - interval '90 days' AND q.asked_at
        ORDER BY p.bought_at DESC LIMIT 1), '') AS product,
      coalesce(u.language, '') AS language
    FROM questions q JOIN cases c ON c.id = q.case_id JOIN customers u ON u.id = c.customer_id
    WHERE {whose} AND q.asked_at >= :since AND q.asked_at < :until
    ORDER BY q.asked_at DESC, q.id DESC LIMIT :limit
"""
_ASKED_OF = text(_ASKED.format(whose="q.topic_id = :topic"))
_ASKED_BESIDE = text(_ASKED.format(whose="q.topic_id <> :topic"))


@dataclass(frozen=True, slots=True)
class Told:
    """A question with what is known of who asks; `product` is what they bought last, in 90 days."""

    text: str
    channel: str
    tags: list[str]
    product: str
    language: str


def asked_of(session: Session, topic_id: int, since: datetime, until: datetime, limit: int) -> list[Told]:
    """The topic's questions between two moments, the newest first."""
    found = {"topic": topic_id, "since": since, "until": until, "limit": limit}
    return [Told(*row) for row in session.execute(_ASKED_OF, found)]


def asked_beside(session: Session, topic_id: int, since: datetime, until: datetime, limit: int) -> list[Told]:
    """Questions of the other topics between two moments, the newest first."""
    found = {"topic": topic_id, "since": since, "until": until, "limit": limit}
    return [Told(*row) for row in session.execute(_ASKED_BESIDE, found)]


def keep_level(
    session: Session, topic_id: int, until: date, counts: Sequence[int], expected: Sequence[float | None]
) -> None:
    """What was usual of a topic, in place of what was known."""
    values = {"until": until, "counts": list(counts), "expected": list(expected)}
    kept = insert(TopicLevel).values(topic_id=topic_id, **values)
    session.execute(kept.on_conflict_do_update(index_elements=["topic_id"], set_=values))


def level_of(session: Session, topic_id: int) -> TopicLevel | None:
    """What was usual of a topic, as far as it is known."""
    return session.get(TopicLevel, topic_id)


def facets_of(session: Session, topic_id: int) -> Sequence[Topic]:
    """Groups of questions within a topic that the night found."""
    return session.scalars(
        select(Topic)
        .where(Topic.facet_of_id == topic_id, Topic.state == TopicState.PROPOSED)
        .order_by(Topic.id)
    ).all()


def quotes_of(session: Session, topic_id: int, limit: int) -> list[dict[str, Any]]:
    """`{case_id, text}`: what was asked lately and surely, one a wording; those that greet come last."""
    rows = session.execute(
        text(
            """
            SELECT case_id, text FROM (
              SELECT DISTINCT ON (words_hash) case_id, left(text, 300) AS text, asked_at, sure FROM (
                SELECT * FROM questions WHERE topic_id = :topic AND text <> ''
                ORDER BY asked_at DESC LIMIT 200) newest
              ORDER BY words_hash, asked_at DESC) different
            ORDER BY sure DESC, length(text) NOT BETWEEN 20 AND 160, asked_at DESC LIMIT :limit
            """
        ),
        {"topic": topic_id, "limit": GREETED * limit},
    )
    found = [dict(row._mapping) for row in rows]
    return sorted(found, key=lambda quote: greets(quote["text"]))[:limit]
