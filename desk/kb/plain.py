"""An article as plain text, for an answer by mail or chat.

Markdown is made to be read as it stands (Gruber 2004), so lists and tables stay as they were typed;
only what would puzzle a customer goes: the marks of headings and emphasis, and pictures.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(?m)^\s{0,3}(```|~~~).*$\n?")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_LINK = re.compile(r"\[([^\]]+)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"(?m)^ {0,3}#{1,6}\s+(.*?)\s*#*$")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"`([^`\n]+)`")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_EMPTY_LINES = re.compile(r"\n{3,}")


def plain_text_of(markdown: str, public_url: str) -> str:
    """The words with their lists; a link is followed by its address, one of ours written out whole."""

    def written_out(found: re.Match[str]) -> str:
        words, address = found.groups()
        address = address.removeprefix("mailto:").removeprefix("tel:")
        whole = public_url.rstrip("/") + address if address.startswith("/") else address
        return words if words == whole or address.startswith("#") else f"{words} ({whole})"

    made = _FENCE.sub("", markdown.replace("\r\n", "\n"))
    made = _LINK.sub(written_out, _PICTURE.sub("", made))
    made = _STRONG.sub(r"\2", _HEADING.sub(r"\1", made))
    made = _CODE.sub(r"\1", _EMPHASIS.sub(r"\2", made))
    return _EMPTY_LINES.sub("\n\n", _ESCAPE.sub(r"\1", made)).strip()
