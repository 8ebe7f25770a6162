"""HTML as plain text, by inscriptis; what it cannot take is stripped of its tags instead."""

from __future__ import annotations

import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

from desk.channels.email.charsets import clean
from desk.channels.email.sanitise import over_a_cap, strip_tags

MAX_TEXT = 1024 * 1024
# Laying out takes about 0.1 ms a tag, and a table is padded to the width of its widest cell in every line.
MAX_TAGS = 20_000
MAX_TABLE_LETTERS = 10_000_000

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy())
_BLANK_LINES = re.compile(r"\n{3,}")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"(?is)<(style|script)\b(?:(?!</\1).)*+|<!--(?:(?!-->).)*+")
_ROW = re.compile(r"(?i)<tr\b")
_CELL = re.compile(r"(?i)<t[dh]\b")
_BREAK = re.compile(r"(?i)<(?:br|p|div|tr|li|[uod]l|d[td]|table|blockquote|pre|h[1-6])\b")
_SPACES = re.compile(r"\s+")


def text_of_html(source: str) -> str:
    """The words of HTML with its paragraphs, lists and tables, at most 1 MB of them."""
    if not source.strip():
        return ""
    if over_a_cap(source) or _takes_too_much(source):
        return _tidy(strip_tags(source))
    try:
        text = _tidy(get_text(_DECLARATION.sub("", source), _CONFIG))
    except (LxmlError, ValueError, RecursionError, AttributeError, IndexError, MemoryError):
        # Third-party code on hostile input: the words matter more than their layout.
        text = ""
    # libxml2 drops what is nested deeper than 256 tags; empty beside words means that.
    return text if text.strip() else _tidy(strip_tags(source))


def _takes_too_much(source: str) -> bool:
    """Whether laying it out would take seconds, or more memory than its words are worth."""
    tags = source.count("<")
    if tags > MAX_TAGS:
        return True
    rows = _ROW.split(source)
    if len(rows) == 1:
        return False
    widest = max(len(_SPACES.sub(" ", words)) for words in _TAG.split(_UNSEEN.sub("", source)))
    columns = max(len(_CELL.findall(row)) for row in rows)
    lines = len(_BREAK.findall(source)) + (source.count("\n") if "<pre" in source.lower() else 0)
    return lines * widest * columns > MAX_TABLE_LETTERS


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in clean(text[:MAX_TEXT]).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
