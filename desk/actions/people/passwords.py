"""Passwords: what is good enough, how they are kept, and a check that takes equally long for strangers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from desk.model.errors import Invalid, Unavailable
from desk.model.password import is_built_on, is_easy_to_guess

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2
PATIENCE_SECONDS = 10.0

# OWASP's second choice: 19 MiB and two passes take about 30 ms; the library's default of 64 MiB and
# four threads takes half a second on a small machine, and makes signing in a way to stop the desk.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_SEATS = threading.BoundedSemaphore(AT_ONCE)
# A hash nobody knows the password of: an unknown address costs the same work as a known one.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$t7poO0/cBU6qFckjM3AGsQ$ibSTq0z4OULdpfiFQNceqMZ8H2TDBa8KowlV/WK34wQ"


def hash_of_password(password: str) -> str:
    """How a password is kept: argon2id with its own salt."""
    with _seat():
        return _HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept. Without one kept it works as long, and says no."""
    with _seat():
        try:
            right = _HASHER.verify(kept or _NOBODYS, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def check_new_password(password: str, *, email: str, name: str, field: str = "new") -> None:
    """Raises Invalid, naming `field`, with what to do about it.

    Length is what counts (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST:
        raise Invalid(f"Take at least {SHORTEST} characters; several words are easy to keep in mind.", field)
    if len(password) > LONGEST:
        raise Invalid(f"Take at most {LONGEST} characters.", field)
    if is_easy_to_guess(password):
        raise Invalid(
            "This password is among the first that anybody tries. Take several words instead.", field
        )
    if is_built_on(password, (email, name)):
        raise Invalid(
            "The password is little more than your name or your address. Take several words instead.", field
        )


@contextmanager
def _seat() -> Iterator[None]:
    """One of the few places for hashing at a time: a storm of sign-ins must not take the machine."""
    if not _SEATS.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable("Very many people are signing in just now. Try again in a moment.")
    try:
        yield
    finally:
        _SEATS.release()
