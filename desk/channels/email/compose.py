"""An answer as a mail: text and HTML of the same words, threaded, safe against header injection."""

from __future__ import annotations

import html
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from desk.channels.email.charsets import clean, one_line
from desk.channels.email.cutting import OUR_MARK
from desk.channels.email.mime import file_name
from desk.model.errors import Invalid

LAST_REFERENCES = 10
MAX_SUBJECT = 400

_LINK = re.compile(r"https?://[^\s<>\"'\u201c\u201d]{1,2000}")
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]{1,64}@[^\s<>@,;:\"()\[\]\\]{1,255}")
_ID = re.compile(r"[^\s<>\"]{1,500}")
_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_TAG = re.compile(r"\[#\d{1,12}\]\s*")
_TRAILING = ".,;:!?)]}'"


@dataclass(frozen=True, slots=True)
class OutgoingAddress:
    """Whom a mail goes to or comes from."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send. With a `content_id` (no angle brackets) it is shown where the HTML refers to it."""

    name: str
    type: str
    content: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """The message answered, shown below the answer."""

    author: str
    sent_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """Everything of one mail to send. Ids have no angle brackets; `references` in the order of the thread.

    `message_id` is made once by `new_message_id` and stored before the first try, so that a second
    sending is the same mail. `reply_to` carries the reply token. An `acknowledgement` is marked as
    written by a machine, with `loop_id` to know it again. `leave` is the address at which whoever gets it
    says that they want no more of the kind (RFC 8058).
    """

    message_id: str
    sender: OutgoingAddress
    to: tuple[OutgoingAddress, ...]
    subject: str
    text: str
    date: datetime
    cc: tuple[OutgoingAddress, ...] = ()
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    case_number: int | None = None
    files: tuple[OutgoingFile, ...] = ()
    quoted: QuotedMessage | None = None
    acknowledgement: bool = False
    loop_id: str | None = None
    leave: str | None = None


class _WholeIds(EmailPolicy):
    """Folds like `policy.SMTP`, but never inside an id.

    The standard library turns an id longer than a line into encoded words, and the thread is lost.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in {"message-id", "in-reply-to", "references"}:
            return f"{name}: {(self.linesep + ' ').join(value.split())}{self.linesep}".encode(
                "ascii", "replace"
            )
        return super().fold_binary(name, value)


_POLICY = _WholeIds(linesep=SMTP.linesep)


def new_message_id(domain: str) -> str:
    """A Message-ID, without brackets, that nobody has used or can guess."""
    return f"{secrets.token_hex(16)}@{one_line(domain)}"


def compose(mail: OutgoingMail) -> bytes:
    """The mail as bytes for SMTP. Line ends inside headers become spaces: nothing can add a header.

    Raises Invalid if there is nobody to send it to or an address cannot be one.
    """
    if not mail.to and not mail.cc:
        raise Invalid("A mail needs somebody to be sent to.", field="to")
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(mail.sender)
    message["To"] = [_address(one) for one in mail.to]
    if mail.cc:
        message["Cc"] = [_address(one) for one in mail.cc]
    if mail.reply_to:
        message["Reply-To"] = _address(OutgoingAddress(mail.reply_to))
    message["Subject"] = subject_with_tag(mail.subject, mail.case_number)
    message["Date"] = format_datetime(mail.date)
    message["Message-ID"] = f"<{_id(mail.message_id)}>"
    _thread(message, mail)
    if mail.acknowledgement:
        _mark_as_automatic(message, mail.loop_id)
    if mail.leave:
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{one_line(mail.leave)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_text(mail))
    message.add_alternative(_html(mail), subtype="html")
    for file in mail.files:
        _attach(message, file)
    return message.as_bytes()


def subject_with_tag(subject: str, case_number: int | None) -> str:
    """The subject on one line with exactly one case number in it, ours."""
    plain = one_line(subject)[:MAX_SUBJECT] or "(no subject)"
    if case_number is None:
        return plain
    return f"{_TAG.sub('', plain).strip()} [#{case_number}]"


def html_of_text(text: str) -> str:
    """Plain text as simple HTML: paragraphs, line breaks and links, everything else escaped."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", clean(text).strip("\n"))
    return "\n".join(f"<p>{_linked(one).replace(chr(10), '<br>' + chr(10))}</p>" for one in paragraphs)


