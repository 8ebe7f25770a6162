"""What a text may ask of the line itself: no more texts, texts again, help.

Twilio obeys these words and answers them before we hear of them; we keep our own list and say nothing.
Only a whole message counts: https://help.twilio.com/articles/223134027.
"""

from __future__ import annotations

from enum import StrEnum


class Wish(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret"}
)
START_WORDS = frozenset({"start", "yes", "unstop"})
HELP_WORDS = frozenset({"help", "info"})

MAY_BE_AN_ANSWER = frozenset({"cancel", "end", "quit", "yes"})
"""Words that a customer may also say to a person: “Shall I cancel it?”"""

_LIKE_A_STOP = frozenset({"stop", "stopall", "unsubscribe", "optout", "arret", "arrêt"})
_LONGEST_WISH = 6


def wish_of(body: str, opt_out_type: str = "") -> Wish | None:
    """What the text asks of the line. `opt_out_type` is Twilio's own word for it, where it gives one."""
    if opt_out_type.lower() in list(Wish):
        return Wish(opt_out_type.lower())
    word = body.strip().casefold()
    if word in STOP_WORDS:
        return Wish.STOP
    if word in START_WORDS:
        return Wish.START
    return Wish.HELP if word in HELP_WORDS else None


def reads_like_a_stop(body: str) -> bool:
    """A short text that asks for an end in words which the line does not obey: a person must."""
    words = [word.strip(".,;:!?()\"'") for word in body.casefold().split()]
    return wish_of(body) is None and len(words) <= _LONGEST_WISH and not _LIKE_A_STOP.isdisjoint(words)
