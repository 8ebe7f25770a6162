"""What a text would cost, for the composer while an agent writes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint
from pydantic import Field

from desk.channels.sms.segments import LONGEST_TEXT, plain_form, segments_of
from desk.http.entrance import Asked, allow, body
from desk.model.permission import Permission

blueprint = Blueprint("texts", __name__)

MANY_SEGMENTS = 3
"""From here on the agent is warned: it costs as much as that many texts."""


class TextAsked(Asked):
    text: str = Field(max_length=10_000)


@blueprint.post("/sms/segments")
@allow(Permission.READ_CASES)
@body(TextAsked)
def segments(body: TextAsked) -> dict[str, Any]:
    """Encoding and segments of a text, and of its plain form where that costs less."""
    text = body.text.strip()
    found, plain = segments_of(text), plain_form(text)
    cheaper = segments_of(plain)
    return {
        **asdict(found),
        "length": len(text),
        "longest": LONGEST_TEXT,
        "too_long": len(text) > LONGEST_TEXT,
        "many": found.segments >= MANY_SEGMENTS,
        "plain": {"text": plain, **asdict(cheaper)} if cheaper.segments < found.segments else None,
    }
