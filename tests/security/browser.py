"""A browser, and ways to be signed in with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from desk.actions.people.signing_in import open_session, set_password
from desk.model.access import Session
from desk.model.agent import Agent
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store
from tests.people import STAGE

PASSWORD = "twelve green bottles"


class Answer(TestResponse):
    """What a browser was answered. A test that looks into the body fails by itself where there is none."""

    @property
    def json(self) -> Any:
        return self.get_json()


@dataclass
class Browser:
    """One browser with its cookies. It speaks to the public address and shows the CSRF token it has."""

    app: Flask
    csrf: str = ""
    address: str = "203.0.113.5"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.response_wrapper = Answer

    def ask(self, method: str, path: str, **given: Any) -> Answer:
        headers = {"X-CSRF-Token": self.csrf, **given.pop("headers", {})}
        given.setdefault("environ_base", {"REMOTE_ADDR": self.address})
        answer = self.client.open(
            path, method=method, base_url=self.home, headers=headers, buffered=True, **given
        )
        assert isinstance(answer, Answer)
        return answer

    @property
    def home(self) -> str:
        """The address under which the desk answers."""
        address: str = self.app.extensions["desk"].settings.public_url
        return address

    def get(self, path: str, **given: Any) -> Answer:
        return self.ask("GET", path, **given)

    def api(self, method: str, path: str, body: Any = None, **given: Any) -> Answer:
        """A call of the API with a JSON body."""
        if body is not None:
            given["json"] = body
        return self.ask(method, f"/api/v1{path}", **given)

    def sign_in(self, email: str, password: str = PASSWORD, **given: Any) -> Answer:
        """Fill in the form and send it."""
        form = {"csrf": field_of(self.get("/sign-in").text, "csrf"), "email": email, "password": password}
        return self.ask("POST", "/sign-in", data={**form, **given.pop("form", {})}, **given)

    def give_code(self, code: str) -> Answer:
        form = {"csrf": field_of(self.get("/sign-in/code").text, "csrf"), "code": code}
        return self.ask("POST", "/sign-in/code", data=form)

    def cookie(self, name: str = "desk") -> str | None:
        found = self.client.get_cookie(name, domain=urlsplit(self.home).hostname or "")
        return found.value if found else None

    def keep_cookie(self, value: str, name: str = "desk") -> None:
        self.client.set_cookie(name, value, domain=urlsplit(self.home).hostname or "")


def sign_in_at_once(app: Flask, agent: Agent) -> Browser:
    """A signed-in browser, without the form."""
    store: Store = app.extensions["desk"].store
    with store.unit_of_work(STAGE) as w:
        opened = open_session(w, agent.id, browser="a test", lasts=timedelta(days=7))
    with store.reading(STAGE) as w:
        csrf = w.session.scalar(select(Session.csrf).where(Session.secret_hash == hash_of(opened.secret)))
    browser = Browser(app, csrf=csrf or "")
    browser.keep_cookie(opened.secret)
    return browser


def give_password(store: Store, agent: Agent, password: str = PASSWORD) -> None:
    with store.unit_of_work(STAGE) as w:
        set_password(w, w.session.get_one(Agent, agent.id), password)


def field_of(page: str, name: str) -> str:
    """The value of a field in a page's form."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name} in the page"
    return found[1]
