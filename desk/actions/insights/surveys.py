"""How did it go? Asked once after a case was resolved, by the way it was answered, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.cases.deeds import case_to_change
from desk.actions.cases.history import add_event, note_change
from desk.actions.messages.ways import ways_of
from desk.actions.proactive.campaigns import QUIET
from desk.actions.proactive.leaving import number_signed, signed, spoken, stop_line
from desk.channels.email.compose import new_message_id
from desk.channels.sms.numbers import consent_channel
from desk.channels.sms.segments import segments_of
from desk.channels.sms.webhooks import new_mark
from desk.channels.way import Way
from desk.insights.telling import leaves_at
from desk.model.case import DONE, Case
from desk.model.channel import Channel
from desk.model.customer import Customer
from desk.model.errors import Conflict, DeskError, NotFound
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.survey import ASK_AFTER, ASK_WITHIN, LONGEST_COMMENT, ONCE_IN_DAYS, Asking, Survey
from desk.model.transit import SURVEY, SURVEY_TEXT, Outbox, OutboxState
from desk.store.customers.finding import consent_of
from desk.store.holds import hold
from desk.store.insights.surveys import (
    bounces,
    cases_to_ask_about,
    find_survey,
    find_survey_carried,
    survey_said_last,
)
from desk.store.messages.conversations import conversation_on
from desk.store.outbox import get_outgoing
from desk.store.policies import policy
from desk.store.unit_of_work import Work

BATCH = 200
SCORES = range(1, 6)
_SUBJECT = {"en": "How did it go?", "de": "Wie war es?", "ar": "كيف كانت تجربتك؟"}
_MAIL = {
    "en": "Hello,\n\nyou wrote to us about “{subject}”, and we have settled it. How did it go? "
    "It takes half a minute:\n{link}\n\nIf something is still open, just answer this mail.\n\n{name}",
    "de": "Guten Tag,\n\nSie hatten uns wegen „{subject}“ geschrieben, und wir haben das erledigt. "
    "Wie war es? Es dauert eine halbe Minute:\n{link}\n\nIst noch etwas offen, antworten Sie einfach auf "
    "diese Mail.\n\n{name}",
    "ar": "مرحبًا،\n\nكتبتَ إلينا بشأن «{subject}» وقد أنجزنا طلبك. كيف كانت تجربتك؟ الإجابة لا تستغرق نصف "
    "دقيقة:\n{link}\n\nإن بقي شيء لم يُحل فأجب عن هذه الرسالة.\n\n{name}",
}
_TEXT = {
    "en": "{name}: How did it go? Reply 1 (bad) to 5 (good), or here: {link}",
    "de": "{name}: Wie war es? Antworten Sie 1 (schlecht) bis 5 (gut), oder hier: {link}",
    "ar": "{name}: كيف كانت تجربتك؟ أجب برقم من 1 (سيئة) إلى 5 (جيدة)، أو هنا: {link}",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a customer says: `score` 1 to 5, `effort` 1 to 7 if they like, and some words."""

    score: int
    effort: int | None
    comment: str


def ask_for_scores(work: Work, *, site: str, secret: str) -> int:
    """Decide on up to BATCH cases whether their customer is asked, and put the questions on their way; how
    many were decided on. `site` is our public address."""
    hold(work.session, SURVEY)
    days = policy(work.session, "survey_once_in_days", ONCE_IN_DAYS)
    due = cases_to_ask_about(
        work.session,
        resolved_from=work.now - ASK_WITHIN,
        resolved_until=work.now - ASK_AFTER,
        asked_since=work.now - timedelta(days=days),
        limit=BATCH,
    )
    for one in due:
        case = case_to_change(work, one.case_id)
        survey = Survey(case_id=case.id, decided_at=work.now)
        work.session.add(survey)
        work.session.flush()
        try:
            way = _way(work, case, one.channel_id, Asking(one.asking))
        except DeskError as reason:
            survey.why_not = reason.sentence[:300]
            continue
        _ask(work, case, survey, way, site=site, secret=secret)
    return len(due)


def hold_survey(work: Work, outbox_id: int) -> bool:
    """Whether a question must not leave now: withdrawn, as the case is work again or they said no. A case
    that is work again may be asked about when it is resolved once more."""
    outgoing = get_outgoing(work.session, outbox_id)
    survey = find_survey_carried(work.session, outbox_id)
    case = work.session.get_one(Case, survey.case_id) if survey else None
    if survey is None or case is None or case.status not in DONE:
        if survey is not None:
            work.session.delete(survey)
        return _withdraw(outgoing, "The case is being worked on again.")
    channel = work.session.get_one(Channel, outgoing.channel_id)
    if _refused(work, case, channel, Asking.NOT_REFUSED):
        survey.asked_at, survey.why_not = None, "They do not want to be written to any more."
        return _withdraw(outgoing, survey.why_not)
    return False


def survey_of(work: Work, token: str, secret: str) -> Survey:
    """The survey behind a link. Raises NotFound for a token that we did not make."""
    return _survey_of(work, token, secret, lock=False)


def score_case(work: Work, token: str, secret: str, given: Answered) -> None:
    """The customer's answer, seen in the case. Raises NotFound, and Conflict where it is too late."""
    survey = _survey_of(work, token, secret, lock=True)
    if not survey.takes_score(work.now):
        raise Conflict("This was answered, or asked too long ago.")
    keep_score(work, survey, given)


