"""Signing in to a mailbox with OAuth: what the setup page may enter, never reads back, and is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk.model.agent import Agent
from tests.people import Cast
from tests.security.browser import Browser
from tests.servers.oauth import Provider, oauth_provider

SignIn = Callable[[Agent], Browser]
SERVERS = {
    "imap": {"host": "127.0.0.1", "port": 9, "tls": "plain", "username": "help@shop.example"},
    "smtp": {"host": "127.0.0.1", "port": 9, "tls": "plain", "username": "help@shop.example"},
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oauth_provider() as running:
        yield running


def oauth(provider: Provider, **changes: Any) -> dict[str, Any]:
    return {
        "provider": "other",
        "client_id": "desk",
        "client_secret": "the-secret",
        "refresh_token": "first",
        "token_url": provider.token_url,
        "scope": "mail",
    } | changes


def test_secrets_go_in_and_are_never_shown(as_agent: SignIn, cast: Cast, provider: Provider) -> None:
    ida = as_agent(cast.ida)
    url = f"/channels/{cast.mail.id}"
    kept = ida.api("PATCH", url, {"oauth": oauth(provider)})

    assert kept.status_code == 200
    assert kept.json["oauth"]["has_client_secret"] and kept.json["oauth"]["has_refresh_token"]
    assert "the-secret" not in kept.text and "first" not in kept.text
    again = oauth(provider, scope="mail.read")
    del again["client_secret"], again["refresh_token"]
    assert ida.api("PATCH", url, {"oauth": again}).json["oauth"]["has_refresh_token"]


@pytest.mark.parametrize("missing", ["client_id", "refresh_token", "token_url"])
def test_what_no_provider_can_do_without_is_asked_for(
    as_agent: SignIn, cast: Cast, provider: Provider, missing: str
) -> None:
    answer = as_agent(cast.ida).api(
        "PATCH", f"/channels/{cast.mail.id}", {"oauth": oauth(provider, **{missing: ""})}
    )

    assert answer.status_code == 422
    assert answer.json["error"]["field"] == f"oauth.{missing}"


def test_trying_it_says_what_is_wrong_with_each_part(
    as_agent: SignIn, cast: Cast, provider: Provider
) -> None:
    ida = as_agent(cast.ida)
    ida.api("PATCH", f"/channels/{cast.mail.id}", {**SERVERS, "oauth": oauth(provider)})

    tried = ida.api("POST", f"/channels/{cast.mail.id}/test").json["rows"]
    assert [row["part"] for row in tried] == ["imap", "smtp"]
    assert not any(row["ok"] for row in tried)
    assert all("127.0.0.1" in row["sentence"] for row in tried)
