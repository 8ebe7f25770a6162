"""Cases of one topic, resolved by Ada and by colleagues, of which hers take twice as long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from desk.model.agent import Agent, TeamMember
from desk.model.case import Case, CaseChange, CaseRead, CaseStatus
from desk.model.customer import Customer
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.topic import Question, Topic, TopicState
from desk.store.unit_of_work import Work
from tests.people import Cast, a_case, a_customer, a_message, an_agent

HOUR = timedelta(hours=1)


def like_cases(work: Work, cast: Cast) -> int:
    """Ada resolved 20 cases of a topic in four hours each, three others 7 each in two; the topic's number."""
    topic = Topic(name="Where is it?", state=TopicState.ACTIVE, created_at=work.now, updated_at=work.now)
    work.session.add(topic)
    work.session.flush()
    who = a_customer(work, "Cleo the Second")
    peers = [an_agent(work, f"Peer {number}", teams=[cast.support_team]) for number in range(3)]
    for agent in (cast.ada, *peers):
        for number in range(20 if agent is cast.ada else 7):
            hours = (4 if agent is cast.ada else 2) + number / 100
            opened = datetime.now(UTC) - timedelta(days=3 + number)
            case = a_case(
                work, who, f"Parcel {number}", queue=cast.support, assignee=agent, at=opened,
                status=CaseStatus.RESOLVED,
            )  # fmt: skip
            asked = a_message(work, case, "Where?", at=opened)
            a_message(work, case, "There.", kind=MessageKind.OUTBOUND, agent=agent, at=opened + HOUR / 6)
            work.session.add(
                Question(
                    case_id=case.id, message_id=asked.id, ordinal=0, asked_at=opened,
                    channel_kind=ChannelKind.EMAIL, text="Where?", words_hash="h", topic_id=topic.id,
                )
            )  # fmt: skip
            _resolved(work, case.id, agent, opened + hours * HOUR)
    return topic.id


def no_cases_like_these(work: Work, topic_id: int) -> None:
    """As it was before; `topic_id` is what `like_cases` gave."""
    asked = select(Question.case_id).where(Question.topic_id == topic_id)
    cases = work.session.scalars(asked).all()
    [customer_id] = set(work.session.scalars(select(Case.customer_id).where(Case.id.in_(cases))))
    for row in (Question, CaseChange, CaseRead, Message):
        work.session.execute(delete(row).where(row.case_id.in_(cases)))
    work.session.execute(delete(Case).where(Case.id.in_(cases)))
    work.session.execute(delete(Customer).where(Customer.id == customer_id))
    work.session.execute(delete(Topic).where(Topic.id == topic_id))
    peers = work.session.scalars(select(Agent.id).where(Agent.name.like("Peer %"))).all()
    work.session.execute(delete(TeamMember).where(TeamMember.agent_id.in_(peers)))
    work.session.execute(delete(Agent).where(Agent.id.in_(peers)))


def _resolved(work: Work, case_id: int, agent: Agent, at: datetime) -> None:
    change = CaseChange(
        case_id=case_id, at=at, actor=f"agent:{agent.id}", sentence="…", what="status", before="open",
        after="resolved",
    )  # fmt: skip
    work.session.add(change)
    work.session.flush()
