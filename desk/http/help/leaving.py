"""Wanting no more messages of ours: a button behind the link that stands in each of them."""

from __future__ import annotations

from flask import Blueprint, Response

from desk.actions.proactive.leaving import customer_of_leave, leave
from desk.http.entrance import public
from desk.http.ground import ground
from desk.http.help.page import VISITOR, page
from desk.http.help.texts import t
from desk.http.help.visitor import LEAVINGS, take
from desk.http.security import checks_csrf_itself

blueprint = Blueprint("help_leaving", __name__)

_OWN_LINK = "Whoever has the mail has the link, and it says no to that mail's kind alone."


@blueprint.get("/help/no-more/<token>")
@public(_OWN_LINK)
def asked(token: str) -> Response:
    """A button: programs that open every link in a mail must not say no for its reader."""
    take(LEAVINGS)
    with ground().store.reading(VISITOR) as w:
        customer_of_leave(w, token, ground().settings.secret_key)
        return page(w, "no_more", title=t("no_more_title"), token=token, done=False)


@blueprint.post("/help/no-more/<token>")
@public(_OWN_LINK)
@checks_csrf_itself
def said(token: str) -> Response:
    """No more, by the button or by the mail program's own (RFC 8058)."""
    take(LEAVINGS)
    with ground().store.unit_of_work(VISITOR) as w:
        leave(w, token, ground().settings.secret_key)
        return page(w, "no_more", title=t("no_more_done"), token=token, done=True)
