"""The clock: finds what time alone makes due, once a second, and rings for it or does it.

Promises of time are noted to the second beside it, in a thread of their own (`keep_time`), and what time
alone does to the lines in another (`keep_lines`).

It carries no truth. What it rings for, the workers' own sweep would find seconds later; what it does
itself is one small unit of work a case, safe beside a second clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from desk.actions.cases.deeds import close_case, wake_case
from desk.actions.cases.work import work_is_to_be_kept
from desk.actions.chat.by_time import (
    end_silent,
    finish_wrap_up,
    mail_after,
    mail_unread,
    note_left,
    silent_for,
)
from desk.actions.customers.worth import ask_nightly
from desk.actions.insights.surveys import ask_for_scores
from desk.actions.knowledge.article_life import publish_scheduled, retire_scheduled
from desk.actions.messages.scheduled import hold_back, send_due
from desk.actions.people.reminders import tell_reminders
from desk.actions.proactive.post import BATCH as TOLD_AT_ONCE
from desk.actions.proactive.post import tell_those_concerned
from desk.actions.routing.giving_back import GONE, give_back
from desk.channels.sms.webhooks import is_served
from desk.jobs import keep_lines, keep_time
from desk.jobs.doorbell import ring
from desk.jobs.reactions import Bell
from desk.logs import LastingTrouble
from desk.model.chat import HERE
from desk.model.errors import DeskError
from desk.model.permission import Actor, system
from desk.settings import Settings
from desk.store.chat.due import gone_since, silent_since, unread_since, wrapped_up_by
from desk.store.due import (
    Due,
    forget_old_sessions,
    resolved_before,
    snoozed_until,
    what_is_due,
)
from desk.store.knowledge.articles import due_articles
from desk.store.knowledge.help_searches import forget_old_searches
from desk.store.knowledge.help_sessions import forget_old_help_sessions
from desk.store.knowledge.portal import forget_old_links
from desk.store.messages.scheduled import due_scheduled, overtaken_scheduled
from desk.store.opening import open_store, redis_for
from desk.store.people.reminders import forget_old_reminders
from desk.store.people.sessions import find_actor
from desk.store.policies import policy
from desk.store.proactive.campaigns import running_messages
from desk.store.routing.presence_spans import forget_old_spans
from desk.store.routing.unanswered import unanswered
from desk.store.unit_of_work import Store, Work

TICK_SECONDS = 1
BATCH = 200
FIGURES_ROUND = timedelta(seconds=10)
SLOW_ROUND = timedelta(minutes=5)
SESSIONS_KEPT = timedelta(days=30)
LINKS_KEPT = timedelta(days=1)
SEARCHES_KEPT = timedelta(days=180)
REMINDERS_KEPT = timedelta(days=90)
PRESENCE_KEPT = timedelta(days=730)
DEFAULT_CLOSE_AFTER_DAYS = 14
MOST_BATCHES = 10
"""How many batches of one message a round takes: mail goes out over hours rather than at once."""

CLOCK = system("clock")
log = structlog.get_logger()


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick until told to stop. Trouble with the world costs a duty of one tick, never the clock."""
    store, redis = open_store(settings, "clock", pool_size=3), redis_for(settings)
    beside = [
        threading.Thread(target=keep_time.run, args=(store, stop), name="promises", daemon=True),
        threading.Thread(target=keep_lines.run, args=(store, redis, stop), name="lines", daemon=True),
    ]
    for thread in beside:
        thread.start()
    each_round = (
        partial(ring, redis, [Bell.RECONCILE_TEXTS, Bell.MAIL_ON_MONDAY]),
        partial(close_the_resolved, store),
        partial(value_by_night, store),
        partial(tell_proactively, store, settings),
        partial(ask_about_the_resolved, store, settings),
        partial(forget_sessions, store),
    )
    waits = LastingTrouble(log, "clock_waits")
    slow_round_at = figures_at = datetime.now(UTC)
    while not stop.wait(TICK_SECONDS):
        try:
            due = look(store)
        except OperationalError as error:
            waits.met(error)
            continue
        now, duties = datetime.now(UTC), list(_duties(due, store, redis, settings))
        if now >= figures_at:
            figures_at = now + FIGURES_ROUND
            duties.append(partial(ring_for_figures, store, redis))
        if now >= slow_round_at:
            slow_round_at = now + SLOW_ROUND
            duties += each_round
        _do(duties, waits, stop)
    for thread in beside:
        thread.join(timeout=25)
    store.close()
    redis.close()


