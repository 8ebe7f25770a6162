"""The account's own list of what came in: for what no webhook brought us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.channels.sms.account import TextAccount, client_of
from desk.channels.sms.inbound import MOST_FILES

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """One text as the account lists it, in the fields of the webhook."""

    at: datetime | None
    fields: tuple[tuple[str, str], ...]

    @property
    def sid(self) -> str:
        return dict(self.fields)["MessageSid"]


class TextList:
    """What came in for one number. Each method speaks to the account, and raises what the library raises."""

    def __init__(self, account: TextAccount, address: str) -> None:
        self._account = account
        self._address = address
        self._client: Any = client_of(account)

    def since(self, moment: datetime) -> list[Listed]:
        """Every text that came in since then, the oldest first; their files are not looked for yet."""
        listed = self._client.messages.list(to=self._address, date_sent_after=moment, page_size=PAGE)
        return [_listed(one) for one in reversed(listed) if one.direction == "inbound"]

    def with_files(self, text: Listed) -> Listed:
        """The same, with the addresses of its files."""
        if dict(text.fields)["NumMedia"] in ("", "0"):
            return text
        found = self._client.messages(text.sid).media.list(limit=MOST_FILES)
        files = [
            (f"MediaUrl{place}", self._account.api + str(one.uri).removesuffix(".json"))
            for place, one in enumerate(found)
        ]
        return Listed(text.at, (*text.fields, *files))


def _listed(one: Any) -> Listed:
    return Listed(
        one.date_sent or one.date_created,
        (
            ("MessageSid", str(one.sid)),
            ("AccountSid", str(one.account_sid)),
            ("From", str(one.from_ or "")),
            ("To", str(one.to or "")),
            ("Body", str(one.body or "")),
            ("NumMedia", str(one.num_media or "0")),
        ),
    )
