"""An article's Markdown as safe HTML: no script, no foreign picture, headings that can be linked to.

markdown-it-py reads CommonMark with tables and passes no HTML on; nh3 cleans what it made, so that
a fault of the one is caught by the other. Both run whenever an article is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from desk.model.article import slug_of

OUR_FILE = re.compile(r"/help/files/[A-Za-z0-9_-]{16,43}")
LARGEST_HEADING, SMALLEST_HEADING = 2, 6
"""The page has the title as its one h1; the widest heading of an article is an h2, whatever was typed."""

_SAFE_LINK = re.compile(r"(?i)(?:https?://|mailto:|tel:|#|/help(?:[/?#]|$))")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS = frozenset(
    """
    a blockquote br code del em h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul
    """.split()  # noqa: SIM905 - words read better than quotes
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of an article, and the mark to link to."""

    id: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Markup:
    """An article, ready to be shown, and its words alone."""

    html: str
    text: str
    headings: tuple[Heading, ...]


def markup_of(markdown: str) -> Markup:
    """The article as HTML that may be shown on a page of ours.

    Links lead to web, mail and phone addresses and to the help centre, and nowhere else; pictures
    come from our own files, and any other is replaced by its description.
    """
    tokens = _MARKDOWN.parse(markdown)
    headings = tuple(_headings(tokens))
    _drop_foreign_pictures(tokens)
    made = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(_clean(made), _text(tokens), headings)


def _headings(tokens: Sequence[Token]) -> Iterable[Heading]:
    """Every heading at its place below the title, with a mark that no other heading has."""
    seen: dict[str, int] = {}
    levels = [int(token.tag[1:]) for token in tokens if token.type == "heading_open"]
    down = LARGEST_HEADING - min(levels, default=1)
    for place, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            continue
        level = min(int(token.tag[1:]) + down, SMALLEST_HEADING)
        token.tag = f"h{level}"
        if token.type == "heading_open":
            title = _words(tokens[place + 1])
            mark = slug_of(title)
            seen[mark] = seen.get(mark, 0) + 1
            # The prefix keeps a heading from taking a name that the page itself uses.
            unique = f"s-{mark}" if seen[mark] == 1 else f"s-{mark}-{seen[mark]}"
            token.attrSet("id", unique)
            yield Heading(unique, title, level)


def _drop_foreign_pictures(tokens: Iterable[Token]) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.type == "image" and not OUR_FILE.fullmatch(str(child.attrs.get("src", ""))):
                child.type, child.tag = "text", ""
                child.children = None


def _clean(made: str) -> str:
    return nh3.clean(
        made,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if _SAFE_LINK.match(value) else None
    if attribute == "src":
        return value if OUR_FILE.fullmatch(value) else None
    return value


def _text(tokens: Iterable[Token]) -> str:
    """The words alone, a line a block."""
    lines = (
        token.content if token.type in ("fence", "code_block") else _words(token)
        for token in tokens
        if token.type in ("inline", "fence", "code_block")
    )
    return "\n".join(line for line in lines if line.strip())


def _words(token: Token) -> str:
    parts = []
    for child in token.children or ():
        parts.append(" " if child.type in ("softbreak", "hardbreak") else child.content)
    return "".join(parts)
