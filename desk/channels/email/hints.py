"""Which conversation a mail continues: signed tokens in our own addresses, ids, numbers in the subject.

A token is `c.<conversation>.<mac>` behind the plus of a channel's address (RFC 5233). Its MAC is
HMAC-SHA256 over channel and conversation, cut to 100 bits: it cannot be guessed and is of no
use on another channel.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from desk.channels.email.parsed import ParsedMail
from desk.model.inbound import ThreadingHints

MAC_LETTERS = 20
MAX_CASE_NUMBERS = 5

_TOKEN = re.compile(rf"c\.(\d{{1,18}})\.([a-z2-7]{{{MAC_LETTERS}}})")
_TAG = re.compile(r"\[#(\d{1,12})\]")


def make_reply_token(secret: bytes, channel_id: int, conversation_id: int) -> str:
    """The token that brings an answer on this channel back into this conversation."""
    return f"c.{conversation_id}.{_mac(secret, channel_id, conversation_id)}"


def verified_conversation(token: str, secret: bytes, channel_id: int) -> int | None:
    """The conversation a token was made for, or None if it was not made by us for this channel."""
    found = _TOKEN.fullmatch(token.lower())
    if not found:
        return None
    conversation_id = int(found.group(1))
    expected = _mac(secret, channel_id, conversation_id)
    return conversation_id if hmac.compare_digest(found.group(2), expected) else None


def reply_address(address: str, token: str) -> str:
    """The channel's address with a token in it: `support@…` becomes `support+c.7.…@…`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_in(recipient: str) -> str | None:
    """The token in an address that a mail was sent to, not yet verified."""
    local = recipient.rpartition("@")[0]
    token = local.partition("+")[2].lower()
    return token if _TOKEN.fullmatch(token) else None


def hints(mail: ParsedMail) -> ThreadingHints:
    """All that the mail says of the conversation it continues, strongest first."""
    tokens = dict.fromkeys(token for one in mail.recipients if (token := token_in(one)))
    numbers = dict.fromkeys(int(number) for number in _TAG.findall(mail.subject))
    return ThreadingHints(
        reply_tokens=tuple(tokens),
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        case_numbers=tuple(numbers)[:MAX_CASE_NUMBERS],
    )


def _mac(secret: bytes, channel_id: int, conversation_id: int) -> str:
    if not secret:
        raise ValueError("A reply token needs a secret.")
    words = f"desk reply token\0{channel_id}\0{conversation_id}".encode()
    digest = hmac.new(secret, words, hashlib.sha256).digest()
    # Addresses are lower-cased on the way; base32 survives that.
    return base64.b32encode(digest).decode().lower()[:MAC_LETTERS]
