"""Templates of a WhatsApp number: which there are, and fetched anew from the account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.setup.channels import secrets_of
from desk.actions.texts.templates import keep_templates, templates_shown, whatsapp_channel
from desk.channels.sms.account import text_account
from desk.channels.sms.templates import fetch_templates
from desk.channels.sms.trouble import explain
from desk.http.entrance import allow, body, ground, reading, work
from desk.http.schemas.cases import Nothing
from desk.model.errors import Unavailable
from desk.model.permission import Permission

blueprint = Blueprint("text_templates", __name__)


@blueprint.get("/channels/<int:channel_id>/templates")
@allow(Permission.READ_CASES)
def listed(channel_id: int) -> dict[str, Any]:
    """The templates that are kept, those that WhatsApp approved first."""
    with reading() as w:
        return {"rows": templates_shown(w, channel_id)}


@blueprint.put("/channels/<int:channel_id>/templates")
@allow(Permission.EDIT_CHANNELS)
@body(Nothing)
def fetched(channel_id: int, body: Nothing) -> dict[str, Any]:
    """Ask the account for its templates, and keep what it says."""
    with reading() as w:
        channel = whatsapp_channel(w, channel_id)
        secrets = secrets_of(channel, ground().vault)
    account = text_account(channel.config, secrets, ground().settings.twilio_api)
    try:
        found = fetch_templates(account)
    except Exception as error:  # whatever a server does ends in a sentence
        raise Unavailable(f"The templates could not be fetched. {explain(error).sentence}") from error
    with work() as w:
        keep_templates(w, channel_id, found)
        return {"rows": templates_shown(w, channel_id)}
