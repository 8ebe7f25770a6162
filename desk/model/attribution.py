"""Lines that announce somebody else's words: attributions, pasted header blocks, dividers.

In any language as far as that goes: an attribution is told by a date, an address and how it
ends, and only then by its verb; a header block by several labels below each other.
"""

from __future__ import annotations

import re

MAX_LENGTH = 400
MAX_FORWARD = 60

_VERBS = re.compile(
    r"(?i)\b(?:wrote|writes|schrieb|geschrieben|escribi[oó]|a écrit|ha scritto|scrisse|schreef|geschreven"
    r"|skrev|skrifaði|napisa[łl]|napisan[ae]|napísal|napsal|написа[влти]|писал|пише|пишет|escreveu|kirjoitti|írta|yazdı"
    r"|yazmış|έγραψε|a scris|rašė|kirjutas|rakstīja|je napisa[lo]|viết|menulis|va escriure)"
    r"|写道|寫道|書きました|のメッセージ|のメール|작성|כתב|كتب|เขียน"
)
# What a letter may carry above or below it in scripts whose vowels are marks of their own.
_MARK = r"\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e00-\u0e7f"
_DASH = r"\-_=—–\u2010-\u2012\u2015"
_DIRECTIONS = str.maketrans("", "", "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_DATE = re.compile(
    r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\b|\b(?:19|20)\d\d\b|\d年|\d월"
)
_DAY = re.compile(r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\b(?:19|20)\d\d\b|\d年|\d월")
_TIME = re.compile(r"(?<![\d./-])\d{1,2}[:.]\d{2}(?![\d/-]|\.\d)")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_END = re.compile(r"[:：]\s*[*_]?$")
_BRACKETED_END = re.compile(r"<\s?[^\s<>@]+@[^\s<>@]+\s?>\s?[:：]$")
# Yahoo writes on behind the colon, three spaces away; who quotes a sentence of a mail leaves one.
_RUNS_ON = re.compile(r"<[^\s<>@]{1,80}@[^\s<>@]{1,120}>[^:：<>\d]{0,40}[:：](?:\s{2,}|\xa0)\s*\S")
_OLD_GMAIL = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d{2} GMT[+-]\d\d:\d\d \S|.{1,160}<\S+@\S+>:?$)"
)

_LETTER = rf"(?:[^\W\d_]|[{_MARK}])"
_LABEL = re.compile(
    rf"^[\s*]{{0,12}}([^\W\d_]{_LETTER}*(?:[ '\u2019-]{_LETTER}+){{0,2}})"
    r"\s?\*{0,2}\s?[:：]\*{0,2}\s?(.*)$"
)
# One line a family of languages: English and Romance, German and Dutch, Nordic, western and eastern
# Slavic, Hungarian to Slovene, Baltic and Estonian, Greek and Turkish, Chinese, Japanese and Korean, Hebrew
# and Arabic, Thai, Vietnamese and Indonesian.
_LABELS = frozenset(
    """
    from sent to cc bcc subject date reply-to importance organization
    de envoyé envoyéle répondreà à objet enviado enviada enviadael enviadaem para
    asunto fecha enviatel pera tema da inviato a oggetto data risposta assunto
    von gesendet an betreff datum kopie antwort van verzonden aan onderwerp
    fra sendt til emne dato kopi från skickat till ämne lähettäjä lähetetty vastaanottaja aihe päiväys
    od wysłano do temat dw odesláno komu předmět kopie odoslané predmet
    от отправлено кому тема дата копия від надіслано дата до относно изпратено
    feladó küldve címzett tárgy dátum trimis către subiect poslano poslato za prima kome predmet zadeva
    nuo išsiųsta kam no nosūtīts tēma saatja saatmisaeg saadetud adressaat teema
    από στάλθηκε προς θέμα kimden gönderildi gönderme kime konu tarih
    发件人 发送时间 收件人 主题 抄送 日期 寄件者 收件者 主旨 差出人 送信日時 宛先 件名 보낸사람 받는사람 제목
    מאת נשלח אל נושא من إلى الموضوع التاريخ تمالإرسال
    จาก ส่ง วันที่ ถึง เรื่อง từ đãgửi ngày tới chủđề dari dikirim tanggal kepada ke subjek
    """.split()  # noqa: SIM905 - words read better than quotes
)
# A table of dates or a way from here to there has labels too, but no subject and no address.
_SUBJECTS = frozenset(
    """
    subject objet asunto assunto oggetto betreff onderwerp emne ämne aihe temat předmět predmet тема относно
    tárgy subiect zadeva θέμα konu 主题 主題 主旨 件名 제목 נושא الموضوع
    tema tēma teema เรื่อง chủđề subjek
    """.split()  # noqa: SIM905 - words read better than quotes
)
_DIVIDER = re.compile(rf"^[\s>*]*[{_DASH}]{{2,}}\s*([^\s{_DASH}][^\n]{{2,60}}?)\s*[{_DASH}]{{2,}}[\s*]*$")
# An attribution between dashes, as Zoho writes it, or between quotation marks, as GroupWise does.
_FRAMED = re.compile(rf"^\s*(?:[{_DASH}]{{2,}}|>{{3}})\s(.{{10,200}}?)\s(?:[{_DASH}]{{2,}}|>{{3}})\s*$")
_ORIGINAL = re.compile(
    r"(?i)\borigin|forwarded|weitergeleitet|ursprüng|d['’]origine|transf[eé]r|réexpédi|reenvia[dt]|encaminhad"
    r"|inoltrat|oorspronkelijk|doorgestuurd|oprindelig|videresendt|opprinnelig|ursprunglig|vidarebefordrat"
    r"|alkuperäinen|välitetty|algne|edastatud|persiųst|pārsūtīt|orygin|przekazan|původní|přeposlan|pôvodn"
    r"|preposlan|izvorn|proslijeđen|posredovan|eredeti|továbbított|redirecționat|исходн|перес[иы]л|переслан"
    r"|переадрес|оригинал|вихідн|препрат|προωθημ|αρχικό|özgün|iletilen|原始|转发|轉寄|轉發|元の|転送|원본|전달"
    r"|הועבר|המקורי|المعاد توجيه|الأصلية|ส่งต่อ|chuyển tiếp|diteruskan"
)
_RULE = re.compile(rf"^[\s*]*(?:[{_DASH}*~#+]\s?){{2,}}[\s*]*$|^\s*[ᐧ\u200b]+\s*$")
# A date, an address, a label, a divider.
_MARKS = re.compile(rf"[\d@:：]|[{_DASH}]{{2}}")

