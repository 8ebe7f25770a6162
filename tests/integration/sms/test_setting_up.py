"""A number becomes a channel, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.actions.setup.channels import add_channel, trial_of
from desk.channels.checked import Checked
from desk.channels.checking import check_channel
from desk.model.agent import Agent
from desk.model.errors import Invalid, Misconfigured
from desk.store.vault import Vault
from tests.integration.sms.desk_with_a_number import NUMBER, DeskWithANumber
from tests.people import STAGE
from tests.security.browser import Browser

OTHER = "+442079460111"


def tried(desk: DeskWithANumber, **secrets: str) -> list[Checked]:
    with desk.store.reading(STAGE) as work:
        channel = desk.kept_channel(work)
        config = trial_of(channel, desk.settings)
        opened = desk.vault.open_values(channel.secrets) | secrets
    return check_channel(channel.kind, config, opened)


def test_a_number_that_is_well_is_well(desk: DeskWithANumber) -> None:
    assert [(check.part, check.ok) for check in tried(desk)] == [
        ("account", True),
        ("number", True),
        ("webhook", True),
    ]


def test_a_wrong_token_is_said(desk: DeskWithANumber) -> None:
    (check,) = tried(desk, auth_token="wrong")
    assert not check.ok
    assert "does not accept the account SID" in check.sentence


def test_a_number_of_somebody_else_is_said(desk: DeskWithANumber) -> None:
    desk.twilio.number = OTHER
    assert [check.ok for check in tried(desk)] == [True, False]


def test_a_webhook_that_leads_elsewhere_is_said_with_the_right_one(desk: DeskWithANumber) -> None:
    ours, desk.twilio.messages_url = desk.twilio.messages_url, "https://demo.twilio.com/welcome"
    check = tried(desk)[-1]
    assert not check.ok
    assert ours in check.sentence and "demo.twilio.com" in check.sentence


def test_twilio_that_is_away_is_said(desk: DeskWithANumber) -> None:
    desk.twilio.stop()
    (check,) = tried(desk)
    assert check.sentence == "Twilio cannot be reached."


@pytest.mark.parametrize("token", ["", "  ", None])
def test_an_empty_auth_token_starts_no_channel(desk: DeskWithANumber, token: str | None) -> None:
    wanted = {"kind": "sms", "address": OTHER, "sms": {"account_sid": "AC1", "auth_token": token}}
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work, pytest.raises(Misconfigured):
        add_channel(work, wanted, Vault("a key"))


@pytest.mark.parametrize("address", ["02079460958", "SHOP", "12345", "whatsapp:", ""])
def test_what_is_no_number_with_its_country_is_refused(desk: DeskWithANumber, address: str) -> None:
    wanted = {"kind": "sms", "address": address, "sms": {"account_sid": "AC1", "auth_token": "token"}}
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work, pytest.raises(Invalid):
        add_channel(work, wanted, Vault("a key"))


def test_the_page_adds_changes_and_shows_a_number_but_never_its_token(
    desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ida = as_agent(desk.cast.ida)
    part = {"account_sid": "AC22", "auth_token": "a token of mine", "countries": ["gb", "IE"]}
    made = ida.api("POST", "/channels", {"kind": "sms", "address": f"whatsapp:{OTHER}", "sms": part})
    assert made.status_code == 201, made.text
    shown = made.json
    assert shown["address"] == f"whatsapp:{OTHER}"
    assert shown["sms"]["countries"] == ["GB", "IE"]
    assert shown["sms"]["has_auth_token"] and "a token of mine" not in made.text
    assert shown["webhooks"]["messages"] == f"http://desk.example/hooks/twilio/{shown['id']}/messages"
    changed = ida.api("PATCH", f"/channels/{shown['id']}", {"sms": {"daily_limit": 5}})
    assert changed.json["sms"]["daily_limit"] == 5 and changed.json["sms"]["account_sid"] == "AC22"
    emptied = ida.api("PATCH", f"/channels/{shown['id']}", {"sms": {"auth_token": ""}})
    assert emptied.status_code == 503 and "auth token" in emptied.json["error"]["sentence"]
    unknown = ida.api("PATCH", f"/channels/{shown['id']}", {"sms": {"countries": ["XX"]}})
    assert unknown.status_code == 422


def test_the_page_tries_the_number_out(desk: DeskWithANumber, as_agent: Callable[[Agent], Browser]) -> None:
    answer = as_agent(desk.cast.ida).api("POST", f"/channels/{desk.channel.id}/test")
    assert [row["ok"] for row in answer.json["rows"]] == [True, True, True]
    assert NUMBER in answer.text
