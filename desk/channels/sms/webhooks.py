"""Twilio's calls to us: where they go, what it can reach, and whether one is really Twilio's.

The signature covers the address that Twilio was given, so it is checked against our configured
public address: behind a proxy, forwarded headers may say anything (twilio-python #751).
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from desk.channels.fetch import is_outside
from desk.model.errors import Forbidden

LARGEST_CALL = 64 * 1024
"""A text has 1,600 characters and ten addresses of files; this is ten times as much."""


class Fields(Protocol):
    """The form as it came, names given twice included: the signature covers them all."""

    def items(self, multi: bool = False) -> Iterator[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a webhook. `target` is path and query; `form` is None where the body is JSON."""

    target: str
    signature: str | None
    form: Any  # a MultiDict, which the library's validator knows how to read
    body: str = ""
    is_json: bool = False


def messages_url(public_url: str, channel_id: int) -> str:
    """Where Twilio brings what came in."""
    return f"{public_url}/hooks/twilio/{channel_id}/messages"


def new_mark() -> str:
    """What a text of ours is known by when its status comes back; nobody can guess it."""
    return f"text-{secrets.token_urlsafe(16)}"


def status_url(public_url: str, channel_id: int, mark: str = "") -> str:
    """Where Twilio tells how a text fares; `mark` is ours, and comes back under the signature."""
    return f"{public_url}/hooks/twilio/{channel_id}/status" + (f"?mark={mark}" if mark else "")


def file_url(public_url: str, signed: str) -> str:
    """Where Twilio fetches a file of ours, for a while."""
    return f"{public_url}/hooks/twilio/files/{signed}"


def is_served(public_url: str, api: str) -> bool:
    """Whether the provider behind `api` can come to our public address: at home only a stand-in is."""
    return not _is_at_home(public_url) or _is_at_home(api)


def _is_at_home(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not is_outside(str(ipaddress.ip_address(host)))
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))


def refuse_unsigned(call: Call, *, public_url: str, auth_token: str) -> None:
    """Raises Forbidden unless Twilio signed exactly this call for exactly this address.

    An empty token accepts what is signed with the empty key, and a missing header breaks the
    library's validator: both are refused before it is asked.
    """
    if not auth_token:
        raise Forbidden("This channel has no auth token, so nothing can be told from a forgery.")
    if not call.signature:
        raise Forbidden("The call is not signed.")
    if call.is_json and "bodySHA256=" not in call.target:
        raise Forbidden("The call has a body that its signature does not cover.")
    signed = call.body if call.is_json else call.form
    if not RequestValidator(auth_token).validate(public_url + call.target, signed, call.signature):
        raise Forbidden("The signature of the call does not fit it.")


def refuse_strangers(fields: Mapping[str, str], *, account_sid: str, number: str | None) -> None:
    """Raises Forbidden for a call about another account, or for a number that is not the channel's."""
    if fields.get("AccountSid") != account_sid:
        raise Forbidden("The call is about another account.")
    if number is not None and fields.get("To") != number:
        raise Forbidden("The call is for another number.")
