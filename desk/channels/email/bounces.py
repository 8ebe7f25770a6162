"""Reports that machines write about mail: bounces, delivery reports, feedback reports.

Structure first (RFC 3464, 6522, 5965), then who sent it, then the subject beside an empty
envelope sender. A sender alone is matched by his whole local part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.channels.email.charsets import decode_text
from desk.channels.email.headers import Headers, split_head, with_plain_line_ends
from desk.channels.email.mime import Part, Tree
from desk.channels.email.parsed import Outcome
from desk.model.inbound import Bounce

SEARCHED = 64 * 1024
RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
)
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})

_DAEMON = re.compile(
    r"(?i)^(?:mailer[-_.]?daemon|mdaemon|mail[-_.]?daemon|postmaster|post_office|mailadmin|mail-system"
    r"|mailsystem|bounce[-_]?(?:handler|daemon|agent)|mailer|mmdf|lhost|mail[-_]?delivery[\w.-]*)(?:[+=].*)?$"
)
_CERTAIN_DAEMON = re.compile(r"(?i)^\W{0,3}mailer[-_.]?daemon(?:@|$)")
_DAEMON_NAME = re.compile(
    r"(?i)\b(?:mail(?:er)?[- ]daemon|mail delivery (?:sub)?system|mail delivery service|postmaster"
    r"|mail administrator|internet mail delivery|mail system|system administrator"
    r"|message delivery|delivery subsystem)\b"
)
_SUBJECT = re.compile(
    r"""(?ix) undeliver | non[- ]?deliver | not\ (?:be\ )?deliver | mail\ delivery | failure\ notice
    | delivery[ -](?:status|failure|failed|notification|report|problem|error|delay)
    | returned\ (?:mail|to\ sender|message) | mail\ (?:error|failure|failed|system\ error|status\ report)
    | could\ not\ (?:be\ )?(?:deliver|sen[dt]) | message\ (?:delayed|status|undeliverable)
    | (?:failed|unable)\ to\ deliver | warning:\ (?:could\ not|message) | rejected
    | address\ (?:unknown|error)
    | unknown\ user | user\ unknown | send(?:ing)?\ fail | mail\ could\ not
    | permanent\ (?:error|fail)
    | can(?:no|')t\ (?:be\ )?(?:deliver|send) | delivery\ has\ failed | message\ you\ sent
    | unzustellbar | non\ remis | échec\ de\ la\ remise | no\ se\ (?:puede|pudo)\ entregar | mancata\ consegna
    | niet\ bestelbaar
    | 不達 | 配信不能 | 送信できません | エラー | не\ ?доставлен | 退信 | 投递失败 | 無法投遞"""
)
_SAYS_SO = re.compile(
    r"""(?ix) could\ ?n.?t\ be\ delivered | could\ not\ be\ delivered | (?:could\ not|unable\ to)\ deliver
    | undeliverable | delivery\ (?:to\ the\ following|has\ failed|fail(?:ed|ure)|status\ notif)
    | was\ not\ delivered | not\ able\ to\ deliver | had\ permanent\ fatal\ errors
    | permanent\ (?:error|failure) | user\ unknown | unknown\ user | no\ such\ user
    | mailbox\ (?:is\ )?full | mailbox\ unavailable | returned\ to\ sender
    | following\ (?:address|recipient)
    | failed\ recipient | bounced | over\ quota | quota\ exceed | does ?n.t\ exist | does\ not\ exist
    | \b5\.\d\.\d{1,2}\b | \b55\d[ -] | host\ unknown | message\ is\ being\ returned
    | mail\ delivery\ (?:failed|failure) | not\ been\ delivered | delayed | 宛先 | 配信 | エラー"""
)
_OPENING = re.compile(
    r"""(?imsx) ^[\W_]{0,10} (?:your|the|this|following|a)\ (?:\w+\ ){0,2} (?:e-?mail|message|mail)\b
    .{0,160}? (?:not\ be\ (?:delivered|sent)|undeliverable|not\ delivered)"""
)
_SES_KIND = re.compile(r'"notificationType"\s?:\s?"(Bounce|Complaint|Delivery)"')
_SES_RECIPIENT = re.compile(r'"emailAddress"\s?:\s?"([^"\s]{3,320})"')
_SES_STATUS = re.compile(r'"status"\s?:\s?"([245]\.\d{1,3}\.\d{1,3})"')
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -][^\d.])")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_DELAYED = re.compile(
    r"(?i)\b(?:delayed|will (?:be )?retr|still (?:be )?tr|warning|temporar|deferred|not yet been)"
)
_RETURNED_ID = re.compile(r"(?im)^[ \t>]*Message-ID:\s*<?([^\s<>]{1,400})>?")
_RETURNED_TO = re.compile(
    r"(?im)^[ \t>]*(?:X-Failed-Recipients|Final-Recipient|Original-Recipient)\s*:\s*(.{1,400})"
)
_RETURNED_HEADERS = re.compile(r"(?im)^[ \t>]*(?:Received|Return-Path|Message-ID):.{3,}$")


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reports, and by what it was recognised."""

    outcome: Outcome
    bounce: Bounce | None
    reason: str


def report_in(headers: Headers, tree: Tree, sender: str, text: str) -> Report | None:
    """The report a mail is, or None for everything that people (or their answering machines) write."""
    if feedback := _feedback(tree):
        return feedback
    if any(part.type == "message/disposition-notification" for part in tree.parts):
        return Report(Outcome.DELIVERY_REPORT, None, "a disposition notification (RFC 8098)")
    if told := _notice_of_ses(headers, sender, text):
        return told
    groups = _status_groups(tree.parts)
    reason = _reason_for_bounce(headers, tree, sender, text, groups)
    if reason is None:
        return None
    bounce = _bounce(headers, tree, text, groups)
    if bounce.status and bounce.status.startswith("2."):
        return Report(Outcome.DELIVERY_REPORT, None, f"{reason}; the mail was delivered")
    return Report(Outcome.BOUNCE, bounce, reason)


def _feedback(tree: Tree) -> Report | None:
    returned = _returned_headers(tree)
    if returned and "x-hmxmroriginalrecipient" in returned:
        complainer = returned.raw("x-hmxmroriginalrecipient").lower() or None
        bounce = Bounce(complainer, None, False, _returned_id(tree, ""), "abuse")
        return Report(Outcome.FEEDBACK_REPORT, bounce, "a complaint in the form of Outlook.com")
    reports = [part for part in tree.parts if part.type == "message/feedback-report"]
    declared = (
        tree.type == "multipart/report" and "feedback" in tree.parameters.get("report-type", "").lower()
    )
    if not reports and not declared:
        return None
    fields = split_head(reports[0].content)[0] if reports else Headers()
    recipient = _ADDRESS.search(fields.raw("original-rcpt-to") or fields.raw("removal-recipient"))
    bounce = Bounce(
        recipient=recipient.group().lower() if recipient else None,
        status=None,
        permanent=False,
        message_id=_returned_id(tree, ""),
        diagnostic=fields.words("feedback-type"),
    )
    return Report(Outcome.FEEDBACK_REPORT, bounce, "a feedback report (RFC 5965)")


def _notice_of_ses(headers: Headers, sender: str, text: str) -> Report | None:
    """What Amazon SES tells by SNS: JSON, whole or as a string inside JSON, and often broken by folding."""
    if "x-amz-sns-message-id" not in headers and not sender.endswith("@sns.amazonaws.com"):
        return None
    said = text[:SEARCHED].replace("\\", "").replace("\n", "")
    kind = _SES_KIND.search(said)
    if not kind:
        return None
    if kind.group(1) == "Delivery":
        return Report(Outcome.DELIVERY_REPORT, None, "a delivery notice of Amazon SES")
    recipient, code = _SES_RECIPIENT.search(said), _SES_STATUS.search(said)
    bounce = Bounce(
        recipient=recipient.group(1).lower() if recipient else None,
        status=code.group(1) if code else None,
        permanent='"bounceType":"Permanent"' in said,
        message_id=None,
    )
    if kind.group(1) == "Complaint":
        return Report(Outcome.FEEDBACK_REPORT, bounce, "a complaint told by Amazon SES")
    return Report(Outcome.BOUNCE, bounce, "a bounce told by Amazon SES")


def _reason_for_bounce(
    headers: Headers, tree: Tree, sender: str, text: str, groups: Sequence[Headers]
) -> str | None:
    if any("action" in group or "status" in group for group in groups):
        return "a delivery status part (RFC 3464)"
    if tree.type == "multipart/report" and "disposition" not in tree.parameters.get("report-type", ""):
        return "a multipart/report (RFC 6522)"
    if "x-failed-recipients" in headers:
        return "an X-Failed-Recipients header"
    # A person's answer to a report quotes it, but names what it answers and comes from a person.
    subject = headers.words("subject")
    if _CERTAIN_DAEMON.match(sender):
        return "the mailer daemon wrote it"
    daemon = _is_daemon(headers, sender)
    returned = any(part.type in RETURNED_TYPES for part in tree.parts) or bool(_RETURNED_HEADERS.search(text))
    says_so = bool(_SUBJECT.search(subject)) or bool(_SAYS_SO.search(text[:SEARCHED]))
    if daemon and (says_so or returned):
        return "a mail system wrote it"
    null_sender = "return-path" in headers and headers.raw("return-path").strip("<> ").lower() in {
        "",
        "mailer-daemon",
    }
    if null_sender and (_SUBJECT.search(subject) or (returned and says_so)):
        return "an empty envelope sender and the subject of a bounce"
    if (
        _SUBJECT.search(subject)
        and returned
        and _SAYS_SO.search(text[:SEARCHED])
        and not headers.raw("in-reply-to")
    ):
        return "the subject of a bounce, and the mail it returns"
    if _SUBJECT.search(subject) and _OPENING.search(text[:500]) and not headers.raw("in-reply-to"):
        return "the subject of a bounce, and its first words"
    return None


def _is_daemon(headers: Headers, sender: str) -> bool:
    local = sender.partition("@")[0].strip('"<> ')
    name = headers.words("from").partition("<")[0]
    return bool(_DAEMON.match(local) or _DAEMON_NAME.search(name))


def _status_groups(parts: Iterable[Part]) -> list[Headers]:
    """The per-message group and the per-recipient groups of a delivery status, in order."""
    groups: list[Headers] = []
    for part in parts:
        if part.type in STATUS_TYPES:
            rest = with_plain_line_ends(part.content)[:SEARCHED].strip()
            while rest and len(groups) < 100:
                group, rest = split_head(rest)
                if not group.fields:
                    break
                groups.append(group)
                rest = rest.strip()
    return groups


def _bounce(headers: Headers, tree: Tree, text: str, groups: Sequence[Headers]) -> Bounce:
    recipients = [group for group in groups if "final-recipient" in group or "original-recipient" in group]
    chosen = next((g for g in recipients if g.raw("action").lower().startswith("fail")), None)
    chosen = chosen or next(iter(recipients), Headers())
    diagnostic = chosen.words("diagnostic-code")
    status = _code(chosen.raw("status")) or _code(diagnostic) or _code_in_text(headers, text)
    action = chosen.raw("action").partition("(")[0].strip().lower()
    if not status and action in {"delivered", "relayed", "expanded"}:
        status = "2.0.0"
    delayed = action == "delayed" or (
        not action and not status and bool(_DELAYED.search(headers.words("subject")))
    )
    return Bounce(
        recipient=_failed_recipient(headers, chosen, tree, text),
        status=status,
        permanent=not delayed and (status is None or status.startswith("5")),
        message_id=_returned_id(tree, text),
        diagnostic=diagnostic[:1000],
    )


def _code(text: str) -> str | None:
    found = _STATUS.search(text)
    return found.group(1) if found else None


def _code_in_text(headers: Headers, text: str) -> str | None:
    # What is returned below may speak of other deliveries.
    said = text[:SEARCHED]
    found = _STATUS.search(said)
    if found and found.group(1)[0] in "45":
        return found.group(1)
    code = _REPLY_CODE.search(said)
    if code:
        return f"{code.group(1)[0]}.0.0"
    return "4.0.0" if _DELAYED.search(headers.words("subject")) else None


def _failed_recipient(headers: Headers, group: Headers, tree: Tree, text: str) -> str | None:
    own = {address.lower() for name in ("from", "to") for address in _ADDRESS.findall(headers.raw(name))}
    for written in (
        group.raw("final-recipient"),
        group.raw("original-recipient"),
        headers.raw("x-failed-recipients"),
    ):
        if found := _ADDRESS.search(written.partition(";")[2] or written):
            return found.group().lower()
    for line in _RETURNED_TO.findall(text[:SEARCHED]):
        if found := _ADDRESS.search(line):
            return found.group().lower()
    said = _RETURNED_HEADERS.split(text[:SEARCHED], maxsplit=1)[0]
    candidates: list[str] = [address.lower().strip(".") for address in _ADDRESS.findall(said)]
    for address in candidates:
        if address not in own and not _DAEMON.match(address.partition("@")[0]):
            return address
    returned = _returned_headers(tree)
    found = _ADDRESS.search(returned.raw("to")) if returned else None
    return str(found.group()).lower() if found else None


def _returned_headers(tree: Tree) -> Headers | None:
    for part in tree.parts:
        if part.type in RETURNED_TYPES:
            return split_head(with_plain_line_ends(part.content))[0]
    return None


def _returned_id(tree: Tree, text: str) -> str | None:
    """The Message-ID of the mail that came back, from its headers or from where they are pasted."""
    returned = _returned_headers(tree)
    if returned and (message_id := returned.raw("message-id").strip("<> ")):
        return str(message_id)
    for group in _status_groups(tree.parts):
        if original := group.raw("x-original-message-id").strip("<> "):
            return original
    for part in tree.parts:
        said = text if part.type.startswith("text/") else decode_text(part.content[:SEARCHED], part.charset)
        if found := _RETURNED_ID.search(said[:SEARCHED]):
            return str(found.group(1))
    return None
