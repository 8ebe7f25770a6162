"""Who a shop says its visitor is: a token that the shop's server signs with the secret we share.

A JSON Web Token (RFC 7519) with HS256 and nothing else: `sub` is the shop's number of the person,
`exp` at most a day ahead, `email` and `name` where the shop knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from desk.model.customer import normal_email
from desk.model.errors import Forbidden, Invalid

LONGEST_TOKEN = 4096
LONGEST_LIFE = timedelta(hours=24)
LEEWAY = timedelta(seconds=60)
"""How far the clocks of the shop and ours may be apart."""

_REFUSED = "The signature of this identity is not right."


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the shop vouches for them."""

    subject: str
    email: str | None = None
    name: str = ""


def identity_from(token: str, secret: str, now: datetime) -> Identity:
    """What the token says, where it was signed with the secret and is good at `now`. Raises Forbidden."""
    if not secret or len(token) > LONGEST_TOKEN:
        raise Forbidden(_REFUSED)
    try:
        # Times are looked at below, against the moment of the deed.
        said = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options={
                "require": ["exp", "sub"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Forbidden(_REFUSED) from None
    _check_times(said, now)
    return _identity(said)


def signed_identity(identity: Identity, secret: str, expires_at: datetime) -> str:
    """The token by which a shop's server says who somebody is, as `identity_from` reads it."""
    said = {"sub": identity.subject, "email": identity.email, "name": identity.name, "exp": expires_at}
    return jwt.encode({key: value for key, value in said.items() if value}, secret, algorithm="HS256")


def _check_times(said: Mapping[str, Any], now: datetime) -> None:
    expires, begins = said["exp"], said.get("nbf", 0)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (expires, begins)):
        raise Forbidden("The times of this identity are no numbers.")
    left = expires - now.timestamp()
    if not left > -LEEWAY.total_seconds():
        raise Forbidden("This identity has expired. The shop must sign a new one.")
    if left > (LONGEST_LIFE + LEEWAY).total_seconds():
        raise Forbidden("This identity is good for more than 24 hours. The shop must sign shorter ones.")
    if begins > now.timestamp() + LEEWAY.total_seconds():
        raise Forbidden("This identity is not good yet.")


def _identity(said: Mapping[str, Any]) -> Identity:
    subject, email, name = said["sub"], said.get("email"), said.get("name") or ""
    if not isinstance(subject, str) or not subject.strip() or len(subject) > 200 or not subject.isprintable():
        raise Forbidden("An identity needs a “sub” of 1 to 200 printable characters.")
    if not isinstance(name, str) or (email is not None and not isinstance(email, str)):
        raise Forbidden("The name and the email of an identity are texts.")
    try:
        address = normal_email(email) if email else None
    except Invalid as trouble:
        raise Forbidden(trouble.sentence) from None
    kept = "".join(letter for letter in name if letter.isprintable())
    return Identity(subject.strip(), address, kept.strip()[:200])