def _do(duties: Sequence[partial[Any]], waits: LastingTrouble, stop: threading.Event) -> None:
    """Each by itself: what one of them runs into costs no other. Without Redis nothing is rung for, and all
    that needs the database alone goes on.
    """
    trouble: Exception | None = None
    for duty in duties:
        if stop.is_set():
            return
        try:
            duty()
        except (OperationalError, RedisError) as error:
            trouble = error
        except Exception:
            # Whatever it is, the next tick may fare better; a clock that stops tells nobody.
            log.exception("clock_failed", duty=duty.func.__name__)
    waits.now(trouble)


def look(store: Store) -> Due:
    """What is due now, in one statement: most seconds, nothing. Raises OperationalError."""
    with store.reading(CLOCK) as work:
        return what_is_due(work.session, work.now)


def _duties(due: Due, store: Store, redis: Redis, settings: Settings) -> Iterator[partial[Any]]:
    bells = {
        Bell.DELIVER: due.mail,
        Bell.OFFER_WORK: due.offers,
        Bell.MAIL_LINKS: due.links,
        Bell.READ_TEXTS: due.texts,
        Bell.FETCH_MEDIA: due.media,
    }
    if any(bells.values()):
        yield partial(ring, redis, [bell for bell, is_due in bells.items() if is_due])
    if due.snoozed:
        yield partial(wake_the_snoozed, store)
    if due.reminders:
        yield partial(tell_of_reminders, store)
    if due.scheduled:
        yield partial(send_the_scheduled, store, settings)
    if due.chats:
        yield partial(look_after_chats, store)
    if due.held:
        yield partial(give_back_the_unanswered, store)
    if due.articles:
        yield partial(look_after_articles, store)


def ring_for_figures(store: Store, redis: Redis) -> None:
    """A doorbell where the work on cases is to be kept. Raises RedisError."""
    with store.reading(CLOCK) as work:
        is_due = work_is_to_be_kept(work)
    ring(redis, [Bell.KEEP_WORK] if is_due else [])


def wake_the_snoozed(store: Store) -> int:
    """Cases whose sleep is over are work again; how many."""
    with store.reading(CLOCK) as work:
        due = snoozed_until(work.session, work.now, BATCH)
    return sum(_one(store, wake_case, case_id) for case_id in due)


def tell_of_reminders(store: Store) -> int:
    """Reminders whose time has come are told to whose they are; how many."""
    with store.unit_of_work(CLOCK) as work:
        return tell_reminders(work, BATCH)


def send_the_scheduled(store: Store, settings: Settings) -> int:
    """Replies whose time has come leave, each as its agent; one that somebody's word has overtaken, or that
    cannot leave, is held back and its agent told. How many left.
    """
    with store.reading(CLOCK) as work:
        overtaken = overtaken_scheduled(work.session, BATCH)
        due = [
            (number, find_actor(work.connection, agent_id))
            for number, agent_id in due_scheduled(work.session, work.now, BATCH)
            if number not in overtaken
        ]
    served = is_served(settings.public_url, settings.twilio_api)
    for number in overtaken:
        _one(store, hold_back, number)
    return sum(_send_scheduled(store, number, actor, files_served=served) for number, actor in due)


