"""The second factor: owed before anything is shown, and no code works twice."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest
from flask import Flask

from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import PASSWORD, Browser, give_password, sign_in_at_once

AsAgent = Callable[[Agent], Browser]


@pytest.fixture
def protected(app: Flask, store: Store, cast: Cast) -> tuple[Agent, pyotp.TOTP, list[str]]:
    """Ada with a second factor: her app and her recovery codes. The set-up used the code of this moment."""
    give_password(store, cast.ada)
    browser = sign_in_at_once(app, cast.ada)
    totp = pyotp.TOTP(browser.api("POST", "/me/totp").json["secret"])
    codes = browser.api("PUT", "/me/totp", {"code": totp.now()}).json["recovery_codes"]
    return cast.ada, totp, codes


def forget_last_step(store: Store, agent: Agent) -> None:
    """As if the last code had been used long ago."""
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, agent.id).totp_last_step = None


def test_the_password_alone_opens_nothing(
    stranger: Browser, protected: tuple[Agent, pyotp.TOTP, list[str]]
) -> None:
    answer = stranger.sign_in(protected[0].email)

    assert answer.headers["Location"].startswith("/sign-in/code")
    assert stranger.get("/api/v1/me").status_code == 401
    assert stranger.get("/desk").headers["Location"].startswith("/sign-in")


def test_password_and_code_open_a_session_with_a_new_secret(
    stranger: Browser, store: Store, protected: tuple[Agent, pyotp.TOTP, list[str]]
) -> None:
    agent, totp, _ = protected
    forget_last_step(store, agent)
    stranger.sign_in(agent.email)
    pending = stranger.cookie()

    assert stranger.give_code(totp.now()).status_code == 303
    assert stranger.cookie() != pending
    assert stranger.get("/api/v1/me").status_code == 200


def test_a_code_that_was_used_is_refused(
    app: Flask, store: Store, protected: tuple[Agent, pyotp.TOTP, list[str]]
) -> None:
    agent, totp, _ = protected
    forget_last_step(store, agent)
    code = totp.now()
    first, second = Browser(app), Browser(app)
    first.sign_in(agent.email)
    second.sign_in(agent.email)

    assert first.give_code(code).status_code == 303
    assert second.give_code(code).status_code == 422


def test_a_recovery_code_works_once(app: Flask, protected: tuple[Agent, pyotp.TOTP, list[str]]) -> None:
    agent, _, codes = protected
    statuses = []
    for _ in range(2):
        browser = Browser(app)
        browser.sign_in(agent.email)
        statuses.append(browser.give_code(codes[0].upper()).status_code)

    assert statuses == [303, 422]
    assert len(set(codes)) == 10


def test_codes_cannot_be_guessed(stranger: Browser, protected: tuple[Agent, pyotp.TOTP, list[str]]) -> None:
    stranger.sign_in(protected[0].email)
    statuses = [stranger.give_code(f"{number:06}").status_code for number in range(10)]

    assert statuses == [422] * 8 + [429] * 2


def test_turning_it_off_takes_the_password(
    app: Flask, protected: tuple[Agent, pyotp.TOTP, list[str]]
) -> None:
    agent, _, _ = protected
    browser = Browser(app)
    browser.sign_in(agent.email)
    browser.give_code(protected[2][1])
    browser.csrf = _csrf(browser)

    assert browser.api("DELETE", "/me/totp", {"password": "wrong"}).status_code == 403
    assert browser.api("DELETE", "/me/totp", {"password": PASSWORD}).status_code == 204
    assert Browser(app).sign_in(agent.email).headers["Location"] == "/desk"


def test_a_wrong_code_does_not_turn_it_on(as_agent: AsAgent, cast: Cast, store: Store) -> None:
    browser = as_agent(cast.ada)
    made = browser.api("POST", "/me/totp").json

    assert made["svg"].startswith("<svg")
    assert browser.api("PUT", "/me/totp", {"code": "000000"}).status_code == 422
    assert browser.api("GET", "/me").json["totp"] is False


def test_the_secret_is_sealed_in_the_database(
    store: Store, protected: tuple[Agent, pyotp.TOTP, list[str]]
) -> None:
    with store.reading(STAGE) as w:
        kept = w.session.get_one(Agent, protected[0].id)

    assert protected[1].secret.encode() not in (kept.totp_secret or b"")
    assert not set(protected[2]) & set(kept.recovery_codes)


def _csrf(browser: Browser) -> str:
    page = browser.get("/sign-out").text
    return page.split('name="csrf" value="')[1].split('"')[0]