def survey_answered_by(
    work: Work, said: str, *, conversation_id: int | None, channel_id: int
) -> Survey | None:
    """The survey to which these words, sent by text, are the score: a digit from 1 to 5 and nothing else,
    after a survey that was the last thing we said there and still takes a score."""
    if conversation_id is None or score_in(said) is None:
        return None
    survey = survey_said_last(work.session, conversation_id, channel_id)
    return survey if survey is not None and survey.takes_score(work.now) else None


def score_in(said: str) -> int | None:
    """The score that the words are, in the digits of any script; None for whatever else was said."""
    bare = said.strip()
    score = int(bare) if len(bare) == 1 and bare.isdecimal() else 0
    return score if score in SCORES else None


def keep_score(work: Work, survey: Survey, given: Answered) -> None:
    """The survey, which takes a score now, has this one."""
    comment = given.comment.strip()[:LONGEST_COMMENT] or None
    said = (given.score, given.effort, comment)
    if (survey.score, survey.effort, survey.comment) == said:
        return
    before = None if survey.score is None else {"score": survey.score, "effort": survey.effort}
    survey.score, survey.effort, survey.comment = said
    survey.scored_at = survey.scored_at or work.now
    case = case_for(work, survey.case_id, to=Permission.WORK_CASES, lock=True)
    easy = f", and {given.effort} of 7 for how easy we made it" if given.effort else ""
    words = f": “{comment}”" if comment else "."
    sentence = f"The customer scored it {given.score} of 5{easy}{words}"
    add_event(work, case, sentence)
    note_change(
        work, case, "score", sentence, before=before, after={"score": given.score, "effort": given.effort}
    )


def _survey_of(work: Work, token: str, secret: str, *, lock: bool) -> Survey:
    number = number_signed(secret, SURVEY, token)
    survey = find_survey(work.session, number, lock=lock) if number is not None else None
    if survey is None:
        raise NotFound("This link leads nowhere.")
    return survey


def _way(work: Work, case: Case, channel_id: int, asking: Asking) -> Way:
    """The way that the last answer took. Raises DeskError, with why it cannot be gone to ask this."""
    way = next((one for one in ways_of(work, case) if one.channel_id == channel_id), None)
    if way is None or way.obstacle or not way.to:
        raise Conflict((way and way.obstacle) or "No way leads to the customer.")
    if _refused(work, case, work.session.get_one(Channel, channel_id), asking):
        raise Conflict("They have not agreed to be written to.")
    if way.kind is ChannelKind.EMAIL and bounces(work.session, way.to[0].address):
        raise Conflict("Mail to this address comes back.")
    return way


def _refused(work: Work, case: Case, channel: Channel, asking: Asking) -> bool:
    """Whether their last word about this channel, or their silence, is a no to whom is asked."""
    name = consent_channel(channel.address) if channel.kind is ChannelKind.SMS else channel.kind.value
    said = consent_of(work.session, case.customer_id, name)
    return said is False or (said is None and asking is Asking.AGREED)


def _ask(work: Work, case: Case, survey: Survey, way: Way, *, site: str, secret: str) -> None:
    customer = work.session.get_one(Customer, case.customer_id)
    channel = work.session.get_one(Channel, way.channel_id)
    zone = policy(work.session, "time_zone", "UTC")
    at = leaves_at(work.now, customer.time_zone, zone, *QUIET)
    by_text = way.kind is ChannelKind.SMS
    content = _content(work, case, survey, channel, customer.language or "en", site=site, secret=secret)
    carrier = Outbox(
        channel_id=channel.id,
        kind=SURVEY_TEXT if by_text else SURVEY,
        internet_id=new_mark() if by_text else new_message_id(channel.address.rpartition("@")[2]),
        recipients={way.to[0].address: {"state": "queued"}},
        queued_at=at,
        not_before=at,
        content=content,
    )
    work.session.add(carrier)
    work.session.flush()
    survey.outbox_id, survey.asked_at, survey.way = carrier.id, at, way.kind.value
    by = "text" if by_text else "email"
    note_change(work, case, "survey", f"The customer is asked by {by} how it went.")


def _content(
    work: Work, case: Case, survey: Survey, channel: Channel, language: str, *, site: str, secret: str
) -> dict[str, Any]:
    """What leaves: a text is whole, a mail gets its way out when it goes (`desk.actions.mail.letters`)."""
    name = policy(work.session, "desk_name", "Desk")
    link = f"{site}/help/score/{signed(secret, SURVEY, survey.id)}"
    if channel.kind is ChannelKind.SMS:
        said = f"{spoken(_TEXT, language).format(name=name, link=link)} {stop_line(language)}"
        return {"text": said, "segments": segments_of(said).segments}
    said = spoken(_MAIL, language).format(name=name, link=link, subject=" ".join(case.subject.split()))
    return {
        "subject": spoken(_SUBJECT, language),
        "text": said,
        "language": language,
        "name": name,
        "page": f"{site}/help/no-more/",
        "conversation_id": conversation_on(work.session, case, channel.id, at=work.now),
    }


def _withdraw(outgoing: Outbox, sentence: str) -> bool:
    outgoing.state, outgoing.trouble, outgoing.lease_until = OutboxState.WITHDRAWN, sentence, None
    return True
