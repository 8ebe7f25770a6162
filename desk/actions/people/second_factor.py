"""The second factor: a code from an app (RFC 6238) that works once, or a recovery code that works once."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from desk.actions.people.passwords import is_password
from desk.actions.setup.audit import audit
from desk.model.agent import Agent
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

STEP_SECONDS = 30
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an app needs to make codes: the secret as text, as an address, and as a picture of it."""

    secret: str
    uri: str
    svg: str


def begin_totp(work: Work, vault: Vault, desk_name: str) -> TotpSetup:
    """A new secret for the actor, which counts once a code made with it was given.

    Raises Conflict when a second factor is on.
    """
    agent = _own(work)
    if agent.totp_confirmed_at is not None:
        raise Conflict("A second factor is on already. Turn it off first.")
    secret = pyotp.random_base32()
    agent.totp_secret, agent.totp_last_step = vault.seal(secret.encode()), None
    return _setup(agent, secret, desk_name)


def offered_totp(work: Work, vault: Vault, desk_name: str) -> TotpSetup:
    """The secret that waits for its first code, or a new one: a page may be reloaded after the scan."""
    agent = _own(work)
    if agent.totp_secret is None or agent.totp_confirmed_at is not None:
        return begin_totp(work, vault, desk_name)
    return _setup(agent, vault.open(agent.totp_secret).decode(), desk_name)


def confirm_totp(work: Work, vault: Vault, code: str) -> list[str]:
    """Turn the second factor on, and return the recovery codes, which are shown this once."""
    agent = _own(work)
    if agent.totp_secret is None or agent.totp_confirmed_at is not None:
        raise Conflict("Begin with a new secret first.")
    if not _takes_step(agent, vault, code, work.now):
        raise Invalid("The code is not right. Check that the clock of your phone is.", "code")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    agent.totp_confirmed_at = work.now
    agent.recovery_codes = [_hash_of_code(code) for code in codes]
    audit(work, "second factor turned on", f"agent:{agent.id}")
    return codes


def end_totp(work: Work, password: str) -> None:
    """Turn the second factor off. Raises Forbidden when the password is not right."""
    agent = _own(work)
    if not is_password(agent.password_hash, password):
        raise Forbidden("The password is not right.")
    agent.totp_secret = agent.totp_confirmed_at = agent.totp_last_step = None
    agent.recovery_codes = []
    audit(work, "second factor turned off", f"agent:{agent.id}")


def takes_code(agent: Agent, vault: Vault, code: str, now: datetime) -> bool:
    """Whether the code is one of this moment, or an unused recovery code; either is used up by it."""
    plain = "".join(code.split()).replace("-", "").lower()
    if _takes_step(agent, vault, plain, now):
        return True
    hashed = _hash_of_code(plain)
    if hashed not in agent.recovery_codes:
        return False
    agent.recovery_codes = [kept for kept in agent.recovery_codes if kept != hashed]
    return True


def _takes_step(agent: Agent, vault: Vault, code: str, now: datetime) -> bool:
    """A code of the step before, this one or the next; of a step after the last one used (RFC 6238, 5.2)."""
    if agent.totp_secret is None or not (code.isascii() and code.isdigit()):
        return False
    totp = pyotp.TOTP(vault.open(agent.totp_secret).decode())
    this_step = int(now.timestamp()) // STEP_SECONDS
    for step in (this_step - 1, this_step, this_step + 1):
        fresh = agent.totp_last_step is None or step > agent.totp_last_step
        if fresh and secrets.compare_digest(totp.at(step * STEP_SECONDS), code):
            agent.totp_last_step = step
            return True
    return False


def _setup(agent: Agent, secret: str, desk_name: str) -> TotpSetup:
    uri = pyotp.TOTP(secret).provisioning_uri(name=agent.email, issuer_name=desk_name)
    return TotpSetup(secret, uri, _picture(uri))


def _own(work: Work) -> Agent:
    agent = work.session.get(Agent, work.actor.agent_id, with_for_update=True)
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


def _recovery_code() -> str:
    """Eighty random bits in four groups that can be read aloud."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _hash_of_code(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def _picture(uri: str) -> str:
    """A QR code as SVG, dark on light in any theme, so that phones can read it."""
    picture = io.BytesIO()
    segno.make(uri, error="m").save(
        picture, kind="svg", scale=4, border=3, light="#fff", dark="#000", xmldecl=False, svgns=True
    )
    return picture.getvalue().decode()
