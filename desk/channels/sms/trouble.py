"""What Twilio's refusals mean: whether to try again, and what to tell the agent.

Codes: https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

OPTED_OUT = "21610"

SENTENCES: dict[str, str] = {
    "11200": "Twilio could not fetch the file from this desk.",
    "12300": "Twilio does not carry files of this type.",
    "20003": "Twilio does not accept the account SID with this auth token.",
    "20404": "Twilio does not know this account.",
    "20429": "Twilio takes no more texts at the moment.",
    "21211": "This is not a number that can be texted.",
    "21408": "The account may not text this country; allow it in the console of Twilio.",
    "21606": "Our number cannot send texts.",
    "21610": "They have asked to get no more texts from us (STOP). They can text START to change it.",
    "21612": "Our number cannot reach this number.",
    "21614": "This number cannot get texts; it may be a landline.",
    "21617": "The text is longer than 1,600 characters.",
    "21620": "Twilio did not accept the address of the file.",
    "21623": "A text carries ten files at most.",
    "21659": "Our number does not belong to this account.",
    "30001": "Too many texts were waiting at Twilio.",
    "30002": "The account at Twilio was suspended.",
    "30003": "The phone is switched off or out of reach.",
    "30004": "The phone or its carrier blocks our texts.",
    "30005": "The number is not in use.",
    "30006": "This number cannot get texts; it may be a landline.",
    "30007": "The carrier took the text for spam.",
    "30008": "The carrier did not deliver it and does not say why.",
    "30019": "The carrier does not take so large a file.",
    "30032": "Our toll-free number is not verified yet; see the console of Twilio.",
    "30034": "Our number is not registered for texts to the USA (A2P 10DLC); see the console of Twilio.",
    "63016": "They have not written within 24 hours; WhatsApp then takes approved templates only.",
    "21655": "Twilio does not know this template. Fetch the templates anew.",
    "21656": "What was filled into the template does not fit it.",
    "63028": "What was filled into the template does not fit it.",
    "63040": "WhatsApp has refused this template.",
    "63041": "WhatsApp has paused this template.",
    "63042": "WhatsApp has disabled this template.",
    "63019": "The file could not be fetched from this desk.",
    "63021": "WhatsApp does not take this content.",
}


class Fate(Enum):
    """What to do with a text after trouble."""

    LATER = "not taken, and may be tried again"
    UNKNOWN = "perhaps taken: look before another try"
    NEVER = "refused for good"
    HALT = "nothing of this channel can leave until somebody mends it"


@dataclass(frozen=True, slots=True)
class Trouble:
    fate: Fate
    sentence: str
    code: str = ""


def sentence_of(code: str | None) -> str:
    """What a code means, with the code for whoever looks it up."""
    if not code:
        return "Twilio gives no reason."
    return f"{SENTENCES.get(code, 'Twilio refused it.')} (Twilio {code})"


def explain(error: BaseException) -> Trouble:
    """Trouble with a request of ours, whatever raised it."""
    # These libraries are loaded by whoever speaks to Twilio; by now they are.
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import ConnectTimeout, RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException

    if isinstance(error, TwilioRestException):
        return _refusal(int(error.status or 0), str(error.code or ""))
    if isinstance(error, TwilioException) and hasattr(error.args[-1], "status_code"):
        # What the library raises for a list that is refused; it does not read the code.
        return _refusal(int(error.args[-1].status_code), "")
    if isinstance(error, ConnectTimeout) or (isinstance(error, NoConnection) and _never_connected(error)):
        return Trouble(Fate.LATER, "Twilio cannot be reached.")
    if isinstance(error, RequestException):
        return Trouble(Fate.UNKNOWN, "Twilio did not answer in time.")
    return Trouble(Fate.UNKNOWN, f"Twilio's answer was not understood ({type(error).__name__}).")


def _refusal(status: int, code: str) -> Trouble:
    if status == 429:
        return Trouble(Fate.LATER, sentence_of(code or "20429"), code)
    if status >= 500:
        return Trouble(Fate.UNKNOWN, f"Twilio has trouble of its own ({status}).", code)
    if status in (401, 403) and code in ("", "20003", "20008"):
        return Trouble(Fate.HALT, sentence_of("20003"), code)
    if status == 404 or code in ("21606", "21659", "30002"):
        return Trouble(Fate.HALT, sentence_of(code or "20404"), code)
    return Trouble(Fate.NEVER, sentence_of(code), code)


def _never_connected(error: BaseException) -> bool:
    """Whether not a byte of the request can have left."""
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen, "reason", None)
        if isinstance(seen, NewConnectionError | NameResolutionError) or isinstance(
            reason, NewConnectionError | NameResolutionError
        ):
            return True
        seen = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
    return False
