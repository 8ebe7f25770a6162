"""Pages for people: signing in and out, which work without scripts, and the shell of the workspace."""

from __future__ import annotations

import re
import secrets
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, TypeGuard

from flask import Blueprint, make_response, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from desk import assets
from desk.actions.boot import boot
from desk.actions.people.passwords import is_password
from desk.actions.people.second_factor import TotpSetup, confirm_totp, offered_totp
from desk.actions.people.signing_in import (
    OpenedSession,
    SignInRecord,
    finish_sign_in,
    note_refusal,
    open_session,
    sign_in_record,
    sign_out,
)
from desk.http.auth import clear_session_cookie, find_caller, set_session_cookie
from desk.http.entrance import allow, caller, public, reading, work
from desk.http.ground import ground
from desk.http.security import check_csrf, checks_csrf_itself
from desk.model.errors import Conflict, Invalid, TooMany, Unavailable
from desk.model.permission import Permission, system
from desk.store.limits import Limit
from desk.store.people.sessions import Caller
from desk.store.unit_of_work import Work

blueprint = Blueprint("pages", __name__)

SURFACE = "desk"
DOOR = system("sign-in")
REFUSED = "The address or the password is not right."
WRONG_CODE = "The code is not right, or was used already. Wait for the next one."

_SLOWLY = "Too many tries. Wait a little and try again."
BY_ADDRESS = Limit("sign-in-address", most=30, seconds=300, sentence=_SLOWLY)
BY_ACCOUNT = Limit("sign-in-account", most=10, seconds=900, sentence=_SLOWLY)
BY_CODE = Limit("sign-in-code", most=8, seconds=900, sentence=_SLOWLY)

_OUR_PATH = re.compile(r"/desk(/[A-Za-z0-9/_.~:=&?%-]*)?")


@blueprint.get("/")
@public("Leads to the desk, which asks who is there.")
def start() -> Any:
    return redirect("/desk")


@blueprint.get("/desk")
@blueprint.get("/desk/<path:_place>")
@allow(Permission.SIGNED_IN)
def desk(_place: str = "") -> Any:
    """The workspace, with what its first paint shows."""
    entry = assets.entry(SURFACE)
    if entry is None:
        raise Unavailable("The front end is not built yet. Run “make setup”, then reload.")
    found = caller()
    with reading() as w:
        carried = boot(w, found)
    preferences = carried["me"]["preferences"]
    return render_template(
        "desk.html",
        boot=carried,
        entry=entry,
        theme=preferences["theme"],
        density=preferences["density"],
    )


@blueprint.get("/sign-in")
@public("Whoever signs in is not signed in yet.")
def sign_in_page() -> Any:
    found = find_caller()
    if found is not None and not found.pending:
        return redirect(next_place(request.args.get("next")))
    if _owes_setting_up(found) and "again" not in request.args:
        return redirect(f"/sign-in/second-factor?next={next_place(request.args.get('next'))}")
    return _sign_in_form(next_place(request.args.get("next")))


@blueprint.post("/sign-in")
@public("Whoever signs in is not signed in yet.")
@checks_csrf_itself
def sign_in() -> Any:
    """Check address and password. A wrong one and an unknown one are told the same, and take as long."""
    check_csrf(request.cookies.get(_form_cookie(), ""))
    email, password = request.form.get("email", "").strip().lower()[:320], request.form.get("password", "")
    place = next_place(request.form.get("next"))
    known_browser = _known_browser(email)
    try:
        ground().limiter.take(BY_ADDRESS, request.remote_addr or "")
        ground().limiter.take(BY_ACCOUNT, f"{email} {known_browser}")
    except TooMany as error:
        return _sign_in_form(place, email=email, trouble=error.sentence, status=429, wait=error)
    opened = _opened(email, password)
    if opened is None:
        return _sign_in_form(place, email=email, trouble=REFUSED, status=422)
    ground().limiter.forget(BY_ACCOUNT, f"{email} {known_browser}")
    response = redirect(f"/sign-in/code?next={place}" if opened.pending else place, code=303)
    set_session_cookie(response, opened.secret)
    if not opened.pending:
        _remember_browser(response, email)
    return response


@blueprint.get("/sign-in/code")
@public("The second factor is still owed.")
def code_page() -> Any:
    found = find_caller()
    if found is None or not found.pending:
        return redirect("/sign-in")
    return _code_form(found, next_place(request.args.get("next")))


@blueprint.post("/sign-in/code")
@public("The second factor is still owed.")
def give_code() -> Any:
    """Check the second factor; the session gets a new secret with it."""
    found = find_caller()
    if found is None or not found.pending or found.session_id is None:
        return redirect("/sign-in", code=303)
    place = next_place(request.form.get("next"))
    try:
        ground().limiter.take(BY_CODE, str(found.agent_id))
    except TooMany as error:
        return _code_form(found, place, trouble=error.sentence, status=429, wait=error)
    with ground().store.unit_of_work(DOOR, address=request.remote_addr or "") as w:
        code = request.form.get("code", "")[:40]
        opened = finish_sign_in(w, ground().vault, found.session_id, code, lasts=_session_time())
    if opened is None:
        return _code_form(found, place, trouble=WRONG_CODE, status=422)
    ground().limiter.forget(BY_CODE, str(found.agent_id))
    response = redirect(place, code=303)
    set_session_cookie(response, opened.secret)
    _remember_browser(response, found.email)
    return response


@blueprint.get("/sign-in/second-factor")
@public("The role asks for a second factor, and it is still to be set up.")
def second_factor_page() -> Any:
    """What to scan, and where its first code goes. Whoever owes nothing is sent on."""
    found, place = find_caller(), next_place(request.args.get("next"))
    if not _owes_setting_up(found):
        return redirect(f"/sign-in?next={place}")
    return _second_factor_form(found, place)


