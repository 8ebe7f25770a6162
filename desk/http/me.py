"""The signed-in agent's own affairs: face, preferences, sessions, password, second factor."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from flask import Blueprint
from pydantic import Field, field_validator

from desk.actions.people.own import me_shown, prefer
from desk.actions.people.second_factor import begin_totp, confirm_totp, end_totp
from desk.actions.people.signing_in import change_own_password, end_own_session, own_sessions
from desk.http.auth import idle_time
from desk.http.entrance import Asked, allow, body, caller, reading, require_person, work
from desk.http.ground import ground
from desk.model.permission import Permission
from desk.store.limits import Limit

blueprint = Blueprint("me", __name__)

GUESSES = Limit("own-password", most=10, seconds=900, sentence="Too many tries. Wait a little and try again.")


class PreferencesAsked(Asked):
    theme: Literal["system", "light", "dark"] | None = None
    density: Literal["comfortable", "compact"] | None = None
    single_keys: bool | None = None
    sounds: bool | None = None
    notifications: bool | None = None
    signature: Annotated[str, Field(max_length=2000)] | None = None
    hold_seconds: Annotated[int, Field(ge=0, le=60)] | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None

    @field_validator("time_zone")
    @classmethod
    def _known(cls, zone: str | None) -> str | None:
        if zone and zone not in available_timezones():
            raise ValueError(f"there is no time zone “{zone}”")
        return zone


class PasswordAsked(Asked):
    current: Annotated[str, Field(max_length=200)]
    new: Annotated[str, Field(max_length=1000)]


class CodeAsked(Asked):
    code: Annotated[str, Field(max_length=40)]


class ProofAsked(Asked):
    password: Annotated[str, Field(max_length=200)]


@blueprint.get("/me")
@allow(Permission.SIGNED_IN)
def me() -> dict[str, Any]:
    """Who is signed in."""
    with reading() as w:
        return me_shown(w, caller())


@blueprint.patch("/me/preferences")
@allow(Permission.SIGNED_IN)
@body(PreferencesAsked)
def change_preferences(body: PreferencesAsked) -> dict[str, Any]:
    """Change some preferences."""
    with work() as w:
        return prefer(w, body.model_dump(exclude_unset=True, exclude_none=True))


@blueprint.get("/me/sessions")
@allow(Permission.SIGNED_IN)
def sessions() -> dict[str, Any]:
    """The caller's live sessions."""
    with reading() as w:
        found = own_sessions(w, idle=idle_time(ground().settings))
        rows = [
            {
                "id": session.id,
                "browser": session.browser,
                "address": session.address,
                "created_at": session.created_at,
                "seen_at": session.seen_at,
                "current": session.id == caller().session_id,
            }
            for session in found
        ]
    return {"rows": rows, "next": None}


@blueprint.delete("/me/sessions/<int:session_id>")
@allow(Permission.SIGNED_IN)
def end_session(session_id: int) -> None:
    """End one of the caller's sessions."""
    with work() as w:
        end_own_session(w, session_id)


@blueprint.put("/me/password")
@allow(Permission.SIGNED_IN)
@body(PasswordAsked)
def change_password(body: PasswordAsked) -> None:
    """A new password; the caller's other sessions end."""
    _in_person()
    with work() as w:
        change_own_password(w, body.current, body.new, keep_session=caller().session_id)


@blueprint.post("/me/totp")
@allow(Permission.SIGNED_IN)
def begin_second_factor() -> dict[str, Any]:
    """A new secret for an authenticator app."""
    _in_person()
    with work() as w:
        made = begin_totp(w, ground().vault, "Desk")
    return {"secret": made.secret, "uri": made.uri, "svg": made.svg}


@blueprint.put("/me/totp")
@allow(Permission.SIGNED_IN)
@body(CodeAsked)
def confirm_second_factor(body: CodeAsked) -> dict[str, Any]:
    """Turn the second factor on; the recovery codes are shown this once."""
    _in_person()
    with work() as w:
        return {"recovery_codes": confirm_totp(w, ground().vault, body.code)}


@blueprint.delete("/me/totp")
@allow(Permission.SIGNED_IN)
@body(ProofAsked)
def end_second_factor(body: ProofAsked) -> None:
    """Turn the second factor off."""
    _in_person()
    with work() as w:
        end_totp(w, body.password)


def _in_person() -> None:
    """How one signs in is changed by the person, and not by guessing."""
    require_person()
    ground().limiter.take(GUESSES, str(caller().agent_id))
