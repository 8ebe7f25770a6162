"""Twilio's calls: a text came in, a text of ours got further, a file of ours is fetched.

The first two are signed, kept, and answered at once; the last is its own proof.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from desk.actions.messages.file_links import TextFileLinks, file_of_text
from desk.actions.texts.keeping import keep_texts
from desk.actions.texts.statuses import note_status
from desk.channels.sms.inbound import is_sid
from desk.channels.sms.media import name_on_phones
from desk.channels.sms.webhooks import LARGEST_CALL, Call, refuse_strangers, refuse_unsigned
from desk.http.entrance import ground, public
from desk.http.errors import too_large_sentence
from desk.http.files import disposition, file_response
from desk.model.errors import Forbidden, Invalid, TooLarge
from desk.model.permission import system
from desk.store.failpoints import failpoint
from desk.store.texts.reading import find_text_channel

pages = Blueprint("twilio", __name__, url_prefix="/hooks/twilio")

TWILIO = system("twilio")
SIGNED = "Twilio calls it, and signs each call with the auth token of the channel's account."
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Called:
    """A call that is really Twilio's, and about the channel's account."""

    fields: MultiDict[str, str]

    def get(self, name: str) -> str:
        return self.fields.get(name) or ""


@pages.post("/<int:channel_id>/messages")
@public(SIGNED)
def messages(channel_id: int) -> Response:
    """A text came in: it is kept, and read by somebody else."""
    called = _called(channel_id, is_for_us=True)
    with ground().store.unit_of_work(TWILIO) as w:
        keep_texts(w, channel_id, [list(called.fields.items(multi=True))])
    failpoint("after_raw_commit")
    return _nothing_to_say()


@pages.post("/<int:channel_id>/status")
@public(SIGNED)
def status(channel_id: int) -> Response:
    """A text of ours got further, or did not."""
    called = _called(channel_id, is_for_us=False)
    sid, told = called.get("MessageSid"), called.get("MessageStatus")
    if not is_sid(sid) or not told:
        raise Invalid("The call names no message, or no status.", "MessageSid")
    with ground().store.unit_of_work(TWILIO) as w:
        mark = request.args.get("mark", "")
        note_status(w, channel_id, sid, told[:20].lower(), called.get("ErrorCode")[:12] or None, mark)
    return _nothing_to_say()


@pages.get("/files/<signed>")
@public("Twilio fetches a file of a text here; only who was given the address knows it, for an hour.")
def file(signed: str) -> Response:
    """A file of a text that was handed over, as what its bytes say it is."""
    token = TextFileLinks(ground().settings.secret_key).token_of(signed)
    with ground().store.reading(TWILIO) as w:
        kept, content = file_of_text(w, token)
    response = file_response(kept, content, cached=False)
    response.headers["Content-Disposition"] = disposition(name_on_phones(kept.name), inline=True)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _called(channel_id: int, *, is_for_us: bool) -> Called:
    """The call, once it is proven. Raises Forbidden, for an unknown channel as for a wrong signature."""
    request.max_content_length = LARGEST_CALL
    if (request.content_length or 0) > LARGEST_CALL:
        raise TooLarge(too_large_sentence(LARGEST_CALL))
    with ground().store.reading(TWILIO) as w:
        channel = find_text_channel(w.session, channel_id)
    if channel is None:
        raise Forbidden("No number of this desk is called so.")
    secrets = ground().vault.open_values(channel.secrets)
    call = _call()
    refuse_unsigned(call, public_url=ground().settings.public_url, auth_token=secrets.get("auth_token") or "")
    fields = call.form if call.form is not None else _of_json(call.body)
    number = channel.address if is_for_us else None
    refuse_strangers(fields, account_sid=str(channel.config["sms"]["account_sid"]), number=number)
    return Called(fields)


def _call() -> Call:
    # As it was asked for, byte by byte: the signature covers the address and not what we make of it.
    target = str(request.environ.get("RAW_URI") or request.full_path.rstrip("?"))
    signature = request.headers.get("X-Twilio-Signature")
    if request.mimetype == FORM or not request.content_length:
        return Call(target, signature, request.form)
    if request.mimetype != JSON:
        raise Forbidden(f"Twilio sends no {request.mimetype[:60]}.")
    return Call(target, signature, None, body=request.get_data(as_text=True), is_json=True)


def _of_json(body: str) -> MultiDict[str, str]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Invalid("The body is not JSON.") from error
    if not isinstance(found, Mapping):
        raise Invalid("The body is no object.")
    return MultiDict((str(name), str(value)) for name, value in found.items())


def _nothing_to_say() -> Response:
    """Twilio would text whatever stood in it to the sender."""
    return Response(NOTHING_TO_SAY, mimetype="text/xml")
