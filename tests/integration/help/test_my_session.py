"""The session behind a link: it is the guest's alone, ends, and is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from desk.model.case import Case
from desk.model.customer import Address, AddressKind
from desk.model.portal import PortalSession, SignInLink
from desk.store.knowledge.portal import forget_old_links
from desk.store.unit_of_work import Store
from tests.integration.help.guests import Post, signed_in
from tests.people import STAGE, Cast
from tests.security.browser import Browser, field_of


def test_signing_out_ends_the_session_at_the_server(app: Flask, post: Post, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    held = browser.cookie("desk-help-cases") or ""
    csrf = field_of(browser.get("/help/cases").text, "csrf")
    assert browser.ask("POST", "/help/cases/leave", data={"csrf": "x"}).status_code == 403
    assert browser.ask("POST", "/help/cases/leave", data={"csrf": csrf}).status_code == 303
    thief = Browser(app)
    thief.keep_cookie(held, "desk-help-cases")
    assert "Send me the link" in thief.get("/help/cases").text


def test_a_session_lasts_a_week(app: Flask, post: Post, store: Store, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        session = work.session.scalars(select(PortalSession)).one()
        assert session.expires_at - session.opened_at == timedelta(days=7)
        session.expires_at = datetime.now(UTC)
    assert browser.get(f"/help/cases/{cleos.id}").headers["Location"] == "/help/cases"


def test_a_customers_session_is_none_of_an_agents(app: Flask, post: Post, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    browser.keep_cookie(browser.cookie("desk-help-cases") or "", "desk")
    assert browser.api("GET", "/cases").status_code == 401
    led = browser.get("/desk")
    assert led.status_code == 302 and led.headers["Location"].startswith("/sign-in")


def test_a_stranger_is_led_to_the_door(stranger: Browser, cleos: Case) -> None:
    for path in (f"/help/cases/{cleos.id}", "/help/cases/999999999"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/help/cases")
        refused = stranger.ask("POST", path, data={"message": "x"})
        assert (refused.status_code, refused.headers["Location"]) == (303, "/help/cases")


def test_there_is_no_look_up_by_number_and_address(stranger: Browser, cleos: Case) -> None:
    to_the_case = stranger.get(f"/help/cases/{cleos.id}?email=cleo@example.org")
    assert (to_the_case.status_code, to_the_case.headers["Location"]) == (303, "/help/cases")
    to_the_list = stranger.get(f"/help/cases?case={cleos.id}&email=cleo@example.org")
    assert to_the_list.status_code == 200 and "grinder" not in to_the_list.text
    assert 'name="email"' in to_the_list.text, "a stranger is asked for an address, and shown nothing"


def test_what_has_ended_is_forgotten(app: Flask, post: Post, store: Store, cleos: Case) -> None:
    signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        forget_old_links(work.session, datetime.now(UTC) + timedelta(days=8))
        assert not work.session.scalars(select(SignInLink)).all()
        assert not work.session.scalars(select(PortalSession)).all()


def test_an_address_that_goes_takes_its_sessions_along(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        kind = Address.kind == AddressKind.EMAIL
        work.session.delete(work.session.scalars(select(Address).where(kind)).one())
    assert "Send me the link" in browser.get("/help/cases").text
