"""The second factor: owed before anything is shown, and no code works twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask

from desk.actions.setup.policies import change_policies
from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import PASSWORD, Browser, field_of, give_password, sign_in_at_once

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


@pytest.fixture
def asked_of_admins(store: Store, cast: Cast) -> None:
    """Ida and Ada have passwords, and the policy asks administrators for a second factor."""
    give_password(store, cast.ida)
    give_password(store, cast.ada)
    with store.unit_of_work(cast.actor(cast.ida)) as w:
        change_policies(w, {"second_factor_roles": ["admin"]})


@pytest.mark.usefixtures("asked_of_admins")
def test_a_role_that_must_have_one_sets_it_up_before_anything_else(stranger: Browser, cast: Cast) -> None:
    stranger.sign_in(cast.ida.email)
    door = stranger.get("/sign-in?next=/desk/all").headers["Location"]

    assert door == "/sign-in/second-factor?next=/desk/all"
    assert stranger.get("/api/v1/me").status_code == 401
    assert stranger.get("/desk").headers["Location"].startswith("/sign-in")

    page = stranger.get(door).get_data(as_text=True)
    shown = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert shown
    totp = pyotp.TOTP(shown[1])
    form = {"csrf": field_of(page, "csrf"), "next": "/desk/all"}
    refused = stranger.ask("POST", "/sign-in/second-factor", data=form | {"code": "000000"})
    assert refused.status_code == 422
    assert totp.secret in refused.get_data(as_text=True)
    assert stranger.get("/api/v1/me").status_code == 401

    done = stranger.ask("POST", "/sign-in/second-factor", data=form | {"code": totp.now()}).get_data(
        as_text=True
    )
    assert done.count("<li>") == 10
    assert 'href="/desk/all"' in done
    assert stranger.get("/api/v1/me").json["totp"] is True


@pytest.mark.usefixtures("asked_of_admins")
def test_other_roles_are_let_in_with_the_password(stranger: Browser, cast: Cast) -> None:
    stranger.sign_in(cast.ada.email)

    assert stranger.get("/api/v1/me").status_code == 200
    assert stranger.get("/sign-in/second-factor").headers["Location"].startswith("/sign-in?")


def test_the_policy_holds_for_sessions_that_are_open(app: Flask, store: Store, cast: Cast) -> None:
    give_password(store, cast.ada)
    ada = sign_in_at_once(app, cast.ada)
    assert ada.get("/api/v1/me").status_code == 200
    with store.unit_of_work(cast.actor(cast.ida)) as w:
        change_policies(w, {"second_factor_roles": ["agent"]})

    assert ada.get("/api/v1/me").status_code == 401
