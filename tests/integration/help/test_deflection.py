"""Suggestions withheld from a few: who is drawn, what counts once, and what managers are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from desk.actions.insights.scorecard import scorecard_asked
from desk.actions.knowledge.deflection import DRAW, deflection_shown
from desk.insights.holdout import held_out
from desk.model.article import ArticleVote
from desk.model.channel import Channel
from desk.model.help_session import HelpDoor, HelpSession
from desk.model.inbound import ChannelKind
from desk.model.portal import PortalSession
from desk.store.insights.metrics import METRICS
from desk.store.insights.metrics.figures import figures
from desk.store.people.sessions import hash_of
from desk.store.policies import set_policies
from desk.store.unit_of_work import Store, Work
from tests.integration.help.conftest import Shelf, SignIn
from tests.integration.help.test_contact_form import send
from tests.people import MORNING, STAGE, Cast, a_case, a_channel, an_address
from tests.security.browser import Browser

WRITES = {"X-Desk-Door": "contact"}
COOKIE = "desk-help-browser"


def mark_that_is(withheld: bool) -> str:
    """A browser's mark that is drawn so, where 10 of 100 are held out."""
    marks = (f"a browser with the number {number}" for number in range(1000))
    return next(mark for mark in marks if held_out(hash_of(mark), 10, DRAW) is withheld)


def a_reader(app: Flask, *, withheld: bool) -> Browser:
    browser = Browser(app)
    browser.keep_cookie(mark_that_is(withheld), COOKIE)
    return browser


def types(browser: Browser, words: str = "descale", **headers: str) -> dict[str, Any]:
    return said(browser.get(f"/help/suggestions?q={words}", headers=WRITES | headers))


def said(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200 and answer.json is not None, answer.text
    return dict(answer.json)


def sessions(store: Store) -> Sequence[HelpSession]:
    with store.reading(STAGE) as work:
        return work.session.scalars(select(HelpSession).order_by(HelpSession.id)).all()


@pytest.fixture
def form(store: Store, cast: Cast) -> Channel:
    with store.unit_of_work(STAGE) as work:
        return a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=cast.billing)


def test_who_is_held_out_sees_none_however_often_they_ask(app: Flask, store: Store, shelf: Shelf) -> None:
    held, other = a_reader(app, withheld=True), a_reader(app, withheld=False)
    assert types(held) == types(held, "steam") == {"rows": [], "withheld": True}
    assert [row["title"] for row in types(other)["rows"]] == [row["title"] for row in types(other)["rows"]]
    first, second = sessions(store)
    assert (first.withheld, second.withheld) == (True, False)
    assert set(first.articles) == set(second.articles) == {shelf.descale.id, shelf.steam.id}
    assert held.get("/help/search?q=descale").text.count("?found=") == 2, "who searches finds"


def test_three_days_later_they_see_what_others_see_and_count_no_more(
    app: Flask, store: Store, shelf: Shelf, form: Channel
) -> None:
    held = a_reader(app, withheld=True)
    types(held)
    with store.unit_of_work(STAGE) as work:
        work.session.execute(update(HelpSession).values(began_at=HelpSession.began_at - timedelta(hours=73)))
    assert types(held)["rows"]
    send(held)
    assert [one.contacted_at for one in sessions(store)] == [None]


def test_what_they_open_say_and_write_is_noted_once(
    app: Flask, store: Store, shelf: Shelf, form: Channel
) -> None:
    reader = a_reader(app, withheld=False)
    send(reader)
    assert sessions(store) == [], "who was suggested nothing is no session"
    types(reader)
    opened = reader.get(f"/help/articles/{shelf.steam.slug}?suggested=1")
    assert opened.status_code == 303 and "?" not in opened.headers["Location"]
    reader.get(f"/help/articles/{shelf.descale.slug}?asked=descale")
    send(reader)
    (session,) = sessions(store)
    contacted_at = session.contacted_at
    assert session.article_id == shelf.steam.id and contacted_at is not None
    send(reader)
    assert [one.contacted_at for one in sessions(store)] == [contacted_at]


def test_programs_colleagues_and_pages_of_others_are_no_sessions(
    app: Flask, store: Store, shelf: Shelf, stranger: Browser, as_agent: SignIn, cast: Cast
) -> None:
    assert said(stranger.get("/help/suggestions?q=descale"))["rows"]
    assert types(stranger, **{"User-Agent": "Examplebot/2.1 (+https://bots.example)"})["rows"]
    assert types(as_agent(cast.ada))["rows"]
    assert types(stranger, "zebra")["rows"] == []
    assert types(stranger, **{"X-Desk-Door": "kitchen"})["rows"]
    assert types(stranger, **{"X-Desk-Door": "widget"})["rows"], "without a mark of its page"
    assert sessions(store) == [] and stranger.cookie(COOKIE) is None


def test_a_program_that_keeps_no_cookies_counts_up_to_a_limit(app: Flask, store: Store, shelf: Shelf) -> None:
    for _ in range(70):
        types(Browser(app, address="198.51.100.7"))
    assert len(sessions(store)) == 60


