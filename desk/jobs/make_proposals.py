"""The night's proposals: what four weeks say of each topic, through the rules, with a saving and a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from desk.actions.insights.proposal_found import Proposed, keep_proposals
from desk.insights.evidence import confidence_of, fields_asked_for, news, searches_about
from desk.insights.faq import Answered, Draft, draft_of, readable
from desk.insights.rewording import Writer, reworded
from desk.insights.saving import saving_of
from desk.insights.signals import Coverage, Facts, Signal, signals
from desk.jobs.measure_effects import History, history_of
from desk.jobs.reading_space import ANALYST, Reading
from desk.model.masking import spoken
from desk.model.proposal import ProposalKind
from desk.model.topic import Topic, TopicAlert, counted_for
from desk.store.insights.proposal_facts import (
    Solved,
    coverage_of,
    facts_of_cases,
    first_answers,
    searches_made,
    solved_of,
)
from desk.store.insights.proposals import drafts_kept, measured_effects
from desk.store.insights.question_figures import Period, figures
from desk.store.insights.topics import every_topic, live_topics, open_alerts, quotes_of
from desk.store.policies import policy
from desk.store.unit_of_work import Work

WEEKS = 4
ANSWERED_WEEKS = 12
MOST_ANSWERS = 200
QUOTES = 8
USED_IN = 3
WORDS = 3
LIKE = 0.72
"""Topics so near that the same is proposed of both are one proposal."""


def make_proposals(reading: Reading, now: datetime) -> int:
    """Propose what four weeks ask for; how many are new, or are back with new evidence."""
    with reading.store.reading(ANALYST, now=now) as work:
        topics = {topic.id: topic for topic in live_topics(work.session)}
        facts = _facts(work, topics)
        history = history_of(work)
        fired = {
            number: signals(one, [other for other in facts.values() if other is not one])
            for number, one in facts.items()
        }
        measured = measured_effects(work.session)
        alerts = {alert.topic_id: alert for alert in open_alerts(work.session)}
        solved = {
            number: solved_of(
                work.session, number, work.now - timedelta(weeks=ANSWERED_WEEKS), work.now, MOST_ANSWERS
            )
            for number, said in fired.items()
            if any(one.kind is ProposalKind.FAQ for one in said)
        }
        drafted = drafts_kept(work.session)
        quotes = {number: quotes_of(work.session, number, QUOTES) for number, said in fired.items() if said}
        counted = counted_for(every_topic(work.session))
    found = []
    for number, said in fired.items():
        draft = _draft(reading, history, number, solved.get(number, []))
        for kind in ProposalKind:
            mine = [one for one in said if one.kind is kind]
            if not mine or (kind is ProposalKind.FAQ and draft is None):
                continue
            found.append(
                _proposed(
                    facts[number],
                    mine,
                    history,
                    quotes[number],
                    alerts.get(number),
                    _told(reading.writer, draft, drafted.get(number)) if kind is ProposalKind.FAQ else None,
                    measured.get(kind.value, []),
                )
            )
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        return keep_proposals(work, _joined(found, history), counted, news)


def _facts(work: Work, topics: Mapping[int, Topic]) -> dict[int, Facts]:
    since, until = work.now - timedelta(weeks=WEEKS), work.now
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC")).key
    counts = {
        row["topic_id"]: row
        for row in figures(work.session, Period(since, until, zone))
        if row["now"] and not row["of_everything"]
    }
    cases = facts_of_cases(work.session, since, until)
    answers = first_answers(work.session, since, until)
    searches = searches_made(work.session, since, until)
    rises = {alert.topic_id: alert for alert in open_alerts(work.session)}
    found = {}
    for number, topic in topics.items():
        row, of_cases = counts.get(number), cases.get(number, {})
        if row is None:
            continue
        made, vain = searches_about([topic.name, *topic.words], searches)
        alert = rises.get(number)
        found[number] = Facts(
            topic_id=number,
            name=topic.name,
            contacts=row["questions"],
            resolved=of_cases.get("resolved", 0),
            agents=of_cases.get("agents", 0),
            repeats=row["repeat"],
            reopened=of_cases.get("reopened", 0),
            chasing=of_cases.get("chasing", 0),
            first_answers=len(answers.get(number, [])),
            asked_for=fields_asked_for(answers.get(number, [])),
            waited=float(of_cases.get("waited", 0.0)),
            waiting_cases=of_cases.get("waiting_cases", 0),
            searches=made,
            in_vain=vain,
            minutes=float(row["minutes"]) / max(1, row["questions"]),
            missed=row["missed"],
            coverage=_coverage(work, topic, since),
            rising=alert.asked if alert else 0,
            usual=alert.expected if alert else 0.0,
        )
    return found


def _coverage(work: Work, topic: Topic, since: datetime) -> Coverage | None:
    row = coverage_of(work.session, topic.id, topic.words[:WORDS], USED_IN, since, work.now)
    if row is None:
        return None
    weeks = (work.now - row.pop("published_at")).days // 7
    return Coverage(**row, weeks=weeks)


def _draft(reading: Reading, history: History, number: int, solved: Sequence[Solved]) -> Draft | None:
    read = [(one, readable(one.answer)) for one in solved]
    kept = [
        Answered(one.case_id, one.question, answer, weight=(one.score or 4) / 4)
        for one, answer in read
        if answer
    ]
    centre = history.centres.get(number)
    standing = reading.standing()
    if not kept or standing is None or centre is None:
        return None
    questions = standing.space.vectors([spoken(one.question) for one in kept])
    answers = standing.space.vectors([spoken(one.answer) for one in kept])
    return draft_of(kept, questions, answers, centre)


def _told(
    writer: Writer | None, draft: Draft | None, kept: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The draft as it is kept, with the writer's wording of it; a writer is asked once for the same draft."""
    if draft is None:
        return None
    told = asdict(draft)
    if writer is None:
        return told
    before = (kept or {}).get("wording")
    if kept and before and before["by"] == writer.name and kept["sentences"] == told["sentences"]:
        return told | {"wording": before}
    return told | {"wording": asdict(reworded(writer, draft))}


