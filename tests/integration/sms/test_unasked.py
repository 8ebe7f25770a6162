"""What leaves by text without a case to belong to: a message before the question, and how it went."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from desk.actions.insights.surveys import ask_for_scores
from desk.actions.proactive import campaigns
from desk.actions.proactive.post import tell_those_concerned
from desk.model.case import Case, CaseStatus
from desk.model.customer import AddressKind
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.proactive import Segment, SegmentKind
from desk.model.proposal import Proposal, ProposalKind
from desk.model.queue import Queue
from desk.model.survey import Asking, Survey
from desk.model.texting import TextSpend
from desk.model.transit import Outbox, OutboxState
from desk.store.customers.finding import keep_consent
from desk.store.policies import set_policies
from desk.store.texts.reading import keep_stop
from desk.store.unit_of_work import Work
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.integration.topics.planted import WHOSE, a_space
from tests.people import STAGE, a_customer, a_purchase, an_address

SAID = {"language": "en", "subject": "", "text": "{{order.number}} takes two days longer. Nothing to do."}
LATE = Segment(SegmentKind.LATE_ORDER, statuses=("shipped",))
NEVER_QUIET = {"quiet_from": 0, "quiet_until": 0}


def a_buyer(work: Work, name: str, number: str, *, agreed: bool = True) -> None:
    buyer = a_customer(work, name)
    an_address(work, buyer, number, kind=AddressKind.PHONE)
    keep_consent(work.session, buyer.id, "sms", granted=agreed, source="checkout", at=work.now)
    a_purchase(work, buyer, f"N-{name.split()[0]}").bought_at = work.now - timedelta(days=3)


def started(desk: DeskWithANumber) -> int:
    """A message by text that runs, for everybody with an order under way."""
    with desk.store.unit_of_work(STAGE) as work:
        proposal = Proposal(
            kind=ProposalKind.PROACTIVE, rule="status_chase", topic_id=a_space(work, WHOSE)[3],
            title="Tell people", evidence={"contacts": 40, "trend": []}, saving={"hours": [1.0, 2.0, 3.0]},
            confidence=0.9, created_at=work.now, updated_at=work.now,
        )  # fmt: skip
        work.session.add(proposal)
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.sam)) as work:
        message = campaigns.write_proactive(work, proposal.id).id
        wanted = campaigns.Wanted(
            segment=LATE, texts=[SAID], way=ChannelKind.SMS, held_percent=0, **NEVER_QUIET
        )
        campaigns.change_proactive(work, message, wanted)
        campaigns.start_proactive(work, message)
    return message


def test_a_message_before_the_question_goes_by_text_to_who_agreed_and_its_segments_are_counted(
    desk: DeskWithANumber,
) -> None:
    desk.change(segment_price=0.04)
    with desk.store.unit_of_work(STAGE) as work:
        set_policies(work.session, {"currency": "EUR"})
        a_buyer(work, "Yes Please", CLEO)
        a_buyer(work, "No Thanks", "+447700900124", agreed=False)
        a_buyer(work, "Said Stop", "+447700900125")
        a_buyer(work, "Far Away", "+4915112345678")
        a_buyer(work, "Later Stop", "+447700900126")
        keep_stop(work.session, desk.twilio.number, "+447700900125", stopped=True, source="t", at=work.now)
    message = started(desk)
    with desk.store.reading(desk.cast.actor(desk.cast.sam)) as work:
        reach = campaigns.reach_shown(work, message)
    assert (reach["concerned"], reach["may"], reach["no_address"], reach["no_consent"]) == (5, 2, 1, 2)
    with desk.store.unit_of_work(STAGE) as work:
        assert tell_those_concerned(work, message, page="http://desk.example/help/no-more/") == 2
    desk.receive("STOP", sender="+447700900126")
    desk.deliver()
    (sent,) = desk.twilio.sent()
    assert sent.to == CLEO
    assert sent.body == "N-Yes takes two days longer. Nothing to do.\nNo more texts: reply STOP"
    with desk.store.reading(desk.cast.actor(desk.cast.sam)) as work:
        shown = campaigns.proactive_shown(work, message)
        assert work.session.scalars(select(TextSpend.segments).where(TextSpend.scope == "")).one() == 1
    assert (shown["sent"], shown["not_sent"], shown["segments"]) == (1, 1, 1)
    assert shown["cost"] == {"amount": 0.04, "currency": "EUR"}
    assert desk.twilio.fare(sent, "undelivered", 30003) == 200
    with desk.store.reading(desk.cast.actor(desk.cast.sam)) as work:
        assert campaigns.proactive_shown(work, message)["not_sent"] == 2, "what did not arrive is told"


def _answered_and_asked(desk: DeskWithANumber) -> int:
    """A case that was answered by text and resolved, and its customer is to be asked how it went."""
    case_id = desk.receive("Where is it?").case_id
    assert case_id
    desk.answer(case_id)
    desk.deliver()
    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Queue, desk.cast.support.id).survey = Asking.NOT_REFUSED
        case = work.session.get_one(Case, case_id)
        case.status, case.resolved_at = CaseStatus.RESOLVED, work.now - timedelta(hours=2)
        work.session.flush()
        assert ask_for_scores(work, site="http://desk.example", secret="a key for tests") == 1
        # In the evening it would be asked the next morning.
        work.session.scalars(select(Survey)).one().asked_at = work.now
    return case_id


def test_a_case_answered_by_text_is_asked_about_by_text(desk: DeskWithANumber) -> None:
    case_id = _answered_and_asked(desk)
    with desk.store.unit_of_work(STAGE) as work:
        survey = work.session.scalars(select(Survey)).one()
        carrier = work.session.get_one(Outbox, survey.outbox_id)
        assert survey.way == "sms" and carrier.content["segments"] == 1
    desk.hasten()
    desk.deliver()
    asked = desk.twilio.sent()[-1]
    assert "How did it go? Reply 1 (bad) to 5 (good), or here: http://desk.example/help/score/" in asked.body
    assert "STOP" in asked.body
    with desk.store.reading(STAGE) as work:
        assert work.session.get_one(Outbox, carrier.id).state is OutboxState.SENT
    assert desk.receive("4").case_id == case_id
    assert _standing(desk, case_id) == (4, CaseStatus.RESOLVED, ["Where is it?", "4"])
    desk.receive("٢")
    assert _standing(desk, case_id)[:2] == (2, CaseStatus.RESOLVED), (
        "a second thought, in the reader's digits"
    )
    desk.receive("4 of 5, but it still leaks")
    score, status, said = _standing(desk, case_id)
    assert (score, status) == (2, CaseStatus.OPEN) and said[-1] == "4 of 5, but it still leaks"


def test_a_digit_after_a_word_of_ours_is_an_answer_to_that(desk: DeskWithANumber) -> None:
    case_id = _answered_and_asked(desk)
    desk.hasten()
    desk.deliver()
    desk.answer(case_id, "How many cups were broken?", client_id="another")
    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, case_id).status = CaseStatus.RESOLVED
    desk.receive("4")
    assert _standing(desk, case_id) == (None, CaseStatus.OPEN, ["Where is it?", "4"])


def _standing(desk: DeskWithANumber, case_id: int) -> tuple[int | None, CaseStatus, list[str]]:
    """The score of the case, whether it is work again, and what its customer said."""
    theirs = select(Message.reply).where(Message.case_id == case_id, Message.kind == MessageKind.INBOUND)
    with desk.store.reading(STAGE) as work:
        return (
            work.session.scalars(select(Survey.score).where(Survey.case_id == case_id)).one(),
            work.session.get_one(Case, case_id).status,
            list(work.session.scalars(theirs.order_by(Message.position))),
        )
