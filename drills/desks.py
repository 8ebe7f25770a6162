"""Agents who answer chats through the interface for programs, and never take a broken line for an answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any

PAUSE_SECONDS = 0.3
ANSWERED = (200, 201)


class Answerers:
    """Several screens of one agent, each with cases of its own; every word of a customer is answered."""

    def __init__(self, port: int, token: str, *, count: int) -> None:
        self._port = port
        self.answers: dict[str, str] = {}
        self.refused: list[str] = []
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._count = count
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(place,), daemon=True) for place in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def thread_of(self, case_id: int) -> list[dict[str, Any]]:
        """The whole thread as a screen fetches it, page by page."""
        rows: list[dict[str, Any]] = []
        while True:
            after = rows[-1]["position"] if rows else 0
            _, page = self.patiently("GET", f"/cases/{case_id}/messages?after={after}&limit=200")
            rows += page["rows"]
            if not page["older"]:
                return rows

    def say(self, case_id: int, text: str, client_id: str, seen: int | None = None) -> bool:
        """Answer, as often as it takes, with the same client id; False where the server refuses."""
        said = {"client_id": client_id, "kind": "reply", "text": text, "last_seen_position": seen}
        status, answer = self.patiently("POST", f"/cases/{case_id}/messages", said)
        if status in ANSWERED:
            self.answers[client_id] = text
        elif status != 409:
            self.refused.append(f"{status} {answer}"[:300])
        return status in ANSWERED

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

    def _work(self, place: int) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            _, page = self.patiently("GET", "/cases?view=all&status=open&limit=200")
            for row in page["rows"]:
                if row["id"] % self._count == place and not self._over.is_set():
                    self._answer(row["id"])

    def _answer(self, case_id: int) -> None:
        """To the newest word; where more was said meanwhile, the next round looks again."""
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
