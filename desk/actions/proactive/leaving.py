"""Wanting no more of what we write unasked: the words that say how, the link, and what it does."""

from __future__ import annotations

import base64
import hashlib
import hmac

from desk.model.errors import NotFound
from desk.model.events import CustomerChanged
from desk.store.customers.finding import keep_consent
from desk.store.proactive.campaigns import EMAIL, customer_carried
from desk.store.unit_of_work import Work

_FOOTER = {
    "en": "You get this because it concerns you as a customer of {name}. To get no more of these:",
    "de": "Sie erhalten dies, weil es Sie als Kunde von {name} betrifft. Wenn Sie das nicht mehr wünschen:",
    "ar": "تصلك هذه الرسالة لأنها تعنيك كأحد عملاء {name}. لإيقاف هذه الرسائل:",
}
_STOP = {
    "en": "No more texts: reply STOP",
    "de": "Keine SMS mehr: STOP antworten",
    "ar": "لإيقاف الرسائل أرسل STOP",
}


def footer_of(language: str, name: str) -> str:
    """The line before the link, in the language of the mail."""
    return spoken(_FOOTER, language).format(name=name)


def stop_line(language: str) -> str:
    """What a text ends with; the word is the one that the provider knows."""
    return spoken(_STOP, language)


def spoken(texts: dict[str, str], language: str) -> str:
    """The text in this language; in English where there is none."""
    return texts.get(language.partition("-")[0].lower(), texts["en"])


def leave_token(secret: str, outbox_id: int) -> str:
    """What a link ends with at which whoever got this mail says that they want no more."""
    return signed(secret, "no more", outbox_id)


def leave(work: Work, token: str, secret: str) -> None:
    """Whoever got this mail wants no more of the kind. Raises NotFound for a token that we did not make."""
    customer_id = customer_of_leave(work, token, secret)
    source = "said so in a message"
    keep_consent(work.session, customer_id, EMAIL, granted=False, source=source, at=work.now)
    work.record(CustomerChanged(customer_id=customer_id))


def customer_of_leave(work: Work, token: str, secret: str) -> int:
    """Who was written to. Raises NotFound for a token that we did not make."""
    number = number_signed(secret, "no more", token)
    customer_id = customer_carried(work.session, number) if number is not None else None
    if customer_id is None:
        raise NotFound("This link leads nowhere.")
    return customer_id


def signed(secret: str, word: str, number: int) -> str:
    """The number with a signature that only this desk makes, for a link of the kind that `word` names."""
    made = hmac.new(secret.encode(), f"{word}\0{number}".encode(), hashlib.sha256).digest()
    return f"{number}-{base64.urlsafe_b64encode(made[:18]).decode()}"


def number_signed(secret: str, word: str, token: str) -> int | None:
    """The number of a token that `signed` made; None of any other."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    made = signed(secret, word, int(number))
    return int(number) if hmac.compare_digest(made.encode(), token.encode()) else None
