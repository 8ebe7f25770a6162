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

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy())
_BLANK_LINES = re.compile(r"\n{3,}")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")


def text_of_html(source: str) -> str:
    """The words of HTML with its paragraphs, lists and tables, at most 1 MB of them."""
    if not source.strip():
        return ""
    if over_a_cap(source):
        return _tidy(strip_tags(source))
    try:
        text = _tidy(get_text(_DECLARATION.sub("", source), _CONFIG))
    except (LxmlError, ValueError, RecursionError, AttributeError, IndexError):
        # Third-party code on hostile input: the words matter more than their layout.
        text = ""
    # libxml2 drops what is nested deeper than 256 tags; empty beside words means that.
    return text if text.strip() else _tidy(strip_tags(source))


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in clean(text[:MAX_TEXT]).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
