"""Topics and questions put straight into their tables: stories of months in a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import text

from desk.insights.space import Space
from desk.insights.vectors import centroids
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.customer import Customer
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, Message, MessageKind
from desk.model.topic import Question, RunKind, Topic, TopicRun, TopicState
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_customer, a_message

WHOSE = ("return", "invoice", "voucher", "courier", "login", "size")
SHOE = "You can send it back within 30 days of the delivery, the label lies in the parcel that you got."


def said(name: str, number: int) -> str:
    """One of a hundred ways to ask of it."""
    return f"How does the {name} work for my order of the {name} kind {number % 100}?"


def a_space(work: Work, names: Sequence[str], says: Mapping[str, Sequence[str]] | None = None) -> list[int]:
    """Topics of these names, as a discovery by words alone leaves them; their numbers. What is asked of a
    topic is made up, but for those of which eight ways to ask are given in `says`."""
    texts = [
        text
        for name in names
        for text in ((says or {}).get(name) or [said(name, number) for number in range(8)])
    ] + [SHOE] * 4
    space, vectors = Space.learnt_from(texts, None)
    labels = np.repeat(np.arange(len(names) + 1), [8] * len(names) + [4])
    centres = centroids(vectors, labels)
    work.session.add(
        TopicRun(
            kind=RunKind.DISCOVERY,
            asked_at=work.now,
            started_at=work.now,
            finished_at=work.now,
            model=space.model_id,
            space=space.as_bytes(),
        )
    )
    topics = [
        Topic(
            name=f"How does the {name} work?",
            state=TopicState.ACTIVE,
            created_at=work.now,
            updated_at=work.now,
            words=[name, "order"],
            centre=centre.astype(np.float32).tobytes(),
            model=space.model_id,
        )
        for name, centre in zip(names, centres, strict=False)
    ]
    work.session.add_all(topics)
    work.session.flush()
    return [topic.id for topic in topics]


def asked(
    work: Work, cast: Cast, topic_id: int, name: str, count: int, first: datetime, *,
    answer: str | None = None, agents: Sequence[Agent] = (), resolved: bool = True,
    apart: timedelta = timedelta(hours=8),
) -> list[int]:  # fmt: skip
    """Cases of customers of their own that ask of the topic, answered after an hour; their numbers."""
    moments = [first + number * apart for number in range(count)]
    customers = [Customer(name="", created_at=first) for _ in moments]
    work.session.add_all(customers)
    work.session.flush()
    status = CaseStatus.RESOLVED if resolved else CaseStatus.OPEN
    cases = [
        Case(
            customer_id=customer.id,
            subject="A question",
            channel=ChannelKind.EMAIL,
            opened_at=at,
            last_at=at,
            status=status,
            queue_id=cast.support.id,
            resolved_at=at + timedelta(hours=2) if resolved else None,
            last_position=2,
            last_inbound_position=1,
        )
        for customer, at in zip(customers, moments, strict=True)
    ]
    work.session.add_all(cases)
    work.session.flush()
    asking = [
        _message(case, 1, said(name, number), at)
        for number, (case, at) in enumerate(zip(cases, moments, strict=True))
    ]
    work.session.add_all(asking)
    if answer is not None:
        work.session.add_all(
            _message(case, 2, answer, at + timedelta(hours=1), agents[number % len(agents)])
            for number, (case, at) in enumerate(zip(cases, moments, strict=True))
        )
    work.session.flush()
    work.session.add_all(
        Question(
            case_id=message.case_id,
            message_id=message.id,
            ordinal=0,
            asked_at=message.at,
            channel_kind=ChannelKind.EMAIL,
            text=message.text,
            words_hash=f"{topic_id}-{number}",
            topic_id=topic_id,
            found_id=topic_id,
            sure=True,
        )
        for number, message in enumerate(asking)
    )
    work.session.flush()
    return [case.id for case in cases]


def _message(case: Case, position: int, words: str, at: datetime, agent: Agent | None = None) -> Message:
    return Message(
        case_id=case.id,
        position=position,
        kind=MessageKind.OUTBOUND if agent else MessageKind.INBOUND,
        author_kind=AuthorKind.AGENT if agent else AuthorKind.CUSTOMER,
        agent_id=agent.id if agent else None,
        at=at,
        visible_to_customer=True,
        text=words,
        reply=words,
    )


def counted(store: Store, topic_ids: Sequence[int], counts: np.ndarray, first: datetime) -> None:
    """So many questions a topic (row) and day (column), all in one silent case."""
    with store.unit_of_work(STAGE, now=first) as work:
        case = a_case(work, a_customer(work, ""), status=CaseStatus.CLOSED, at=first)
        message = a_message(work, case, "So many asked.", at=first)
        rows, days = np.nonzero(counts)
        times = counts[rows, days]
        work.session.execute(
            text(
                "INSERT INTO questions (case_id, message_id, ordinal, asked_at, channel_kind, text,"
                " words_hash, topic_id, found_id, sure, by_person, language_known)"
                " SELECT :case, :message, row_number() OVER (), :first + p.day * interval '1 day', 'email',"
                " '', '', p.topic, p.topic, true, false, true"
                " FROM unnest(CAST(:topics AS bigint[]), CAST(:days AS int[])) AS p(topic, day)"
            ),
            {
                "case": case.id,
                "message": message.id,
                "first": first,
                "topics": np.repeat(np.array(topic_ids)[rows], times).tolist(),
                "days": np.repeat(days, times).tolist(),
            },
        )