def _send_scheduled(store: Store, number: int, actor: Actor | None, *, files_served: bool) -> bool:
    why = "Whoever wrote it does not work here any more."
    if actor is not None:
        try:
            with store.unit_of_work(actor) as work:
                return send_due(work, number, files_served=files_served)
        except DeskError as error:
            why = error.sentence
    _one(store, lambda work, held: hold_back(work, held, why), number)
    return False


def look_after_chats(store: Store) -> int:
    """Visitors who left, chats that fell silent, answers to mail, wrap-ups that are over; how many."""
    with store.reading(CLOCK) as work:
        session, now = work.session, work.now
        due = [
            (note_left, gone_since(session, now - HERE, BATCH)),
            (end_silent, silent_since(session, now - silent_for(work), BATCH)),
            (mail_unread, unread_since(session, now - mail_after(work), BATCH)),
            (finish_wrap_up, wrapped_up_by(session, now, BATCH)),
        ]
    return sum(_one(store, deed, number) for deed, numbers in due for number in numbers)


def give_back_the_unanswered(store: Store) -> int:
    """Cases whose agent leaves the customer waiting go to somebody else; how many."""
    with store.reading(CLOCK) as work:
        due = unanswered(work.session, work.now, gone_for=GONE, limit=BATCH)
    return sum(_one(store, give_back, case_id) for case_id in due)


def look_after_articles(store: Store) -> int:
    """Articles whose time to be published or retired has come; how many."""
    with store.reading(CLOCK) as work:
        publish, retire = due_articles(work.session, work.now, BATCH)
    due = [(publish_scheduled, publish), (retire_scheduled, retire)]
    return sum(_one(store, deed, number) for deed, numbers in due for number in numbers)


def close_the_resolved(store: Store) -> int:
    """Cases whose grace window ended are closed for good; how many."""
    with store.reading(CLOCK) as work:
        days = policy(work.session, "close_after_days", DEFAULT_CLOSE_AFTER_DAYS)
        due = resolved_before(work.session, work.now - timedelta(days=days), BATCH)
    return sum(_one(store, close_case, case_id) for case_id in due)


def value_by_night(store: Store) -> bool:
    """Once its hour has come, the night's run of values is asked for."""
    with store.unit_of_work(CLOCK) as work:
        return ask_nightly(work)


def tell_proactively(store: Store, settings: Settings) -> int:
    """Those whom running messages concern are told, or held out; how many."""
    page = f"{settings.public_url.rstrip('/')}/help/no-more/"
    with store.reading(CLOCK) as work:
        running = running_messages(work.session)
    reached = 0
    for message_id in running:
        for _ in range(MOST_BATCHES):
            with store.unit_of_work(CLOCK) as work:
                told = tell_those_concerned(work, message_id, page=page)
            reached += told
            if told < TOLD_AT_ONCE:
                break
    return reached


def ask_about_the_resolved(store: Store, settings: Settings) -> int:
    """Customers of cases that were resolved are asked how it went, where their queue asks; how many cases
    were looked at."""
    with store.unit_of_work(CLOCK) as work:
        return ask_for_scores(work, site=settings.public_url.rstrip("/"), secret=settings.secret_key)


def forget_sessions(store: Store) -> None:
    with store.unit_of_work(CLOCK) as work:
        forget_old_sessions(work.session, work.now - SESSIONS_KEPT)
        forget_old_links(work.session, work.now - LINKS_KEPT)
        forget_old_searches(work.session, work.now - SEARCHES_KEPT)
        forget_old_help_sessions(work.session, work.now - SEARCHES_KEPT)
        forget_old_spans(work.session, work.now - PRESENCE_KEPT)
        forget_old_reminders(work.session, work.now - REMINDERS_KEPT)


def _one(store: Store, deed: Callable[[Work, int], object], case_id: int) -> bool:
    """One case, in a unit of work of its own; somebody who was faster is right."""
    try:
        with store.unit_of_work(CLOCK) as work:
            deed(work, case_id)
    except DeskError:
        return False
    return True
