"""Whether the sender is who the mail says: our own server's verdict, else a signature that aligns.

An Authentication-Results header proves nothing unless our own server wrote it (RFC 8601, 5): only
those with our authserv-id count, and only above the first Received line that came with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import dkim

from desk.channels.email.headers import split_head, with_plain_line_ends
from desk.model.inbound import Verdict

MAX_SIGNATURES = 3

DnsFunction = Callable[..., bytes | None]

_AUTHSERV_ID = re.compile(r"^\s*(?:\([^()]*\)\s*)?([\w.-]{1,253})")
_RESULT = re.compile(r"(?i)(?:^|;)\s*(dmarc|dkim|spf)\s*(?:/\s*\d+\s*)?=\s*([a-z]{1,20})([^;]*)")
_PROPERTY = re.compile(r"(?i)\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,320})")
_COMMENT = re.compile(r"\([^()]*\)")
# Suffixes under which anybody may register, of those with two labels that mail is common from.
_SHARED_SUFFIX = re.compile(r"^(?:co|com|org|net|ac|gov|edu|ne|or|go|gob|gouv|nhs|ltd|plc|me|sch)\.[a-z]{2}$")


def verdict_for(
    raw: bytes,
    from_address: str | None,
    *,
    authserv_ids: Collection[str] = (),
    dnsfunc: DnsFunction | None = None,
) -> Verdict:
    """PASS if the domain of From vouches for the mail, FAIL if it disowns it, NONE if nobody can tell.

    `from_address` is the one plain address of From; without it nothing can pass. `dnsfunc` takes a
    name as bytes and returns its TXT record; without it signatures are not looked at.
    """
    domain = (from_address or "").rpartition("@")[2].lower().rstrip(".")
    if not domain:
        return Verdict.NONE
    told = _told_by_our_server(raw, domain, {one.lower() for one in authserv_ids})
    if told is not None:
        return told
    return _signed(raw, domain, dnsfunc) if dnsfunc else Verdict.NONE


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


def _signed(raw: bytes, domain: str, dnsfunc: DnsFunction) -> Verdict:
    """A broken signature is no proof of forgery: lists and relays break them (RFC 6376, 6.1)."""
    headers, _ = split_head(raw)
    if len(headers.raw_all("from")) != 1:
        return Verdict.NONE
    count = len(headers.raw_all("dkim-signature"))
    for number in range(min(count, MAX_SIGNATURES)):
        signature = headers.raw_all("dkim-signature")[number]
        signer = re.search(r"(?:^|;)\s*d\s*=\s*([\w.-]{1,253})", signature)
        # An l= tag leaves the end of the body unsigned: anybody could add to it.
        if not signer or not aligned(signer.group(1).lower(), domain) or re.search(r";\s*l\s*=", signature):
            continue
        try:
            if dkim.DKIM(raw, timeout=5).verify(number, dnsfunc=dnsfunc):
                return Verdict.PASS
        except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError):
            continue
    return Verdict.NONE


def aligned(signer: str, domain: str) -> bool:
    """Relaxed alignment (RFC 7489, 3.1.1): the same organisation's domain, and never a shared suffix."""
    signer, domain = signer.rstrip("."), domain.rstrip(".")
    if signer == domain:
        return True
    shorter, longer = sorted((signer, domain), key=len)
    is_suffix = "." not in shorter or bool(_SHARED_SUFFIX.match(shorter))
    return not is_suffix and longer.endswith("." + shorter)
