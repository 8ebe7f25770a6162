"""API tokens and the audit log: who else is let in, and what everybody did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint
from pydantic import AfterValidator, AwareDatetime, Field

from desk.actions.people.tokens import make_token, revoke_token, tokens
from desk.actions.setup.audit import audit_lines, people_in
from desk.http.entrance import Asked, allow, body, caller, query, reading, require_person, searching, work
from desk.http.schemas.moments import in_utc
from desk.model.access import ApiToken
from desk.model.permission import Permission
from desk.store.audit import REFUSED

blueprint = Blueprint("access", __name__)


class TokenAsked(Asked):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    scopes: Annotated[list[Permission], Field(min_length=1)]
    expires_at: Annotated[AwareDatetime, AfterValidator(in_utc)] | None = None


class AuditAsked(Asked):
    cursor: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    q: Annotated[str, Field(max_length=200)] = ""
    refused: bool = False


@blueprint.get("/tokens")
@allow(Permission.EDIT_TOKENS)
def list_tokens() -> dict[str, Any]:
    """The tokens that were not revoked."""
    with reading() as w:
        return {"rows": [_shown(token) for token in tokens(w)], "next": None}


@blueprint.post("/tokens")
@allow(Permission.EDIT_TOKENS)
@body(TokenAsked)
def add_token(body: TokenAsked) -> tuple[dict[str, Any], int]:
    """A token that acts for the caller within the scopes; it is shown this once."""
    require_person()
    with work() as w:
        made = make_token(
            w, name=body.name, agent_id=caller().agent_id, scopes=body.scopes, expires_at=body.expires_at
        )
        return {**_shown(made.token), "token": made.secret}, 201


@blueprint.delete("/tokens/<int:token_id>")
@allow(Permission.EDIT_TOKENS)
def end_token(token_id: int) -> None:
    """Revoke a token."""
    with work() as w:
        revoke_token(w, token_id)


@blueprint.get("/audit")
@allow(Permission.READ_AUDIT)
@query(AuditAsked)
def audit_log(query: AuditAsked) -> dict[str, Any]:
    """The audit log, newest first; `q` are words that each line holds, `refused` leaves what was not done."""
    with searching() as w:
        lines = audit_lines(
            w, before_id=query.cursor, limit=query.limit + 1, asked=query.q, refused=query.refused
        )
        people = people_in(w, lines)
    rows = [
        {
            "id": line.id,
            "at": line.at,
            "who": line.who,
            "what": line.what,
            "about": line.about,
            "about_name": people.get(line.about),
            "from": line.address,
            "detail": line.detail,
            "ok": REFUSED not in line.what,
        }
        for line in lines[: query.limit]
    ]
    more = len(lines) > query.limit
    return {"rows": rows, "next": str(rows[-1]["id"]) if more else None}


def _shown(token: ApiToken) -> dict[str, Any]:
    moments: dict[str, datetime | None] = {
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
    }
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "agent_id": token.agent_id,
        **moments,
    }
