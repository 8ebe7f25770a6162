"""Bad input gets a sentence: never a trace, never half a change."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from desk.app import create_app
from desk.http.asked import Asked
from desk.http.entrance import BODY_LIMIT
from desk.model.agent import Agent
from desk.settings import Settings
from desk.store.engine import engine_for
from desk.store.unit_of_work import Store
from tests.people import Cast
from tests.security.browser import Browser

AsAgent = Callable[[Agent], Browser]
JSON = "application/json"


@pytest.fixture
def ada(as_agent: AsAgent, cast: Cast) -> Browser:
    return as_agent(cast.ada)


def send(browser: Browser, body: bytes | str) -> Any:
    return browser.ask("PATCH", "/api/v1/me/preferences", data=body, content_type=JSON)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "not JSON"),
        (b'{"theme": "dark",}', "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "deeper than 32"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeper than 32"),
        (b'{"theme": "dark", "theme": "light"}', "given twice"),
        (b'{"hold_seconds": NaN}', "not a number"),
        (b'{"signature": "a\\u0000b"}', "cannot be kept"),
        (b'{"signature": "\\ud800"}', "cannot be kept"),
        (b"[]", "The body: Input should be an object."),
        (b'"dark"', "The body: Input should be an object."),
        (b"null", "The body: Input should be an object."),
        (b'{"theme": "pink"}', "theme"),
        (b'{"hold_seconds": 1e400}', "hold_seconds"),
        (b'{"hold_seconds": ' + b"9" * 5000 + b"}", "not JSON we take"),
    ],
)
def test_a_body_that_cannot_be_meant_gets_a_sentence(ada: Browser, body: bytes, word: str) -> None:
    answer = send(ada, body)

    assert answer.status_code == 422
    assert word in answer.json["error"]["sentence"]
    assert ada.api("GET", "/me").json["preferences"]["theme"] == "system"


def test_a_field_that_is_missing_is_named(ada: Browser) -> None:
    answer = ada.ask("POST", "/api/v1/cases/bulk", data=b"{}", content_type=JSON)
    assert answer.status_code == 422
    assert answer.json["error"]["sentence"] == "The field “ids” is missing."
    assert answer.json["error"]["field"] == "ids"


@pytest.mark.parametrize(
    "field",
    ["role", "is_admin", "id", "agent_id", "email", "totp", "password_hash", "permissions", "__class__"],
)
def test_a_field_we_do_not_know_is_refused_by_its_name(
    ada: Browser, cast: Cast, store: Store, field: str
) -> None:
    answer = ada.api("PATCH", "/me/preferences", {"theme": "dark", field: "admin"})

    assert (answer.status_code, answer.json["error"]["field"]) == (422, field)
    assert ada.api("GET", "/me").json["preferences"]["theme"] == "system"


def test_privileges_cannot_be_asked_for_by_query_or_form(ada: Browser) -> None:
    form = ada.ask("PATCH", "/api/v1/me/preferences?role=admin", data={"role": "admin"})

    assert form.status_code == 422
    assert ada.api("GET", "/me").json["role"] == "agent"


def test_every_write_refuses_unknown_fields(app: Flask) -> None:
    """By declaration, so that a new route cannot forget it."""
    loose = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for model in (getattr(view, "desk_body", None), getattr(view, "desk_query", None)):
            if model is not None and not (
                issubclass(model, Asked) and model.model_config.get("extra") == "forbid"
            ):
                loose.append(f"{rule.endpoint}: {model.__name__}")

    assert loose == []


def test_ten_megabytes_are_taken_and_one_more_byte_is_not(ada: Browser) -> None:
    room = BODY_LIMIT - len(b'{"signature": ""}')
    at_the_limit = send(ada, b'{"signature": "' + b"a" * room + b'"}')
    above = send(ada, b'{"signature": "' + b"a" * (room + 1) + b'"}')

    assert at_the_limit.status_code == 422
    assert above.status_code == 413
    assert "10 MB" in above.json["error"]["sentence"]


def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(ada: Browser) -> None:
    answer = ada.ask(
        "PATCH",
        "/api/v1/me/preferences",
        input_stream=BytesIO(b" " * (BODY_LIMIT + 1)),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_TYPE": JSON, "CONTENT_LENGTH": ""},
    )

    assert answer.status_code == 413
    assert "10 MB" in answer.json["error"]["sentence"]


def test_a_form_of_very_many_parts_is_refused(stranger: Browser) -> None:
    form = {f"field{number}": "x" for number in range(2000)}
    answer = stranger.ask("POST", "/sign-in", data=form, content_type="multipart/form-data")

    assert answer.status_code == 413


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 400, "-1", "1e3", "1%00", "0x1"])
def test_a_number_that_no_row_has_is_an_address_where_nothing_is(ada: Browser, number: str) -> None:
    assert ada.api("DELETE", f"/me/sessions/{number}").status_code == 404


@pytest.mark.parametrize("since", ["-1", "9223372036854775808", "x", "1&since=2", "", "%00"])
def test_a_query_that_cannot_be_meant_gets_a_sentence(ada: Browser, since: str) -> None:
    answer = ada.api("GET", f"/changes?since={since}")

    assert answer.status_code == 422
    assert answer.json["error"]["sentence"].endswith(".")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_cannot_be_written_gets_a_sentence(as_agent: AsAgent, cast: Cast, moment: str) -> None:
    ida = as_agent(cast.ida)
    token = {"name": "For good", "scopes": ["export"], "expires_at": moment}
    answers = [
        ida.api("GET", "/search", query_string={"q": "tea", "since": moment}),
        ida.api("PUT", "/cases/1/snooze", {"until": moment}),
        ida.api("POST", "/tokens", token),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all("all years" in answer.json["error"]["sentence"] for answer in answers)


def test_while_the_database_is_away_we_say_so_and_when_to_come_back(settings: Settings, store: Store) -> None:
    away = engine_for("postgresql://desk@/desk?host=/nowhere", name="test", pool_size=1)
    app = create_app(settings, Store(engine=away, files=store.files, nudge=store.nudge))
    browser = Browser(app)
    browser.client.set_cookie("desk", "x", domain="desk.example")
    api, page, ready = browser.get("/api/v1/me"), browser.get("/desk"), browser.get("/health/ready")

    assert (api.status_code, api.json["error"]["kind"]) == (503, "unavailable")
    assert int(api.headers["Retry-After"]) > 0
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert (ready.status_code, ready.json["parts"]["database"]) == (503, "away")
    assert browser.get("/health/live").status_code == 200


def test_ready_tells_which_part_is_away(settings: Settings, store: Store) -> None:
    app = create_app(settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"}), store)
    answer = Browser(app).get("/health/ready")

    assert answer.status_code == 503
    assert answer.json["parts"] == {"database": "ok", "redis": "away", "relay": "ok"}


def test_all_parts_there_is_ready(stranger: Browser, cast: Cast) -> None:
    answer = stranger.get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    assert answer.json["mailboxes"] == {"connecting": 1}
