"""Whether the sender is who the mail says: our own server's verdict, else a signature that aligns.

An Authentication-Results header proves nothing unless our own server wrote it (RFC 8601, 5): only
those with our authserv-id count, and only above the first Received line that came with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import dkim

from desk.channels.email.headers import MAX_BLOCK_BYTES, split_head, with_plain_line_ends
from desk.model.errors import Unavailable
from desk.model.inbound import Verdict

MAX_SIGNATURES = 3
LONGEST_SIGNATURE = 4096
MOST_LINES = 1_000_000

FindRecord = Callable[[str], bytes | None]
"""The TXT record of a name; raises Unavailable when it cannot be known now."""

_SAID = {
    Verdict.PASS: "the sender's domain vouches for it",
    Verdict.FAIL: "the sender's domain disowns it",
    Verdict.NONE: "the sender's domain says nothing",
}
_AUTHSERV_ID = re.compile(r"^\s*(?:\([^()]*\)\s*)?([\w.-]{1,253})")
_RESULT = re.compile(r"(?i)(?:^|;)\s*(dmarc|dkim|spf)\s*(?:/\s*\d+\s*)?=\s*([a-z]{1,20})([^;]*)")
_PROPERTY = re.compile(r"(?i)\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,320})")
_COMMENT = re.compile(r"\([^()]*\)")
# Suffixes under which anybody may register, of those with two labels that mail is common from.
_SHARED_SUFFIX = re.compile(r"^(?:co|com|org|net|ac|gov|edu|ne|or|go|gob|gouv|nhs|ltd|plc|me|sch)\.[a-z]{2}$")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the sender is who the mail says, and who says so, as a sentence."""

    verdict: Verdict
    source: str


def judgement_of(
    raw: bytes,
    from_address: str | None,
    *,
    authserv_ids: Collection[str] = (),
    find_record: FindRecord | None = None,
) -> Judgement:
    """PASS if the domain of From vouches for the mail, FAIL if it disowns it, NONE if nobody can tell.

    `from_address` is the one plain address of From; without it nothing can pass. Only where our own
    server has said nothing are signatures looked at, and without `find_record` not even then.
    """
    domain = (from_address or "").rpartition("@")[2].lower().rstrip(".")
    if not domain:
        return Judgement(Verdict.NONE, "From does not name one plain address.")
    told = _told_by_our_server(raw, domain, {one.lower() for one in authserv_ids})
    if told is not None:
        return Judgement(told, f"Our mail server checked it: {_SAID[told]}.")
    if find_record is None:
        return Judgement(Verdict.NONE, "Nobody has checked it.")
    return _signed(raw, domain, find_record)


def _told_by_our_server(raw: bytes, domain: str, authserv_ids: Collection[str]) -> Verdict | None:
    if not authserv_ids:
        return None
    headers, _ = split_head(with_plain_line_ends(raw))
    verdict: Verdict | None = None
    for name, value in headers.fields:
        if name == "received" and not _is_ours(value, authserv_ids):
            break
        if name != "authentication-results":
            continue
        words = _COMMENT.sub(" ", value.decode("utf-8", "replace"))
        server = _AUTHSERV_ID.match(words)
        if server and server.group(1).lower() in authserv_ids:
            verdict = _stronger(verdict, _verdict_in(words.partition(";")[2], domain))
    return verdict


def _is_ours(received: bytes, authserv_ids: Collection[str]) -> bool:
    written_by = re.search(r"\bby\s+([\w.-]{1,253})", received.decode("utf-8", "replace"))
    return bool(written_by and written_by.group(1).lower() in authserv_ids)


def _verdict_in(results: str, domain: str) -> Verdict:
    verdict = Verdict.NONE
    for method, result, rest in _RESULT.findall(results):
        properties = {key.lower(): value.lower() for key, value in _PROPERTY.findall(rest)}
        passed = result.lower() == "pass"
        if method.lower() == "dmarc":
            if properties.get("header.from", domain) != domain:
                continue
            if result.lower() in {"pass", "fail"}:
                return Verdict.PASS if passed else Verdict.FAIL
        elif passed and any(aligned(_domain_of(value), domain) for value in properties.values()):
            verdict = Verdict.PASS
    return verdict


def _stronger(one: Verdict | None, other: Verdict) -> Verdict:
    if Verdict.FAIL in (one, other):
        return Verdict.FAIL
    return Verdict.PASS if Verdict.PASS in (one, other) else Verdict.NONE


