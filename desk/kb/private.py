"""What could tell who somebody is, replaced by the word for its kind: [email], [phone], [number] …"""

from __future__ import annotations

import re

_PRIVATE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("link", re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>()]+")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("account", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")),
    ("phone", re.compile(r"(?<!\w)(?:\+|00)\d[\d ()/.-]{6,}\d|(?<!\w)\(?0\d{1,5}\)?[ /-]\d[\d -]{4,}\d")),
    (
        "number",
        re.compile(r"(?<![\w.,])#?[A-Z]{0,5}[-_/]?\d[\d/_-]{3,}\w*|\b(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{7,}\b"),
    ),
)
"""What a mask covers, in the order in which it is looked for. A number of up to three digits stays."""


def masked(text: str, *, ours: str = "") -> str:
    """The text with addresses, accounts and numbers masked; links that begin with `ours` may stay.

    By patterns alone, so that it is a help and no promise: names and street addresses are not known
    to it.
    """

    def cover(kind: str, found: str) -> str:
        return found if kind == "link" and ours and found.startswith(ours) else f"[{kind}]"

    for kind, pattern in _PRIVATE:
        text = pattern.sub(lambda found, kind=kind: cover(kind, found.group()), text)  # type: ignore[misc]  # bound at once
    return text
