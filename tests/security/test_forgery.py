"""A change is made only by a page of ours or by a program with its own token; never by another site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from desk.actions.people.tokens import make_token
from desk.model.access import ApiToken
from desk.model.agent import Agent
from desk.model.permission import Permission
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import PASSWORD, Browser, give_password

AsAgent = Callable[[Agent], Browser]
CHANGE = ("PATCH", "/me/preferences", {"theme": "dark"})


def a_token(store: Store, agent: Agent, *scopes: Permission) -> str:
    with store.unit_of_work(STAGE) as w:
        made = make_token(w, name="t", agent_id=agent.id, scopes=scopes, expires_at=None)
    return made.secret


def with_token(app: Flask, secret: str) -> Browser:
    browser = Browser(app)
    browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return browser


def test_a_page_of_ours_may_change_things(as_agent: AsAgent, cast: Cast) -> None:
    browser = as_agent(cast.ada)
    headers = {"Origin": "http://desk.example", "Sec-Fetch-Site": "same-origin"}

    assert browser.api(*CHANGE, headers=headers).json["theme"] == "dark"


@pytest.mark.parametrize("token", ["", "wrong", "…"])
def test_without_the_token_of_the_session_nothing_changes(as_agent: AsAgent, cast: Cast, token: str) -> None:
    browser = as_agent(cast.ada)
    browser.csrf = token.encode("latin-1", "replace").decode("latin-1")

    assert browser.api(*CHANGE).status_code == 403
    assert browser.api("GET", "/me").json["preferences"]["theme"] == "system"


def test_the_token_of_another_session_does_not_do(as_agent: AsAgent, cast: Cast) -> None:
    browser = as_agent(cast.ada)
    browser.csrf = as_agent(cast.ben).csrf

    assert browser.api(*CHANGE).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://desk.example.evil.test"},
        {"Origin": "https://desk.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_even_with_the_token(
    as_agent: AsAgent, cast: Cast, headers: dict[str, str]
) -> None:
    assert as_agent(cast.ada).api(*CHANGE, headers=headers).status_code == 403


def test_a_body_that_a_foreign_form_could_send_is_not_read(as_agent: AsAgent, cast: Cast) -> None:
    browser = as_agent(cast.ada)
    answer = browser.ask(
        "PATCH", "/api/v1/me/preferences", data='{"theme": "dark"}', content_type="text/plain"
    )

    assert answer.status_code == 422
    assert "application/json" in answer.json["error"]["sentence"]


def test_nobody_is_signed_in_by_a_foreign_form(app: Flask, store: Store, cast: Cast) -> None:
    give_password(store, cast.ada)
    form = {"csrf": "made up", "email": cast.ada.email, "password": PASSWORD}

    assert Browser(app).ask("POST", "/sign-in", data=form).status_code == 403
    no_cookie = {**form, "csrf": ""}
    assert Browser(app).ask("POST", "/sign-in", data=no_cookie).status_code == 403


def test_following_a_link_signs_nobody_out(as_agent: AsAgent, cast: Cast) -> None:
    browser = as_agent(cast.ada)
    assert "Sign out?" in browser.get("/sign-out").text

    assert browser.get("/api/v1/me").status_code == 200


def test_a_program_needs_no_csrf_token_within_its_scopes(app: Flask, store: Store, cast: Cast) -> None:
    secret = a_token(store, cast.ida, Permission.READ_AUDIT)
    program = with_token(app, secret)

    assert program.api("GET", "/me").json["permissions"] == ["read_audit", "signed_in"]
    assert program.api("GET", "/audit").status_code == 200
    assert program.api("GET", "/tokens").status_code == 403
    assert program.api("POST", "/tokens", {"name": "more", "scopes": ["edit_tokens"]}).status_code == 403


def test_a_token_loses_what_its_agent_loses(app: Flask, store: Store, cast: Cast) -> None:
    program = with_token(app, a_token(store, cast.ida, Permission.READ_AUDIT))
    with store.unit_of_work(STAGE) as w:
        w.session.get_one(Agent, cast.ida.id).role = cast.ada.role

    assert program.api("GET", "/audit").status_code == 403


def test_a_token_that_was_revoked_or_expired_opens_nothing(
    app: Flask, as_agent: AsAgent, store: Store, cast: Cast
) -> None:
    expired = with_token(app, a_token(store, cast.ida, Permission.READ_AUDIT))
    with store.unit_of_work(STAGE) as w:
        w.session.execute(update(ApiToken).values(expires_at=w.now - timedelta(seconds=1)))
    revoked = with_token(app, a_token(store, cast.ida, Permission.READ_AUDIT))
    ida = as_agent(cast.ida)
    newest = ida.api("GET", "/tokens").json["rows"][0]["id"]

    assert ida.api("DELETE", f"/tokens/{newest}").status_code == 204
    assert revoked.api("GET", "/me").status_code == 401
    assert expired.api("GET", "/me").status_code == 401


def test_a_wrong_token_is_not_saved_by_a_good_cookie(as_agent: AsAgent, cast: Cast) -> None:
    browser = as_agent(cast.ada)

    answer = browser.api("GET", "/me", headers={"Authorization": "Bearer desk_wrong"})
    assert answer.status_code == 401


def test_a_token_cannot_make_itself_at_home(app: Flask, store: Store, cast: Cast) -> None:
    give_password(store, cast.ida)
    program = with_token(app, a_token(store, cast.ida, Permission.EDIT_TOKENS))

    assert program.api("PUT", "/me/password", {"current": PASSWORD, "new": "x" * 12}).status_code == 403
    assert program.api("POST", "/me/totp").status_code == 403
    assert program.api("POST", "/tokens", {"name": "child", "scopes": ["signed_in"]}).status_code == 403


def test_a_token_is_shown_once_and_kept_as_a_hash(as_agent: AsAgent, cast: Cast) -> None:
    ida = as_agent(cast.ida)
    made = ida.api("POST", "/tokens", {"name": "export", "scopes": ["read_cases"]})

    assert made.status_code == 201
    assert made.json["token"].startswith(made.json["prefix"])
    assert made.json["token"] not in ida.api("GET", "/tokens").text


def test_a_token_gets_no_right_that_its_agent_lacks(as_agent: AsAgent, store: Store, cast: Cast) -> None:
    ben_wants = {"name": "x", "scopes": ["edit_tokens"]}
    assert as_agent(cast.ben).api("POST", "/tokens", ben_wants).status_code == 403
    answer = as_agent(cast.ida).api("POST", "/tokens", {"name": "x", "scopes": ["fly"]})
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "scopes.0")
