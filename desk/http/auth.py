"""Who is asking: a browser by its session cookie, or a program by its bearer token; never both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import g, request
from werkzeug.wrappers import Response

from desk.http.ground import ground
from desk.settings import Settings
from desk.store.people.sessions import Caller, caller_by_session, caller_by_token, hash_of, note_use


def find_caller() -> Caller | None:
    """Whoever the cookie or the token names, looked up once a request and never kept longer."""
    if "caller" not in g:
        g.caller = _look_up()
    found: Caller | None = g.caller
    return found


def bearer_secret() -> str | None:
    """The secret of `Authorization: Bearer …`; None when the request does not carry one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def session_secret() -> str | None:
    """The secret in the session cookie; None without one."""
    return request.cookies.get(cookie_name(ground().settings)) or None


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS; browsers refuse the prefix without it."""
    return "__Host-desk" if settings.is_https else "desk"


def set_session_cookie(response: Response, secret: str) -> None:
    """Give the browser its session; no script can read it, no form of another site sends it."""
    settings = ground().settings
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=settings.session_days * 86400,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear_session_cookie(response: Response) -> None:
    settings = ground().settings
    response.delete_cookie(cookie_name(settings), secure=settings.is_https, httponly=True, samesite="Lax")


def idle_time(settings: Settings) -> timedelta:
    """How long a session may lie unused."""
    return timedelta(hours=settings.session_idle_hours)


def _look_up() -> Caller | None:
    bearer, cookie = bearer_secret(), session_secret()
    if bearer is None and cookie is None:
        return None
    now = datetime.now(UTC)
    with ground().store.single.connect() as connection:
        # A request with a token is a program's: a cookie beside it has no say.
        if bearer is not None:
            found = caller_by_token(connection, hash_of(bearer), now=now)
        else:
            idle = idle_time(ground().settings)
            found = caller_by_session(connection, hash_of(cookie or ""), now=now, idle=idle)
        if found is not None:
            note_use(connection, found, now)
    return found
