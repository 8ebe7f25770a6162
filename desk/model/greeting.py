"""How people begin a letter: what is said before there is anything to say."""

from __future__ import annotations

import re

GREETING = (
    r"(?:dear|hi|hello|hey|good (?:morning|day|afternoon|evening)|greetings|hallo"
    r"|guten (?:tag|morgen|abend)"
    r"|sehr geehrte\w*|liebe[rs]?|moin|bonjour|salut|madame|monsieur|hola|buenos d[ií]as|estimad[oa]s?|ciao"
    r"|buongiorno|beste|geachte|hej|ol[aá])\b"
)
"""A pattern for the words that a greeting begins with, to be read without regard to capitals."""

_BEGINS = re.compile(rf"(?i)\W*{GREETING}")


def greets(text: str) -> bool:
    """Whether the text begins with a greeting."""
    return _BEGINS.match(text) is not None
