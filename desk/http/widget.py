"""The widget's doors: the page in the frame, a new visitor, files, and what was said as a text.

All are open to strangers. No cookie counts here: a visitor is who shows the token, in the header
`Authorization: Visitor TOKEN`, or a link that we signed for them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from desk import assets
from desk.actions.chat.files import LARGEST, file_for_visitor, keep_visitor_file
from desk.actions.chat.transcripts import transcript_for_visitor
from desk.actions.chat.visitors import chat_channel, new_visitor
from desk.actions.chat.widget import widget_shown
from desk.actions.messages.file_links import FileLinks
from desk.http.entrance import ground, one_file, public, upload
from desk.http.files import disposition, file_response
from desk.http.help.reading import preferred
from desk.http.security import framed_by, without_cookies
from desk.model.errors import NotSignedIn
from desk.model.permission import system
from desk.store.chat.chats import KnownVisitor, known_visitor, visitor_by_token
from desk.store.limits import Limit
from desk.store.people.sessions import hash_of

blueprint = Blueprint("widget", __name__)

SURFACE = "widget"
VISITOR = system("visitor")
_SLOWLY = "That was a lot at once. Wait a moment and try again."
FRAMES = Limit("widget-frames", most=120, seconds=60, sentence=_SLOWLY)
NEW_VISITORS = Limit("widget-visitors", most=20, seconds=60, sentence=_SLOWLY)
UPLOADS = Limit("widget-files", most=30, seconds=60, sentence=_SLOWLY)
DOWNLOADS = Limit("widget-downloads", most=300, seconds=60, sentence=_SLOWLY)


@blueprint.get("/widget/<site>")
@public("Whoever is on the pages of the shop may open the chat.")
def frame(site: str) -> Response:
    """The page in the frame, for the pages of the channel's sites and for ours."""
    _limit(FRAMES)
    with ground().store.reading(VISITOR) as w:
        channel = chat_channel(w, site)
        sites, boot = channel.config.get("chat", {}).get("sites", []), widget_shown(w, channel, _languages())
    page = render_template("widget.html", boot=boot, entry=assets.entry(SURFACE))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = framed_by(sites)
    return response


@blueprint.post("/widget/<site>/visitors")
@public("A browser that was never here before holds nothing yet.")
@without_cookies
def visitors(site: str) -> tuple[dict[str, Any], int]:
    """A new visitor; the token is told this once."""
    _limit(NEW_VISITORS)
    with ground().store.unit_of_work(VISITOR) as w:
        token, visitor = new_visitor(w, site)
        return {"token": token, "visitor": visitor.public}, 201


@blueprint.post("/widget/<site>/files")
@upload
@public("The visitor's token says who sends it.")
@without_cookies
def take_file(site: str) -> tuple[dict[str, Any], int]:
    """One file of up to 10 MB, as the form field `file`; its token goes into what is said next."""
    _limit(UPLOADS)
    visitor = _visitor(site)
    given = one_file()
    content = given.stream.read(LARGEST + 1)
    with ground().store.unit_of_work(VISITOR) as w:
        kept = keep_visitor_file(w, visitor, given.filename or "file", content)
        return {"token": kept.token, "name": kept.name, "size": kept.size, "type": kept.type}, 201


@blueprint.get("/widget/<site>/files/<token>")
@public("The visitor's token, or a link signed for them, says who asks.")
def give_file(site: str, token: str) -> Response:
    """A file of the visitor's own chat."""
    _limit(DOWNLOADS)
    with ground().store.reading(VISITOR) as w:
        signed = request.args.get("v")
        if signed is None:
            visitor = _visitor(site)
        else:
            visitor_id = FileLinks(ground().settings.secret_key).visitor_of(token, signed)
            visitor = known_visitor(w.session, site, visitor_id)
        kept, content = file_for_visitor(w, visitor, token)
    return file_response(kept, content)


@blueprint.get("/widget/<site>/transcript")
@public("The visitor's token says whose chat it is.")
def transcript(site: str) -> Response:
    """What was said, as a text to keep."""
    _limit(DOWNLOADS)
    visitor = _visitor(site)
    with ground().store.reading(VISITOR) as w:
        text = transcript_for_visitor(w, visitor)
    response = Response(text, mimetype="text/plain")
    name = f"chat-{datetime.now(UTC):%Y-%m-%d}.txt"
    response.headers["Content-Disposition"] = disposition(name, inline=False)
    return response


def _visitor(site: str) -> KnownVisitor:
    """Whose token is shown. Raises NotSignedIn, the same for a wrong one and one of another site."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "visitor" or not token.strip():
        raise NotSignedIn("Show the token of your chat.")
    engine = ground().store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        found = visitor_by_token(connection, site, hash_of(token.strip()))
    if found is None:
        raise NotSignedIn("This chat is not open to you any more.")
    return found


def _languages() -> list[str]:
    """Those of the page around, then those of the browser."""
    around = request.args.get("lang", "")[:12].lower()
    return [around, *preferred()] if around else preferred()


def _limit(limit: Limit) -> None:
    ground().limiter.take(limit, request.remote_addr or "")
