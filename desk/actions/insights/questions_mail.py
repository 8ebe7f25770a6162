"""What customers ask, by mail: on Monday morning, to those who asked for it, over the days before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from desk.actions.insights.mondays import DAYS, looked_at_on, mail_to_one_of_us, monday_due
from desk.actions.insights.question_report import period_asked, questions_shown
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.permission import ROLES, Permission
from desk.model.question_letter import QuestionLetter
from desk.store.holds import hold
from desk.store.insights.question_letters import letters_due
from desk.store.policies import set_policies
from desk.store.routing.queues import names_of_queues
from desk.store.unit_of_work import Work

KIND = "questions"
MAILED = "questions_mailed"
TOPICS = 10


def mail_questions(work: Work, *, page: str) -> int:
    """Once a Monday, from seven on in the desk's zone: every letter that is due; how many. `page` is where
    questions are found."""
    hold(work.session, MAILED)
    monday = monday_due(work, MAILED)
    if monday is None:
        return 0
    set_policies(work.session, {MAILED: monday.isoformat()})
    queues = names_of_queues(work.session)
    told: dict[tuple[int, str], tuple[str, str]] = {}
    mailed = 0
    for letter, agent in letters_due(work.session, looked_at_on(monday)):
        if Permission.WATCH_FLOOR not in ROLES[agent.role]:
            continue
        # Many ask for the same: it is counted once.
        days = DAYS[letter.rhythm]
        same = (days, urlencode(sorted(letter.narrowed.items())))
        if same not in told:
            told[same] = _told(work, letter, monday, page, queues)
        subject, text = told[same]
        mailed += mail_to_one_of_us(work, agent.email, KIND, subject, f"Hello {agent.name},\n\n{text}")
    return mailed


def _told(
    work: Work, letter: QuestionLetter, monday: date, page: str, queues: Mapping[int, str]
) -> tuple[str, str]:
    first, last = monday - timedelta(days=DAYS[letter.rhythm]), monday - timedelta(days=1)
    narrowed = dict(letter.narrowed)
    shown = questions_shown(work, period_asked(work, first=first, last=last, **_typed(narrowed)))
    link = f"{page}?{urlencode({'days': 'own', 'first': first, 'last': last, **narrowed})}"
    of = _named(narrowed, queues)
    subject = f"Questions of {first:%d %B} to {last:%d %B %Y}{f', {of}' if of else ''}"
    lines = "\n".join(_lines(shown, DAYS[letter.rhythm]))
    text = (
        f"this is what customers asked from {first:%d %B} to {last:%d %B %Y}{f' ({of})' if of else ''}.\n\n"
        f"{lines}\n\nThe page, with the cases behind each number, to print or as CSV:\n{link}\n\n"
        "You asked for this mail; “By mail” on that page ends it.\n"
    )
    return subject, text


def _lines(shown: Mapping[str, Any], days: int) -> Iterator[str]:
    totals = shown["totals"]
    if not totals["questions"]:
        yield "Nobody asked anything."
        return
    person = round(100 * totals["person"] / totals["questions"])
    change = _change(totals, f" than in the {days} days before")
    yield f"- {_counted(totals['questions'], 'question')}{change and ', '}{change}"
    yield f"- {person} % needed a person, and {_counted(round(totals['minutes']), 'minute')} of agents"
    yield f"- {totals['missed']:,} with a missed promise, {totals['repeat']:,} asked again within 7 days"
    asked = sorted((one for one in shown["topics"] if one["questions"]), key=lambda one: -one["questions"])
    if asked:
        yield "\nMost asked:"
    for topic in asked[:TOPICS]:
        change = _change(topic, "")
        yield f"- {topic['questions']:,}{change and f' ({change})'}: {topic['name']}"
    if shown["alerts"]:
        yield "\nRising across the desk:"
    for alert in shown["alerts"]:
        since = date.fromisoformat(alert["began_on"])
        yield f"- {alert['asked']:,} since {since:%d %B}, usually {alert['expected']:,.0f}: {alert['name']}"


def _change(row: Mapping[str, Any], than: str) -> str:
    now, before = row["questions"], row["before"]["questions"]
    if not before:
        return ""
    by = round(100 * (now - before) / before)
    return f"{abs(by):,} % {'more' if by > 0 else 'fewer'}{than}" if by else "as many as before"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _typed(narrowed: Mapping[str, Any]) -> dict[str, Any]:
    """As a period is narrowed."""
    kinds = {"channel": ChannelKind, "tier": Tier}
    return {name: kinds[name](value) if name in kinds else value for name, value in narrowed.items()}


def _named(narrowed: Mapping[str, Any], queues: Mapping[int, str]) -> str:
    queue = narrowed.get("queue_id")
    parts = [] if queue is None else [f"queue {queues.get(queue, queue)}"]
    parts += [f"{name} {narrowed[name]}" for name in ("channel", "tier", "language") if name in narrowed]
    return ", ".join(parts)
