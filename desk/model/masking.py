"""What names a person or a thing and not the matter, masked before it is analysed or shown to others:
numbers, addresses, links.

Masks are words in brackets, so that a reader sees what stood there and an encoder reads a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"']+")
# A street with the number of a house, as it is written here and there: 12 Birch Lane, Birch Lane 14,
# Lindenweg 3, 12 rue de la Paix, Calle Mayor 5, ul. Leśna 7. Without a number it may be anybody's.
_NAMED = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]{1,40}"
_HOUSE = r"\d{1,4}(?: ?[a-z](?!\w))?"
_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Terrace|Boulevard|Blvd|Crescent|Gardens|Square)"
)
_COMPOUND = (
    r"(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|ufer|vej|gade|allé|gatan|vägen|gata|veien|straat|laan)"
)
_RUE = r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Ii]mpasse|[Cc]hemin|[Qq]uai|[Pp]lace)"
_CALLE = (
    r"(?:[Cc]alle|C/|[Aa]venida|[Aa]vda\.|[Pp]aseo|Via|Viale|Piazza|Corso|[Rr]ua|[Uu]l\.|[Uu]lica|[Aa]leja)"
)
_OF = r"(?:(?:de|du|des|del|della|di|do|da|la|le|les|los|las|el|dos) |[dl]['’])*"
_ADDRESS = re.compile(
    rf"\b{_HOUSE} (?:{_NAMED} ){{1,3}}{_STREET}\b|\b(?:{_NAMED} ){{1,3}}{_STREET} {_HOUSE}\b"
    rf"|\b(?:{_NAMED} )?[A-ZÀ-ÖØ-Þ]\w{{1,40}}{_COMPOUND} {_HOUSE}\b|\b{_NAMED} Stra(?:ß|ss)e {_HOUSE}\b"
    rf"|\b{_HOUSE}(?: bis| ter)?,? {_RUE} {_OF}{_NAMED}(?: {_NAMED}){{0,2}}"
    rf"|(?<!\w){_CALLE} ?{_OF}{_NAMED}(?: {_NAMED}){{0,2}},? {_HOUSE}\b"
)
_MASKS = (
    (_ADDRESS, "[address]"),
    (re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), "[email]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), "[account]"),
    (re.compile(r"(?<![\w.,])(?:\d[ -]?){13,19}(?![\w])"), "[number]"),
    (re.compile(r"(?<!\w)\+\d[\d ()/.-]{6,18}\d|(?<!\w)\(?0\d{1,4}\)?[ /-]\d[\d ./-]{4,14}\d"), "[phone]"),
    # An order, a parcel, a contract: letters mixed with at least three digits, or five digits and more.
    (re.compile(r"(?<!\w)#?(?=[A-Z0-9-]*\d[A-Z0-9-]*\d[A-Z0-9-]*\d)[A-Z]{1,5}[A-Z0-9-]{4,30}\b"), "[number]"),
    (re.compile(r"(?<![\w.,])#?\d{5,}(?![\w])"), "[number]"),
)
_BRACKETS = re.compile(r"\[(link|email|account|number|phone|name|address)\]")
_SALUTED = re.compile(
    r"(?m)^(\s*(?:dear|hi|hello|hey|hallo|liebe[rs]?|bonjour|hola|ciao|cher|chère|estimad[oa])[ ,]+)"
    r"((?:(?:mrs?|ms|dr|herr|frau|mme|señora?)\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)(?=\s*[,!.\n-])",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"\b((?:[Mm]y name is|[Ii]ch heiße|[Jj]e m['’]appelle|[Mm]e llamo) )([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)"
)


def masked(text: str, *, ours: str = "") -> str:
    """The text with addresses of mail and of houses, links, telephone, account and order numbers, and the
    names in a salutation or an introduction masked. Prices, dates and other short numbers stay: they may be
    the question. So do links that begin with `ours`.

    By patterns alone: a help and no promise, as names elsewhere and streets written otherwise are not known
    to it.
    """
    text = _LINK.sub(
        lambda found: found.group() if ours and found.group().startswith(ours) else "[link]", text
    )
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    text = _INTRODUCED.sub(r"\1[name]", text)
    return _SALUTED.sub(_name_masked, text)


def without_names(text: str, names: Iterable[str]) -> str:
    """The text with each part of these names masked where it is written as there: “Will” is a name, “will” is
    not.
    """
    parts = {part for name in names for part in re.findall(r"[^\W\d_]{2,}", name)}
    if not parts:
        return text
    known = "|".join(sorted((re.escape(part) for part in parts), key=len, reverse=True))
    return re.sub(rf"\b(?:{known})(?:[\s-]+(?:{known}))*\b", "[name]", text)


def spoken(text: str) -> str:
    """The same for the encoder: masks as plain words."""
    return _BRACKETS.sub(r"\1", text)


def _name_masked(found: re.Match[str]) -> str:
    # The pattern ignores case for the greeting alone; a name has a capital.
    greeting, name = found.groups()
    return f"{greeting}[name]" if name[0].isupper() else found.group()
