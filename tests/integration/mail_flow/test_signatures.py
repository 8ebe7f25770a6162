"""A signature is checked on the way in, says so in the message, and never holds the mail up."""

from __future__ import annotations

import base64
from collections.abc import Callable

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from desk.channels.email.fence import Fence
from desk.channels.email.records import TextRecords
from desk.jobs.intake import Intake
from desk.model.errors import Unavailable
from desk.model.inbound import Verdict
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail

Ask = Callable[[str, float], tuple[bytes | None, float]]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def signed(key: rsa.RSAPrivateKey) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    raw = a_mail()
    signature: bytes = dkim.sign(raw, b"s1", b"example.org", private)
    return signature + raw


@pytest.fixture
def published(key: rsa.RSAPrivateKey) -> Ask:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return lambda name, _: (record if name == "s1._domainkey.example.org." else None, 300)


def _away(name: str, seconds: float) -> tuple[bytes | None, float]:
    raise Unavailable("The DNS did not answer.")


def _read(desk: DeskAtWork, fence: Fence, raw: bytes, ask: Ask | None) -> tuple[Verdict, str | None]:
    (kept,) = desk.keep(raw)
    Intake(desk.store, desk.settings, fence, TextRecords(ask=ask) if ask else None).drain()
    message = desk.messages(desk.inbox(kept).case_id)[-1]
    return message.verdict, message.verdict_source


def test_a_signed_mail_is_verified_and_says_by_whom(
    desk: DeskAtWork, fence: Fence, signed: bytes, published: Ask
) -> None:
    assert _read(desk, fence, signed, published) == (Verdict.PASS, "It is signed by example.org (DKIM).")


def test_a_changed_mail_is_let_in_unverified(
    desk: DeskAtWork, fence: Fence, signed: bytes, published: Ask
) -> None:
    changed = signed.replace(b"a week", b"a year")
    assert _read(desk, fence, changed, published) == (
        Verdict.NONE,
        "Its signature of example.org does not hold.",
    )


def test_without_the_dns_mail_is_let_in_unverified(desk: DeskAtWork, fence: Fence, signed: bytes) -> None:
    assert _read(desk, fence, signed, _away) == (
        Verdict.NONE,
        "Its signature could not be checked: the DNS did not answer.",
    )


def test_switched_off_nothing_is_asked(desk: DeskAtWork, fence: Fence, signed: bytes) -> None:
    assert _read(desk, fence, signed, None) == (Verdict.NONE, "Nobody has checked it.")