@blueprint.post("/sign-in/second-factor")
@public("The role asks for a second factor, and it is still to be set up.")
def set_second_factor() -> Any:
    """The first code turns it on and lets them in; the recovery codes are shown this once."""
    found, place = find_caller(), next_place(request.form.get("next"))
    if not _owes_setting_up(found):
        return redirect(f"/sign-in?next={place}", code=303)
    try:
        ground().limiter.take(BY_CODE, str(found.agent_id))
        with _as(found) as w:
            code = "".join(request.form.get("code", "")[:40].split())
            codes = confirm_totp(w, ground().vault, code)
    except TooMany as error:
        return _second_factor_form(found, place, trouble=error.sentence, status=429, wait=error)
    except (Invalid, Conflict) as error:
        return _second_factor_form(found, place, trouble=error.sentence, status=422)
    ground().limiter.forget(BY_CODE, str(found.agent_id))
    return render_template(
        "recovery_codes.html", page_name="Keep your recovery codes", codes=codes, next=place
    )


@blueprint.get("/sign-out")
@allow(Permission.SIGNED_IN)
def sign_out_page() -> Any:
    """Asks, since a link that another site made somebody follow must not sign them out."""
    found = caller()
    return render_template("sign_out.html", page_name="Sign out", csrf=found.csrf, name=found.name)


@blueprint.post("/sign-out")
@allow(Permission.SIGNED_IN)
def leave() -> Any:
    """End the session at the server, and take the cookie back."""
    session_id = caller().session_id
    if session_id is not None:
        with work() as w:
            sign_out(w, session_id)
    response = redirect("/sign-in", code=303)
    clear_session_cookie(response)
    return response


def next_place(wanted: str | None) -> str:
    """Where to go after signing in: a place of the workspace, whatever the link said."""
    if wanted and _OUR_PATH.fullmatch(wanted):
        return wanted
    return "/desk"


def _opened(email: str, password: str) -> OpenedSession | None:
    """Look up, check without a connection in hand, then open; None when refused."""
    store, address = ground().store, request.remote_addr or ""
    with store.reading(DOOR) as w:
        record: SignInRecord | None = sign_in_record(w, email)
    right = is_password(record.password_hash if record else None, password)
    with store.unit_of_work(DOOR, address=address) as w:
        if record is None or not right:
            note_refusal(w, record.agent_id if record else None)
            return None
        browser = request.headers.get("User-Agent", "")
        return open_session(w, record.agent_id, browser=browser, lasts=_session_time())


def _sign_in_form(
    place: str, *, email: str = "", trouble: str = "", status: int = 200, wait: TooMany | None = None
) -> Response:
    token = request.cookies.get(_form_cookie()) or secrets.token_urlsafe(32)
    page = render_template(
        "sign_in.html", page_name="Sign in", csrf=token, next=place, email=email, trouble=trouble
    )
    response = make_response(page, status)
    settings = ground().settings
    response.set_cookie(
        _form_cookie(), token, secure=settings.is_https, httponly=True, samesite="Strict", path="/"
    )
    return _asked_to_wait(response, wait)


def _code_form(
    found: Caller, place: str, *, trouble: str = "", status: int = 200, wait: TooMany | None = None
) -> Response:
    page = render_template(
        "code.html", page_name="Enter your code", csrf=found.csrf, next=place, trouble=trouble
    )
    return _asked_to_wait(make_response(page, status), wait)


def _owes_setting_up(found: Caller | None) -> TypeGuard[Caller]:
    return found is not None and found.pending and not found.has_totp


def _second_factor_form(
    found: Caller, place: str, *, trouble: str = "", status: int = 200, wait: TooMany | None = None
) -> Response:
    with _as(found) as w:
        offered: TotpSetup = offered_totp(w, ground().vault, "Desk")
    page = render_template(
        "second_factor.html",
        page_name="Set up your second factor",
        csrf=found.csrf,
        next=place,
        trouble=trouble,
        offered=offered,
    )
    return _asked_to_wait(make_response(page, status), wait)


def _as(found: Caller) -> AbstractContextManager[Work]:
    """A unit of work for somebody who is not let in yet, about themselves alone."""
    return ground().store.unit_of_work(found.actor, address=request.remote_addr or "")


def _asked_to_wait(response: Response, wait: TooMany | None) -> Response:
    if wait is not None:
        response.headers["Retry-After"] = str(wait.retry_after_seconds)
    return response


def _session_time() -> timedelta:
    return timedelta(days=ground().settings.session_days)


def _form_cookie() -> str:
    return "__Host-desk-form" if ground().settings.is_https else "desk-form"


def _browser_cookie() -> str:
    return "__Host-desk-browser" if ground().settings.is_https else "desk-browser"


def _known_browser(email: str) -> str:
    """The mark of a browser that has signed this account in before; it counts its tries apart.

    So a stranger who guesses on an account cannot lock out the browser of its owner.
    """
    try:
        known, mark = _marks().loads(request.cookies.get(_browser_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if known == email else ""


def _remember_browser(response: Response, email: str) -> None:
    mark = _marks().dumps([email, secrets.token_hex(8)])
    response.set_cookie(
        _browser_cookie(),
        mark if isinstance(mark, str) else mark.decode(),
        max_age=365 * 86400,
        secure=ground().settings.is_https,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def _marks() -> URLSafeSerializer:
    return URLSafeSerializer(ground().settings.secret_key, salt="known browser")
