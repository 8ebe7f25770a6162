"""My cases: a link by mail, a button, and then what one wrote and got, to read and to answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import wraps
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Blueprint, Response, g, redirect, request

from desk.actions.knowledge.portal import (
    answer_from_portal,
    ask_for_link,
    guest_of,
    leave_portal,
    open_by_link,
    own_case,
    own_cases,
    own_file,
    title_of,
    unproven_messages,
)
from desk.channels.form.inbound import MOST_FILES
from desk.http.entrance import public, upload
from desk.http.files import file_response
from desk.http.ground import ground
from desk.http.help.page import VISITOR, page
from desk.http.help.texts import day_text, t
from desk.http.help.visitor import (
    LINKS_OF_PLACE,
    REPLIES,
    cookie_name,
    drop_cookie,
    forms_sent,
    keep_cookie,
    take,
)
from desk.http.help.written import Filled, blank, filled
from desk.http.security import check_csrf, checks_csrf_itself
from desk.model.case import CaseStatus
from desk.model.errors import Invalid, TooMany
from desk.model.message import DeliveryState, MessageKind
from desk.model.portal import LINK_LASTS, SESSION_LASTS
from desk.store.channels import find_form_channel, mail_channels
from desk.store.knowledge.portal import Guest

blueprint = Blueprint("help_cases", __name__)

MINUTES = int(LINK_LASTS.total_seconds() // 60)
FAILED = (DeliveryState.FAILED, DeliveryState.BOUNCED)

_OWN_DOOR = "Customers have a door of their own: it asks for a session that a mailed link opened."
_WORDS = {
    CaseStatus.WAITING: "waiting",
    CaseStatus.RESOLVED: "resolved",
    CaseStatus.CLOSED: "resolved",
}

View = Callable[..., Response]


def for_guests(view: View) -> View:
    """The view is called with the guest who is signed in; anybody else is shown where to ask for a link."""

    @wraps(view)
    def let_in(**kwargs: Any) -> Response:
        guest = _guest()
        if guest is None:
            return _to("/help/cases")
        return view(guest, **kwargs)

    return let_in


@blueprint.get("/help/cases")
@public(_OWN_DOOR)
def cases() -> Response:
    """The cases of who is signed in, or the form that asks for a link."""
    guest = _guest()
    with ground().store.reading(VISITOR) as w:
        if guest is None:
            is_open = bool(mail_channels(w.session))
            return page(w, "ask_link", title=t("cases_title"), is_open=is_open, trouble="")
        lines = own_cases(w, guest) if guest.customer_id is not None else []
        return page(
            w,
            "cases",
            title=t("cases_title"),
            guest=guest,
            lines=lines,
            unproven=unproven_messages(w, guest),
            title_of=title_of,
            status_of=status_of,
            local=local,
        )


@blueprint.post("/help/cases/link")
@public(_OWN_DOOR)
@checks_csrf_itself
def link_asked() -> Response:
    """The same answer whatever the address; whether a mail leaves is decided elsewhere."""
    try:
        take(LINKS_OF_PLACE)
    except TooMany as error:
        with ground().store.reading(VISITOR) as w:
            shown = page(
                w, "ask_link", title=t("cases_title"), status=429, is_open=True, trouble=error.sentence
            )
        shown.headers["Retry-After"] = str(error.retry_after_seconds)
        return shown
    with ground().store.unit_of_work(VISITOR) as w:
        ask_for_link(w, request.form.get("email", "")[:320], key=ground().settings.secret_key)
    return _to("/help/cases/link")


@blueprint.get("/help/cases/link")
@public(_OWN_DOOR)
def link_sent() -> Response:
    """Where to look now."""
    with ground().store.reading(VISITOR) as w:
        return page(w, "link_sent", title=t("link_sent_title"), minutes=MINUTES)


@blueprint.get("/help/cases/link/<secret>")
@public(_OWN_DOOR)
def confirm(secret: str) -> Response:
    """A button: programs that open every link in a mail must not use this one up."""
    mark = request.cookies.get(cookie_name("link")) or token_urlsafe(24)
    with ground().store.reading(VISITOR) as w:
        shown = page(w, "confirm", title=t("confirm_title"), secret=secret, csrf=mark)
    keep_cookie(shown, cookie_name("link"), mark, seconds=int(LINK_LASTS.total_seconds()))
    return shown


@blueprint.post("/help/cases/link/<secret>")
@public(_OWN_DOOR)
@checks_csrf_itself
def opened(secret: str) -> Response:
    """Sign in, once, in the browser that showed the button."""
    check_csrf(request.cookies.get(cookie_name("link"), ""))
    with ground().store.unit_of_work(VISITOR) as w:
        session = open_by_link(w, secret, forms_sent())
        if session is None:
            return page(w, "link_over", title=t("link_over_title"), status=422, minutes=MINUTES)
    response = _to("/help/cases")
    keep_cookie(response, cookie_name("cases"), session.secret, seconds=int(SESSION_LASTS.total_seconds()))
    drop_cookie(response, cookie_name("link"))
    return response


@blueprint.post("/help/cases/leave")
@public(_OWN_DOOR)
@checks_csrf_itself
@for_guests
def leave(guest: Guest) -> Response:
    """Sign out, here and at the server."""
    check_csrf(guest.csrf)
    with ground().store.unit_of_work(VISITOR) as w:
        leave_portal(w, guest)
    response = _to("/help/cases")
    drop_cookie(response, cookie_name("cases"))
    return response


@blueprint.get("/help/cases/<int:case_id>")
@public(_OWN_DOOR)
@for_guests
def case(guest: Guest, case_id: int) -> Response:
    """What the guest wrote and got in a case of theirs."""
    return _case(guest, case_id, blank())


@blueprint.post("/help/cases/<int:case_id>")
@upload
@public(_OWN_DOOR)
@checks_csrf_itself
@for_guests
def answered(guest: Guest, case_id: int) -> Response:
    """Another word of the guest's; to a case that is long over, a new case that follows it."""
    check_csrf(guest.csrf)
    found = filled()
    if found.wrong:
        return _case(guest, case_id, found, status=422)
    try:
        take(REPLIES, f"guest {guest.session_id}")
        with ground().store.unit_of_work(VISITOR) as w:
            text, files = found.values["message"], found.files
            received = answer_from_portal(w, guest, case_id, key=found.key, text=text, files=files)
    except (Invalid, TooMany) as error:
        found.wrong["message"] = error.sentence
        return _case(guest, case_id, found, status=429 if isinstance(error, TooMany) else 422)
    arrived = received.case_id or case_id
    return _to(f"/help/cases/{arrived}?{'arrived' if arrived == case_id else 'begun'}=1#end")


