"""Conversations: what is known of a message before it is let in, and the ids that lead to a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from desk.model.case import ACTIVE, Case
from desk.model.conversation import Conversation, Participation
from desk.model.customer import AddressKind
from desk.model.errors import Conflict
from desk.store.customers.finding import MEETING, Newcomer, as_met, hold_newcomer
from desk.store.line import Line, Statement
from desk.store.messages.reading import as_kept, keeping_a_message


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
class Standing:
    """All that the store knows of a message before it is let in, asked in one statement.

    `duplicate` is the message that says the same; `reused` says that its Message-ID was used for
    other words. `leads` are by Message-ID, `proven` by signed token, `numbered` by a case number
    in whose case the sender takes part. `recent` counts the sender's messages since the moment asked;
    `owner` is the customer whose address the sender's is. `our_address` is the channel's.
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


_STANDING = Statement(
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
      (SELECT json_build_object('acknowledges', c.acknowledge, 'address', c.address)
        FROM channels c WHERE c.id = :channel_id) AS channel,
      (SELECT json_build_object('id', f.id, 'has_name', u.name <> '', 'tier', f.tier,
          'language', coalesce(f.language, ''), 'entitled', EXISTS (
            SELECT 1 FROM entitlements e JOIN customers h ON h.id = e.customer_id
            WHERE e.customer_id = f.id
              OR e.whole_organisation AND h.organisation_id = f.organisation_id))
        FROM addresses a JOIN customers u ON u.id = a.customer_id
        JOIN customers f ON f.id = coalesce(u.merged_into_id, u.id)
        WHERE a.kind = :kind AND a.value = :sender) AS owner
    """
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
      INSERT INTO cases (customer_id, {", ".join(_OPENED_WITH)}, tags, fields)
      SELECT customer.id, {", ".join(f":{name}" for name in _OPENED_WITH)}, :tags, '{{}}' FROM customer
      RETURNING id, customer_id),
    begun AS (
      INSERT INTO conversations (case_id, customer_id, channel_id, subject, created_at)
      SELECT id, customer_id, :channel_id, :subject, :opened_at FROM opened
      RETURNING case_id, customer_id, id AS conversation_id),
    ids AS (
      INSERT INTO thread_ids (channel_id, message_id, conversation_id, ours)
      SELECT :channel_id, one, conversation_id, false
      FROM begun, unnest(CAST(:message_ids AS varchar[])) AS one
      ON CONFLICT DO NOTHING RETURNING id),
    people AS (
      INSERT INTO participations (conversation_id, address, added_at)
      SELECT conversation_id, one, :opened_at
      FROM begun, unnest(CAST(:people AS varchar[])) AS one
      ON CONFLICT DO NOTHING),
    history AS (
      INSERT INTO case_changes (case_id, at, actor, what, sentence, why)
      SELECT id, :now, :actor, 'opened', :sentence, :why FROM opened),
    {keeping_a_message("begun")}
    SELECT begun.case_id, begun.customer_id, begun.conversation_id, said.id AS message_id,
           (SELECT count(*) FROM ids) AS ids
    FROM begun, said
    """  # noqa: S608 - put together from constants of this file and of messages.py
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
) -> Standing:
    """What the store knows of this message, whoever sent it."""
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
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """The numbers of what was kept with a new case."""

    conversation_id: int
    message_id: int


def open_case(
    line: Line,
    *,
    channel_id: int,
    case: Case,
    customer: int | Newcomer,
    message_ids: Sequence[str],
    participants: Iterable[str],
    history: Mapping[str, Any],
    message: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
) -> Opened:
    """Keep a new case with its customer, its first conversation, the ids that lead to it, who takes part,
    and its first message with its files.

    `history` is its first line: `{now, actor, sentence, why}`. One statement, after which `case`
    is as if it had been asked for. Raises Conflict when one of the ids has come to lead elsewhere
    meanwhile: look again.
    """
    asked = {
        **{name: getattr(case, name) for name in _OPENED_WITH},
        **as_met(customer),
        **as_kept(message, files),
        **history,
        "tags": list(case.tags),
        "channel_id": channel_id,
        "message_ids": sorted(set(message_ids)),
        "people": sorted(set(participants)),
    }
    hold_newcomer(line, customer)
    (kept,) = line.ask(_OPEN, asked)
    if kept.ids != len(set(message_ids)):
        raise Conflict("Another message of this conversation was faster.")
    case.id, case.customer_id = kept.case_id, kept.customer_id
    for name in _LOADED:
        set_committed_value(case, name, getattr(case, name))
    make_transient_to_detached(case)
    return Opened(kept.conversation_id, kept.message_id)


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
