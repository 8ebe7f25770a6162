"""Signing in: only on proof, with the same answer for strangers and friends, and slowly for guessers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from desk.app import create_app
from desk.http.pages import next_place
from desk.model.access import Session
from desk.model.agent import Agent
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import PASSWORD, Browser, field_of, give_password
from tests.security.conftest import stay_in_one_window


@pytest.fixture
def ada(store: Store, cast: Cast) -> Agent:
    """Ada, with a password."""
    give_password(store, cast.ada)
    return cast.ada


def test_the_right_password_leads_to_the_place_that_was_asked_for(stranger: Browser, ada: Agent) -> None:
    answer = stranger.sign_in(ada.email, form={"next": "/desk/cases/7"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/cases/7")
    assert stranger.get("/api/v1/me").json["name"] == "Ada Lovelace"


def test_a_wrong_password_lets_nobody_in(stranger: Browser, ada: Agent) -> None:
    answer = stranger.sign_in(ada.email, "thirteen green bottles")

    assert answer.status_code == 422
    assert stranger.get("/api/v1/me").status_code == 401


def test_an_unknown_address_is_told_the_same_bytes_as_a_wrong_password(
    stranger: Browser, ada: Agent, cast: Cast
) -> None:
    same_length = "x" * len(ada.email.partition("@")[0]) + "@desk.example"
    without_password = cast.ben.email
    answers = [stranger.sign_in(email, "wrong") for email in (ada.email, same_length, without_password)]

    pages = {
        answer.text.replace(email, "…")
        for answer, email in zip(answers, (ada.email, same_length, without_password), strict=True)
    }
    assert len(pages) == 1
    assert {answer.status_code for answer in answers} == {422}


def test_a_disabled_agent_is_a_stranger(stranger: Browser, ada: Agent, store: Store) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, ada.id).disabled_at = w.now

    assert stranger.sign_in(ada.email).status_code == 422


def test_disabling_ends_what_is_open(as_agent: Callable[[Agent], Browser], cast: Cast, store: Store) -> None:
    browser = as_agent(cast.ada)
    assert browser.get("/api/v1/me").status_code == 200
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, cast.ada.id).disabled_at = w.now

    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_planted_before_signing_in_is_not_the_one_afterwards(stranger: Browser, ada: Agent) -> None:
    stranger.client.set_cookie("desk", "planted", domain="desk.example")
    stranger.sign_in(ada.email)

    assert stranger.cookie() != "planted"
    other = Browser(stranger.app)
    other.client.set_cookie("desk", "planted", domain="desk.example")
    assert other.get("/api/v1/me").status_code == 401


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(stranger: Browser, ada: Agent) -> None:
    cookies = stranger.sign_in(ada.email).headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("desk="))

    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Domain" not in session


def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings, store: Store, cast: Cast) -> None:
    give_password(store, cast.ada)
    app = create_app(settings.model_copy(update={"public_url": "https://desk.example"}), store)
    client = app.test_client()
    token = field_of(client.get("/sign-in", base_url="https://desk.example").text, "csrf")
    form = {"csrf": token, "email": cast.ada.email, "password": PASSWORD}
    answer = client.post("/sign-in", data=form, base_url="https://desk.example")

    session = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-desk="))
    assert "Secure" in session
    assert "Path=/" in session
    assert "Domain" not in session
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_signing_out_ends_the_session_at_the_server(
    as_agent: Callable[[Agent], Browser], cast: Cast, app: Flask
) -> None:
    browser = as_agent(cast.ada)
    secret = browser.cookie() or ""
    browser.ask("POST", "/sign-out")

    again = Browser(app)
    again.client.set_cookie("desk", secret, domain="desk.example")
    assert again.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("column", "moment"), [("seen_at", -timedelta(hours=13)), ("expires_at", -timedelta(seconds=1))]
)
def test_a_session_ends_when_it_lies_idle_and_when_it_is_old(
    as_agent: Callable[[Agent], Browser], cast: Cast, store: Store, column: str, moment: timedelta
) -> None:
    browser = as_agent(cast.ada)
    with store.unit_of_work(STAGE) as w:
        w.session.execute(update(Session).values({column: datetime.now(UTC) + moment}))

    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "place",
    ["//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test", "/desk\r\nX: y", "/desk@evil",
     "/deskevil.test", "javascript:alert(1)", "%2F%2Fevil.test", "/desk/\\evil", "", None],
)  # fmt: skip
def test_after_signing_in_one_stays_in_the_desk(place: str | None) -> None:
    assert next_place(place) == "/desk"


def test_guessing_on_one_account_is_slowed_wherever_it_says_to_come_from(app: Flask, ada: Agent) -> None:
    statuses = []
    for number in range(14):
        browser = Browser(app, address=f"198.51.100.{number}")
        spoofed = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
        answer = browser.sign_in(ada.email, f"guess {number}", headers=spoofed)
        statuses.append(answer.status_code)

    assert statuses == [422] * 10 + [429] * 4
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_from_one_address_is_slowed_whatever_it_pretends(app: Flask, ada: Agent) -> None:
    statuses = [
        Browser(app).sign_in(f"a{number}@desk.example", "x", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(32)
    ]
    assert [answer.status_code for answer in statuses][-2:] == [429, 429]


def test_a_guesser_cannot_lock_out_the_browser_of_the_owner(app: Flask, ada: Agent) -> None:
    home = Browser(app, address="192.0.2.7")
    assert home.sign_in(ada.email).status_code == 303
    home.client.delete_cookie("desk", domain="desk.example")
    for number in range(12):
        Browser(app, address=f"198.51.100.{number}").sign_in(ada.email, "guess")

    assert Browser(app, address="192.0.2.8").sign_in(ada.email).status_code == 429
    assert home.sign_in(ada.email).status_code == 303


def test_guessing_stays_slow_while_redis_is_away(settings: Settings, store: Store, cast: Cast) -> None:
    app = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"}), store)
    stay_in_one_window(app)
    statuses = [Browser(app).sign_in(cast.ada.email, "guess").status_code for _ in range(12)]

    assert statuses[-2:] == [429, 429]


def test_a_new_password_ends_the_other_sessions(
    as_agent: Callable[[Agent], Browser], ada: Agent, store: Store
) -> None:
    here, elsewhere = as_agent(ada), as_agent(ada)
    change = {"current": PASSWORD, "new": "thirteen green bottles"}

    assert here.api("PUT", "/me/password", {**change, "current": "wrong"}).status_code == 403
    assert here.api("PUT", "/me/password", change).status_code == 204
    assert here.get("/api/v1/me").status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("weak", ["short", "1234567890", "aaaaaaaaaaaaaa", "ada.lovelace99", "x" * 201])
def test_a_weak_password_is_refused_with_a_reason(
    as_agent: Callable[[Agent], Browser], ada: Agent, weak: str
) -> None:
    answer = as_agent(ada).api("PUT", "/me/password", {"current": PASSWORD, "new": weak})

    assert answer.status_code == 422
    assert answer.json["error"]["field"] == "new"


def test_one_sees_and_ends_only_ones_own_sessions(
    as_agent: Callable[[Agent], Browser], cast: Cast, store: Store
) -> None:
    here, elsewhere, ben = as_agent(cast.ada), as_agent(cast.ada), as_agent(cast.ben)
    rows = here.api("GET", "/me/sessions").json["rows"]
    bens = ben.api("GET", "/me/sessions").json["rows"][0]["id"]
    other = next(row["id"] for row in rows if not row["current"])

    assert len(rows) == 2
    assert here.api("DELETE", f"/me/sessions/{bens}").status_code == 404
    assert here.api("DELETE", f"/me/sessions/{other}").status_code == 204
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert ben.get("/api/v1/me").status_code == 200


def test_no_password_and_no_secret_is_kept_as_it_is(stranger: Browser, ada: Agent, store: Store) -> None:
    stranger.sign_in(ada.email)
    with store.reading(STAGE) as w:
        session = w.session.scalars(select(Session)).one()
        agent = w.session.get_one(Agent, ada.id)

    assert (agent.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert stranger.cookie() not in (session.secret_hash, session.csrf)
