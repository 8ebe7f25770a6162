"""Letters of questions over HTTP: what a person has mailed to them, each their own."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import StringConstraints

from desk.actions.insights.question_letters import ask_for_letter, end_letter, letter_plain, my_letters
from desk.http.entrance import Asked, allow, body, reading, work
from desk.http.schemas.cases import Key
from desk.model.customer import Tier
from desk.model.goal import Rhythm
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission

blueprint = Blueprint("question_letters", __name__)


class LetterForm(Asked):
    """How often, and what it is narrowed to; all questions without."""

    rhythm: Rhythm
    queue_id: Key | None = None
    channel: ChannelKind | None = None
    tier: Tier | None = None
    language: Annotated[str, StringConstraints(min_length=1, max_length=12)] | None = None


@blueprint.get("/question-letters")
@allow(Permission.WATCH_FLOOR)
def mine() -> dict[str, Any]:
    """What the caller has mailed to them."""
    with reading() as w:
        return my_letters(w)


@blueprint.post("/question-letters")
@allow(Permission.WATCH_FLOOR)
@body(LetterForm)
def asked(body: LetterForm) -> tuple[dict[str, Any], int]:
    """Have questions mailed on Mondays; asking twice is as good as once."""
    with work() as w:
        narrowed = body.model_dump(mode="json", exclude={"rhythm"}, exclude_none=True)
        return letter_plain(ask_for_letter(w, body.rhythm, narrowed)), 201


@blueprint.delete("/question-letters/<int:letter_id>")
@allow(Permission.WATCH_FLOOR)
def ended(letter_id: int) -> None:
    """It is mailed no more."""
    with work() as w:
        end_letter(w, letter_id)
