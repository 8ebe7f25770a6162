"""Contacts handed in by programs: a shop's own form, an app, a telephone system."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from pydantic import Field

from desk.actions.messages.contacts import CHANNEL, contact_shown, handed_in, take_contact
from desk.http.entrance import Asked, allow, body, header, work
from desk.model.permission import Permission

blueprint = Blueprint("contacts", __name__)


class SenderAsked(Asked):
    """Exactly one of `email`, `phone` (with its country) and `external_id` (your number of the customer)."""

    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    external_id: str | None = Field(None, max_length=320)
    name: str = Field("", max_length=200)


class ContactAsked(Asked):
    """What somebody said to you and you hand in. `channel` groups contacts, and is made when first named."""

    sender: SenderAsked = Field(alias="from")
    text: str = Field(min_length=1, max_length=200_000)
    subject: str = Field("", max_length=998)
    channel: str = Field(CHANNEL, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")


@blueprint.post("/contacts")
@allow(Permission.TAKE_CONTACTS)
@header("Idempotency-Key")
@body(ContactAsked)
def handed(body: ContactAsked, header: str) -> tuple[dict[str, Any], int]:
    """Hand in a contact, with a header `Idempotency-Key` of your own making.

    The same key with the same body gets the same answer and changes nothing; with another body, 409.
    """
    contact = handed_in(body.sender.model_dump(), text=body.text, subject=body.subject, channel=body.channel)
    with work() as w:
        return contact_shown(take_contact(w, contact, header)), 201
