"""Quoted HTML cut out at the marks that mailers, and we, leave around it, with a mark left where it stood."""

from __future__ import annotations

import re

import lxml.html
from lxml.etree import LxmlError

from desk.channels.email.readable import text_of_html
from desk.channels.email.sanitise import over_a_cap
from desk.model.attribution import has_mail_label, is_attribution

LABELLED_LINES = 5
LABELS = 3

# Our own mark around the history below an answer; see compose.py.
OUR_MARK = "desk-quoted-history"

_HOLDS_QUOTATION = re.compile(
    r"(?i)gmail_quote|gmail_extra|yahoo_quoted|protonmail_quote|tutanota_quote|moz-cite-prefix|zmail_extra"
    r"|moz-email-headers|mailru-blockquote|WordSection_quote|" + OUR_MARK
)
_EVERYTHING_BELOW = re.compile(
    r"(?i)(?:^|_)(?:divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION|reply-intro|mail-editor-reference"
    r"|isForwardContent|isReplyContent)|^OutlookMessageHeader$|^x_OutlookMessageHeader$|" + OUR_MARK
)
_OUTLOOK_RULE = re.compile(
    r"(?i)border:\s*none;\s*border-top:\s*solid\s*#(?:e1e1e1|b5c4df)|border-top-color:\s*rgb\(229,\s*229,\s*229\)"
    r"|border-top:\s*1px solid\s*#(?:b5c4df|e1e1e1)"
)
# Most HTML holds none of these words, and need not be parsed a second time. One after the other in
# lower case: as one pattern that knows no case, looking for them takes a fifth of all the parser's time.
_TELLING_WORDS = tuple(
    f"""
    blockquote gmail_quote gmail_extra yahoo_quoted protonmail_quote tutanota_quote moz-cite-prefix
    zmail_extra moz-email-headers wordsection_quote divrplyfwdmsg appendonsend stopspelling
    olk_src_body_section reply-intro mail-editor-reference isforwardcontent isreplycontent
    outlookmessageheader {OUR_MARK}
    """.split()
)
_TELLING_BORDER = re.compile(r"border:\s*none;|border-top")


LEFT_MARK = "> …"
"""What stands for a quotation that was cut out, so that lines which announce it are known by it."""


def without_quoted_html(source: str) -> str | None:
    """The HTML with `LEFT_MARK` for each quotation; None if there is none (or it cannot be parsed)."""
    if not _may_hold_quotation(source) or over_a_cap(source):
        return None
    try:
        root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", source))
    except (LxmlError, ValueError):
        return None
    marked = [one for one in root.iter() if isinstance(one.tag, str) and _is_quotation(one)]
    below = next((one for one in root.iter() if isinstance(one.tag, str) and _opens_history(one)), None)
    if not marked and below is None:
        return None
    if below is not None:
        _drop_from(below)
    for one in marked:
        if (parent := one.getparent()) is not None:
            parent.replace(one, _left_mark(one.tail))
    return str(lxml.html.tostring(root, encoding="unicode"))


def _may_hold_quotation(source: str) -> bool:
    lowered = source.lower()
    return any(word in lowered for word in _TELLING_WORDS) or bool(_TELLING_BORDER.search(lowered))


def _is_quotation(element: lxml.html.HtmlElement) -> bool:
    marks = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag == "blockquote":
        told = element.get("type") == "cite" or bool(_HOLDS_QUOTATION.search(marks))
        return told or _is_announced(element)
    # Who answers below or in between writes inside Gmail's container: only the blocks in it are quotation.
    holds_blocks = "gmail_quote" in marks and element.find(".//blockquote") is not None
    return bool(_HOLDS_QUOTATION.search(marks)) and "gmail_extra" not in marks and not holds_blocks


def _is_announced(element: lxml.html.HtmlElement) -> bool:
    """Whether an attribution stands right before it."""
    before, parent = element.getprevious(), element.getparent()
    if before is None:
        return parent is not None and is_attribution((parent.text or "").strip())
    words = (before.tail or "").strip() or "".join(before.itertext()).strip()
    return is_attribution(" ".join(words.split()))


def _left_mark(tail: str | None) -> lxml.html.HtmlElement:
    mark = lxml.html.Element("p")
    mark.text, mark.tail = LEFT_MARK, tail
    return mark


def _opens_history(element: lxml.html.HtmlElement) -> bool:
    marks = [*(element.get("class") or "").split(), element.get("id") or ""]
    if any(_EVERYTHING_BELOW.search(mark) for mark in marks):
        return True
    return bool(_OUTLOOK_RULE.search(element.get("style") or "")) and _begins_with_headers(element)


def _begins_with_headers(element: lxml.html.HtmlElement) -> bool:
    """Whether a mail's labels stand first in it: forms and signatures draw the same line."""
    text = text_of_html(lxml.html.tostring(element, encoding="unicode", with_tail=False))
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(has_mail_label(line) for line in lines[:LABELLED_LINES]) >= LABELS


def _drop_from(element: lxml.html.HtmlElement) -> None:
    """Drops an element and all that comes after it in the document."""
    current = element
    while (parent := current.getparent()) is not None and parent.tag != "html":
        for following in list(current.itersiblings()):
            parent.remove(following)
        current.tail = None
        current = parent
    element.drop_tree()
