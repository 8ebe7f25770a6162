"""Signs in the headers that a machine wrote a mail (RFC 3834, 3.4)."""

from __future__ import annotations

import re

from desk.channels.email.headers import Headers
from desk.model.inbound import Automatic

_BULK = frozenset({"bulk", "list", "junk"})
_AUTO_SUBJECT = re.compile(
    r"(?i)^(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer)|out of (?:the )?office|ooo\b|abwesenheit"
    r"|automatische (?:antwort|abwesenheit)|réponse automatique|respuesta automática|risposta automatica"
    r"|resposta automática|automatisch antwoord|autosvar|automaattinen vastaus|vacation|i am away|away from)"
)


def automatic_signs(headers: Headers) -> tuple[Automatic | None, str | None]:
    """Whether a machine wrote the mail, and the header that says so; an answer outweighs bulk."""
    submitted = headers.raw("auto-submitted").partition(";")[0].strip().lower()
    # A forwarding rule also says so of mail that a person wrote.
    if submitted and submitted not in {"no", "auto-forwarded"}:
        return Automatic.AUTO_REPLY, f"Auto-Submitted: {submitted[:40]}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply"):
        if name in headers and headers.raw(name).lower() != "no":
            return Automatic.AUTO_REPLY, f"an {name.title()} header"
    precedence = headers.raw("precedence").lower()
    if precedence in {"auto_reply", "auto-reply"}:
        return Automatic.AUTO_REPLY, f"Precedence: {precedence}"
    null_sender = "return-path" in headers and not headers.raw("return-path").strip("<> ")
    if _AUTO_SUBJECT.match(headers.words("subject")) and (
        null_sender or "x-auto-response-suppress" in headers
    ):
        return Automatic.AUTO_REPLY, "the subject of an automatic answer, sent by a machine"
    if precedence in _BULK:
        return Automatic.BULK, f"Precedence: {precedence}"
    for name in ("list-id", "list-unsubscribe", "feedback-id"):
        if name in headers:
            return Automatic.BULK, f"a {name.title()} header"
    if null_sender:
        return Automatic.AUTO_REPLY, "an empty envelope sender"
    return None, None
