"""WhatsApp templates: what Twilio's Content API lists, and how one reads with its places filled.

A place is `{{1}}` or `{{name}}`. https://www.twilio.com/docs/content/using-variables-with-content-api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.channels.sms.account import TextAccount, client_of
from desk.model.errors import Invalid

APPROVED = "approved"
LONGEST_VALUE = 500
MOST_TEMPLATES = 500
_PLACE = re.compile(r"\{\{\s*(\w{1,40})\s*\}\}")
_SHOWN_AS_WORDS = ("twilio/text", "twilio/quick-reply", "twilio/call-to-action")
"""Kinds of content whose words are all of what the customer reads, but for buttons."""


@dataclass(frozen=True, slots=True)
class Template:
    """`examples` are what its author put into each place; `status` is WhatsApp's word on it."""

    sid: str
    name: str
    language: str
    body: str
    status: str
    examples: dict[str, str]

    @property
    def places(self) -> list[str]:
        """The names of what is to be filled in, each once, in the order they are read."""
        return list(dict.fromkeys(_PLACE.findall(self.body)))

    @property
    def is_approved(self) -> bool:
        return self.status == APPROVED


def fetch_templates(account: TextAccount) -> list[Template]:
    """What the account has, by name. Raises what the library raises."""
    listed = client_of(account).content.v1.content_and_approvals.list(limit=MOST_TEMPLATES)
    found = [one for one in (_template(each) for each in listed) if one is not None]
    return sorted(found, key=lambda one: (one.name, one.language))


def filled(template: Template, values: Mapping[str, str]) -> str:
    """The template as it will read. Raises Invalid for a place that is empty, or holds what WhatsApp refuses.

    Each place is filled once: what is filled in is never looked at again.
    """
    for place in template.places:
        value = values.get(place, "").strip()
        if not value:
            raise Invalid(f"Fill in {place}.", "template")
        if len(value) > LONGEST_VALUE:
            raise Invalid(f"{place} has {len(value)} characters; {LONGEST_VALUE} are possible.", "template")
        if re.search(r"[\n\r\t]| {4}", value) or not value.isprintable():
            raise Invalid(f"{place} takes one line, without tabs or four spaces in a row.", "template")
    return _PLACE.sub(lambda found: values[found[1]].strip(), template.body)


def variables_of(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """What is handed over for the places, and nothing beside it."""
    return {place: values[place].strip() for place in template.places}


def _template(one: Any) -> Template | None:
    kinds = one.types or {}
    body = next((kinds[kind].get("body") for kind in _SHOWN_AS_WORDS if kind in kinds), None)
    if not body or not one.sid:
        return None
    said = one.approval_requests or {}
    status = str(said.get("status") or "unsubmitted")
    examples = {str(place): str(value) for place, value in (one.variables or {}).items()}
    return Template(
        str(one.sid), str(one.friendly_name or one.sid), str(one.language or ""), body, status, examples
    )