def _address(one: OutgoingAddress) -> Address:
    address = one_line(one.address)
    if not _ADDRESS.fullmatch(address):
        raise Invalid(f"“{address}” is not an address a mail can be sent to.", field="to")
    local, _, domain = address.rpartition("@")
    try:
        # Domains have an ASCII form that every server knows; other local parts have none.
        address = f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else address
        address.encode("ascii")
        return Address(one_line(one.name)[:200], addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise Invalid(f"“{address}” is not an address a mail can be sent to.", field="to") from error


def _id(written: str) -> str:
    found = _ID.search(written)
    if not found:
        raise Invalid("A mail needs a Message-ID.", field="message_id")
    return found.group()


def _thread(message: EmailMessage, mail: OutgoingMail) -> None:
    if mail.in_reply_to:
        message["In-Reply-To"] = f"<{_id(mail.in_reply_to)}>"
    known = list(
        dict.fromkeys(_id(one) for one in (*mail.references, mail.in_reply_to or "") if _ID.search(one))
    )
    if mail.in_reply_to:
        # The mail answered comes last, wherever it stood before (RFC 5322, 3.6.4).
        answered = _id(mail.in_reply_to)
        known = [one for one in known if one != answered] + [answered]
    if len(known) > LAST_REFERENCES + 1:
        known = [known[0], *known[-LAST_REFERENCES:]]
    if known:
        message["References"] = " ".join(f"<{one}>" for one in known)


def _mark_as_automatic(message: EmailMessage, loop_id: str | None) -> None:
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
    if loop_id:
        message["X-Loop"] = one_line(loop_id)


def _text(mail: OutgoingMail) -> str:
    text = clean(mail.text).rstrip("\n") + "\n"
    if mail.quoted is None:
        return text
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in clean(mail.quoted.text).strip("\n").split("\n"))
    return f"{text}\n{_attribution(mail.quoted)}\n{quoted}"


def _html(mail: OutgoingMail) -> str:
    body = html_of_text(mail.text)
    for file in mail.files:
        if file.content_id:
            source, name = html.escape(f"cid:{_id(file.content_id)}"), html.escape(one_line(file.name))
            body += f'\n<p><img src="{source}" alt="{name}"></p>'
    if mail.quoted is not None:
        body += (
            f'\n<div id="{OUR_MARK}" class="gmail_quote">\n<p>{html.escape(_attribution(mail.quoted))}</p>\n'
            '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">\n'
            f"{html_of_text(mail.quoted.text)}\n</blockquote>\n</div>"
        )
    return f"<!DOCTYPE html>\n<html>\n<body>\n{body}\n</body>\n</html>\n"


def _attribution(quoted: QuotedMessage) -> str:
    # A date, a name and a verb: what every mailer, ours among them, tells a quotation by.
    return f"On {quoted.sent_at:%Y-%m-%d %H:%M} {one_line(quoted.author)} wrote:"


def _linked(text: str) -> str:
    pieces = []
    position = 0
    for found in _LINK.finditer(text):
        url = found.group().rstrip(_TRAILING)
        pieces.append(html.escape(text[position : found.start()]))
        pieces.append(f'<a href="{html.escape(url)}">{html.escape(url)}</a>')
        position = found.start() + len(url)
    return "".join([*pieces, html.escape(text[position:])])


def _attach(message: EmailMessage, file: OutgoingFile) -> None:
    kind = file.type if _TYPE.fullmatch(file.type) else "application/octet-stream"
    maintype, subtype = kind.split("/")
    if maintype in {"multipart", "message"}:
        # A nested mail may be in any bytes; as plain bytes it arrives as it was.
        maintype, subtype = "application", "octet-stream"
    name = file_name(file.name) or "file"
    if file.content_id is None:
        message.add_attachment(file.content, maintype, subtype, filename=name)
        return
    shown = message.get_body(("html",))
    assert shown is not None
    shown.add_related(
        file.content, maintype, subtype, filename=name, disposition="inline", cid=f"<{_id(file.content_id)}>"
    )
