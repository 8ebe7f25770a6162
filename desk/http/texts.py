"""What a text would cost and carry, for the composer while an agent writes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint
from pydantic import Field

from desk.actions.texts.foreseen import Meant, foresee
from desk.channels.sms.segments import LONGEST_TEXT, plain_form, rare_letters, segments_of
from desk.channels.sms.webhooks import is_served
from desk.http.entrance import Asked, allow, body, ground, reading
from desk.model.permission import Permission

blueprint = Blueprint("texts", __name__)

MANY_SEGMENTS = 3
"""From here on the agent is warned: it costs as much as that many texts."""


NAMED_LETTERS = 3
"""So many of the letters that make a text dear are named; a text in another script has them all."""


class TextAsked(Asked):
    """With a channel, also how it would go from there to the number `to`, with the files of these tokens.

    Where it would begin a case (`begins`), also whether it may; `agreed` as in `POST /cases`.
    """

    text: str = Field(max_length=10_000)
    channel_id: int | None = Field(None, ge=1)
    to: str = Field("", max_length=40)
    files: list[str] = Field(default=[], max_length=50)
    begins: bool = False
    agreed: bool = False


@blueprint.post("/sms/segments")
@allow(Permission.READ_CASES)
@body(TextAsked)
def segments(body: TextAsked) -> dict[str, Any]:
    """Encoding and segments of a text, the letters that force the dear one, and its plain form if cheaper.

    `places` of `room` are taken, `room_of_each` segment. `goes` tells by which way, and what is against it.
    """
    text = body.text.strip()
    found, plain = segments_of(text), plain_form(text)
    cheaper = segments_of(plain)
    return {
        **asdict(found),
        "places": found.places,
        "room": found.room,
        "room_of_each": found.room_of_each,
        "rare_letters": rare_letters(text)[:NAMED_LETTERS],
        "length": len(text),
        "longest": LONGEST_TEXT,
        "too_long": len(text) > LONGEST_TEXT,
        "many": found.segments >= MANY_SEGMENTS,
        "plain": {"text": plain, **asdict(cheaper)} if cheaper.segments < found.segments else None,
        "goes": _goes(body, text),
    }


def files_served() -> bool:
    """Whether the provider of texts can fetch files from this desk."""
    settings = ground().settings
    return is_served(settings.public_url, settings.twilio_api)


def _goes(body: TextAsked, text: str) -> dict[str, Any] | None:
    if body.channel_id is None:
        return None
    with reading() as w:
        meant = Meant(body.channel_id, body.to, text, body.files, body.begins, body.agreed)
        return asdict(foresee(w, meant, served=files_served()))
