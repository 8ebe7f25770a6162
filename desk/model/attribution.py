"""Lines that announce somebody else's words: attributions, pasted header blocks, dividers.

In any language as far as that goes: an attribution is told by a date, an address and how it
ends, and only then by its verb; a header block by several labels below each other.
"""

from __future__ import annotations

import re

MAX_LENGTH = 400

_VERBS = re.compile(
    r"(?i)\b(?:wrote|writes|schrieb|geschrieben|escribi[oó]|a écrit|ha scritto|scrisse|schreef|geschreven"
    r"|skrev|skrifaði|napisa[łl]|napisan[ae]|napísal|napsal|написа[влти]|писал|пише|пишет|escreveu|kirjoitti|írta|yazdı"
    r"|yazmış|έγραψε|a scris|rašė|kirjutas|rakstīja|je napisa[lo]|viết|menulis|va escriure)"
    r"|写道|寫道|書きました|のメッセージ|のメール|작성|כתב|كتب|เขียน"
)
_DATE = re.compile(
    r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\b|\b(?:19|20)\d\d\b|\d年|\d월"
)
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_END = re.compile(r"[:：]\s*[*_]?$")
_BRACKETED_END = re.compile(r"<\s?[^\s<>@]+@[^\s<>@]+\s?>\s?[:：]$")
_OLD_GMAIL = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d{2} GMT[+-]\d\d:\d\d \S|.{1,160}<\S+@\S+>:?$)"
)

_LABEL = re.compile(r"^[\s*]{0,4}([^\W\d_][^\W\d_]*(?:[ '\u2019-][^\W\d_]+){0,2})\s?\*?\s?[:：]\*?\s?(.*)$")
# One line a family of languages: English and Romance, German and Dutch, Nordic, western and eastern
# Slavic, Hungarian to Slovene, Greek and Turkish, Chinese, Japanese and Korean, Hebrew and Arabic.
_LABELS = frozenset(
    """
    from sent to cc bcc subject date reply-to importance organization
    de envoyé à objet enviado para asunto fecha da inviato a oggetto data risposta assunto
    von gesendet an betreff datum kopie antwort van verzonden aan onderwerp
    fra sendt til emne dato kopi från skickat till ämne lähettäjä lähetetty vastaanottaja aihe päiväys
    od wysłano do temat dw odesláno komu předmět kopie odoslané predmet
    от отправлено кому тема дата копия від надіслано дата до относно изпратено
    feladó küldve címzett tárgy dátum trimis către subiect poslano za kome predmet zadeva
    από στάλθηκε προς θέμα kimden gönderildi gönderme kime konu tarih
    发件人 发送时间 收件人 主题 抄送 日期 寄件者 收件者 主旨 差出人 送信日時 宛先 件名 보낸사람 받는사람 제목
    מאת נשלח אל נושא من إلى الموضوع التاريخ
    """.split()  # noqa: SIM905 - words read better than quotes
)
# A table of dates or a way from here to there has labels too, but no subject and no address.
_SUBJECTS = frozenset(
    """
    subject objet asunto assunto oggetto betreff onderwerp emne ämne aihe temat předmět predmet тема относно
    tárgy subiect zadeva θέμα konu 主题 主題 主旨 件名 제목 נושא الموضوع
    """.split()  # noqa: SIM905 - words read better than quotes
)
_DIVIDER = re.compile(r"^[\s>*]*[-_=—–]{2,}\s*([^\s\-_=—–][^\n]{2,60}?)\s*[-_=—–]{2,}[\s*]*$")
_ORIGINAL = re.compile(
    r"(?i)original|forwarded|weitergeleitet|ursprüng|d['’]origine|transf[eé]r|reenviad|encaminhad|inoltrat"
    r"|oorspronkelijk|doorgestuurd|oprindelig|videresendt|opprinnelig|ursprunglig|vidarebefordrat"
    r"|alkuperäinen|välitetty|orygin|przekazan|původní|přeposlan|pôvodn|eredeti|továbbított|исходн|пересыла"
    r"|переслан|оригинал|вихідн|özgün|iletilen|原始|转发|轉寄|元の|転送|원본|전달"
)
_RULE = re.compile(r"^[\s*]*(?:[-_=*~#+—–]\s?){2,}[\s*]*$|^\s*[ᐧ\u200b]+\s*$")
# A date, an address, a label, a divider.
_MARKS = re.compile(r"[\d@:：]|[-_=—–]{2}")

SIGNATURE = re.compile(r"^--\s?$|^—\s*$")


def ends_an_attribution(text: str) -> bool:
    """Whether words right above a quotation say whose it is and when it was said."""
    told = _END.search(text) and _DATE.search(text) and (_VERBS.search(text) or _ADDRESS.search(text))
    return bool(told or _OLD_GMAIL.match(text))


def is_attribution(text: str) -> bool:
    """Whether these words alone announce a quotation, also when nothing below is marked as one."""
    if len(text) > MAX_LENGTH:
        return False
    return bool(_OLD_GMAIL.match(text)) or _is_certain(text)


def may_be_attribution(text: str) -> bool:
    """Weaker: enough for the one line that stands directly above marked quotation."""
    return bool(_END.search(text) and (_ADDRESS.search(text) or _VERBS.search(text)))


def may_announce(line: str) -> bool:
    """Whether a line has what every announcement begins with; most lines of most mails have none of it."""
    return bool(_MARKS.search(line))


def begins_attribution(line: str) -> bool:
    """Whether an attribution may begin here; cheap, to be asked of every line."""
    return bool(_DATE.search(line[:MAX_LENGTH]) or _ADDRESS.search(line[:MAX_LENGTH]))


def header_block_at(lines: list[str], start: int) -> bool:
    """Whether a pasted header block begins here: labels of a mail below each other, at least one telling."""
    known = total = 0
    telling = of_mail = False
    for line in lines[start : start + 12]:
        if not line.strip():
            if total:
                break
            continue
        # Asked of every line of every mail, and most have no label: the colon tells it faster.
        found = _LABEL.match(line[:MAX_LENGTH]) if ":" in line or "：" in line else None
        if not found:
            # A long list of recipients runs on below its label.
            if total and _ADDRESS.search(line[:MAX_LENGTH]):
                continue
            break
        total += 1
        label = found.group(1).lower().replace(" ", "")
        known += label in _LABELS
        of_mail = of_mail or label in _SUBJECTS or bool(_ADDRESS.search(found.group(2)))
        telling = telling or bool(_DATE.search(found.group(2)) or _ADDRESS.search(found.group(2)))
    return of_mail and (known >= 3 or (known >= 2 and telling))


def is_divider(line: str) -> bool:
    """`-----Original Message-----`, whatever the language."""
    found = _DIVIDER.match(line[:MAX_LENGTH])
    return bool(found and _ORIGINAL.search(found.group(1)))


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or the like."""
    return bool(_RULE.match(line[:MAX_LENGTH]))


def _is_certain(text: str) -> bool:
    if _BRACKETED_END.search(text) and _DATE.search(text):
        return True
    if not _END.search(text) or not _VERBS.search(text):
        return False
    return bool(_DATE.search(text) or _ADDRESS.search(text))