def _proposed(
    facts: Facts,
    said: Sequence[Signal],
    history: History,
    quotes: Sequence[Mapping[str, Any]],
    alert: TopicAlert | None,
    draft: Mapping[str, Any] | None,
    measured: Sequence[float],
) -> Proposed:
    first = max(said, key=lambda one: one.addressable)
    saving = saving_of(
        contacts=facts.contacts,
        weeks=WEEKS,
        hits=first.hits,
        of=first.of,
        repeat_rate=facts.repeat_rate,
        minutes=facts.minutes,
        measured=measured,
    )
    found = facts.coverage
    return Proposed(
        kind=first.kind,
        rule=first.rule,
        topic_id=facts.topic_id,
        title=first.title,
        evidence={
            "contacts": facts.contacts,
            "weeks": WEEKS,
            "trend": history.weekly(facts.topic_id),
            "minutes": round(facts.minutes, 1),
            "missed": facts.missed,
            "repeats": facts.repeats,
            "searches": facts.searches,
            "in_vain": facts.in_vain,
            "signals": [
                {"rule": one.rule, "why": one.why, "fix": one.fix, "hits": one.hits, "of": one.of}
                for one in said
            ],
            "quotes": [dict(one) for one in quotes],
            "article": {"id": found.article_id, "title": found.title} if found else None,
            "cause": alert.cause if alert else None,
            "draft": draft,
            "detectable": history.detectable(facts.topic_id),
            "like": [],
        },
        saving={name: _rounded(value) for name, value in asdict(saving).items()},
        confidence=confidence_of(said),
        article_id=found.article_id if found and first.kind is ProposalKind.IMPROVE_ARTICLE else None,
    )


def _joined(found: Sequence[Proposed], history: History) -> list[Proposed]:
    """Of near topics of which the same rule says the same, the largest speaks for all."""
    kept: list[Proposed] = []
    for one in sorted(found, key=lambda one: (-one.evidence["contacts"], one.topic_id)):
        main = next(
            (
                place
                for place, other in enumerate(kept)
                if (other.kind, other.rule) == (one.kind, one.rule)
                and history.cosine(other.topic_id, one.topic_id) > LIKE
            ),
            None,
        )
        if main is None:
            kept.append(one)
            continue
        other = kept[main]
        like = [*other.evidence["like"], {"topic_id": one.topic_id, "title": one.title}]
        kept[main] = Proposed(
            **{
                **{name: getattr(other, name) for name in Proposed.__dataclass_fields__},
                "evidence": {**other.evidence, "like": like},
                "joined": (*other.joined, one.topic_id),
            }
        )
    return kept


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [round(one, 3) for one in value]
    return round(value, 4) if isinstance(value, float | np.floating) else value
