"""Drafts: what an agent was writing, kept on the server so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.messages.files import file_shown
from desk.model.errors import Invalid
from desk.model.permission import Permission
from desk.store.cases.drafts import delete_draft, keep_draft
from desk.store.messages.files_kept import waiting_files
from desk.store.unit_of_work import Work


def save_draft(
    work: Work,
    case_id: int,
    kind: str,
    *,
    text: str,
    files: Sequence[str] = (),
    to: Sequence[str] | None = None,
    cc: Sequence[str] | None = None,
) -> None:
    """Keep the draft in place of the former one. Raises Invalid for a file that the actor did not upload."""
    case = case_for(work, case_id, to=Permission.WORK_CASES)
    agent_id = work.actor.agent_id
    if agent_id is None:
        raise Invalid("Only an agent has drafts.")
    waiting = waiting_files(work.session, files, agent_id)
    missing = [token for token in files if token not in waiting]
    if missing:
        raise Invalid("A file of this draft is not there any more; attach it again.", "files")
    content: dict[str, Any] = {"text": text, "files": [file_shown(waiting[token]) for token in files]}
    if to is not None:
        content["to"] = list(to)
    if cc is not None:
        content["cc"] = list(cc)
    keep_draft(work.session, case.id, agent_id, kind, content, work.now)


def drop_draft(work: Work, case_id: int, kind: str) -> None:
    """The draft is not needed any more; none is left, also where there was none."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    if work.actor.agent_id is not None:
        delete_draft(work.session, case.id, work.actor.agent_id, kind)
