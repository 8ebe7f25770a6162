"""`parse`: any bytes in, one understood mail out. Pure: no network, no database, no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from desk.channels.email.addresses import Mailbox, holds_an_address, mailboxes
from desk.channels.email.automatic import automatic_signs
from desk.channels.email.bounces import Report, report_in
from desk.channels.email.content import content_of
from desk.channels.email.cutting import LEFT_MARK, without_quoted_html
from desk.channels.email.headers import MAX_HEADER_BYTES, Headers, split_head, with_plain_line_ends
from desk.channels.email.mime import Part, take_apart
from desk.channels.email.parsed import MAX_MAIL, Outcome, ParsedMail
from desk.channels.email.readable import text_of_html
from desk.channels.email.sanitise import safe_html
from desk.model.errors import UnreadableMail
from desk.model.inbound import Automatic, Participant
from desk.model.quoting import reply_text, shows_quotation

MAX_REFERENCES = 100
MAX_ID = 500

TELLING_HEADERS = frozenset(
    """
    from to subject date message-id received return-path content-type mime-version sender reply-to
    """.split()  # noqa: SIM905 - words read better than quotes
)
DELIVERED_TO = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "resent-to",
)

_ID = re.compile(r"<([^<>]{1,500})>")
_SPACES = re.compile(r"\s+")


def parse(raw: bytes) -> ParsedMail:
    """What this mail says, who says it, and what kind of mail it is.

    Of a mail larger than 25 MB only the headers are read. Raises UnreadableMail, with the reason,
    for what is no mail.
    """
    headers, body = split_head(with_plain_line_ends(raw))
    if len(raw) > MAX_MAIL:
        headers, body = _without_content(headers), b""
    if not any(name in TELLING_HEADERS for name, _ in headers.fields):
        raise UnreadableMail("There is no header of a mail in it." if raw.strip() else "It is empty.")
    tree = take_apart(headers, body)
    headers = Headers(headers.fields, _charset_of(tree.parameters, tree.parts), headers.reasons)
    content = content_of(tree)
    from_boxes = _people(headers, "from")
    sender = next((box.address for box in from_boxes if "@" in box.address), headers.raw("from"))
    report = report_in(headers, tree, sender, content.text)
    automatic, sign = automatic_signs(headers)
    html, trouble = safe_html(content.html) if content.html else (None, None)
    reasons = [*headers.reasons, *content.reasons, *filter(None, [trouble])]
    outcome, automatic, why = _kind(report, automatic, sign)
    identity, suspicions = _identity(headers, from_boxes)
    return ParsedMail(
        outcome=outcome,
        senders=_participants(from_boxes),
        identity=identity,
        to=_participants(_people(headers, "to")),
        cc=_participants(_people(headers, "cc")),
        reply_to=_participants(_people(headers, "reply-to")),
        recipients=_recipients(headers),
        subject=headers.words("subject"),
        message_id=next(iter(_ids(headers, "message-id")), None),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        date=_date(headers),
        text=content.text,
        reply=_reply(content.text, content.html),
        html=html,
        files=tuple(content.files),
        bounce=report.bounce if report else None,
        automatic=automatic,
        loop_ids=tuple(one[:MAX_ID] for one in headers.raw_all("x-loop")[:10]),
        reasons=tuple(filter(None, [why, *reasons])),
        suspicions=tuple(suspicions),
    )


def _without_content(headers: Headers) -> Headers:
    reason = f"the mail is larger than {MAX_MAIL // 1024 // 1024} MB: only its headers were read"
    fields = tuple(one for one in headers.fields if not one[0].startswith("content-"))
    return Headers(fields, headers.charset, (*headers.reasons, reason))


def _kind(
    report: Report | None, automatic: Automatic | None, sign: str | None
) -> tuple[Outcome, Automatic | None, str | None]:
    if report:
        return report.outcome, Automatic.AUTO_REPLY, report.reason
    if automatic is Automatic.AUTO_REPLY:
        return Outcome.AUTO_REPLY, automatic, sign
    return Outcome.MESSAGE, automatic, sign


def _charset_of(parameters: dict[str, str], parts: list[Part]) -> str | None:
    named = parameters.get("charset")
    return named or next(
        (part.charset for part in parts if part.type.startswith("text/") and part.charset), None
    )


def _people(headers: Headers, name: str) -> list[Mailbox]:
    if name not in headers:
        return []
    written = headers.raw_all(name)
    if name == "from":
        # Which of two From lines is true nobody can tell; the first is shown, and all are doubted.
        written = written[:1]
    boxes = mailboxes(", ".join(written)[:MAX_HEADER_BYTES])
    return list({box.address: box for box in reversed(boxes)}.values())[::-1]


def _participants(boxes: list[Mailbox]) -> tuple[Participant, ...]:
    return tuple(Participant(box.address, box.name) for box in boxes if box.address)


def _identity(headers: Headers, boxes: list[Mailbox]) -> tuple[str | None, list[str]]:
    """The one address that may stand for the sender, and everything that speaks against trusting it."""
    suspicions = []
    written = headers.raw_all("from")
    if not written:
        return None, ["the mail names no sender"]
    if len(written) > 1:
        suspicions.append("the mail has more than one From line")
    elif len(boxes) != 1:
        suspicions.append("From does not name exactly one sender")
    if boxes and not all(box.plain for box in boxes):
        suspicions.append("the sender's address is not written as a plain address")
    identity = boxes[0].address if boxes and not suspicions else None
    for box in boxes:
        claimed = holds_an_address(box.name)
        if claimed and claimed != box.address:
            suspicions.append(f"the sender's name shows another address: {claimed}")
    return identity, suspicions


def _recipients(headers: Headers) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in ("to", "cc", *DELIVERED_TO):
        for box in _people(headers, name):
            if "@" in box.address:
                found[box.address] = None
    return tuple(found)


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """Message ids without their brackets; of more than 100 the first and the last 99 are kept."""
    written = headers.raw(name)
    ids = [_SPACES.sub("", one) for one in _ID.findall(written)]
    if not ids and written:
        ids = [word.strip("<>,;")[:MAX_ID] for word in written.split() if name == "message-id" or "@" in word]
        ids = [one for one in ids if one][:1] if name == "message-id" else [one for one in ids if one]
    return tuple(ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]])


def _date(headers: Headers) -> datetime | None:
    written = headers.raw("date")[:200]
    try:
        moment = parsedate_to_datetime(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _reply(text: str, html: str | None) -> str:
    """What is new: by the text if it shows its quotation, else by the marks that mailers leave in HTML."""
    reply = reply_text(text)
    if html is None or shows_quotation(text, reply):
        return reply
    cut = without_quoted_html(html)
    if cut is None:
        return reply
    new = reply_text(text_of_html(cut))
    # A mark that is left says that nothing else was.
    return reply if any(line.strip() == LEFT_MARK for line in new.split("\n")) else new