SIGNATURE = re.compile(r"^--\s?$|^—\s*$")


def ends_an_attribution(text: str) -> bool:
    """Whether words right above a quotation say whose it is and when it was said."""
    text = _without_directions(text)
    told = _END.search(text) and _DATE.search(text) and (_VERBS.search(text) or _ADDRESS.search(text))
    return bool(told or _OLD_GMAIL.match(text))


def is_attribution(text: str) -> bool:
    """Whether these words alone announce a quotation, also when nothing below is marked as one."""
    if len(text) > MAX_LENGTH:
        return False
    text = _without_directions(text)
    return bool(_OLD_GMAIL.match(text)) or _is_certain(text)


def opens_a_tail(text: str) -> bool:
    """Whether these words announce a quotation so surely that unmarked words below them are one.

    A mailer names an address, or a day with its time; a person who tells what somebody wrote seldom does.
    """
    if not is_attribution(text):
        return False
    return bool(_ADDRESS.search(text) or _OLD_GMAIL.match(text) or (_DAY.search(text) and _TIME.search(text)))


def runs_on(line: str) -> bool:
    """Whether what an attribution announces begins on its own line."""
    found = _RUNS_ON.search(line[:MAX_LENGTH])
    return bool(found and _DATE.search(line[: found.start()]))


def announces_forward(line: str) -> bool:
    """`Begin forwarded message:`, whatever the language; of use only right above what is forwarded."""
    line = _without_directions(line)
    return len(line) <= MAX_FORWARD and bool(_END.search(line) and _ORIGINAL.search(line))


def may_be_attribution(text: str) -> bool:
    """Weaker: enough for the one line that stands directly above marked quotation."""
    text = _without_directions(text)
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
    of_mail = addressed = dated = False
    for line in lines[start : start + 12]:
        if not line.strip():
            if total:
                break
            continue
        found = _label_of(line)
        if not found:
            # A long list of recipients runs on below its label.
            if total and _ADDRESS.search(line[:MAX_LENGTH]):
                continue
            break
        total += 1
        label = _folded(found)
        known += label in _LABELS
        addressed = addressed or bool(_ADDRESS.search(found.group(2)))
        dated = dated or bool(_DATE.search(found.group(2)))
        of_mail = of_mail or addressed or label in _SUBJECTS
    # Who asks about a mail writes down a line or three of its head, a mailer more, or its date.
    return of_mail and (known >= 4 or (dated and (known >= 3 or (known >= 2 and addressed))))


def has_mail_label(line: str) -> bool:
    """Whether a line begins like one of a mail's header, in a language we know."""
    found = _label_of(line)
    return bool(found and _folded(found) in _LABELS)


def _label_of(line: str) -> re.Match[str] | None:
    # Asked of every line of every mail, and most have no label: the colon tells it faster.
    return _LABEL.match(line[:MAX_LENGTH]) if ":" in line or "：" in line else None


def _folded(label: re.Match[str]) -> str:
    return label.group(1).lower().replace(" ", "")


def is_divider(line: str) -> bool:
    """`-----Original Message-----`, whatever the language."""
    found = _DIVIDER.match(line[:MAX_LENGTH])
    return bool(found and _ORIGINAL.search(found.group(1))) or frames_attribution(line)


def frames_attribution(line: str) -> bool:
    """`---- On Monday, 2 March 2026 Ada <ada@…> wrote ----`, or the same between quotation marks."""
    found = _FRAMED.match(line[:MAX_LENGTH])
    return bool(found and _DATE.search(found.group(1)) and _ADDRESS.search(found.group(1)))


def may_be_divider(line: str) -> bool:
    """A few words between dashes: in front of a pasted header block they are a divider in any language."""
    return bool(_DIVIDER.match(line[:MAX_LENGTH]))


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or the like."""
    return bool(_RULE.match(line[:MAX_LENGTH]))


def _without_directions(text: str) -> str:
    """Less the marks of reading direction that mailers put around a name among letters of the other one."""
    return text if text.isascii() else text.translate(_DIRECTIONS)


def _is_certain(text: str) -> bool:
    if _BRACKETED_END.search(text) and _DATE.search(text):
        return True
    if not _END.search(text) or not _VERBS.search(text):
        return False
    return bool(_DATE.search(text) or _ADDRESS.search(text))
