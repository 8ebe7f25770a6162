"""How the work runs: how fast customers hear from us, what waits, what was promised."""

from __future__ import annotations

from desk.store.insights.metrics.metric import OF_CASE, OWNER, TAKEN_BACK, Fold, Group, Unit, metric

_CHAT = f"""chats h JOIN conversations v ON v.id = h.conversation_id
          LEFT JOIN cases c ON c.id = v.case_id {OWNER}"""

# A case that was reopened counts as open from its opening to its last resolution.
_ENDED = "coalesce(least(c.resolved_at, c.closed_at), 'infinity')"
_WEEK = "interval '168 hours'"  # as many everywhere; days would be looked up in a zone, row by row
_STANDING = f"""c.merged_into_id IS NULL AND c.opened_at < :until AND {_ENDED} >= :begin"""


@metric(Group.PROCESS, Unit.SECONDS, Fold.MEDIAN, more_is_better=False)
def first_response() -> str:
    """First response.

    median of (first answer by a person - opening of the case)

    By the clock on the wall, nights and Sundays too; working time is what promises are counted in. A case
    counts by the day of its first answer. Automatic acknowledgements are no answer.

    Source: first reply time as in the reports of Zendesk and Intercom; the median, because a few old cases
    would carry a mean away.
    """
    return f"""
        SELECT c.first_replied_at AS at, 1.0::float AS weight, {OF_CASE},
          date_part('epoch', c.first_replied_at - c.opened_at) AS value
        FROM cases c {OWNER}
        WHERE c.last_at >= :begin AND c.first_replied_at >= :begin AND c.first_replied_at < :until
          AND c.last_inbound_position > 0 AND c.first_replied_at > c.opened_at
    """


@metric(Group.PROCESS, Unit.SECONDS, Fold.MEDIAN, more_is_better=False)
def next_response() -> str:
    """Next response.

    median of (our next answer - the customer's first word since our last answer)

    Every turn after the first answer, by the day it was answered and by the clock on the wall. Chats
    answer in seconds: narrow to a channel to compare like with like.

    Source: next reply time as in the targets of Zendesk and HubSpot.
    """
    return f"""
        SELECT t.answered_at AS at, 1.0::float AS weight, {OF_CASE},
          date_part('epoch', t.answered_at - t.asked_at) AS value
        FROM turned t LEFT JOIN cases c ON c.id = t.case_id {OWNER}
    """


@metric(Group.PROCESS, Unit.SECONDS, Fold.MEDIAN, more_is_better=False)
def resolution_time() -> str:
    """Resolution time.

    median of (last resolution - opening of the case)

    By the clock on the wall, the time that waited for the customer included. A case counts by the day it
    was resolved; one that is open again does not count until it is resolved again.

    Source: full resolution time as in the reports of Zendesk.
    """
    return f"""
        SELECT c.resolved_at AS at, 1.0::float AS weight, {OF_CASE},
          date_part('epoch', c.resolved_at - c.opened_at) AS value
        FROM cases c {OWNER}
        WHERE c.resolved_at >= :begin AND c.resolved_at < :until AND c.merged_into_id IS NULL
          AND c.last_inbound_position > 0
    """


@metric(Group.PROCESS, Unit.SHARE, Fold.RATIO, more_is_better=True)
def sla_attainment() -> str:
    """SLA attainment.

    promises kept / promises decided

    A promise is decided when it was missed, or was met in time; what was cancelled before counts nowhere.
    Working time of the queue's calendar. The page Promises counts the same, by tier, channel and time.

    Source: ITIL 4, service level management; one clock is one promise.
    """
    return """
        SELECT coalesce(k.missed_at, k.ended_at) AS at, (k.missed_at IS NULL)::int::float AS value,
          1.0::float AS weight, c.id AS case_id, c.queue_id, c.channel, k.tier
        FROM sla_clocks k LEFT JOIN cases c ON c.id = k.case_id
        WHERE k.target IS NOT NULL AND (k.missed_at IS NOT NULL OR k.phase = 'met')
          AND (k.missed_at >= :begin AND k.missed_at < :until
            OR k.missed_at IS NULL AND k.ended_at >= :begin AND k.ended_at < :until)
    """


@metric(Group.PROCESS, Unit.SHARE, Fold.RATIO, more_is_better=False)
def reopened() -> str:
    """Reopen rate.

    resolutions that were taken back within 14 days / resolutions

    A case that is resolved twice counts twice. Whether the customer wrote again or a colleague reopened it
    makes no difference. The last two weeks can still grow.

    Source: reopen rate as in HDI's metrics of service and support; the 14 days are the desk's grace window
    as it comes.
    """
    return f"""
        SELECT x.at, 1.0::float AS weight, {OF_CASE},
          (x.case_id IN ({TAKEN_BACK}) AND EXISTS (SELECT FROM case_changes y
            WHERE y.case_id = x.case_id AND y.id > x.id
              AND y.what = 'status' AND y.before = '"resolved"' AND y.after <> '"closed"'
              AND y.at <= x.at + interval '14 days'))::int::float AS value
        FROM case_changes x LEFT JOIN cases c ON c.id = x.case_id {OWNER}
        WHERE x.what = 'status' AND x.after = '"resolved"' AND x.at >= :begin AND x.at < :until
    """


@metric(Group.PROCESS, Unit.CASES, Fold.LAST, more_is_better=False)
def backlog() -> str:
    """Backlog.

    cases that are neither resolved nor closed at the end of the period

    Whoever the ball is with. For a week that is over, cases that were reopened since count as open from
    their opening on.

    Source: open work in progress, as in Little's law (1961).
    """
    return f"""
        SELECT c.opened_at AS at, {_ENDED} AS until_at, c.opened_at AS value_at,
          1.0::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM cases c {OWNER} WHERE {_STANDING}
    """


@metric(Group.PROCESS, Unit.SHARE, Fold.LAST_RATIO, more_is_better=False)
def old_backlog() -> str:
    """Backlog older than a week.

    cases of the backlog that were opened more than seven days before / backlog

    At the end of the period, by the clock on the wall.

    Source: backlog by age as in HDI's metrics of service and support; the week is ours.
    """
    return f"""
        SELECT c.opened_at AS at, {_ENDED} AS until_at, c.opened_at + {_WEEK} AS value_at,
          1.0::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM cases c {OWNER} WHERE {_STANDING}
    """


@metric(Group.PROCESS, Unit.SECONDS, Fold.RATIO, more_is_better=False)
def speed_of_answer() -> str:
    """Average speed of answer (ASA).

    sum of (agent joined - chat begun) / chats that an agent joined

    Chats alone: nobody waits on the line for a mail. A chat counts by the day it was joined; who left before
    is in the abandonment.

    Source: ICMI, average speed of answer, over answered contacts.
    """
    return f"""
        SELECT h.joined_at AS at, extract(epoch FROM h.joined_at - h.begun_at)::float AS value,
          1.0::float AS weight, {OF_CASE}
        FROM {_CHAT} WHERE h.joined_at >= :begin AND h.joined_at < :until
    """


@metric(Group.PROCESS, Unit.SHARE, Fold.RATIO, more_is_better=False)
def abandonment() -> str:
    """Abandonment.

    chats that ended before an agent joined / chats ended

    A chat counts by the day it ended.

    Source: ICMI, abandonment rate; without a threshold for short waits.
    """
    return f"""
        SELECT h.ended_at AS at, (h.joined_at IS NULL)::int::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM {_CHAT} WHERE h.ended_at >= :begin AND h.ended_at < :until
    """
