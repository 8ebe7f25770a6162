"""The help centre for machines: what robots may list, what readers of feeds follow, what a page is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response

from desk.actions.knowledge.help_reading import Reading, latest_read, pages_read
from desk.http.entrance import public
from desk.http.ground import ground
from desk.http.help.page import NAME, VISITOR, address_of, revalidated
from desk.http.help.texts import t
from desk.model.article import Article
from desk.store.policies import policy

blueprint = Blueprint("help_machines", __name__)

MOST_PAGES = 50_000
"""As many as one sitemap may hold (sitemaps.org/protocol.html)."""

LATEST = 30
_FOR_ALL = "What is published is for everybody."


@blueprint.get("/robots.txt")
@public(_FOR_ALL)
def robots() -> Response:
    """What robots may read (RFC 9309): the help centre, but no searches and nobody's cases."""
    lines = [
        "User-agent: *",
        "Allow: /help",
        "Disallow: /help/search",
        "Disallow: /help/cases",
        "Disallow: /",
    ]
    return _text("\n".join([*lines, "", f"Sitemap: {address_of('/help/sitemap.xml')}", ""]), "text/plain")


@blueprint.get("/help/sitemap.xml")
@public(_FOR_ALL)
def sitemap() -> Response:
    """Every page that may be listed, with its variants in other languages (sitemaps.org)."""
    with ground().store.reading(VISITOR) as w:
        collections, articles = pages_read(w, MOST_PAGES)
    variants: dict[int, list[Article]] = {}
    for article in articles:
        variants.setdefault(article.group, []).append(article)
    urls = [_url(address_of("/help"))]
    urls += [_url(address_of(f"/help/collections/{one.slug}")) for one in collections]
    urls += [_url(article_address(one), one.published_at, variants[one.group]) for one in articles]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    )
    return _text(head + "\n".join(urls) + "\n</urlset>\n", "application/xml")


@blueprint.get("/help/feed.xml")
@public(_FOR_ALL)
def feed() -> Response:
    """What was published last, as Atom (RFC 4287)."""
    with ground().store.reading(VISITOR) as w:
        articles = latest_read(w, LATEST)
        name = policy(w.session, "desk_name", NAME)
    own = address_of("/help/feed.xml")
    latest = max((one.published_at for one in articles if one.published_at), default=None)
    entries = [
        f"<entry xml:lang={quoteattr(one.language)}><id>{escape(article_address(one))}</id>"
        f"<title>{escape(_plain(one.shown_title))}</title><link href={quoteattr(article_address(one))}/>"
        f"<updated>{_moment(one.published_at)}</updated>"
        f"<summary>{escape(_plain(one.shown_text)[:400])}</summary></entry>"
        for one in articles
    ]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(own)}</id><title>{escape(t('site', name=name))}</title>"
        f"<author><name>{escape(name)}</name></author><updated>{_moment(latest)}</updated>"
        f'<link rel="self" href={quoteattr(own)}/><link href={quoteattr(address_of("/help"))}/>\n'
    )
    return _text(head + "\n".join(entries) + "\n</feed>\n", "application/atom+xml")


def about_article(reading: Reading) -> list[dict[str, Any]]:
    """The page's structured data (schema.org): the article, and its place in the help centre."""
    article, collection = reading.article, reading.collection
    path = [(t("home"), "/help"), (collection.title, f"/help/collections/{collection.slug}")]
    crumbs = [
        {"@type": "ListItem", "position": place, "name": name, "item": address_of(where)}
        for place, (name, where) in enumerate(path, start=1)
    ]
    return [
        {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": article.shown_title,
            "url": article_address(article),
            "inLanguage": article.language,
            "datePublished": _moment(article.created_at),
            "dateModified": _moment(article.published_at),
        },
        {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": crumbs},
    ]


def about_home() -> list[dict[str, Any]]:
    """The first page's structured data (schema.org): a site, and how it is searched."""
    target = f"{address_of('/help/search')}?q={{words}}"
    action = {"@type": "SearchAction", "target": target, "query-input": "required name=words"}
    site = {"@context": "https://schema.org", "@type": "WebSite", "url": address_of("/help")}
    return [site | {"potentialAction": action}]


def alternates(reading: Reading) -> list[tuple[str, str]]:
    """Language and address of every variant of an article, itself among them; nothing for an only one."""
    if not reading.variants:
        return []
    every = [reading.article, *reading.variants]
    original = next((one for one in every if one.original_id is None), reading.article)
    named = [(one.language, article_address(one)) for one in every]
    return [*named, ("x-default", article_address(original))]


def article_address(article: Article) -> str:
    return address_of(f"/help/articles/{article.slug}")


def _url(address: str, at: datetime | None = None, variants: list[Article] | None = None) -> str:
    changed = f"<lastmod>{_moment(at)}</lastmod>" if at else ""
    others = variants if variants and len(variants) > 1 else []
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(one.language)}'
        f" href={quoteattr(article_address(one))}/>"
        for one in others
    )
    return f"<url><loc>{escape(address)}</loc>{changed}{links}</url>"


def _moment(at: datetime | None) -> str:
    return (at or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(text: str | None) -> str:
    """The text in one line, without what XML cannot hold (XML 1.0, 2.2)."""
    return " ".join("".join(one for one in text or "" if one.isprintable() or one.isspace()).split())


def _text(content: str, kind: str) -> Response:
    return revalidated(Response(content, content_type=f"{kind}; charset=utf-8"))