def test_where_nobody_is_held_out_nothing_is_kept(
    app: Flask, store: Store, shelf: Shelf, as_agent: SignIn, cast: Cast
) -> None:
    sam = as_agent(cast.sam)
    assert sam.api("PATCH", "/policies", {"suggestions_withheld_percent": 51}).status_code == 422
    assert sam.api("PATCH", "/policies", {"suggestions_withheld_percent": 0}).status_code == 200
    held = Browser(app)
    assert types(held)["rows"] and held.cookie(COOKIE) is None
    assert sessions(store) == []
    assert as_agent(cast.ada).api("GET", "/deflection").status_code == 403


def test_the_widgets_page_has_a_mark_of_its_own_and_takes_it_along(
    app: Flask, store: Store, shelf: Shelf, form: Channel
) -> None:
    browser, reader = Browser(app), mark_that_is(False)[:40].replace(" ", "-")
    browser.get(f"/help/suggestions?q=descale&reader={reader}", headers={"X-Desk-Door": "widget"})
    assert browser.cookie(COOKIE) is None
    browser.get(f"/help/articles/{shelf.steam.slug}?asked=descale&reader={reader}")
    assert browser.cookie(COOKIE) == reader
    send(browser)
    (session,) = sessions(store)
    assert (session.door, session.article_id) == (HelpDoor.WIDGET, shelf.steam.id)
    assert session.contacted_at is not None


def test_a_contact_on_another_way_counts_for_whoever_was_signed_in(
    app: Flask, store: Store, shelf: Shelf, cast: Cast
) -> None:
    reader = a_reader(app, withheld=False)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        address = an_address(work, cast.cleo, "cleo@home.example")
        work.session.add(
            PortalSession(
                secret_hash=hash_of("her session"), address_id=address.id, csrf="x",
                opened_at=MORNING, expires_at=datetime(2100, 1, 1, tzinfo=MORNING.tzinfo),
            )
        )  # fmt: skip
    reader.keep_cookie("her session", "desk-help-cases")
    types(reader)
    assert [one.address_id for one in sessions(store)] == [address.id]
    began = sessions(store)[0].began_at
    assert _all(store, began + timedelta(hours=80))["contacted_shown"] is None, "nobody to compare with"
    with store.unit_of_work(STAGE, now=began) as work:
        _session(work, 1, began, withheld=True)
    assert _all(store, began + timedelta(hours=80))["contacted_shown"] == 0
    with store.unit_of_work(STAGE, now=began + timedelta(hours=70)) as work:
        case = a_case(work, cast.cleo, at=began + timedelta(hours=70))
        case.last_inbound_position = 1
    assert _all(store, began + timedelta(hours=80))["contacted_shown"] == 1
    assert _all(store, began + timedelta(hours=71))["shown"] == 0, "its hours are not over"


def test_managers_see_what_is_spared_in_all_and_by_article(
    store: Store, shelf: Shelf, as_agent: SignIn, cast: Cast
) -> None:
    now = MORNING + timedelta(days=20)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        set_policies(work.session, {"time_zone": "Europe/Berlin"})
        for number in range(880):
            held = number % 11 == 0
            wrote = number % 2 == 0 if held else number % 5 == 0
            one = _session(work, number, MORNING + number * timedelta(minutes=15), withheld=held)
            one.articles = [shelf.steam.id] if number % 4 == 0 else [shelf.descale.id, shelf.steam.id]
            one.contacted_at = one.began_at + timedelta(hours=1) if wrote else None
        work.session.add(
            ArticleVote(
                article_id=shelf.steam.id, voter=hash_of("1"), helpful=True, at=MORNING + timedelta(hours=2),
                revision=1,
            )
        )  # fmt: skip
    shown = _all(store, now)
    assert (shown["shown"], shown["withheld"], shown["solved"]) == (800, 80, 1)
    assert shown["contacted_shown"] == pytest.approx(0.2, abs=0.01)
    assert shown["contacted_withheld"] == pytest.approx(0.5, abs=0.02)
    assert shown["low"] < 0.3 < shown["high"] and shown["verdict"] == "proven"
    with store.reading(cast.actor(cast.sam), now=now) as work:
        whole = deflection_shown(work, days=30)
        asked = scorecard_asked(work, first=date(2026, 3, 2), last=date(2026, 3, 22))
        metric, _ = figures(work.session, METRICS["deflection"], asked)
    assert metric.count == 880 and metric.value == pytest.approx(shown["spared_points"])
    assert [one["title"] for one in whole["articles"]] == ["No steam comes out", "How to descale the machine"]
    assert [one["verdict"] for one in whole["articles"]] == ["proven", "not_proven"]
    sam = as_agent(cast.sam)
    assert said(sam.api("GET", "/deflection?days=90"))["percent"] == 10
    table = sam.get("/api/v1/exports/deflection.csv?days=180").text.splitlines()
    assert table[0].startswith("article_id,title,shown,withheld")


def _session(work: Work, number: int, at: datetime, *, withheld: bool) -> HelpSession:
    made = HelpSession(
        key=hash_of(str(number)),
        door=HelpDoor.CONTACT,
        withheld=withheld,
        percent=10,
        began_at=at,
        articles=[],
    )
    work.session.add(made)
    return made


def _all(store: Store, now: datetime) -> dict[str, Any]:
    with store.reading(STAGE, now=now) as work:
        found: dict[str, Any] = deflection_shown(work, days=60)["all"]
        return found
