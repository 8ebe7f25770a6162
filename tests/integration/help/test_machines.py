"""What machines read of the help centre: sitemap, feed, language links, structured data, robots."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

from desk.actions.knowledge.article_life import change_article
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn, an_article
from tests.people import STAGE, Cast
from tests.security.browser import Browser

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
ATOM = "{http://www.w3.org/2005/Atom}"


def translated(store: Store, shelf: Shelf) -> str:
    with store.unit_of_work(STAGE) as work:
        german = an_article(work, shelf.delivery, "Wo ist <mein> Paket & Co?", "Da.\x0b", language="de")
        change_article(work, german.id, {"original_id": shelf.where.id}, version=german.version)
        return german.slug


def test_the_sitemap_holds_what_customers_may_read_and_its_variants(
    store: Store, shelf: Shelf, stranger: Browser
) -> None:
    slug = translated(store, shelf)
    with store.unit_of_work(STAGE) as work:
        change_article(work, shelf.steam.id, {"audience": "internal"}, version=shelf.steam.version)
    answer = stranger.get("/help/sitemap.xml")
    assert answer.mimetype == "application/xml"
    urls = {url.findtext(f"{MAP}loc"): url for url in ET.fromstring(answer.data)}
    home = stranger.home
    assert set(urls) == {
        f"{home}/help",
        f"{home}/help/collections/delivery",
        f"{home}/help/collections/machines",
        f"{home}/help/articles/{shelf.where.slug}",
        f"{home}/help/articles/{shelf.descale.slug}",
        f"{home}/help/articles/{slug}",
    }
    links = urls[f"{home}/help/articles/{slug}"].findall(LINK)
    assert {link.get("hreflang") for link in links} == {"de", "en"}
    assert f"Sitemap: {home}/help/sitemap.xml" in stranger.get("/robots.txt").text


def test_the_feed_holds_the_latest_and_is_well_formed(store: Store, shelf: Shelf, stranger: Browser) -> None:
    translated(store, shelf)
    feed = ET.fromstring(stranger.get("/help/feed.xml").data)
    entries = feed.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "Wo ist <mein> Paket & Co?"
    assert len(entries) == 4 and "recall" not in ET.tostring(feed, "unicode")


def test_an_article_names_its_languages_and_what_it_is(store: Store, shelf: Shelf, stranger: Browser) -> None:
    slug = translated(store, shelf)
    page = stranger.get(f"/help/articles/{slug}").text
    links = dict(re.findall(r'rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', page))
    original = f"{stranger.home}/help/articles/{shelf.where.slug}"
    assert links == {"de": f"{stranger.home}/help/articles/{slug}", "en": original, "x-default": original}
    told = [json.loads(one) for one in re.findall(r"ld\+json\">(.+?)</script>", page)]
    assert [one["@type"] for one in told] == ["Article", "BreadcrumbList"]
    assert told[0]["headline"] == "Wo ist <mein> Paket & Co?" and told[0]["inLanguage"] == "de"
    assert "<mein>" not in page
    assert "hreflang" not in stranger.get(f"/help/articles/{shelf.steam.slug}").text


def test_a_reader_says_why_it_did_not_help(
    as_agent: SignIn, cast: Cast, shelf: Shelf, stranger: Browser
) -> None:
    path = f"/help/articles/{shelf.steam.slug}"
    for form in ({"helpful": "no"}, {"helpful": "no", "reason": "wrong", "comment": ""}):
        assert stranger.ask("POST", f"{path}/vote", data=form).status_code == 303
    for form in ({"helpful": "no", "reason": "boring"}, {"helpful": "yes", "reason": "wrong"}):
        assert stranger.ask("POST", f"{path}/vote", data=form).status_code == 422
    assert "It is wrong or out of date" in stranger.get(f"{path}?helped=no").text
    assert "out of date" not in stranger.get(f"{path}?helped=yes").text
    shown = as_agent(cast.sam).api("GET", f"/articles/{shelf.steam.id}").json
    assert [(one["helpful"], one["reason"]) for one in shown["comments"]] == [(False, "wrong")]
