"""Whether a call was signed by whom it says: the scheme of Standard Webhooks (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from desk.model.errors import Forbidden

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far the clocks may differ; an older call is a recording of one."""


def new_secret() -> str:
    """A secret in the form that the scheme's libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `id.timestamp.body`, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def refuse_unsigned(
    secret: str, *, message_id: str, timestamp: str, signatures: str, body: bytes, now: datetime
) -> None:
    """Raises Forbidden unless one of the signatures (a space between them) fits, and the call is of now."""
    if not message_id or not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise Forbidden("The call lacks a header: webhook-id, webhook-timestamp or webhook-signature.")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - sent_at) > TOLERANCE:
        raise Forbidden("The call was signed more than five minutes ago, or by a clock that is wrong.")
    fitting = signature(secret, message_id, timestamp, body)
    if not any(_same(fitting, given) for given in signatures.split(" ")):
        raise Forbidden("The signature of the call does not fit it.")


def _same(fitting: str, given: str) -> bool:
    try:
        return hmac.compare_digest(fitting.encode(), given.encode())
    except (UnicodeEncodeError, binascii.Error):
        return False
