"""What customers feel: solved at once, content, helped before they had to ask."""

from __future__ import annotations

from desk.store.cases.work import WROTE_AGAIN, joined
from desk.store.insights.metrics.metric import (
    OF_CASE,
    OF_NOBODY,
    OWNER,
    TAKEN_BACK,
    Fold,
    Group,
    Unit,
    metric,
)
from desk.store.insights.scores import ASKED, SCORES
from desk.store.knowledge.help_sessions import CONTACTED


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True)
def first_contact_resolution() -> str:
    """First contact resolution.

    cases that one contact solved / cases resolved

    One contact solved a case that was never reopened, whose customer opened no other case within seven
    days of it, and, unless it was a chat, wrote nothing after our first answer; a thank-you counts as a
    further contact. A case counts by the day it was resolved, once these seven days have passed. Cases
    that were merged into others, and those that we began, do not count.

    Source: the share of contacts after which no further contact about the matter is needed, as in COPC
    and ICMI; the seven days are ours.
    """
    return f"""
        SELECT c.resolved_at AS at, 1.0::float AS weight, {OF_CASE},
          ((c.channel = 'chat' OR NOT {WROTE_AGAIN})
            AND (c.id NOT IN ({TAKEN_BACK}) OR NOT EXISTS (SELECT FROM case_changes x
              WHERE x.case_id = c.id AND x.what = 'status' AND x.before = '"resolved"'
                AND x.after <> '"closed"' AND x.at <= c.resolved_at))
            AND NOT EXISTS (SELECT FROM cases o
              WHERE o.customer_id = c.customer_id AND o.id <> c.id AND o.merged_into_id IS NULL
                AND o.last_inbound_position > 0
                AND o.opened_at > c.resolved_at AND o.opened_at <= c.resolved_at + interval '7 days')
          )::int::float AS value
        FROM cases c {OWNER} {joined("c.id")}
        WHERE c.resolved_at >= :begin AND c.resolved_at < :until
          AND c.resolved_at < CAST(:now AS timestamptz) - interval '7 days'
          AND c.merged_into_id IS NULL AND c.last_inbound_position > 0
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True)
def satisfaction() -> str:
    """Satisfaction (CSAT).

    scores of 4 or 5 / scores

    The score is 1 to 5, given by the visitor of a chat, or by whoever was asked by mail or text after their
    case was resolved; it counts by the day it was given. Read it beside its response rate: who does not
    answer may think otherwise.

    Source: top two boxes of a five-point scale, the usual reading of CSAT.
    """
    return f"""
        SELECT s.scored_at AS at, (s.score >= 4)::int::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM {SCORES} s LEFT JOIN cases c ON c.id = s.case_id {OWNER}
        WHERE s.scored_at >= :begin AND s.scored_at < :until
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True)
def effort() -> str:
    """Made easy (customer effort).

    answers of 5, 6 or 7 / answers

    Whoever is asked by mail or text after their case was resolved says from 1 to 7 how much they agree that
    we made it easy for them; it counts by the day it was said. Chats ask for a score alone.

    Source: the statement of the customer effort score 2.0 (Dixon, Toman and DeLisi, The Effortless
    Experience, 2013), read as the share of those who agree.
    """
    return f"""
        SELECT s.scored_at AS at, (s.effort >= 5)::int::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM {SCORES} s LEFT JOIN cases c ON c.id = s.case_id {OWNER}
        WHERE s.scored_at >= :begin AND s.scored_at < :until AND s.effort IS NOT NULL
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True)
def satisfaction_response() -> str:
    """Response rate of satisfaction.

    answered / asked

    Asked are the visitors of chats that an agent had joined, by the day the chat ended, and those whom we
    asked by mail or text, by the day the question left; a question that could not be delivered is none.

    Source: AAPOR, Standard Definitions, response rate 1 with everybody who was asked as eligible.
    """
    return f"""
        SELECT s.asked_at AS at, (s.scored_at IS NOT NULL)::int::float AS value, 1.0::float AS weight,
          {OF_CASE}
        FROM {ASKED} s LEFT JOIN cases c ON c.id = s.case_id {OWNER}
        WHERE s.asked_at >= :begin AND s.asked_at < :until
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True, narrows=())
def helpful_articles() -> str:
    """Articles found helpful.

    votes “helpful” / votes

    The votes that readers of the help centre gave under an article, by the day they gave them.

    Source: the question under every article of the help centre.
    """
    return f"""
        SELECT at, helpful::int::float AS value, 1.0::float AS weight, {OF_NOBODY}
        FROM article_votes WHERE at >= :begin AND at < :until
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True, narrows=())
def deflection() -> str:
    """Contacts spared by suggestions (deflection).

    share of sessions without suggestions that contacted us - share of sessions with them

    A session is a browser to which articles fit while it wrote in the help centre, the contact form or the
    widget. From a drawn share of them suggestions are withheld; all others count as shown, whether somebody
    looked or not. A contact is one by form or chat of the same browser, or any of whoever was signed in,
    within 72 hours of the first suggestion. Compared week by week, once these hours are over; the interval
    and every article stand under Help centre, Upkeep.

    Source: a randomised control group with intention to treat; weeks are weighted as by Mantel and Haenszel.
    """
    return f"""
        WITH seen AS (
          SELECT s.began_at, s.withheld, {CONTACTED}::int AS contacted,
            count(*) FILTER (WHERE s.withheld) OVER alike AS held,
            count(*) FILTER (WHERE NOT s.withheld) OVER alike AS given
          FROM help_sessions s
          WHERE s.began_at >= :begin AND s.began_at < :until
            AND s.began_at < CAST(:now AS timestamptz) - interval '72 hours'
          WINDOW alike AS (PARTITION BY s.percent, s.began_at >= :since,
            date_trunc('week', s.began_at AT TIME ZONE :zone))
        )
        SELECT began_at AS at, {OF_NOBODY}, held::float * given / (held + given) ^ 2 AS weight,
          contacted * CASE WHEN withheld THEN given::float ELSE -held::float END / (held + given) AS value
        FROM seen WHERE held > 0 AND given > 0
    """


@metric(Group.CUSTOMERS, Unit.SHARE, Fold.RATIO, more_is_better=True, narrows=())
def self_service() -> str:
    """Searches that led to an article.

    searches of the help centre out of which an article was opened / searches

    The share of searches that served themselves as far as can be told: who searched is not kept, so that
    whether they wrote to us all the same is unknown.

    Source: click-through of search; searches are kept for 180 days.
    """
    return f"""
        SELECT at, (article_id IS NOT NULL)::int::float AS value, 1.0::float AS weight, {OF_NOBODY}
        FROM help_searches WHERE at >= :begin AND at < :until
    """
