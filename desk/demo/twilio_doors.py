"""The stand-in's two doors: the part of Twilio's interface that we use, and the control door of tests.

Control, without a sign-in, on loopback: POST /control/texts, POST /control/turns, GET /control/sent.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.datastructures import MultiDict

from desk.demo.twilio_account import Media, Text, Turn, TwilioAccount

_MESSAGES = {20429: "Too Many Requests", 21610: "Attempt to send to unsubscribed recipient"}


def server_for(account: TwilioAccount) -> ThreadingHTTPServer:
    """A server on loopback that speaks for the account."""

    class Door(_Door):
        standin = account

    server = ThreadingHTTPServer(("127.0.0.1", account.port), Door)
    server.daemon_threads = True
    return server


class _Door(BaseHTTPRequestHandler):
    standin: TwilioAccount
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(_GETS)

    def do_POST(self) -> None:
        self._answer(_POSTS)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the account itself says what it was asked."""

    def _answer(self, doors: list[tuple[str, Callable[..., None]]]) -> None:
        parts = urlsplit(self.path)
        self.standin.asked.append(f"{self.command} {parts.path}")
        for pattern, door in doors:
            found = re.fullmatch(pattern, parts.path)
            if found:
                if pattern.startswith(("/2010", "/v1")) and not self._signed_in():
                    return self.refuse(401, 20003, "Authenticate")
                return door(self, *found.groups())
        return self.refuse(404, 20404, "The requested resource was not found")

    def _signed_in(self) -> bool:
        pair = f"{self.standin.account_sid}:{self.standin.auth_token}".encode()
        return self.headers.get("Authorization") == "Basic " + base64.b64encode(pair).decode()

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def form(self) -> MultiDict[str, str]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return MultiDict(parse_qsl(raw.decode(), keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def say(self, value: Any, status: int = 200) -> None:
        self.send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def refuse(self, status: int, code: int, message: str) -> None:
        self.say({"code": code, "message": message, "status": status, "more_info": ""}, status)

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _account(door: _Door) -> None:
    door.say({"sid": door.standin.account_sid, "status": "active", "friendly_name": "Stand-in"})


def _numbers(door: _Door) -> None:
    asked, account = door.query().get("PhoneNumber"), door.standin
    can = {"sms": True, "mms": account.takes_mms, "voice": True}
    rows = [{"sid": "PN" + "0" * 32, "phone_number": account.number, "sms_url": account.messages_url,
             "sms_method": "POST", "capabilities": can}]  # fmt: skip
    door.say(_page("incoming_phone_numbers", rows if asked in (None, account.number) else []))


def _create(door: _Door) -> None:
    text, turn = door.standin.take(door.form())
    if turn.hang_up:
        door.close_connection = True
        return None
    if text is None:
        return door.refuse(turn.status, turn.code, _MESSAGES.get(turn.code, "Refused by the script"))
    return door.say(_shown(door.standin, text), 201)


def _contents(door: _Door) -> None:
    rows = [
        {"sid": one.sid, "account_sid": door.standin.account_sid, "friendly_name": one.name,
         "language": one.language, "variables": one.variables,
         "types": {"twilio/text": {"body": one.body}},
         "approval_requests": {"name": one.name, "category": "UTILITY", "status": one.status}}
        for one in door.standin.contents
    ]  # fmt: skip
    door.say(
        {"contents": rows, "meta": {"page": 0, "page_size": 50, "next_page_url": None, "key": "contents"}}
    )


def _list(door: _Door) -> None:
    asked = door.query()
    since = asked.get("DateSent>")
    found = [
        text
        for text in reversed(door.standin.texts)
        if asked.get("To") in (None, text.to)
        and asked.get("From") in (None, text.sender)
        and (since is None or text.at >= _moment(since))
    ]
    door.say(_page("messages", [_shown(door.standin, text) for text in found]))


def _fetch(door: _Door, sid: str) -> None:
    text = door.standin.find(sid)
    if text is None:
        return door.refuse(404, 20404, "The requested resource was not found")
    return door.say(_shown(door.standin, text))


def _media_list(door: _Door, sid: str) -> None:
    text = door.standin.find(sid)
    if text is None:
        return door.refuse(404, 20404, "The requested resource was not found")
    rows = [
        {"sid": one.sid, "content_type": one.type, "parent_sid": sid,
         "account_sid": door.standin.account_sid, "uri": door.standin.media_path(text, one) + ".json"}
        for one in text.media
    ]  # fmt: skip
    return door.say(_page("media_list", rows))


def _media(door: _Door, sid: str, media_sid: str) -> None:
    """As Twilio does: whoever signs in is sent on to where the file lies, for a while, for anybody."""
    host = f"http://localhost:{door.standin.port}"
    door.send(307, b"", {"Location": f"{host}/files/{sid}/{media_sid}?signed={secrets.token_hex(8)}"})


def _file(door: _Door, sid: str, media_sid: str) -> None:
    text = door.standin.find(sid)
    media = next((one for one in (text.media if text else ()) if one.sid == media_sid), None)
    if media is None:
        return door.refuse(404, 20404, "The requested resource was not found")
    if door.headers.get("Authorization"):
        return door.refuse(400, 0, "Only one way to sign in is allowed")
    return door.send(200, media.content, {"Content-Type": media.type})


def _control_write(door: _Door) -> None:
    asked = door.json()
    media = [Media(one["type"], base64.b64decode(one["content"])) for one in asked.get("media", [])]
    text, answer = door.standin.write(asked["from"], asked.get("body", ""), media)
    door.say({"sid": text.sid, "answer": answer})


def _control_turns(door: _Door) -> None:
    asked = door.json()
    door.standin.turns += [
        Turn(**(one | {"then": tuple(tuple(each) for each in one.get("then", ()))})) for one in asked
    ]
    door.say({"turns": len(door.standin.turns)})


def _control_sent(door: _Door) -> None:
    door.say([_shown(door.standin, text) for text in door.standin.sent()])


def _shown(account: TwilioAccount, text: Text) -> dict[str, Any]:
    at = text.at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return {
        "sid": text.sid, "account_sid": account.account_sid, "from": text.sender, "to": text.to,
        "body": text.body, "direction": text.direction, "status": text.status,
        "error_code": text.error_code, "error_message": None,
        "num_media": str(len(text.media_urls or text.media)),
        "num_segments": "1", "date_created": at, "date_sent": at, "date_updated": at, "price": None,
        "price_unit": "USD", "api_version": "2010-04-01", "messaging_service_sid": None, "uri": "",
    }  # fmt: skip


def _page(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: rows, "page": 0, "page_size": 1000, "next_page_uri": None, "uri": "", "start": 0}


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_ACCOUNT = r"/2010-04-01/Accounts/\w+"
_GETS: list[tuple[str, Callable[..., None]]] = [
    (rf"{_ACCOUNT}\.json", _account),
    (rf"{_ACCOUNT}/IncomingPhoneNumbers\.json", _numbers),
    (rf"{_ACCOUNT}/Messages\.json", _list),
    (rf"{_ACCOUNT}/Messages/(\w+)\.json", _fetch),
    (rf"{_ACCOUNT}/Messages/(\w+)/Media\.json", _media_list),
    (rf"{_ACCOUNT}/Messages/(\w+)/Media/(\w+)", _media),
    (r"/v1/ContentAndApprovals", _contents),
    (r"/files/(\w+)/(\w+)", _file),
    (r"/control/sent", _control_sent),
]
_POSTS: list[tuple[str, Callable[..., None]]] = [
    (rf"{_ACCOUNT}/Messages\.json", _create),
    (r"/control/texts", _control_write),
    (r"/control/turns", _control_turns),
]
