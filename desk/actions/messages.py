"""Messages as a screen shows them: one shape for lists, answers and pushes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from desk.model.case import Case
from desk.model.message import DeliveryState, author_called
from desk.store.messages import thread_after, thread_before, thread_row
from desk.store.unit_of_work import Work

PAGE = 50
LONGEST_PAGE = 200


def messages_shown(
    work: Work, case_id: int, *, before: int | None = None, after: int | None = None, limit: int = PAGE
) -> tuple[list[dict[str, Any]], bool]:
    """A page of the thread in ascending order, and whether there are more on its far side.

    Without `before` and `after` it is the end of the thread. The caller has found the case for
    the actor. One statement.
    """
    most = min(max(limit, 1), LONGEST_PAGE)
    if after is not None:
        rows = thread_after(work.session, case_id, after, most + 1)
        return [shown(row, work.now) for row in rows[:most]], len(rows) > most
    rows = thread_before(work.session, case_id, before, most + 1)
    return [shown(row, work.now) for row in rows[-most:]], len(rows) > most


def message_shown(work: Work, case: Case, message_id: int) -> dict[str, Any]:
    """One message of a case that the actor may see."""
    return shown(thread_row(work.session, case.id, message_id), work.now)


def shown(row: Any, now: datetime) -> dict[str, Any]:
    """A row of a thread in the form of the interface."""
    is_held = row.state == DeliveryState.HELD and row.not_before is not None
    held = is_held and row.not_before > now
    state = DeliveryState.QUEUED.value if is_held and not held else row.state
    return {
        "id": row.id,
        "position": row.position,
        "kind": row.kind,
        "author": {
            "kind": row.author_kind,
            "name": author_called(row.author_name, row.author_address, sequence=row.sequence),
            "address": row.author_address,
            "agent_id": row.agent_id,
        },
        "at": moment(row.at),
        "text": row.text,
        "reply": row.reply or row.text,
        "has_quote": bool(row.reply) and row.reply.strip() != row.text.strip(),
        "has_html": row.has_html,
        "files": [file | {"url": f"/api/v1/files/{file['token']}"} for file in row.files or []],
        "subject": row.subject,
        "channel": row.channel,
        "to": row.recipients_to,
        "cc": row.recipients_cc,
        "reply_to": row.reply_to,
        "state": state,
        "state_sentence": row.state_sentence,
        "perhaps_twice": bool(row.perhaps_twice),
        "send_at": moment(row.not_before) if held else None,
        "recipients": [
            {"address": address, "state": each.get("state"), "sentence": each.get("sentence")}
            for address, each in (row.recipients or {}).items()
        ],
        "client_id": row.client_id,
        "threading": row.threading,
        "suspicions": row.suspicions,
        "verdict": row.verdict,
        "verdict_source": row.verdict_source,
        "automatic": row.automatic,
        "mentions": row.mentions,
        "sequence": row.sequence,
        "whisper": row.whisper,
        "quotes_missing": None,
    }


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
