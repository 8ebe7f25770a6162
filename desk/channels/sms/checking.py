"""Trying a text channel out: does the account open, is the number its own, do texts reach us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desk.channels.checked import Checked
from desk.channels.sms.account import TextAccount, client_of, text_account
from desk.channels.sms.numbers import is_whatsapp
from desk.channels.sms.templates import fetch_templates
from desk.channels.sms.trouble import explain
from desk.channels.sms.webhooks import is_served, messages_url
from desk.model.errors import Misconfigured


def check_sms(config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[Checked]:
    """The account, the number, and the webhook; stops at the first that fails."""
    try:
        account = text_account(config, secrets, config["twilio_api"])
    except Misconfigured as trouble:
        return [Checked("account", False, trouble.sentence)]
    checks = []
    for check in _checks(account, config):
        checks.append(check)
        if not check.ok:
            break
    return checks


def _checks(account: TextAccount, config: Mapping[str, Any]) -> Iterator[Checked]:
    try:
        client = client_of(account)
        found = client.api.v2010.accounts(account.account_sid).fetch()
        if found.status != "active":
            yield Checked("account", False, f"The account is {found.status}; see the console of Twilio.")
            return
        yield Checked("account", True, "Twilio accepts the SID and the auth token.")
        yield from _number_checks(client, account, config)
    except Exception as error:  # whatever a server does ends in a sentence
        yield Checked("account", False, explain(error).sentence)


def _number_checks(client: Any, account: TextAccount, config: Mapping[str, Any]) -> Iterator[Checked]:
    address, ours = config["address"], messages_url(config["public_url"], config["id"])
    if is_whatsapp(address):
        yield Checked(
            "number", True, f"Look in the console that the WhatsApp sender's webhook for messages is {ours}"
        )
        yield _templates_check(account)
        return
    numbers = client.incoming_phone_numbers.list(phone_number=address, limit=1)
    if not numbers:
        yield Checked("number", False, f"{address} does not belong to this account.")
        return
    yield Checked("number", True, f"{address} belongs to the account.")
    if config["sms"].get("mms_countries"):
        yield _mms_check(numbers[0], config)
    url, method = numbers[0].sms_url or "", numbers[0].sms_method or "POST"
    if config["sms"].get("messaging_service_sid") and url != ours:
        yield Checked("webhook", True, f"Let the messaging service use the sender's webhook: {ours}")
    elif url != ours or method != "POST":
        told = f"it is {url}" if url else "there is none"
        yield Checked("webhook", False, f"Set the number's webhook for messages to {ours} (POST); {told}.")
    else:
        yield Checked("webhook", True, "Texts to the number are brought to this desk.")


def _templates_check(account: TextAccount) -> Checked:
    found = fetch_templates(account)
    usable = sum(one.is_approved for one in found)
    if not usable:
        told = "Without one nobody can be written to who has been silent for 24 hours."
        return Checked("templates", True, f"The account has no approved template. {told}")
    return Checked("templates", True, f"The account has {usable} approved of {len(found)} templates.")


def _mms_check(number: Any, config: Mapping[str, Any]) -> Checked:
    if not (number.capabilities or {}).get("mms"):
        told = "Take its MMS countries away, or another number."
        return Checked("files", False, f"{config['address']} cannot send files (MMS). {told}")
    if not is_served(config["public_url"], config["twilio_api"]):
        told = "Set DESK_PUBLIC_URL to a public address."
        return Checked("files", False, f"Twilio cannot fetch files from {config['public_url']}. {told}")
    return Checked("files", True, "Files go by MMS.")
