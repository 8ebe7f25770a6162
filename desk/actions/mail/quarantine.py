"""Mail that could not be read: looked at, kept, tried once more, or set aside for good."""

from __future__ import annotations

from typing import Any

from desk.actions.setup.audit import audit
from desk.model.events import MailKept, TextKept
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.transit import Inbox, InboxState
from desk.store.channels import all_channels
from desk.store.inbox import ATTEMPTS, get_kept, get_quarantined, quarantined
from desk.store.unit_of_work import Work

PAGE = 50


def quarantine_shown(work: Work, *, before_id: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """What could not be read, newest first, and where the next page begins."""
    names = {channel.id: channel.name for channel in all_channels(work.session)}
    found = quarantined(work.session, before_id=before_id, limit=PAGE + 1)
    rows = [
        {
            "id": mail.id,
            "channel": names.get(mail.channel_id, ""),
            "received_at": mail.received_at,
            "sender": mail.sender,
            "subject": mail.subject,
            "size": mail.size,
            "attempts": mail.attempts,
            "reason": mail.outcome_reason,
        }
        for mail in found[:PAGE]
    ]
    return rows, found[PAGE - 1].id if len(found) > PAGE else None


def quarantined_bytes(work: Work, inbox_id: int) -> tuple[ChannelKind, bytes]:
    """Of which kind it is, and all of it exactly as it came. Raises NotFound."""
    audit(work, "download quarantined mail", f"inbox:{inbox_id}")
    kept = get_quarantined(work.session, inbox_id)
    return kept.kind, kept.raw


def read_again(work: Work, inbox_id: int) -> Inbox:
    """Back to where mail waits to be read; the mailroom takes it within a second. Raises NotFound."""
    work.require(Permission.RERUN_QUARANTINE)
    mail = get_quarantined(work.session, inbox_id, lock=True)
    mail.state, mail.attempts, mail.not_before = InboxState.RECEIVED, 0, work.now
    mail.outcome = mail.outcome_reason = None
    audit(work, "read quarantined mail again", f"inbox:{inbox_id}")
    kept = TextKept if mail.kind is ChannelKind.SMS else MailKept
    work.record(kept(channel_id=mail.channel_id))
    return mail


def reading_shown(work: Work, inbox_id: int) -> dict[str, Any]:
    """How far the reading of a mail is: `running`, `quarantined` again, or `done` and what it became.

    Raises NotFound.
    """
    work.require(Permission.RERUN_QUARANTINE)
    mail = get_kept(work.session, inbox_id)
    if mail.state is InboxState.RECEIVED:
        tried = f"Try {mail.attempts} of {ATTEMPTS}. " if mail.attempts else ""
        reason = f"{tried}{mail.outcome_reason or 'It is being read.'}"
        return {"state": "running", "outcome": None, "case_id": None, "reason": reason}
    return {
        "state": mail.state.value,
        "outcome": mail.outcome,
        "case_id": mail.case_id,
        "reason": mail.outcome_reason,
    }


def set_quarantined_aside(work: Work, inbox_id: int) -> None:
    """Nobody needs to see it any more. It is kept all the same. Raises NotFound."""
    work.require(Permission.RERUN_QUARANTINE)
    mail = get_quarantined(work.session, inbox_id, lock=True)
    mail.state = InboxState.SET_ASIDE
    audit(work, "set quarantined mail aside", f"inbox:{inbox_id}")
