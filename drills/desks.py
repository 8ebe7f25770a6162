"""Agents who answer through the interface for programs, and never take a broken line for an answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from desk.model.message import Message

PAUSE_SECONDS = 0.3
LOOK_SECONDS = 1
SPOKEN = ("inbound", "outbound")
ANSWERED = (200, 201)


class Answerers:
    """One agent at `count` screens; every word by `channel` is answered."""

    def __init__(self, port: int, token: str, *, count: int, channel: str) -> None:
        self._port = port
        self._channel = channel
        self.answers: dict[str, str] = {}
        self.refused: list[str] = []
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._over = threading.Event()
        self._screens = ThreadPoolExecutor(count)
        self._looking = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._looking.start()

    def close(self) -> None:
        self._over.set()
        if self._looking.is_alive():
            self._looking.join()
        self._screens.shutdown()

    def thread_of(self, case_id: int) -> list[dict[str, Any]]:
        """The whole thread as a screen fetches it, page by page."""
        rows: list[dict[str, Any]] = []
        while True:
            after = rows[-1]["position"] if rows else 0
            _, page = self.patiently("GET", f"/cases/{case_id}/messages?after={after}&limit=200")
            rows += page["rows"]
            if not page["older"]:
                return rows

    def differs(self, case_id: int, kept: list[Message]) -> bool:
        """Whether an agent who fetches the case is shown anything but what customers said and were told."""
        rows = self.thread_of(case_id)
        shown = [(one["position"], one["sequence"], one["text"]) for one in rows if one["kind"] in SPOKEN]
        return shown != [(one.position, one.sequence, one.text) for one in kept]

    def say(self, case_id: int, text: str, client_id: str, seen: int | None = None) -> bool:
        """Answer, as often as it takes, with the same client id; False where the server refuses."""
        said = {"client_id": client_id, "kind": "reply", "text": text, "last_seen_position": seen}
        status, answer = self.patiently("POST", f"/cases/{case_id}/messages", said)
        if status in ANSWERED:
            self.answers[client_id] = text
        elif status != 409:
            self.refused.append(f"{status} {answer}"[:300])
        return status in ANSWERED

    def say_to_all(self, case_ids: Iterable[int]) -> None:
        """The same goodbye in each of these cases, as fast as the screens allow."""

        def say(case_id: int) -> None:
            self.say(case_id, f"Goodbye from case {case_id}.", f"goodbye-{case_id}")

        list(self._screens.map(say, case_ids))

    def patiently(self, method: str, path: str, said: Any = None) -> tuple[int, Any]:
        """Asked again until somebody answers: a cut line and a 5xx say nothing of what became of it."""
        while True:
            status, answer = self.once(method, path, said)
            if status is not None and status < 500:
                return status, answer
            time.sleep(PAUSE_SECONDS)

    def once(self, method: str, path: str, said: Any = None) -> tuple[int | None, Any]:
        """One request on a line of its own; no status when the line breaks."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        body = None if said is None else json.dumps(said)
        try:
            line.request(method, f"/api/v1{path}", body=body, headers=self._headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, ValueError, http.client.HTTPException):
            return None, None
        finally:
            line.close()

    def _work(self) -> None:
        """Look at the list now and then, as often as a screen does that hears of changes."""
        while not self._over.wait(LOOK_SECONDS):
            _, page = self.patiently("GET", "/cases?view=all&status=open&limit=200")
            mine = [row["id"] for row in page["rows"] if row["channel"] == self._channel]
            list(self._screens.map(self._answer, mine))

    def _answer(self, case_id: int) -> None:
        """To the newest word; where more was said meanwhile, the next round looks again."""
        if self._over.is_set():
            return
        _, page = self.patiently("GET", f"/cases/{case_id}/messages?limit=20")
        last = page["rows"][-1]
        if last["kind"] == "inbound":
            number = f"answer-{case_id}-{last['position']}"
            self.say(case_id, f"As to “{last['text']}”: {number}", number, last["position"])


def until(is_so: Callable[[], bool], seconds: float) -> float | None:
    """The seconds until it is so; None when the time is over first."""
    begun = time.monotonic()
    while True:
        came = is_so()
        passed = time.monotonic() - begun
        if came or passed > seconds:
            return passed if came and passed <= seconds else None
        time.sleep(0.1)
