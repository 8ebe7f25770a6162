"""Conversations: what is known of a message before it is let in, and the ids that lead to a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from desk.model.case import ACTIVE, Case
from desk.model.conversation import Conversation, Participation
from desk.model.customer import AddressKind
from desk.store.customers.finding import MEETING, Newcomer, as_met, hold_newcomer
from desk.store.line import Line, Statement
from desk.store.messages.reading import KEEPING_A_MESSAGE, as_kept


@dataclass(frozen=True, slots=True)
class Lead:
    """A conversation that something in a message leads to; `ours` when we sent the message it names."""

    conversation_id: int
    case_id: int
    message_id: str = ""
    ours: bool = False
    takes_part: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """The customer whose address it is, as triage sees them."""

    id: int
    has_name: bool
    tier: str
    language: str
    entitled: bool = False
    """They, or their organisation, have or had a warranty or contract."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of a new case and its conversation, and of the customer where nobody has the address."""

    case_id: int
    conversation_id: int
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the store knows of a message before it is let in, asked in one statement.

    `duplicate` is the message that says the same; `reused` says that its Message-ID was used for
    other words. `leads` are by Message-ID, `proven` by signed token, `numbered` by a case number
    in whose case the sender takes part. `recent` counts the sender's messages since the moment asked;
    `owner` is the customer whose address the sender's is. `our_address` is the channel's. `message_id` is
    drawn for it, and `drawn` where it begins something new.
    """

    duplicate: tuple[int, int] | None
    reused: bool
    leads: dict[str, Lead]
    proven: Lead | None
    numbered: Lead | None
    recent: int
    is_agent: bool
    acknowledges: bool
    our_address: str
    owner: Owner | None
    message_id: int
    drawn: Numbers | None


_NUMBERS = """
    nextval('cases_id_seq') AS case_id, nextval('conversations_id_seq') AS conversation_id
