"""The guards around every request: our host, a size we take, no forged change, no foreign frame."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request

from desk.http.auth import bearer_secret, find_caller
from desk.http.entrance import BODY_LIMIT, UPLOAD_LIMIT
from desk.http.errors import too_large_sentence
from desk.http.ground import ground
from desk.model.errors import Forbidden, TooLarge
from desk.settings import Settings

FORM_PARTS = 100
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = ("/health/", "/metrics")
SIGNED_CALLS = "/hooks/"
"""Calls whose signature covers our public address, whatever host a proxy asks us by."""
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: that would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Content-Security-Policy": CSP,
}
FOR_OTHER_SITES = "/static/widget/"
"""The script that pages of other sites load."""
HSTS = "max-age=31536000; includeSubDomains"


def register(app: Flask, settings: Settings) -> None:
    """Put the guards before and the headers after every request of the application."""
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_PARTS=FORM_PARTS,
        PERMANENT_SESSION_LIFETIME=timedelta(0),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.before_request(_name_the_request)
    app.before_request(_check_host)
    app.before_request(_check_size)
    app.before_request(_check_origin)
    app.before_request(_check_csrf)
    app.after_request(_add_headers)
    app.extensions["desk_https"] = settings.is_https


def is_our_host(host: str, public_url: str) -> bool:
    """Whether the Host header names us. A desk whose own address is loopback answers to any loopback name."""
    ours = urlsplit(public_url)
    if host.lower() == ours.netloc.lower():
        return True
    return (ours.hostname or "") in LOOPBACK and _without_port(host) in LOOPBACK


def is_our_origin(origin: str, host: str, public_url: str) -> bool:
    """Whether a page of ours sent the request: from the public address, or the loopback host asked."""
    if origin.lower() == origin_of(public_url):
        return True
    scheme, _, rest = origin.partition("://")
    ours = urlsplit(public_url)
    asked_by_loopback = (ours.hostname or "") in LOOPBACK and is_our_host(host, public_url)
    return asked_by_loopback and scheme == ours.scheme and rest == host


def origin_of(public_url: str) -> str:
    """Scheme and host of the public address, as browsers send it in Origin."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _name_the_request() -> None:
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _check_host() -> None:
    """Links, origins and cookies are built for one host; a probe, or a signed call, may ask by any name."""
    if request.path.startswith((*PROBES, SIGNED_CALLS)):
        return
    if not is_our_host(request.headers.get("Host", ""), ground().settings.public_url):
        raise Forbidden("This desk does not answer under that host name.")


def _check_size() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "desk_upload", False):
        request.max_content_length = UPLOAD_LIMIT
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        raise TooLarge(too_large_sentence(limit))


def _check_origin() -> None:
    """What changes something must come from a page of ours, or from a program with a token of its own."""
    if request.method in SAFE_METHODS or bearer_secret() is not None:
        return
    origin = request.headers.get("Origin")
    host = request.headers.get("Host", "")
    if origin is not None and not is_our_origin(origin, host, ground().settings.public_url):
        raise Forbidden("The request came from a page of another site.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("The request came from a page of another site.")


View = TypeVar("View", bound=Callable[..., Any])


def checks_csrf_itself(view: View) -> View:
    """For forms of strangers: there is no session of an agent whose token could be asked for.

    Such a view compares a token of its own, or does what no other site gains from by proxy.
    """
    view.desk_own_csrf = True  # type: ignore[attr-defined]  # read by _check_csrf
    return view


def without_cookies(view: View) -> View:
    """For the widget: nobody is who a cookie says, so no page can do anything in somebody else's name."""
    view.desk_own_csrf = True  # type: ignore[attr-defined]  # read by _check_csrf
    return view


def framed_by(sites: Iterable[str]) -> str:
    """The policy of a page that pages of these sites, and our own, may frame."""
    g.framed_by_sites = True
    ancestors = " ".join(("'self'", *sites))
    return CSP.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")


def _check_csrf() -> None:
    """A signed-in browser must also show what only a page of ours can read."""
    if request.method in SAFE_METHODS or bearer_secret() is not None:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "desk_own_csrf", False):
        return
    found = find_caller()
    if found is not None:
        check_csrf(found.csrf)


def check_csrf(token: str) -> None:
    """The header X-CSRF-Token, or the form field `csrf`, must hold `token`. Raises Forbidden."""
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf") or ""
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Forbidden("The page is out of date. Reload it and try again.")


def _add_headers(response: Response) -> Response:
    wanted = {**HEADERS, "X-Request-Id": g.get("request_id", "-")}
    if g.get("framed_by_sites"):
        del wanted["X-Frame-Options"]
    if request.path.startswith(FOR_OTHER_SITES):
        wanted["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.endpoint != "static":
        wanted["Cache-Control"] = "no-store"
    if current_app.extensions["desk_https"]:
        wanted["Strict-Transport-Security"] = HSTS
    # In one pass: `setdefault` would look through all of them for each.
    held = {name.lower() for name, _ in response.headers}
    response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in held)
    structlog.contextvars.unbind_contextvars("request")
    return response
