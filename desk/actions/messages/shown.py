"""Messages as a screen shows them: one shape for lists, answers and pushes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from desk.model.case import Case
from desk.model.message import DeliveryState, author_called
from desk.store.line import Answer
from desk.store.messages.reading import thread_after, thread_before, thread_row
from desk.store.unit_of_work import Work

PAGE = 50
LONGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of a thread, asked with the next question."""

    answer: Answer
    most: int
    forward: bool

    def shown(self, now: datetime) -> tuple[list[dict[str, Any]], bool]:
        """The messages in ascending order, and whether there are more on the page's far side."""
        rows = self.answer.rows
        page = rows[: self.most] if self.forward else rows[self.most - 1 :: -1]
        return [shown(row, now) for row in page], len(rows) > self.most


def ask_for_messages(
    work: Work, case_id: int, *, before: int | None = None, after: int | None = None, limit: int = PAGE
) -> ThreadPage:
    """A page of the thread; without `before` and `after` its end. The caller sees to it that the actor may
    know of the case. One statement.
    """
    most = min(max(limit, 1), LONGEST_PAGE)
    work.flush()
    if after is not None:
        return ThreadPage(thread_after(work.line, case_id, after, most + 1), most, forward=True)
    return ThreadPage(thread_before(work.line, case_id, before, most + 1), most, forward=False)


def message_shown(work: Work, case: Case, message_id: int) -> dict[str, Any]:
    """One message of a case that the actor may see."""
    work.flush()
    return shown(thread_row(work.line, case.id, message_id), work.now)


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
