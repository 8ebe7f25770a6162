"""Writing to us: a form beside which fitting articles appear, and no wall before it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from desk.actions.knowledge.deflection import note_contact_by
from desk.actions.knowledge.portal import guest_of, prove_forms
from desk.actions.messages.contact_form import receive_form
from desk.channels.form.inbound import MOST_FILES
from desk.http.entrance import public, upload
from desk.http.ground import ground
from desk.http.help.page import VISITOR, address_of, page
from desk.http.help.texts import t
from desk.http.help.visitor import (
    FORMS_OF_ADDRESS,
    FORMS_OF_PLACE,
    cookie_name,
    find_mark,
    remember_form,
    take,
)
from desk.http.help.written import Filled, blank, filled
from desk.http.security import checks_csrf_itself
from desk.model.errors import Invalid, TooMany
from desk.store.channels import find_form_channel, mail_channels

blueprint = Blueprint("help_contact", __name__)

_ANYBODY = "Whoever needs us may write to us."


@blueprint.get("/help/contact")
@public(_ANYBODY)
def form() -> Response:
    """The form, or where to write instead while it is closed."""
    shown = _form(blank())
    if (browser := find_mark()) is not None:
        browser.leave_on(shown)
    return shown


@blueprint.post("/help/contact")
@upload
@public(_ANYBODY)
@checks_csrf_itself
def written() -> Response:
    """Let the message in, or show the form again with what was wrong; what was typed stays."""
    found = filled()
    if not found.values["email"]:
        found.wrong["email"] = t("needs_email")
    if found.is_trapped:
        found.wrong["trap"] = t("trapped")
    if found.wrong:
        return _form(found, status=422)
    try:
        take(FORMS_OF_PLACE)
        take(FORMS_OF_ADDRESS, found.values["email"].lower())
        with ground().store.unit_of_work(VISITOR) as w:
            receive_form(w, found.form())
            if (browser := find_mark()) is not None:
                note_contact_by(w, browser.word)
            guest = guest_of(w, request.cookies.get(cookie_name("cases"), ""))
            if guest is not None:
                prove_forms(w, guest.address, [found.key])
    except Invalid as error:
        found.wrong["message" if error.field == "message" else "email"] = error.sentence
        return _form(found, status=422)
    except TooMany as error:
        found.wrong["all"] = error.sentence
        shown = _form(found, status=429)
        shown.headers["Retry-After"] = str(error.retry_after_seconds)
        return shown
    gone: Response = redirect("/help/contact/sent", code=303)  # type: ignore[assignment]  # one of Flask's
    remember_form(gone, found.key)
    return gone


@blueprint.get("/help/contact/sent")
@public(_ANYBODY)
def sent() -> Response:
    """The same words for everybody: nothing here says what became of a message."""
    with ground().store.reading(VISITOR) as w:
        return page(w, "sent", title=t("sent_title"))


def _form(found: Filled, *, status: int = 200) -> Response:
    with ground().store.reading(VISITOR) as w:
        return page(
            w,
            "contact",
            title=t("contact_title"),
            status=status,
            form=found,
            most_files=MOST_FILES,
            is_open=find_form_channel(w.session) is not None,
            mail=next((one.address for one in mail_channels(w.session)), None),
            canonical=address_of("/help/contact"),
            indexed=status == 200,
        )
