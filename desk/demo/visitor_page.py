"""The page of a made-up visitor: the widget's own protocol, spoken without a browser.

As `web/src/widget/line.ts` does: a token over HTTP at the first intent, a line to `/visitor`, what
is said is said again with the same client id until it is acknowledged, and what was missed is asked
for after every news and every cut.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import uuid4

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from desk.http.security import origin_of
from desk.model.change import VISITORS
from desk.model.errors import DeskError

OPEN_SECONDS = 10
ANSWER_SECONDS = 8
SILENCE_SECONDS = 0.3
_BOOT = re.compile(r'<script type="application/json" id="boot">(.*?)</script>', re.DOTALL)


@dataclass
class VisitorPage:
    """One visitor's browser on one site's widget; `log` is what it shows, by sequence."""

    desk_url: str
    site: str
    shown_on: str = "/"
    boot: dict[str, Any] = field(default_factory=dict)
    chat: dict[str, Any] | None = None
    log: dict[int, dict[str, Any]] = field(default_factory=dict)
    on_said: Callable[[str], None] = lambda text: None
    _token: str = ""
    _stale: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _following: asyncio.Task[None] | None = None
    _http: aiohttp.ClientSession | None = None
    _line: Any = None  # python-socketio carries no types

    async def load(self) -> None:
        """Load the frame, as a page does when somebody reaches for the button. Raises DeskError."""
        headers = {"Origin": origin_of(self.desk_url)}
        self._http = aiohttp.ClientSession(
            self.desk_url, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
        )
        async with self._http.get(f"/widget/{self.site}") as answer:
            found = _BOOT.search(await answer.text()) if answer.ok else None
        if found is None:
            raise DeskError(f"There is no widget at {self.desk_url} ({answer.status}).")
        self.boot = json.loads(unescape(found[1]))

    async def open(self) -> None:
        """Become somebody, and connect. Raises DeskError where we are not let in."""
        assert self._http is not None
        async with self._http.post(f"/widget/{self.site}/visitors") as answer:
            if not answer.ok:
                raise DeskError(f"No new visitor is taken just now ({answer.status}).")
            self._token = (await answer.json())["token"]
        self._line = socketio.AsyncClient(http_session=self._http, handle_sigint=False)
        for event in ("connect", "news", "chat"):
            self._line.on(event, self._hear, namespace=VISITORS)
        try:
            await self._line.connect(
                self.desk_url,
                auth=lambda: {"site": self.site, "token": self._token},
                namespaces=[VISITORS],
                transports=["websocket"],
                wait_timeout=OPEN_SECONDS,
            )
        except SocketIOError as error:
            raise DeskError(f"The line of the chat was refused: {error}") from error
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Close the page without a word."""
        if self._following is not None:
            self._following.cancel()
        if self._line is not None:
            await self._line.shutdown()
        if self._http is not None:
            await self._http.close()

    async def identify(self, identity: str) -> bool:
        """Show what the shop has signed; whether the desk believes it."""
        answer = await self._ask("identify", {"token": identity})
        if not answer["ok"]:
            return False
        self._token = answer["token"]
        self.log.clear()
        self._hear()
        return True

    async def say(self, text: str, fields: dict[str, str] | None = None) -> bool:
        """Say something, as often as it takes; whether the desk has it for good."""
        words: dict[str, Any] = {
            "client_id": uuid4().hex,
            "text": text,
            "page": self.desk_url + self.shown_on,
        }
        answer = await self._ask("say", words | ({"fields": fields} if fields else {}))
        self._take(answer)
        if answer["ok"]:
            self.on_said(text)
        return bool(answer["ok"])

    async def typing(self) -> None:
        """A hint; nobody minds when it is lost."""
        try:
            await self._line.emit("typing", {}, namespace=VISITORS)
        except SocketIOError:
            return

    async def read(self) -> None:
        """All that is shown is read."""
        await self._ask("read", {"sequence": self.whole()})

    async def leave_address(self, email: str) -> None:
        """Where it may go on by mail."""
        self._take(await self._ask("email", {"address": email}))

    async def end(self) -> None:
        self._take(await self._ask("end", {}))

    async def score(self, given: int, comment: str) -> None:
        self._take(await self._ask("score", {"score": given, **({"comment": comment} if comment else {})}))

    async def news(self, seconds: float) -> bool:
        """Wait for anything new; whether it came within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def whole(self) -> int:
        """The sequence up to which the page has everything."""
        last = 0
        while last + 1 in self.log:
            last += 1
        return last

    def last_of(self, speaker: str) -> int:
        """The sequence of what `you`, an `agent` or the `desk` said last; 0 for nothing."""
        return max((sequence for sequence, one in self.log.items() if one["from"] == speaker), default=0)

    def _hear(self, *_: Any) -> None:
        """A push says that there is something; what it is, the desk says when asked."""
        self._stale.set()

    async def _follow(self) -> None:
        """Whatever was heard, ask for what is missing."""
        while await self._stale.wait():
            self._stale.clear()
            more = True
            while more:
                answer = await self._ask("since", {"after": self.whole()})
                self._take(answer)
                more = answer.get("more", False)
            self._news.set()

    def _take(self, answer: dict[str, Any]) -> None:
        said = [*answer.get("messages", ()), *([answer["message"]] if "message" in answer else ())]
        self.log |= {one["sequence"]: one for one in said}
        self.chat = answer.get("chat", self.chat)

    async def _ask(self, event: str, said: dict[str, Any]) -> dict[str, Any]:
        """The answer. After silence, a cut, or when told to wait, the same is asked again."""
        while True:
            try:
                answer: dict[str, Any] = await self._line.call(
                    event, said, namespace=VISITORS, timeout=ANSWER_SECONDS
                )
            except SocketIOError:
                await asyncio.sleep(SILENCE_SECONDS)
                continue
            if answer["ok"] or not answer.get("again"):
                return answer
            await asyncio.sleep(answer["again"])
