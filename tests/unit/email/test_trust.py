"""A sender is believed on our own server's word or on an aligned signature, and on nothing else."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from desk.channels.email.trust import FindRecord, aligned, judgement_of
from desk.model.errors import Unavailable
from desk.model.inbound import Verdict

OURS = {"mx.shop.example"}
HOP = b"Received: from x by mx.shop.example; Mon, 2 Mar 2026 09:00:00 +0000\n"
FOREIGN = b"Received: from y by relay.home.example; Mon, 2 Mar 2026 08:59:00 +0000\n"
MAIL = b"From: cleo@home.example\nTo: s@shop.example\nSubject: hi\nDate: Mon, 2 Mar 2026 08:58 +0000\n\nHello"


def result(words: bytes) -> bytes:
    return b"Authentication-Results: " + words + b"\n"


def judged(raw: bytes, address: str | None = "cleo@home.example") -> Verdict:
    return judgement_of(raw, address, authserv_ids=OURS).verdict


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (b"mx.shop.example; dmarc=pass header.from=home.example", Verdict.PASS),
        (b"mx.shop.example; dmarc=fail (p=none) header.from=home.example", Verdict.FAIL),
        (b"mx.shop.example; dkim=pass header.d=home.example", Verdict.PASS),
        (b"mx.shop.example; dkim=pass header.d=evil.example", Verdict.NONE),
        (b"mx.shop.example; spf=pass smtp.mailfrom=bounce@mail.home.example", Verdict.PASS),
        (b"mx.shop.example; dkim=fail header.d=home.example", Verdict.NONE),
        (b"mx.shop.example; none", Verdict.NONE),
        (b"mx.evil.example; dmarc=pass header.from=home.example", Verdict.NONE),
        (b"mx.shop.example.evil.example; dmarc=pass header.from=home.example", Verdict.NONE),
        (b"mx.shop.example; x=y (dmarc=pass header.from=home.example)", Verdict.NONE),
    ],
)
def test_our_servers_word_counts_and_no_other(words: bytes, verdict: Verdict) -> None:
    assert judged(HOP + result(words) + FOREIGN + MAIL) is verdict


def test_a_result_that_came_with_the_mail_is_not_believed() -> None:
    forged = result(b"mx.shop.example; dmarc=pass header.from=home.example")
    assert judged(HOP + FOREIGN + forged + MAIL) is Verdict.NONE


def test_nothing_passes_without_one_address_or_without_our_name() -> None:
    true = result(b"mx.shop.example; dmarc=pass header.from=home.example") + FOREIGN + MAIL
    assert judged(true, None) is Verdict.NONE
    assert judgement_of(true, "cleo@home.example").verdict is Verdict.NONE


@pytest.fixture(scope="module")
def keys() -> tuple[bytes, bytes]:
    """A private key in PEM, and the record that publishes the public one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(domain: bytes, private: bytes, **how: object) -> bytes:
    headers = [b"From", b"To", b"Subject", b"Date"]
    signature: bytes = dkim.sign(MAIL, b"s1", domain, private, include_headers=headers, **how)
    return signature + MAIL


def test_an_aligned_signature_passes_and_only_over_what_was_signed(keys: tuple[bytes, bytes]) -> None:
    private, record = keys
    mail = signed(b"home.example", private)

    def verdict(raw: bytes, dns: bytes | None = record) -> Verdict:
        return judgement_of(raw, "cleo@home.example", find_record=lambda _: dns).verdict

    assert verdict(mail) is Verdict.PASS
    assert verdict(mail.replace(b"Hello", b"Send money")) is Verdict.NONE
    assert verdict(b"From: evil@x.example\n" + mail) is Verdict.NONE
    assert verdict(mail, None) is Verdict.NONE
    assert verdict(signed(b"evil.example", private)) is Verdict.NONE
    assert verdict(signed(b"home.example", private, length=True)) is Verdict.NONE


def test_a_judgement_says_what_it_rests_on(keys: tuple[bytes, bytes]) -> None:
    private, record = keys
    mail = signed(b"mail.home.example", private)

    def source(raw: bytes, find: FindRecord = lambda _: record) -> str:
        return judgement_of(raw, "cleo@home.example", authserv_ids=OURS, find_record=find).source

    def away(_: str) -> bytes:
        raise Unavailable("The DNS did not answer.")

    told = HOP + result(b"mx.shop.example; dmarc=fail header.from=home.example") + FOREIGN
    assert source(mail) == "It is signed by mail.home.example (DKIM)."
    assert source(told + mail) == "Our mail server checked it: the sender's domain disowns it."
    assert source(MAIL) == "The mail is not signed."
    assert source(mail.replace(b"Hello", b"Bye")) == "Its signature of home.example does not hold."
    assert source(mail, away) == "Its signature could not be checked: the DNS did not answer."


def test_our_servers_word_leaves_the_dns_alone(keys: tuple[bytes, bytes]) -> None:
    def never(_: str) -> bytes:
        raise AssertionError("asked")

    told = HOP + result(b"mx.shop.example; dmarc=pass header.from=home.example") + FOREIGN
    mail = told + signed(b"home.example", keys[0])
    found = judgement_of(mail, "cleo@home.example", authserv_ids=OURS, find_record=never)
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "bomb",
    [
        MAIL + b" " * 2_000_000 + b"x",
        MAIL + b" \t" * 1_000_000 + b"\r\nx",
        b"X-A: b\n" + b" a\n" * 2_000_000 + MAIL,
        MAIL + b"\n" * 5_000_000,
    ],
    ids=["spaces", "spaces at the end", "folds", "lines"],
)
@pytest.mark.parametrize("canonical", [b"relaxed/relaxed", b"simple/simple"])
def test_a_signed_bomb_proves_nothing_and_holds_nobody_up(
    keys: tuple[bytes, bytes], bomb: bytes, canonical: bytes
) -> None:
    head = b"DKIM-Signature: v=1; a=rsa-sha256; c=" + canonical + b"; d=home.example; s=s1; h=from; bh=YQ==;"
    raw = head + b" b=" + b"QUJD" * 80 + b"\n" + bomb
    assert judgement_of(raw, "cleo@home.example", find_record=lambda _: keys[1]).verdict is Verdict.NONE


def test_relaxed_signatures_hold_over_long_runs_of_spaces(keys: tuple[bytes, bytes]) -> None:
    private, record = keys
    mail = MAIL + b"," + b" " * 500 + b"Ada" + b" \t" * 300 + b"\r\n \r\n"
    names = [b"From", b"To", b"Subject", b"Date"]
    how = {"canonicalize": (b"relaxed", b"relaxed"), "include_headers": names}
    raw = dkim.sign(mail, b"s1", b"home.example", private, **how) + mail
    assert judgement_of(raw, "cleo@home.example", find_record=lambda _: record).verdict is Verdict.PASS


def test_alignment_ends_at_what_anybody_may_register_under() -> None:
    assert aligned("mail.home.example", "home.example")
    assert aligned("home.example", "news.home.example")
    assert not aligned("evilhome.example", "home.example")
    assert not aligned("co.uk", "bank.co.uk")
    assert not aligned("example", "home.example")
