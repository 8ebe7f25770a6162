"""Signs in the headers that a machine wrote a mail (RFC 3834, 3.4)."""

from __future__ import annotations

import re

from desk.channels.email.headers import Headers
from desk.model.inbound import Automatic

_TELLING = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-auto-reply-from",
    "x-autoresponse",
    "x-mail-autoreply",
    "x-vacation",
    "x-fc-machinegenerated",
)
_BULK = frozenset({"bulk", "list", "junk"})
_OF_LISTS = ("list-id", "list-unsubscribe", "feedback-id")
# What the vacation program writes into its answers, and no list does.
_VACATION = frozenset({"bulk", "junk"})
_AUTO_SUBJECT = re.compile(
    r"""(?ix) ^[\[(【]? (?: auto(?:matic|mated)?[ -]?(?:reply|response|answer)
    | out\ of\ (?:the\ )?office | ooo\b
    | abwesen(?:heit|d\b) | automatische\ (?:antwort|abwesenheit) | réponse\ automatique
    | absen(?:ce|t)\ (?:du|de)\ bureau
    | respuesta\ automática | fuera\ de\ (?:la\ )?oficina | risposta\ automatica | fuori\ (?:sede|ufficio)
    | resposta\ automática | fora\ do\ escritório | automatisch\ antwoord | afwezig | autosvar
    | automatisk[t]?\ svar | frånvaro | fravær | ikke\ til\ stede | automaattinen\ vastaus
    | automatyczna\ odpowiedź | odpowiedź\ automatyczna | poza\ biurem | automatická\ odpove[ďd]
    | automatická\ odpověď | automatikus\ válasz | otomatik\ yanıt | răspuns\ automat | αυτόματη\ απάντηση
    | автоматический\ ответ | автоответ | автоматична\ відповідь | автоматичен\ отговор
    | automatski\ odgovor | samodejni\ odgovor | automatinis\ atsakymas | automātiskā\ atbilde
    | automaatvastus | resposta\ automàtica | sjálfvirkt\ svar | otomatik\ cevap | trả\ lời\ tự\ động
    | balasan\ otomatis | jawapan\ automatik | (?:การ)?ตอบกลับอัตโนมัติ | پاسخ\ خودکار
    | 自動(?:応答|返信|回覆) | 自动(?:答复|回复)
    | 자동\ ?회신 | 부재중 | תשובה\ אוטומטית | رد\ تلقائي
    | vacation | i\ am\ away | away\ from )"""
)
_ECHOES = re.compile(r"\w{0,14}\s?[:：]")


def is_automatic_subject(subject: str) -> bool:
    """Whether a subject is one that answering machines write, in any of the languages we know."""
    return bool(_AUTO_SUBJECT.match(subject))


def _echoes_ours(subject: str) -> bool:
    """Whether a colon follows the words of a machine at once, and behind it the subject that it answers."""
    told = _AUTO_SUBJECT.match(subject)
    return bool(told and _ECHOES.match(subject, told.end()))


def automatic_signs(headers: Headers) -> tuple[Automatic | None, str | None]:
    """Whether a machine wrote the mail, and the header that says so; an answer outweighs bulk."""
    submitted = headers.raw("auto-submitted").partition(";")[0].strip().lower()
    # A forwarding rule also says so of mail that a person wrote.
    if submitted and submitted not in {"no", "auto-forwarded"}:
        return Automatic.AUTO_REPLY, f"Auto-Submitted: {submitted[:40]}"
    for name in _TELLING:
        if name in headers and headers.raw(name).lower() != "no":
            return Automatic.AUTO_REPLY, f"an {name.title()} header"
    if "autoresponder" in headers.raw("x-post-messageclass").lower():
        return Automatic.AUTO_REPLY, "an X-Post-Messageclass header"
    precedence = (headers.raw("precedence") or headers.raw("x-precedence")).lower()
    if precedence in {"auto_reply", "auto-reply"}:
        return Automatic.AUTO_REPLY, f"Precedence: {precedence}"
    null_sender = "return-path" in headers and not headers.raw("return-path").strip("<> ")
    subject = headers.words("subject")
    if is_automatic_subject(subject):
        vacation = precedence in _VACATION and not any(name in headers for name in _OF_LISTS)
        if null_sender or vacation or "x-auto-response-suppress" in headers:
            return Automatic.AUTO_REPLY, "the subject of an automatic answer, sent by a machine"
        # Without a machine's mark: an answer whose subject is put before the one that it answers.
        if headers.raw("in-reply-to") and _echoes_ours(subject):
            return Automatic.AUTO_REPLY, "an answer with the subject of an automatic one"
    # Who sends to many wants to hear what does not arrive; an answer wants no answer.
    if null_sender:
        return Automatic.AUTO_REPLY, "an empty envelope sender"
    if precedence in _BULK:
        return Automatic.BULK, f"Precedence: {precedence}"
    for name in _OF_LISTS:
        if name in headers:
            return Automatic.BULK, f"a {name.title()} header"
    return None, None
