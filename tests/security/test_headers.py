"""Every answer carries the guards of the browser, and is made for our host only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from desk import assets
from desk.app import create_app
from desk.http.security import CSP
from desk.model.agent import Agent
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.people import Cast
from tests.security.browser import Browser

AsAgent = Callable[[Agent], Browser]


def guarded(answer: TestResponse) -> bool:
    headers = answer.headers
    return (
        headers["Content-Security-Policy"] == CSP
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["X-Frame-Options"] == "DENY"
        and headers["Referrer-Policy"] == "same-origin"
        and headers["Cross-Origin-Opener-Policy"] == "same-origin"
    )


def test_the_policy_allows_nothing_inline_and_no_frame_around_us() -> None:
    assert CSP.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in CSP
    assert "frame-ancestors 'none'" in CSP
    assert "base-uri 'none'" in CSP


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/sign-in/code", "/desk", "/desk/cases/1", "/nothing", "/api/v1/me",
             "/api/v1/nothing", "/health/live", "/static/pages.css", "/sign-out"],
)  # fmt: skip
def test_every_answer_to_a_stranger_is_guarded(stranger: Browser, path: str) -> None:
    assert guarded(stranger.get(path))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A front end of one script, so that the shell can be shown without a build."""
    dist = tmp_path_factory.mktemp("dist")
    (dist / "desk" / ".vite").mkdir(parents=True)
    manifest = {"src/desk/main.ts": {"file": "assets/desk.js", "css": ["assets/desk.css"]}}
    (dist / "desk" / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(assets.entry, "__defaults__", (dist,))


def test_the_workspace_is_guarded_and_carries_its_data_unbroken(
    as_agent: AsAgent, cast: Cast, store: Store, built: None
) -> None:
    with store.unit_of_work(cast.actor(cast.ida)) as w:
        w.session.get_one(Agent, cast.ada.id).name = "</script><script>alert(1)</script>"
    answer = as_agent(cast.ada).get("/desk/cases/7")

    assert guarded(answer)
    carried = re.search(r'<script type="application/json" id="boot">(.*?)</script>', answer.text, re.S)
    assert carried is not None
    assert json.loads(carried[1])["me"]["name"] == "</script><script>alert(1)</script>"
    assert "<script>alert" not in answer.text


def test_an_error_page_says_a_sentence_and_shows_no_trace(app: Flask, as_agent: AsAgent, cast: Cast) -> None:
    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("secret detail")

    browser = Browser(app)
    answer = browser.get("/breaks")

    assert answer.status_code == 500
    assert guarded(answer)
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize(
    "host", ["evil.test", "desk.example.evil.test", "desk.example:81", "", "a,desk.example"]
)
def test_another_host_is_refused(app: Flask, host: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 403
    assert "evil" not in answer.text


def test_a_forwarded_host_changes_nothing(app: Flask) -> None:
    headers = {"Host": "desk.example", "X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    answer = app.test_client().get("/desk", headers=headers)

    assert answer.headers["Location"].startswith("/sign-in")
    assert "evil" not in str(answer.headers) + answer.text


def test_a_desk_on_loopback_answers_to_every_loopback_name(settings: Settings, store: Store) -> None:
    app = create_app(settings.model_copy(update={"public_url": "http://127.0.0.1:8800"}), store)
    hosts = ["127.0.0.1:8800", "localhost:5173", "[::1]:8800", "127.0.0.1.evil.test"]

    statuses = [app.test_client().get("/sign-in", headers={"Host": host}).status_code for host in hosts]
    assert statuses == [200, 200, 200, 403]


def test_forwarded_addresses_are_believed_only_from_as_many_proxies_as_were_set(
    settings: Settings, store: Store
) -> None:
    seen = []
    for proxies in (0, 1):
        app = create_app(settings.model_copy(update={"trusted_proxies": proxies}), store)
        told: list[str | None] = []
        app.before_request(lambda told=told: told.append(__import__("flask").request.remote_addr))
        app.test_client().get(
            "/sign-in",
            headers={"Host": "desk.example", "X-Forwarded-For": "6.6.6.6, 198.51.100.9"},
            environ_base={"REMOTE_ADDR": "10.0.0.1"},
        )
        seen.append(told[0])

    assert seen == ["10.0.0.1", "198.51.100.9"]


def test_nothing_of_the_api_is_kept_by_caches(as_agent: AsAgent, cast: Cast) -> None:
    assert as_agent(cast.ada).api("GET", "/me").headers["Cache-Control"] == "no-store"


def test_numbers_are_for_this_machine_or_a_token(app: Flask, as_agent: AsAgent, cast: Cast) -> None:
    here = Browser(app, address="127.0.0.1").get("/metrics")
    through_a_proxy = Browser(app, address="127.0.0.1").get(
        "/metrics", headers={"X-Forwarded-For": "6.6.6.6"}
    )

    assert "desk_relay_lag_seconds" in here.text
    assert through_a_proxy.status_code == 403
    assert Browser(app).get("/metrics").status_code == 403
    assert as_agent(cast.sam).get("/metrics").status_code == 200
    assert as_agent(cast.ada).get("/metrics").status_code == 403
