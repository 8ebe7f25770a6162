"""Reports that machines write about mail: bounces, delivery reports, feedback reports.

Structure first (RFC 3464, 6522, 5965), then who sent it, then the subject beside an empty
envelope sender. A sender alone is matched by his whole local part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.channels.email.automatic import is_automatic_subject
from desk.channels.email.charsets import decode_text
from desk.channels.email.headers import Headers, split_head, with_plain_line_ends
from desk.channels.email.mime import Part, Tree
from desk.channels.email.parsed import Outcome
from desk.model.inbound import Bounce

SEARCHED = 64 * 1024
# A person who asks about a report pastes a line or two of a mail's header, a machine all of it.
WHOLE_HEADERS = 3
RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
)
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})

_DAEMON = re.compile(
    r"(?i)^(?:mailer[-_.]?daemon|mdaemon|mail[-_.]?daemon|postmaster|post_office|mailadmin|mail-system"
    r"|mailsystem|microsoftexchange[0-9a-f]{32}|bounce[-_]?(?:handler|daemon|agent)|mailer|mmdf|lhost|mail[-_]?delivery[\w.-]*)(?:[+=].*)?$"
)
_CERTAIN_DAEMON = re.compile(r"(?i)^\W{0,3}mailer[-_.]?daemon(?:@|$)")
_DAEMON_NAME = re.compile(
    r"(?i)\b(?:mail(?:er)?[- ]daemon|mail delivery (?:sub)?system|mail delivery service|postmaster"
    r"|mail administrator|internet mail delivery|mail system|system administrator"
    r"|message delivery|delivery subsystem)\b"
)
_PASSED_ON = re.compile(
    r"(?i)^\W{0,3}(?:re|fwd?|aw|wg|sv|vs|vb|tr|rv|enc|i|r|odp|pd|doorst|antw|转发|回复|答复|轉寄)\s?[:：]"
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
    | niet\ bestelbaar | onbestelbaar | non\ recapitabile | não\ (?:é\ possível\ entregar|entregue)
    | nie\ można\ dostarczyć | niedostarczon | kan\ inte\ leverera | kunne\ ikke\ leveres | nedoručiteln
    | kézbesíthetetlen | teslim\ edilemedi | не\ удается\ доставить | 无法(?:送达|投递) | 無法傳遞
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
    | nicht\ zugestellt | pu\ être\ (?:remis|distribué) | no\ se\ pudo\ entregar
    | stato\ possibile\ (?:recapit|consegn)
    | recapito\ non\ riuscito | possível\ entregar | falha\ na\ entrega | niet\ worden\ (?:bezorgd|afgeleverd)
    | bezorging\ mislukt | nie\ (?:została\ dostarczona|powiodło) | inte\ levereras | leveransen\ misslyckades
    | не\ (?:удалось|может\ быть)\ доставл?[ие] | сбой\ доставки | 无法(?:送达|投递) | 未能送达 | 失败
    | mail\ delivery\ (?:failed|failure) | not\ been\ delivered | delayed | 宛先 | 配信 | エラー"""
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
    """By what the mail is a bounce. A bounce missed opens a case; a customer's mail taken for one is lost:
    what people may write by hand needs a machine's trace beside its words.
    """
    if tree.type == "multipart/report" and "disposition" not in tree.parameters.get("report-type", ""):
        return "a delivery status part (RFC 3464)" if groups else "a multipart/report (RFC 6522)"
    if "x-failed-recipients" in headers:
        return "an X-Failed-Recipients header"
    if _CERTAIN_DAEMON.match(sender):
        return "the mailer daemon wrote it"
    subject = headers.words("subject")
    # Servers write the empty sender as <>, or as their own daemon.
    envelope = headers.raw("return-path").strip("<> ")
    null_sender = "return-path" in headers and (not envelope or bool(_CERTAIN_DAEMON.match(envelope)))
    # Who forwards or answers a report, with all that is in it, wants to be heard; his machine quotes it.
    if (not null_sender and _PASSED_ON.match(subject)) or is_automatic_subject(subject):
        return None
    if any("action" in group or "status" in group for group in groups):
        return "a delivery status part (RFC 3464)"
    announced, by_daemon = bool(_SUBJECT.search(subject)), _is_daemon(headers, sender)
    # Most mail ends here, before its whole text is searched for what only a bounce can make use of.
    if not (announced or by_daemon or null_sender):
        return None
    says_so = bool(_SAYS_SO.search(text[:SEARCHED]))
    pasted = len(_RETURNED_HEADERS.findall(text[:SEARCHED]))
    enclosed = any(part.type in RETURNED_TYPES for part in tree.parts)
    returned = enclosed or pasted > 0
    traced = returned or null_sender or _is_automatic(headers) or _names_a_failure(headers, text, announced)
    if by_daemon and (announced or says_so) and traced:
        return "a mail system wrote it"
    if null_sender and says_so and (announced or returned):
        return "an empty envelope sender and the words of a bounce"
    if announced and says_so and (enclosed or pasted >= WHOLE_HEADERS) and not headers.raw("in-reply-to"):
        return "the subject of a bounce, and the mail it returns"
    return None


def _is_daemon(headers: Headers, sender: str) -> bool:
    local = sender.partition("@")[0].strip('"<> ')
    name = headers.words("from").partition("<")[0]
    return bool(_DAEMON.match(local) or _DAEMON_NAME.search(name))


def _is_automatic(headers: Headers) -> bool:
    return headers.raw("auto-submitted").partition(";")[0].strip().lower() not in {"", "no"}


def _names_a_failure(headers: Headers, text: str, announced: bool) -> bool:
    """Whether the words give a server's code, or follow a subject that does, with somebody else's address."""
    said = text[:SEARCHED]
    if not (announced or _STATUS.search(said) or _REPLY_CODE.search(said)):
        return False
    own = " ".join(headers.raw(name) for name in ("from", "to", "cc")).lower()
    return any(address.lower() not in own for address in _ADDRESS.findall(said))


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
