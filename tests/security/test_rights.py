"""The route matrix: every route asks for a declared right, of every role."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from desk.model.agent import Agent
from desk.model.permission import ROLES, Permission, Role
from tests.people import Cast
from tests.security.browser import Browser, sign_in_at_once
from tests.security.rights import TABLE, declared

AsAgent = Callable[[Agent], Browser]
ROWS = [
    (line.split()[0], line.partition(" ")[2].rpartition(" ")[0], line.split()[-1])
    for line in TABLE.read_text().splitlines()
]
GUARDED = [row for row in ROWS if row[2] != "public"]


def address(rule: str) -> str:
    """The route's address with an id that no row has."""
    rule = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule)
    return re.sub(r"<int:\w+>", "999999", re.sub(r"<(path:)?\w+>", "nothing", rule))


def call(browser: Browser, method: str, rule: str) -> int:
    body: dict[str, object] | None = None if method == "GET" else {}
    return browser.ask(method, address(rule), json=body).status_code


def test_every_route_is_in_the_table(app: Flask) -> None:
    """A new route is added by `python -m tests.security.rights`, where the reviewer sees what it asks."""
    assert declared(app) == TABLE.read_text().splitlines()


def test_no_route_is_without_a_right() -> None:
    assert [row for row in ROWS if row[2] == "NONE"] == []


def test_what_changes_something_is_public_only_at_the_doors() -> None:
    """At the sign-in, in the widget, in the help centre, and where a provider signs its calls."""
    assert {row[1] for row in ROWS if row[2] == "public" and row[0] != "GET"} == {
        "/sign-in",
        "/sign-in/code",
        "/sign-in/second-factor",
        "/hooks/purchases/<int:source_id>",
        "/hooks/twilio/<int:channel_id>/messages",
        "/hooks/twilio/<int:channel_id>/status",
        "/widget/<site>/visitors",
        "/widget/<site>/files",
        "/help/articles/<slug>/vote",
        "/help/contact",
        "/help/no-more/<token>",
        "/help/score/<token>",
        "/help/cases/link",
        "/help/cases/link/<secret>",
        "/help/cases/leave",
        "/help/cases/<int:case_id>",
    }


def test_a_stranger_gets_nothing(stranger: Browser) -> None:
    wrong = []
    for method, rule, _ in GUARDED:
        page = method == "GET" and not rule.startswith("/api/")
        if (status := call(stranger, method, rule)) != (302 if page else 401):
            wrong.append(f"{method} {rule}: {status}")

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_its_rights_open_and_nothing_else(
    as_agent: AsAgent, app: Flask, cast: Cast, role: Role
) -> None:
    agent = {Role.AGENT: cast.ada, Role.MANAGER: cast.sam, Role.ADMIN: cast.ida, Role.AUDITOR: cast.otto}[
        role
    ]
    browser = as_agent(agent)
    wrong = []
    for method, rule, right in GUARDED:
        if (method, rule) == ("POST", "/sign-out"):
            continue
        status = call(browser, method, rule)
        may = Permission(right) in ROLES[role]
        refused = status in (401, 403)
        broken = status in (405, 500, 502)
        if may is refused or broken:
            wrong.append(f"{method} {rule} asks {right}: {status}")

    assert wrong == []


def test_a_session_that_owes_its_second_factor_reaches_nothing(app: Flask, cast: Cast) -> None:
    with app.extensions["desk"].store.unit_of_work(cast.actor(cast.ida)) as w:
        w.session.get_one(Agent, cast.ida.id).totp_confirmed_at = w.now
    pending = sign_in_at_once(app, cast.ida)

    assert {call(pending, method, rule) for method, rule, _ in GUARDED} <= {401, 302}
