"""The stand-in's account at Twilio: its texts, what becomes of each, and the signed calls to us.

It keeps what it was given and what it was told to bring, so that a test or a drill can ask what really
left. `desk.demo.twilio_standin` puts it behind an interface.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
import structlog
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

Form = list[tuple[str, str]]
Bring = Callable[[str, Form, dict[str, str]], int]
Fetched = tuple[int, str, bytes]
"""How somebody answered who was asked for a file: status, type, content."""

OUTSIDE_THE_WINDOW, UNKNOWN_CONTENT = 63016, 21655
WINDOW = timedelta(hours=24)
NOT_FETCHED, WRONG_TYPE, NOT_FETCHED_FOR_WHATSAPP, TOO_LARGE = 11200, 12300, 63019, 30019
LARGEST = {False: 5 * 1024 * 1024, True: 16 * 1024 * 1024}
"""Bytes that one message carries: by MMS, and by WhatsApp."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Media:
    """A file of a text: `type` is what its sender says it is."""

    type: str
    content: bytes
    sid: str = field(default_factory=lambda: f"ME{secrets.token_hex(16)}")


@dataclass
class Text:
    """One message of the account, in or out."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    at: datetime
    status: str
    error_code: int | None = None
    callback: str = ""
    media: tuple[Media, ...] = ()
    media_urls: tuple[str, ...] = ()

    @property
    def is_whatsapp(self) -> bool:
        return is_by_whatsapp(self.to)


@dataclass(frozen=True)
class Turn:
    """What happens to a text that is handed in: refused with `code` and `status`, or taken.

    `hang_up` takes it and breaks the line before the answer; `then` are the statuses it goes through,
    each with an error code where it has one.
    """

    code: int = 0
    status: int = 400
    hang_up: bool = False
    then: tuple[tuple[str, int | None], ...] = ()


DELIVERED = Turn(then=(("sent", None), ("delivered", None)))


def is_by_whatsapp(number: str) -> bool:
    return number.startswith("whatsapp:")


def bring_by_http(url: str, form: Form, headers: dict[str, str]) -> int:
    """Call a webhook as Twilio does, without following where it leads. Returns the status."""
    return requests.post(url, data=form, headers=headers, timeout=15, allow_redirects=False).status_code


def _words(content: Content, form: MultiDict[str, str]) -> str:
    """The template with what was handed over in its places, else with its own examples."""
    values = content.variables | json.loads(form.get("ContentVariables") or "{}")
    return re.sub(r"{{(\w+)}}", lambda found: str(values.get(found[1], "")), content.body)


def fetch_by_http(url: str) -> Fetched:
    """Ask for a file as Twilio does: as a stranger, over the public address."""
    answer = requests.get(url, timeout=15)
    return answer.status_code, answer.headers.get("Content-Type", ""), answer.content


@dataclass(frozen=True)
class Content:
    """A template of the account, as its Content API knows it."""

    name: str
    body: str
    status: str = "approved"
    variables: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    sid: str = field(default_factory=lambda: f"HX{secrets.token_hex(16)}")


@dataclass
class TwilioAccount:
    """The account. `bring` calls webhooks, `fetch` the files of what is sent; `usual` is the turn of a text
    for which none was scripted; `on_sent` hears of each text that left, once its files are there. With a
    `whatsapp_url` the number takes WhatsApp as well, and that webhook hears of it.
    """

    number: str
    account_sid: str = field(default_factory=lambda: f"AC{secrets.token_hex(16)}")
    auth_token: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = 0
    takes_mms: bool = True
    messages_url: str = ""
    whatsapp_url: str = ""
    bring: Bring = bring_by_http
    fetch: Callable[[str], Fetched] = fetch_by_http
    usual: Turn = DELIVERED
    on_sent: Callable[[Text], None] = lambda text: None
    contents: list[Content] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _going: list[threading.Thread] = field(default_factory=list)

    @property
    def api(self) -> str:
        """The address of its interface."""
        return f"http://127.0.0.1:{self.port}"

    def sent(self) -> list[Text]:
        """The texts that were taken from us, oldest first."""
        with self._lock:
            return [one for one in self.texts if one.direction == "outbound-api"]

    def find(self, sid: str) -> Text | None:
        with self._lock:
            return next((one for one in self.texts if one.sid == sid), None)

    def write(self, sender: str, body: str, media: Sequence[Media] = (), **more: str) -> tuple[Text, int]:
        """Somebody texts the number; returns the text, and what our webhook answered."""
        text = self.lose(sender, body, media)
        return text, self.bring_again(text, **more)

    def lose(self, sender: str, body: str, media: Sequence[Media] = ()) -> Text:
        """Somebody texts the number, and no webhook hears of it: the account lists it all the same."""
        text = Text(
            sid=f"{'MM' if media else 'SM'}{secrets.token_hex(16)}",
            direction="inbound",
            sender=sender,
            to=f"whatsapp:{self.number}" if self.whatsapp_url and is_by_whatsapp(sender) else self.number,
            body=body,
            at=datetime.now(UTC),
            status="received",
            media=tuple(media),
        )
        with self._lock:
            self.texts.append(text)
        return text

    def bring_again(self, text: Text, **more: str) -> int:
        """Call the webhook for messages with this text; `more` are fields beside or instead of its own."""
        form = [(name, value) for name, value in self.form_of(text) if name not in more]
        url = self.whatsapp_url if is_by_whatsapp(text.sender) else ""
        return self.call(url or self.messages_url, [*form, *more.items()])

    def form_of(self, text: Text) -> Form:
        """The fields of a message as the webhook gets them."""
        form = [
            ("ToCountry", ""),
            ("MessageSid", text.sid),
            ("SmsSid", text.sid),
            ("AccountSid", self.account_sid),
            ("From", text.sender),
            ("To", text.to),
            ("Body", text.body),
            ("NumMedia", str(len(text.media))),
            ("NumSegments", "1"),
            ("ApiVersion", "2010-04-01"),
        ]
        for place, media in enumerate(text.media):
            form += [
                (f"MediaUrl{place}", self.media_url(text, media)),
                (f"MediaContentType{place}", media.type),
            ]
        return form

    def media_url(self, text: Text, media: Media) -> str:
        return f"{self.api}{self.media_path(text, media)}"

    def media_path(self, text: Text, media: Media) -> str:
        return f"/2010-04-01/Accounts/{self.account_sid}/Messages/{text.sid}/Media/{media.sid}"

    def call(self, url: str, form: Form) -> int:
        """Call a webhook with Twilio's signature; 0 when nobody is there."""
        signature = RequestValidator(self.auth_token).compute_signature(url, MultiDict(form))
        try:
            return self.bring(url, form, {"X-Twilio-Signature": signature})
        except requests.RequestException as error:
            log.info("webhook_not_reached", error=type(error).__name__)
            return 0

    def take(self, form: MultiDict[str, str]) -> tuple[Text | None, Turn]:
        """A text is handed in: what became of it, and by which turn."""
        with self._lock:
            turn = self.turns.pop(0) if self.turns else self.usual
            if turn.code and not turn.hang_up:
                return None, turn
            urls = tuple(form.getlist("MediaUrl"))
            content = next((one for one in self.contents if one.sid == form.get("ContentSid")), None)
            if form.get("ContentSid") and content is None:
                return None, Turn(code=UNKNOWN_CONTENT)
            if content is None and self._is_outside_the_window(form["To"]):
                turn = Turn(then=(("failed", OUTSIDE_THE_WINDOW),))
            text = Text(
                sid=f"{'MM' if urls else 'SM'}{secrets.token_hex(16)}",
                direction="outbound-api",
                sender=form.get("From") or self.number,
                to=form["To"],
                body=_words(content, form) if content else form.get("Body", ""),
                at=datetime.now(UTC),
                status="queued",
                callback=form.get("StatusCallback", ""),
                media_urls=urls,
            )
            self.texts.append(text)
        if not urls:
            self.on_sent(text)
        if turn.then or urls:
            going = threading.Thread(target=self._go_through, args=(text, turn), daemon=True)
            self._going.append(going)
            going.start()
        return text, turn

    def _is_outside_the_window(self, number: str) -> bool:
        """WhatsApp takes free words for a day after the last of theirs."""
        since = datetime.now(UTC) - WINDOW
        wrote = any(
            one.sender == number and one.at > since for one in self.texts if one.direction == "inbound"
        )
        return is_by_whatsapp(number) and not wrote

    def settle(self) -> None:
        """Wait until every text has gone through its turn."""
        while self._going:
            self._going.pop().join(20)

    def fare(self, text: Text, status: str, error_code: int | None = None) -> int:
        """The text changes its status, and its callback is told of it."""
        with self._lock:
            text.status, text.error_code = status, error_code
        if not urlsplit(text.callback).scheme:
            return 0
        form = [
            ("MessageSid", text.sid),
            ("SmsSid", text.sid),
            ("AccountSid", self.account_sid),
            ("From", text.sender),
            ("To", text.to),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("ApiVersion", "2010-04-01"),
        ]
        if error_code:
            form.append(("ErrorCode", str(error_code)))
        return self.call(text.callback, form)

    def _go_through(self, text: Text, turn: Turn) -> None:
        if text.media_urls:
            code = self._fetch_media(text)
            if code:
                self.fare(text, "failed", code)
                return
            self.on_sent(text)
        for status, error_code in turn.then:
            self.fare(text, status, error_code)

    def _fetch_media(self, text: Text) -> int | None:
        """Twilio asks for each file, and believes the type it comes with; the code of what went wrong."""
        found: list[Media] = []
        for url in text.media_urls:
            try:
                status, kind, content = self.fetch(url)
            except requests.RequestException:
                status, kind, content = 0, "", b""
            if status != 200 or not content:
                return NOT_FETCHED_FOR_WHATSAPP if text.is_whatsapp else NOT_FETCHED
            if kind.partition("/")[0] not in ("image", "video", "audio") and kind != "application/pdf":
                return WRONG_TYPE
            found.append(Media(kind, content))
        if sum(len(one.content) for one in found) > LARGEST[text.is_whatsapp]:
            return TOO_LARGE
        with self._lock:
            text.media = tuple(found)
        return None
