"""Proactive messages over HTTP: written for a proposal, tried out, started, stopped, and what they spared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint
from pydantic import Field, StringConstraints

from desk.actions.proactive import campaigns
from desk.http.entrance import Asked, allow, body, reading, work
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.proactive import LONGEST_SUBJECT, LONGEST_TEXT, Segment, SegmentKind

blueprint = Blueprint("proactive", __name__)

Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


class SegmentForm(Asked):
    """Whom it concerns; days count back from now."""

    kind: SegmentKind
    words: str = Field("", max_length=100)
    statuses: list[Annotated[str, StringConstraints(max_length=40)]] = Field([], max_length=30)
    older_than_days: int = Field(0, ge=0, le=364)
    younger_than_days: int = Field(30, ge=1, le=365)
    silent_days: int = Field(3, ge=1, le=90)


class TextForm(Asked):
    language: Language
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_SUBJECT)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]


class MessageForm(Asked):
    """Hours are those of the reader's clock; `held_percent` of 100 are told nothing."""

    segment: SegmentForm
    texts: list[TextForm] = Field(min_length=1, max_length=20)
    way: Literal[ChannelKind.EMAIL, ChannelKind.SMS] = ChannelKind.EMAIL
    held_percent: int = Field(10, ge=0, le=50)
    once_in_days: int = Field(14, ge=1, le=365)
    quiet_from: int = Field(20, ge=0, le=23)
    quiet_until: int = Field(8, ge=0, le=23)
    within_days: int = Field(7, ge=1, le=60)

    @property
    def wanted(self) -> campaigns.Wanted:
        given = self.model_dump(exclude={"segment", "texts"})
        segment = self.segment.model_dump()
        return campaigns.Wanted(
            segment=Segment(**{**segment, "statuses": tuple(segment["statuses"])}),
            texts=[one.model_dump() for one in self.texts],
            **given,
        )


@blueprint.get("/proactive-messages")
@allow(Permission.WATCH_FLOOR)
def messages() -> dict[str, Any]:
    """All messages, the newest first, with how many were told and held out."""
    with reading() as w:
        return {"rows": campaigns.messages_shown(w), "next": None}


@blueprint.post("/proposals/<int:proposal_id>/message")
@allow(Permission.EDIT_POLICIES)
def written(proposal_id: int) -> tuple[dict[str, Any], int]:
    """A draft for a proposal that people be told."""
    with work() as w:
        return {"id": campaigns.write_proactive(w, proposal_id).id}, 201


@blueprint.get("/proactive-messages/<int:message_id>")
@allow(Permission.WATCH_FLOOR)
def one(message_id: int) -> dict[str, Any]:
    """One message with its texts, how it fared, and what it spared."""
    with reading() as w:
        return campaigns.proactive_shown(w, message_id)


@blueprint.put("/proactive-messages/<int:message_id>")
@allow(Permission.EDIT_POLICIES)
@body(MessageForm)
def changed(message_id: int, body: MessageForm) -> dict[str, Any]:
    """Another wording, or other people, while it is a draft."""
    with work() as w:
        return campaigns.proactive_shown(w, campaigns.change_proactive(w, message_id, body.wanted).id)


@blueprint.get("/proactive-messages/<int:message_id>/reach")
@allow(Permission.WATCH_FLOOR)
def reach(message_id: int) -> dict[str, Any]:
    """A dry run: whom it would reach now, and why not the others."""
    with reading() as w:
        return campaigns.reach_shown(w, message_id)


@blueprint.put("/proactive-messages/<int:message_id>/start")
@allow(Permission.EDIT_POLICIES)
def started(message_id: int) -> dict[str, Any]:
    """From now on people are told."""
    with work() as w:
        return campaigns.proactive_shown(w, campaigns.start_proactive(w, message_id).id)


@blueprint.put("/proactive-messages/<int:message_id>/stop")
@allow(Permission.EDIT_POLICIES)
def stopped(message_id: int) -> dict[str, Any]:
    """Nobody is told any more."""
    with work() as w:
        return campaigns.proactive_shown(w, campaigns.stop_proactive(w, message_id).id)
