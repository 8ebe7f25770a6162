"""Conversations: what is known of a message before it is let in, and the ids that lead to a thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    TableValuedAlias,
    cast,
    exists,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from desk.model.case import ACTIVE, Case
from desk.model.conversation import Conversation, Participation, ThreadId
from desk.model.customer import AddressKind
from desk.model.errors import Conflict


@dataclass(frozen=True, slots=True)
class Lead:
    """A conversation that something in a message leads to; `ours` when we sent the message it names."""

    conversation_id: int
    case_id: int
    message_id: str = ""
    ours: bool = False
    takes_part: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the store knows of a message before it is let in, asked in one statement.

    `duplicate` is the message that says the same; `reused` says that its Message-ID was used for
    other words. `leads` are by Message-ID, `proven` by signed token, `numbered` by a case number
    in whose case the sender takes part. `recent` counts the sender's messages since the moment asked;
    `owner_id` is the customer whose address the sender's is.
    """

    duplicate: tuple[int, int] | None
    reused: bool
    leads: dict[str, Lead]
    proven: Lead | None
    numbered: Lead | None
    recent: int
    is_agent: bool
    acknowledges: bool
    owner_id: int | None


_STANDING = text(
    """
    SELECT
      (SELECT json_build_array(m.id, m.case_id) FROM messages m
        WHERE m.channel_id = :channel_id AND m.source_key = :source_key) AS duplicate,
      EXISTS (SELECT 1 FROM messages m
        WHERE m.internet_id = :message_id AND m.channel_id = :channel_id) AS reused,
      (SELECT json_agg(json_build_object(
          'conversation_id', v.id, 'case_id', v.case_id, 'message_id', t.message_id, 'ours', t.ours,
          'takes_part', EXISTS (SELECT 1 FROM participations p
             WHERE p.conversation_id = v.id AND p.address = :sender)))
        FROM thread_ids t JOIN conversations v ON v.id = t.conversation_id
        WHERE t.channel_id = :channel_id AND t.message_id = ANY(:ids)) AS leads,
      (SELECT json_build_object('conversation_id', v.id, 'case_id', v.case_id,
          'takes_part', EXISTS (SELECT 1 FROM participations p
             WHERE p.conversation_id = v.id AND p.address = :sender))
        FROM conversations v WHERE v.id = :proven AND v.channel_id = :channel_id) AS proven,
      (SELECT json_build_object('conversation_id', v.id, 'case_id', v.case_id, 'takes_part', true)
        FROM conversations v JOIN participations p ON p.conversation_id = v.id AND p.address = :sender
        WHERE v.case_id = ANY(:numbers) AND v.channel_id = :channel_id
        ORDER BY array_position(:numbers, v.case_id), v.id DESC LIMIT 1) AS numbered,
      (SELECT count(*) FROM messages m
        WHERE m.kind = 'inbound' AND m.author_address = :sender AND m.at > :since) AS recent,
      EXISTS (SELECT 1 FROM agents a WHERE a.email = :sender AND a.disabled_at IS NULL) AS is_agent,
      (SELECT c.acknowledge FROM channels c WHERE c.id = :channel_id) AS acknowledges,
      (SELECT coalesce(u.merged_into_id, u.id) FROM addresses a JOIN customers u ON u.id = a.customer_id
        WHERE a.kind = :kind AND a.value = :sender) AS owner_id
    """
)


def standing_of(
    session: Session,
    *,
    channel_id: int,
    source_key: str,
    message_id: str | None,
    ids: Sequence[str],
    sender: str,
    kind: AddressKind,
    numbers: Sequence[int],
    proven: int | None,
    since: datetime,
) -> Standing:
    """What the store knows of this message, whoever sent it."""
    row = session.execute(
        _STANDING,
        {
            "channel_id": channel_id,
            "source_key": source_key,
            "message_id": message_id,
            "ids": list(ids),
            "sender": sender.lower(),
            "kind": kind.value,
            "numbers": list(numbers),
            "proven": proven,
            "since": since,
        },
    ).one()
    return Standing(
        duplicate=tuple(row.duplicate) if row.duplicate else None,
        reused=bool(message_id) and row.reused,
        leads={one["message_id"]: Lead(**one) for one in row.leads or []},
        proven=Lead(**row.proven) if row.proven else None,
        numbered=Lead(**row.numbered) if row.numbered else None,
        recent=row.recent,
        is_agent=row.is_agent,
        acknowledges=bool(row.acknowledges),
        owner_id=row.owner_id,
    )


