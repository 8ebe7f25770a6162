"""How every page of the help centre leaves: its frame, its policy, and when a browser must ask again."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request
from markupsafe import Markup, escape
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from desk import assets
from desk.http.ground import ground
from desk.http.help.texts import day_text, language_name, spoken, t
from desk.model.article import direction_of
from desk.model.permission import system
from desk.store.knowledge.article_search import START, STOP
from desk.store.policies import policy
from desk.store.unit_of_work import Work

VISITOR = system("help centre")
"""Who reads the help centre: nobody in particular. What this actor is shown is chosen by the queries."""

SURFACE = "help"
NAME = "Desk"

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def page(work: Work, template: str, *, title: str, status: int = 200, **values: Any) -> Response:
    """A page of the help centre. Like every answer it is not kept, unless `revalidated` says otherwise."""
    name = policy(work.session, "desk_name", NAME)
    known = {**_frame(), "entry": assets.entry(SURFACE), "name": name, "title": title, **values}
    return _with_policy(make_response(render_template(f"help/{template}.html", **known), status))


def revalidated(response: Response) -> Response:
    """A page that is the same for everybody: a browser may keep it, and asks each time whether it changed."""
    if response.status_code != 200:
        return response
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.add_etag()
    response.make_conditional(request)
    return response


def address_of(path: str) -> str:
    """Where everybody finds a page, whatever host this browser asked."""
    return f"{ground().settings.public_url.rstrip('/')}{path}"


def marked(snippet: str) -> Markup:
    """A snippet with what was found marked; everything else in it is text."""
    shown = str(escape(snippet)).replace(START, "<mark>").replace(STOP, "</mark>")
    return Markup(shown)  # noqa: S704 - escaped one line above


def _frame() -> dict[str, Any]:
    """What every template finds."""
    return {
        "t": t,
        "marked": marked,
        "direction_of": direction_of,
        "day_text": day_text,
        "language_name": language_name,
        "language": spoken(),
        "direction": direction_of(spoken()),
        "canonical": None,
        "indexed": False,
        "question": "",
        "about": (),
        "alternates": (),
    }


def missing_page() -> Response:
    """What stands where nothing is: the same words for what never was and for what may not be seen."""
    return _plain_page("missing", 404, t("missing_title"))


def trouble_page(status: int, sentence: str) -> Response:
    """Something else went wrong, and says so in the frame of the help centre."""
    return _plain_page("trouble", status, t("trouble_title"), sentence=sentence)


def _plain_page(template: str, status: int, title: str, **values: Any) -> Response:
    """A page that can be shown while the database is away."""
    shown = render_template(
        f"help/{template}.html", **_frame(), entry=assets.entry(SURFACE), name=_name(), title=title, **values
    )
    return _with_policy(make_response(shown, status))


def _name() -> str:
    try:
        with ground().store.reading(VISITOR) as work:
            return str(policy(work.session, "desk_name", NAME))
    except (OperationalError, InterfaceError, PoolTimeout):
        return NAME


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    return response