def _domain_of(value: str) -> str:
    return value.rpartition("@")[2].rstrip(".")


def _signed(raw: bytes, domain: str, find_record: FindRecord) -> Judgement:
    """A broken signature is no proof of forgery: lists and relays break them (RFC 6376, 6.1)."""
    if b"dkim-signature" not in raw.lower():
        return Judgement(Verdict.NONE, "The mail is not signed.")
    headers, _ = split_head(raw)
    signatures = headers.raw_all("dkim-signature")[:MAX_SIGNATURES]
    if not signatures:
        return Judgement(Verdict.NONE, "The mail is not signed.")
    if len(headers.raw_all("from")) != 1:
        return Judgement(Verdict.NONE, "From is there more than once.")
    candidates = [n for n, signature in enumerate(signatures) if _may_count(signature, domain)]
    if not candidates:
        return Judgement(Verdict.NONE, f"No signature in it is of {domain} for the whole mail.")
    try:
        for number in candidates:
            signer = _valid_signer(raw, number, find_record)
            if signer and aligned(signer, domain):
                return Judgement(Verdict.PASS, f"It is signed by {signer} (DKIM).")
    except Unavailable:
        return Judgement(Verdict.NONE, "Its signature could not be checked: the DNS did not answer.")
    return Judgement(Verdict.NONE, f"Its signature of {domain} does not hold.")


def _may_count(signature: str, domain: str) -> bool:
    signer = re.search(r"(?:^|;)\s*d\s*=\s*([\w.-]{1,253})", signature)
    # An l= tag leaves the end of the body unsigned: anybody could add to it.
    return bool(
        signer and aligned(signer.group(1).lower(), domain) and not re.search(r";\s*l\s*=", signature)
    )


def _valid_signer(raw: bytes, number: int, find_record: FindRecord) -> str | None:
    """The domain whose signature holds, as the one who checked it read it; None when it does not."""

    def record(name: bytes, timeout: float = 0) -> bytes | None:
        return find_record(name.decode("ascii"))

    if not _is_checkable(raw):
        return None
    try:
        checked = dkim.DKIM(_with_plain_spaces(raw))
        if not _has_checkable_signature(checked, number) or not checked.verify(number, dnsfunc=record):
            return None
        return None if b"l" in checked.signature_fields else checked.domain.decode("ascii").lower()
    except Unavailable:
        raise
    except Exception:  # a third party's parser on hostile bytes: whatever it raises, nothing is proven
        return None


def _is_checkable(raw: bytes) -> bool:
    """Whether dkimpy takes it apart in time: it joins folded lines one by one, and holds every line."""
    head = re.search(rb"\r?\n\r?\n", raw[: MAX_BLOCK_BYTES + 4])
    return head is not None and raw.count(b"\n") <= MOST_LINES


def _has_checkable_signature(checked: dkim.DKIM, number: int) -> bool:
    """Whether the signature takes linear time: dkimpy goes over its spaces again and again."""
    found = [value for name, value in checked.headers if name.lower() == b"dkim-signature"]
    return (
        number < len(found)
        and len(found[number]) <= LONGEST_SIGNATURE
        and not re.search(rb"\s{40}", found[number])
    )


def _with_plain_spaces(raw: bytes) -> bytes:
    """Long runs of spaces in the body as relaxed canonicalisation leaves them (RFC 6376, 3.4.4).

    dkimpy takes quadratic time for them. A simple body hash over such a body does not hold then,
    which is the lesser evil.
    """
    if b" " * 100 not in raw.replace(b"\t", b" "):
        return raw
    split = re.search(rb"\r?\n\r?\n", raw)
    head, body = (raw[: split.end()], raw[split.end() :]) if split else (raw, b"")
    lines = re.sub(rb"[ \t]+", b" ", body).split(b"\n")
    return head + b"\n".join(line.rstrip(b" \r") for line in lines)


def aligned(signer: str, domain: str) -> bool:
    """Relaxed alignment (RFC 7489, 3.1.1): the same organisation's domain, and never a shared suffix."""
    signer, domain = signer.rstrip("."), domain.rstrip(".")
    if signer == domain:
        return True
    shorter, longer = sorted((signer, domain), key=len)
    is_suffix = "." not in shorter or bool(_SHARED_SUFFIX.match(shorter))
    return not is_suffix and longer.endswith("." + shorter)