def open_case(
    session: Session,
    *,
    channel_id: int,
    case: Case,
    message_ids: Sequence[str],
    participants: Iterable[str],
) -> tuple[Case, int]:
    """Keep `case` with its first conversation, the ids that lead to it and who takes part; one statement.

    Returns the case as kept, and the conversation.

    Raises Conflict when one of the ids has come to lead elsewhere meanwhile: look again.
    """
    values = {column.key: getattr(case, column.key) for column in _CASE_COLUMNS if column.key != "id"}
    opened = insert(Case).values(values).returning(*_CASE_COLUMNS).cte("opened")
    begun = (
        insert(Conversation)
        .from_select(
            ["case_id", "customer_id", "channel_id", "subject", "created_at"],
            select(
                opened.c.id, opened.c.customer_id, literal(channel_id), opened.c.subject, opened.c.opened_at
            ),
        )
        .returning(Conversation.id)
        .cte("begun")
    )
    conversation = select(begun.c.id).scalar_subquery()
    ids = _ids_kept(channel_id, conversation, message_ids)
    people = _people_kept(conversation, participants, case.opened_at)
    opened_case = aliased(Case, opened)
    row = session.execute(
        select(
            opened_case,
            begun.c.id,
            select(func.count()).select_from(ids).scalar_subquery(),
        )
        .select_from(opened)
        .join(begun, true())
        .add_cte(people)
    ).one()
    if row[2] != len(set(message_ids)):
        raise Conflict("Another message of this conversation was faster.")
    return row[0], row[1]


def lock_past_merges(session: Session, case_id: int) -> Case:
    """The case itself, or the one it was merged into, with its row held."""
    case = _locked(session, case_id)
    while case.merged_into_id is not None:
        case = _locked(session, case.merged_into_id)
    return case


def latest_follow_up(session: Session, case: Case) -> Case | None:
    """The youngest case that follows a closed one and is not over itself, with its row held."""
    return session.scalar(
        select(Case)
        .where(Case.follows_id == case.id, Case.status.in_(ACTIVE), Case.customer_id == case.customer_id)
        .order_by(Case.id.desc())
        .limit(1)
        .with_for_update()
    )


def _locked(session: Session, case_id: int) -> Case:
    return session.execute(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def conversation_on(session: Session, case: Case, channel_id: int, *, at: datetime) -> int:
    """The case's latest conversation on the channel; a new one where it has none."""
    known = session.scalar(
        select(Conversation.id)
        .where(Conversation.case_id == case.id, Conversation.channel_id == channel_id)
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    if known is not None:
        return known
    conversation = Conversation(
        case_id=case.id,
        customer_id=case.customer_id,
        channel_id=channel_id,
        subject=case.subject,
        created_at=at,
    )
    session.add(conversation)
    session.flush()
    return conversation.id


def remember(
    session: Session,
    channel_id: int,
    conversation_id: int,
    *,
    message_ids: Sequence[str],
    participants: Iterable[str],
    at: datetime,
    ours: bool = False,
) -> None:
    """Ids that lead to the conversation from now on, and addresses that take part in it; known ones stay."""
    ids = _ids_kept(channel_id, literal(conversation_id), message_ids, ours=ours)
    people = _people_kept(literal(conversation_id), participants, at)
    session.execute(select(func.count()).select_from(ids).add_cte(people))


def conversations_of(session: Session, case_ids: Iterable[int]) -> Sequence[Conversation]:
    """The conversations of the cases, oldest first."""
    return session.scalars(
        select(Conversation).where(Conversation.case_id.in_(list(case_ids))).order_by(Conversation.id)
    ).all()


def participants_of(session: Session, conversation_id: int) -> set[str]:
    return set(
        session.scalars(select(Participation.address).where(Participation.conversation_id == conversation_id))
    )


_CASE_COLUMNS = [column for column in Case.__table__.c if column.computed is None]


def _ids_kept(
    channel_id: int,
    conversation_id: ColumnElement[int],
    message_ids: Sequence[str],
    *,
    ours: bool = False,
) -> CTE:
    one = _each(message_ids)
    return (
        insert(ThreadId)
        .from_select(
            ["channel_id", "message_id", "conversation_id", "ours"],
            select(literal(channel_id), one.c.value, conversation_id, literal(ours)),
        )
        .on_conflict_do_nothing()
        .returning(ThreadId.id)
        .cte("ids")
    )


def _people_kept(conversation_id: ColumnElement[int], participants: Iterable[str], at: datetime) -> CTE:
    one = _each(participants)
    return (
        insert(Participation)
        .from_select(
            ["conversation_id", "address", "added_at"],
            select(conversation_id, one.c.value, literal(at)),
        )
        .on_conflict_do_nothing()
        .returning(Participation.id)
        .cte("people")
    )


def _each(words: Iterable[str]) -> TableValuedAlias:
    array = cast(sorted(set(words)), ARRAY(String))
    return func.unnest(array).table_valued("value").render_derived()
