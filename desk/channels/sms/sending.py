"""Handing a text to Twilio, and asking whether it was taken: its interface takes no key against doubles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.channels.sms.account import TextAccount, client_of
from desk.channels.sms.numbers import destination
from desk.channels.sms.segments import plain_form

MOST_LISTED = 50
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Taken:
    """Twilio has it: its number there, and how it stands."""

    sid: str
    status: str | None


class TextLine:
    """The line of one channel. Each method speaks once, and raises what the library raises."""

    def __init__(self, account: TextAccount, address: str) -> None:
        self._account = account
        self._address = address
        self._client: Any = client_of(account)

    def send(
        self,
        number: str,
        body: str,
        *,
        status_callback: str,
        media: Sequence[str] = (),
        template: Mapping[str, Any] | None = None,
    ) -> Taken:
        """Hand it over, with the addresses of its files, or as a template. Not safe to run twice."""
        service = self._account.messaging_service_sid
        sender = {"messaging_service_sid": service} if service else {"from_": self._address}
        said = {"body": body} if body or not media else {}
        if template:
            variables = json.dumps(template["variables"], ensure_ascii=False)
            said = {"content_sid": template["sid"], "content_variables": variables}
        files = {"media_url": list(media)} if media else {}
        sent = self._client.messages.create(
            to=destination(self._address, number), status_callback=status_callback, **said, **files, **sender
        )
        return Taken(sent.sid, str(sent.status) if sent.status else None)

    def look_up(self, number: str, body: str, *, since: datetime, files: int = 0) -> list[Taken]:
        """Texts of ours to the number with these words and so many files, made since then, the oldest first.

        Asked without a date: one that still waits at Twilio has no date of sending.
        """
        listed = self._client.messages.list(to=destination(self._address, number), limit=MOST_LISTED)
        found = [
            Taken(one.sid, str(one.status) if one.status else None)
            for one in listed
            if one.direction != "inbound"
            and _words(one.body or "") == _words(body)
            and int(one.num_media or 0) == files
            and (one.date_created is None or one.date_created >= since - CLOCKS_APART)
        ]
        return found[::-1]


def _words(body: str) -> list[str]:
    """What smart encoding and trimming leave alone."""
    return plain_form(body).split()
