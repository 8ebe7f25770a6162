"""Errors become answers here: the one table of their status codes.

A form that is shown again with its trouble names its own, in `desk/http` and nowhere below.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from desk.http.help.page import missing_page, trouble_page
from desk.logs import trouble_of
from desk.model.errors import (
    Conflict,
    DeliveryFailed,
    DeskError,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unavailable,
    UnreadableMail,
)

STATUS: dict[type[DeskError], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Forbidden: (403, "forbidden"),
    NotSignedIn: (401, "not_signed_in"),
    Invalid: (422, "invalid"),
    Conflict: (409, "conflict"),
    TooLarge: (413, "too_large"),
    TooMany: (429, "too_many"),
    Unavailable: (503, "unavailable"),
    Misconfigured: (503, "misconfigured"),
    UnreadableMail: (422, "unreadable_mail"),
    DeliveryFailed: (503, "delivery_failed"),
}
RETRY_AFTER_SECONDS = 5
_HEADINGS = {
    403: "Not for you",
    404: "Nothing here",
    413: "Too large",
    429: "Too often",
    500: "Our fault",
    503: "Back in a moment",
}

_log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Every error of this application leaves in the one shape."""
    app.register_error_handler(DeskError, _ours)
    app.register_error_handler(HTTPException, _of_the_framework)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, _database_away)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: DeskError) -> tuple[int, str]:
    """The status code and the kind, by the nearest ancestor that has one."""
    for cls in type(error).__mro__:
        if cls in STATUS:
            return STATUS[cls]
    return 500, "error"


def _ours(error: DeskError) -> Response:
    status, kind = status_of(error)
    if isinstance(error, NotSignedIn) and request.method == "GET" and _wants_a_page():
        return _to_the_door()
    response = _shaped(
        status,
        kind,
        error.sentence,
        field=error.field if isinstance(error, Invalid) else None,
        current=error.current if isinstance(error, Conflict) else {},
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _to_the_door() -> Response:
    """A stranger who opens a page is shown the sign-in, and led back afterwards."""
    return make_response(redirect(f"/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}"))


def _of_the_framework(error: HTTPException) -> Response:
    code = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        limit = request.max_content_length or 0
        return _ours(TooLarge(too_large_sentence(limit)))
    if code == HTTPStatus.NOT_FOUND:
        return _ours(NotFound("There is nothing at this address."))
    sentences = {
        400: "The request cannot be understood.",
        405: f"{request.method} is not possible here.",
        408: "The request took too long to arrive.",
        415: "This kind of content is not taken here.",
    }
    response = _shaped(code, "invalid", sentences.get(code, HTTPStatus(code).phrase + "."))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def too_large_sentence(limit: int) -> str:
    """Says what the limit is, so that a person knows what would fit."""
    return f"This is larger than the {limit // (1024 * 1024)} MB that can be taken here."


def _database_away(error: Exception) -> Response:
    if isinstance(getattr(error, "orig", None), QueryCanceled):
        _log.warning("a statement took too long", route=_route())
        return _ours(Unavailable("That took too long and was given up. Try again, or ask for less at once."))
    _log.warning("database away", error=trouble_of(error), route=_route())
    return _ours(Unavailable("The desk cannot reach its database just now. Try again in a moment."))


def _not_storable(_error: Exception) -> Response:
    return _ours(Invalid("A value is out of the range that can be kept."))


def _unexpected(error: Exception) -> Response:
    _log.error("request failed", route=_route(), method=request.method, exc_info=error)
    sentence = f"Something went wrong on our side. It is in the log as request {g.get('request_id', '-')}."
    return _shaped(500, "error", sentence)


def _route() -> str:
    """The route that was asked for, with its numbers. The words of an address may be a key or a person's."""
    route = request.url_rule.rule if request.url_rule else "none"
    for name, value in (request.view_args or {}).items():
        if isinstance(value, int):
            route = route.replace(f"<int:{name}>", str(value))
    return route


def _shaped(
    status: int,
    kind: str,
    sentence: str,
    *,
    field: str | None = None,
    current: dict[str, Any] | None = None,
) -> Response:
    if request.path.startswith("/help/"):
        return missing_page() if status == HTTPStatus.NOT_FOUND else trouble_page(status, sentence)
    if _wants_a_page():
        heading = _HEADINGS.get(status, "That did not work")
        page = render_template("error.html", page_name=heading, heading=heading, sentence=sentence)
        return make_response(page, status)
    shape = {"kind": kind, "sentence": sentence, "field": field, "current": current or {}}
    response = jsonify(error=shape)
    response.status_code = status
    return response


def _wants_a_page() -> bool:
    """Pages are for people: everything outside the API, the probes and what the widget's page asks for."""
    if request.path.startswith("/widget/"):
        return request.endpoint == "widget.frame"
    return not request.path.startswith(("/api/", "/health/", "/metrics", "/socket.io"))
