"""Mail HTML made safe to show: an allow list, no remote loading, and caps before the parser sees it.

nh3 (ammonia) does the cleaning. Its time grows faster than its input, so size, depth,
attributes and entities are capped first; what is over a cap is shown as plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache, lru_cache

import nh3

MAX_BYTES = 512 * 1024
MAX_DEPTH = 500
MAX_ATTRIBUTES = 200
MAX_ENTITIES = 20_000

BLOCKED_IMAGE = "data-remote-src"
INLINE_IMAGE = "data-cid"

TAGS = frozenset(
    """
    a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div
    dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby
    s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr
    """.split()  # noqa: SIM905 - words read better than quotes
)

# Content of these is not for reading; of all other unknown tags only the tag goes.
DROPPED_WHOLE = frozenset(
    """
    script style title head template noscript noembed noframes iframe object embed applet math svg
    textarea select option xmp plaintext
    """.split()  # noqa: SIM905 - words read better than quotes
)

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang", "title", "align", "valign", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", BLOCKED_IMAGE, INLINE_IMAGE},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor", "summary"},
    "td": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "th": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap", "scope"},
    "tr": {"bgcolor", "height"},
    "col": {"width", "span"},
    "colgroup": {"width", "span"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value"},
    "font": {"color", "face", "size"},
    "hr": {"width", "size", "color", "noshade"},
    "bdo": {"dir"},
    "time": {"datetime"},
    "blockquote": {"type"},
}

# Nothing that positions, overlays, animates or loads.
STYLES = frozenset(
    """
    background-color border border-bottom border-bottom-color border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style
    border-left-width border-right border-right-color border-right-style border-right-width
    border-spacing border-style border-top border-top-color border-top-style border-top-width
    border-width color direction font-family font-size font-style font-variant font-weight height
    letter-spacing line-height list-style-type padding padding-bottom padding-left padding-right
    padding-top text-align text-decoration text-indent text-transform vertical-align white-space
    width word-break word-spacing
    """.split()  # noqa: SIM905 - words read better than quotes
)

SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})((?:=\s{0,9}\"[^\"]*\"|=\s{0,9}'[^']*'|[^<>])*+)")
_QUOTED = re.compile(r"=\s{0,9}(?:\"[^\"]*\"|'[^']*')")
_ATTRIBUTE = re.compile(r"[^\s/=]+")
# Tags that nest nothing: void ones, and those whose end tag may be left out and often is.
_FLAT = frozenset(
    """
    area base br col embed hr img input link meta param source track wbr
    p li dt dd td th tr thead tbody tfoot colgroup caption option
    """.split()  # noqa: SIM905 - words read better than quotes
)
_LINE_TAG = re.compile(r"(?i)<(?:br|/?(?:p|div|tr|li|ul|ol|table|blockquote|pre|h[1-6]))(?=[\s/>])[^<>]*>?")
_ANY_TAG = re.compile(r"<[^<>]*>?")
_SAFE_LINK = re.compile(r"(?i)\s*(?:https?|mailto|tel):")
_REMOTE = re.compile(r"(?i)\s*https?:")
# nh3 writes every attribute as name="value" with quotes escaped, so these match whole tags only.
_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_SOURCE = re.compile(r' src="([^"]*)"')
_CID_IMAGE = re.compile(rf'<img((?: [a-z-]+="[^"]*")*? {INLINE_IMAGE}="([^"]*)")')
_STYLE_ESCAPE = re.compile(r"[\\]|/\*|url\s*\(|expression\s*\(|image-set|@import", re.IGNORECASE)


def safe_html(source: str) -> tuple[str, str | None]:
    """HTML that may be shown, and why it was shown as plain text instead, if it was.

    Remote pictures lose `src` and keep the address in `data-remote-src` until an agent asks for
    them; `cid:` pictures keep their id in `data-cid` for `with_inline_images`.
    """
    if trouble := over_a_cap(source):
        return f"<pre>{html.escape(strip_tags(source[:MAX_BYTES]), quote=True)}</pre>", trouble
    return _clean(source), None


def with_inline_images(safe: str, urls: Mapping[str, str]) -> str:
    """Safe HTML with each `cid:` picture pointed at the address that the caller gives for it."""

    def with_source(found: re.Match[str]) -> str:
        url = urls.get(html.unescape(found.group(2)))
        source = f' src="{html.escape(url, quote=True)}"' if url is not None else ""
        return f"<img{source}{found.group(1)}"

    return _CID_IMAGE.sub(with_source, safe)


def strip_tags(source: str) -> str:
    """The bare words of HTML, by one linear pass; for what is too hostile to be parsed."""
    without = re.sub(r"(?i)<(script|style)\b[^<]*", "", source)
    return html.unescape(_ANY_TAG.sub(" ", _LINE_TAG.sub("\n", without)))


@lru_cache(maxsize=4)
def over_a_cap(source: str) -> str | None:
    """Why this HTML is too hostile or too large to be parsed, or None."""
    if len(source.encode()) > MAX_BYTES:
        return f"the HTML is longer than {MAX_BYTES // 1024} KB and is shown as plain text"
    if source.count("&") > MAX_ENTITIES:
        return f"the HTML has more than {MAX_ENTITIES} entities and is shown as plain text"
    depth = deepest = 0
    for slash, name, rest in _TAG.findall(source):
        if (
            len(rest) > 2 * MAX_ATTRIBUTES
            and len(_ATTRIBUTE.findall(_QUOTED.sub("=", rest))) > MAX_ATTRIBUTES
        ):
            return f"a tag of the HTML has more than {MAX_ATTRIBUTES} attributes; it is shown as plain text"
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if slash else depth + 1
            deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return f"the HTML is nested deeper than {MAX_DEPTH} tags and is shown as plain text"
    return None


def _clean(source: str) -> str:
    return _IMAGE.sub(_without_source, _cleaner().clean(source))


@cache
def _cleaner() -> nh3.Cleaner:
    """Made once: putting the lists of what is allowed into its own form takes longer than most mails."""
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(DROPPED_WHOLE),
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        filter_style_properties=set(STYLES),
        url_schemes=set(SCHEMES),
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _without_source(image: re.Match[str]) -> str:
    def set_aside(source: re.Match[str]) -> str:
        url = source.group(1)
        if url[:4].lower() == "cid:":
            return f' {INLINE_IMAGE}="{url[4:]}"'
        return f' {BLOCKED_IMAGE}="{url}"' if _REMOTE.match(url) else ""

    return f"<img{_SOURCE.sub(set_aside, image.group(1))}>"


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return None if _STYLE_ESCAPE.search(value) else value
    if attribute == "href":
        return value if _SAFE_LINK.match(value) else None
    if attribute == BLOCKED_IMAGE:
        return value if _REMOTE.match(value) else None
    return value