@blueprint.get("/help/cases/<int:case_id>/files/<token>")
@public(_OWN_DOOR)
@for_guests
def case_file(guest: Guest, case_id: int, token: str) -> Response:
    """A file of a message that the guest may read."""
    with ground().store.reading(VISITOR) as w:
        kept, content = own_file(w, guest, case_id, token)
    return file_response(kept, content, cached=False)


def local(at: datetime, guest: Guest) -> str:
    """A moment as the guest's clock shows it, with the zone's name: `25 November 2026, 14:05 CET`."""
    try:
        zone: tzinfo = ZoneInfo(guest.time_zone) if guest.time_zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = UTC
    here = at.astimezone(zone)
    return t("moment", date=day_text(here), time=f"{here:%H:%M}", zone=f"{here:%Z}")


def status_of(status: CaseStatus) -> str:
    """What a status means to a customer: we are at it, it waits for them, or it is solved."""
    return _WORDS.get(status, "open")


def _case(guest: Guest, case_id: int, form: Filled, *, status: int = 200) -> Response:
    with ground().store.reading(VISITOR) as w:
        read = own_case(w, guest, case_id)
        return page(
            w,
            "case",
            title=title_of(read.messages[0]),
            status=status,
            guest=guest,
            read=read,
            form=form,
            status_of=status_of,
            local=local,
            inbound=MessageKind.INBOUND,
            failed=FAILED,
            most_files=MOST_FILES,
            is_open=find_form_channel(w.session) is not None,
            said="arrived" if "arrived" in request.args else "begun" if "begun" in request.args else "",
        )


def _guest() -> Guest | None:
    """Who is signed in, looked up once a request."""
    if "guest" not in g:
        held = request.cookies.get(cookie_name("cases"), "")
        with ground().store.reading(VISITOR) as w:
            g.guest = guest_of(w, held) if held else None
    found: Guest | None = g.guest
    return found


def _to(path: str) -> Response:
    return redirect(path, code=303)  # type: ignore[return-value]  # a response of Flask's
