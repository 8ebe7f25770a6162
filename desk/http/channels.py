"""Channels on their setup page: list, add, change, try out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from flask import Blueprint
from pydantic import Field

from desk.actions.setup.channel_checks import checks_in_desk
from desk.actions.setup.channels import (
    add_channel,
    change_channel,
    channel_shown,
    channels_shown,
    remove_channel,
    rotate_identity_secret,
    secrets_of,
    trial_of,
)
from desk.channels.checking import check_channel
from desk.channels.sms.webhooks import messages_url, status_url
from desk.http.entrance import Asked, allow, body, ground, reading, require_person, work
from desk.http.schemas.cases import Nothing
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.store.channels import get_channel
from desk.store.vault import Vault

blueprint = Blueprint("channels", __name__)


class ServerAsked(Asked):
    """A server to fetch from or send by. `password` is only ever written."""

    host: str = Field(min_length=1, max_length=255)
    port: int | None = Field(None, ge=1, le=65535)
    tls: Literal["tls", "starttls", "plain"] = "tls"
    username: str = Field("", max_length=320)
    password: str | None = Field(None, max_length=1000)
    has_password: bool | None = None


class ImapAsked(ServerAsked):
    folder: str = Field("INBOX", max_length=200)
    after_fetch: str = Field("leave", max_length=200)


class OAuthAsked(Asked):
    """How both servers are signed in to instead of a password. The two secrets are only ever written."""

    provider: Literal["google", "microsoft", "other"]
    client_id: str = Field(max_length=300)
    client_secret: str | None = Field(None, max_length=1000)
    refresh_token: str | None = Field(None, max_length=4000)
    tenant: str | None = Field(None, max_length=120)
    token_url: str | None = Field(None, max_length=500)
    scope: str | None = Field(None, max_length=500)
    has_client_secret: bool | None = None
    has_refresh_token: bool | None = None


class ChatAsked(Asked):
    """How the widget is set; what is wrong in it is told by the channel's own rules."""

    sites: list[str] | None = Field(None, max_length=50)
    title: str | None = Field(None, max_length=60)
    greeting: str | None = Field(None, max_length=300)
    colour: str | None = Field(None, max_length=20)
    position: Literal["start", "end"] | None = None
    hours: dict[str, Any] | None = None
    pre_chat: dict[str, Literal["asked", "required"]] | None = None
    offline_text: str | None = Field(None, max_length=500)
    help: bool | None = None

    def given(self) -> dict[str, Any]:
        """What was in the request; null is a value for the hours alone, and says always."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name == "hours"}


class SmsAsked(Asked):
    """An account at Twilio. `auth_token` is only ever written."""

    account_sid: str | None = Field(None, min_length=1, max_length=64)
    auth_token: str | None = Field(None, max_length=200)
    has_auth_token: bool | None = None
    messaging_service_sid: str | None = Field(None, max_length=64)
    countries: list[Annotated[str, Field(min_length=2, max_length=2)]] | None = Field(None, max_length=250)
    mms_countries: list[Annotated[str, Field(min_length=2, max_length=2)]] | None = Field(
        None, max_length=250
    )
    daily_limit: int | None = Field(None, ge=1, le=1_000_000)
    segment_price: float | None = Field(None, ge=0, le=100)


class ChannelChange(Asked):
    name: str | None = Field(None, max_length=120)
    address: str | None = Field(None, max_length=320)
    enabled: bool | None = None
    acknowledge: bool | None = None
    queue_id: int | None = None
    imap: ImapAsked | None = None
    smtp: ServerAsked | None = None
    oauth: OAuthAsked | None = None
    sms: SmsAsked | None = None
    chat: ChatAsked | None = None


class ChannelAsked(ChannelChange):
    kind: Literal["email", "sms", "chat", "form"] = "email"


@blueprint.get("/channels")
@allow(Permission.READ_SETUP)
def listed() -> dict[str, Any]:
    """Every channel, with its state in words."""
    with reading() as w:
        return {"rows": [_with_hooks(row) for row in channels_shown(w)]}


@blueprint.post("/channels")
@allow(Permission.EDIT_CHANNELS)
@body(ChannelAsked)
def added(body: ChannelAsked) -> tuple[dict[str, Any], int]:
    """A new channel; of a chat, the secret to sign identities with is told this once."""
    with work() as w:
        channel = add_channel(w, _given(body), _vault())
        told = secrets_of(channel, _vault()).get("identity_secret")
        return _with_hooks(channel_shown(channel)) | ({"identity_secret": told} if told else {}), 201


@blueprint.patch("/channels/<int:channel_id>")
@allow(Permission.EDIT_CHANNELS)
@body(ChannelChange)
def changed(channel_id: int, body: ChannelChange) -> dict[str, Any]:
    """Change what is given; passwords that are not given stay."""
    with work() as w:
        given = _given(body)
        if given.get("address") is None:
            given.pop("address", None)
        return _with_hooks(channel_shown(change_channel(w, channel_id, given, _vault())))


@blueprint.delete("/channels/<int:channel_id>")
@allow(Permission.EDIT_CHANNELS)
def removed(channel_id: int) -> None:
    """Only a channel that never carried anything."""
    with work() as w:
        remove_channel(w, channel_id)


@blueprint.post("/channels/<int:channel_id>/test")
@allow(Permission.EDIT_CHANNELS)
def tried(channel_id: int) -> dict[str, Any]:
    """Connect to each server of the channel, and say what is wrong. Nothing is fetched or sent."""
    with reading() as w:
        channel = get_channel(w.session, channel_id)
        kind, secrets = channel.kind, secrets_of(channel, _vault())
        config, in_desk = trial_of(channel, ground().settings), checks_in_desk(w, channel)
    return {"rows": [asdict(check) for check in (*check_channel(kind, config, secrets), *in_desk)]}


@blueprint.put("/channels/<int:channel_id>/identity-secret")
@allow(Permission.EDIT_CHANNELS)
@body(Nothing)
def rotated(channel_id: int, body: Nothing) -> dict[str, Any]:
    """A new secret to sign identities with, told this once; what the old one signed is refused."""
    require_person()
    with work() as w:
        return {"identity_secret": rotate_identity_secret(w, channel_id, _vault())}


def _given(body: ChannelChange) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    if body.chat is not None:
        given["chat"] = body.chat.given()
    return given


def _with_hooks(row: dict[str, Any]) -> dict[str, Any]:
    """With the addresses that an administrator gives the provider, where it calls us."""
    if row["kind"] != ChannelKind.SMS:
        return row
    base = ground().settings.public_url
    hooks = {"messages": messages_url(base, row["id"]), "status": status_url(base, row["id"])}
    return row | {"webhooks": hooks}


def _vault() -> Vault:
    return Vault(ground().settings.secret_key)