"""
_DRAW = Statement(f"SELECT {_NUMBERS}")
# The number of a message is seen by nobody; that of a case is, and a gap between two of them would be.
_STANDING = Statement(
    f"""
    WITH known AS MATERIALIZED (SELECT
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
      (SELECT json_build_object('acknowledges', c.acknowledge, 'address', c.address)
        FROM channels c WHERE c.id = :channel_id) AS channel,
      (SELECT json_build_object('id', f.id, 'has_name', u.name <> '', 'tier', f.tier,
          'language', coalesce(f.language, ''), 'entitled', EXISTS (
            SELECT 1 FROM entitlements e JOIN customers h ON h.id = e.customer_id
            WHERE e.customer_id = f.id
              OR e.whole_organisation AND h.organisation_id = f.organisation_id))
        FROM addresses a JOIN customers u ON u.id = a.customer_id
        JOIN customers f ON f.id = coalesce(u.merged_into_id, u.id)
        WHERE a.kind = :kind AND a.value = :sender) AS owner)
    SELECT known.*, nextval('messages_id_seq') AS message_id, new.* FROM known LEFT JOIN LATERAL (
      SELECT {_NUMBERS},
        CASE WHEN :meets AND owner IS NULL THEN nextval('customers_id_seq') END AS customer_id
      WHERE :opens AND duplicate IS NULL
        AND leads IS NULL AND proven IS NULL AND numbered IS NULL) new ON true
    """  # noqa: S608 - put together from constants of this file
)


_OPENED_WITH = (
    "subject",
    "channel",
    "opened_at",
    "last_at",
    "status",
    "priority",
    "level",
    "level_by_hand",
    "queue_id",
    "category_id",
    "waiting_since",
    "due_at",
    "due_soon_at",
    "due_clock",
    "follows_id",
    "preview",
    "last_position",
    "last_inbound_position",
    "version",
)
_LOADED = [column.key for column in Case.__table__.c if column.computed is None]
_OPEN = Statement(
    f"""
    WITH {MEETING},
    opened AS (
      INSERT INTO cases (id, customer_id, {", ".join(_OPENED_WITH)}, tags, fields)
      SELECT :case_id, customer.id, {", ".join(f":{name}" for name in _OPENED_WITH)}, :tags, '{{}}'
      FROM customer),
    begun AS (
      INSERT INTO conversations (id, case_id, customer_id, channel_id, subject, created_at)
      SELECT :conversation_id, :case_id, customer.id, :channel_id, :subject, :opened_at FROM customer),
    ids AS (
      INSERT INTO thread_ids (channel_id, message_id, conversation_id, ours)
      SELECT :channel_id, one, :conversation_id, false
      FROM unnest(CAST(:message_ids AS varchar[])) AS one),
    people AS (
      INSERT INTO participations (conversation_id, address, added_at)
      SELECT :conversation_id, one, :opened_at FROM unnest(CAST(:people AS varchar[])) AS one),
    history AS (
      INSERT INTO case_changes (case_id, at, actor, what, sentence, why)
      VALUES (:case_id, :now, :actor, 'opened', :sentence, :why)),
    {KEEPING_A_MESSAGE}
    SELECT id AS customer_id FROM customer
    """  # noqa: S608 - put together from constants of this file and of reading.py
)
_REMEMBER = Statement(
    """
    WITH ids AS (
      INSERT INTO thread_ids (channel_id, message_id, conversation_id, ours)
      SELECT :channel_id, one, :conversation_id, :ours
      FROM unnest(CAST(:message_ids AS varchar[])) AS one
      ON CONFLICT DO NOTHING)
    INSERT INTO participations (conversation_id, address, added_at)
    SELECT :conversation_id, one, :at FROM unnest(CAST(:people AS varchar[])) AS one
    ON CONFLICT DO NOTHING
    """
)


def standing_of(
    line: Line,
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
    opens: bool,
    meets: bool,
) -> Standing:
    """What the store knows of this message, whoever sent it. It `opens` a case unless it never can; with
    `meets` the number of a newcomer is drawn, too, for whoever tries again should somebody else meet them.
    """
    # Messages and conversations are written by the line; changes of cases may wait in the session.
    asked = {
        "channel_id": channel_id,
        "source_key": source_key,
        "message_id": message_id,
        "ids": list(ids),
        "sender": sender.lower(),
        "kind": kind.value,
        "numbers": list(numbers),
        "proven": proven,
        "since": since,
        "opens": opens,
        "meets": meets,
    }
    (row,) = line.ask(_STANDING, asked)
    return Standing(
        duplicate=tuple(row.duplicate) if row.duplicate else None,
        reused=bool(message_id) and row.reused,
        leads={one["message_id"]: Lead(**one) for one in row.leads or []},
        proven=Lead(**row.proven) if row.proven else None,
        numbered=Lead(**row.numbered) if row.numbered else None,
        recent=row.recent,
        is_agent=row.is_agent,
        acknowledges=row.channel["acknowledges"],
        our_address=row.channel["address"],
        owner=Owner(**row.owner) if row.owner else None,
        message_id=row.message_id,
        drawn=Numbers(row.case_id, row.conversation_id, row.customer_id) if row.case_id else None,
    )


def open_case(
    line: Line,
    *,
    numbers: Numbers | None,
    channel_id: int,
    case: Case,
    customer: int | Newcomer,
    message_ids: Sequence[str],
    participants: Iterable[str],
    history: Mapping[str, Any],
    message_id: int,
    message: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
) -> int:
    """Keep a new case with its customer, its first conversation, the ids that lead to it, who takes part,
    and its first message with its files.

    Returns the number of the conversation. `numbers` are those that were drawn; `history` is the first line:
    `{now, actor, sentence, why}`. One statement, of which at most the number of a newcomer has to be asked;
    afterwards `case` is as if it had been asked for. Raises Conflict, then or with what is sent next, when
    one of the ids has come to lead elsewhere, or somebody else has met the newcomer: look again.
    """
    if numbers is None:
        (drawn,) = line.ask(_DRAW, {})
        numbers = Numbers(*drawn)
    asked = {
        **{name: getattr(case, name) for name in _OPENED_WITH},
        "case_id": numbers.case_id,
        "conversation_id": numbers.conversation_id,
        **as_met(customer, numbers.customer_id),
        **as_kept(message, files),
        **history,
        "tags": list(case.tags),
        "channel_id": channel_id,
        "message_id": message_id,
        "message_ids": sorted(set(message_ids)),
        "people": sorted(set(participants)),
    }
    hold_newcomer(line, customer)
    opened = line.write(_OPEN, asked, otherwise="Another message of the same thread or sender was faster.")
    case.id = numbers.case_id
    if isinstance(customer, Newcomer):
        case.customer_id = numbers.customer_id or opened.rows[0].customer_id
    loaded = instance_dict(case)
    for name in _LOADED:
        if name not in loaded:
            loaded[name] = getattr(case, name)
    make_transient_to_detached(case)
    return numbers.conversation_id


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
    line: Line,
    channel_id: int,
    conversation_id: int,
    *,
    message_ids: Sequence[str],
    participants: Iterable[str],
    at: datetime,
    ours: bool = False,
) -> None:
    """Ids that lead to the conversation from now on, and addresses that take part in it; known ones stay."""
    line.write(
        _REMEMBER,
        {
            "channel_id": channel_id,
            "conversation_id": conversation_id,
            "message_ids": sorted(set(message_ids)),
            "people": sorted(set(participants)),
            "at": at,
            "ours": ours,
        },
    )


def participants_of(session: Session, conversation_id: int) -> set[str]:
    return set(
        session.scalars(select(Participation.address).where(Participation.conversation_id == conversation_id))
    )
