"""A small OAuth provider: hands out tokens, tells mail servers which are good, and can be told to say no."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Provider:
    """What the provider knows: `good_tokens` sign `user` in; `refusal` is said instead of a token."""

    user: str = "alice"
    good_tokens: set[str] = field(default_factory=set)
    refusal: tuple[int, str] | None = None
    rotate: bool = False
    life_seconds: int = 3600
    granted: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    issue_good_tokens: bool = True
    port: int = 0

    @property
    def token_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def introspection_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/introspect"

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.asked.append(form)
        if self.refusal:
            status, error = self.refusal
            return status, {"error": error}
        self.granted += 1
        token = f"token-{self.granted}"
        if self.issue_good_tokens:
            self.good_tokens.add(token)
        answer: dict[str, object] = {"access_token": token, "expires_in": self.life_seconds}
        if self.rotate:
            answer["refresh_token"] = f"refresh-{self.granted}"
        return 200, answer

    def introspect(self, token: str) -> tuple[int, dict[str, object]]:
        if token in self.good_tokens:
            return 200, {"active": True, "email": self.user}
        return 200, {"active": False}


@contextmanager
def oauth_provider() -> Iterator[Provider]:
    """Start a provider on a free loopback port."""
    provider = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
            if self.path == "/token":
                status, answer = provider.grant(form)
            else:
                status, answer = provider.introspect(form.get("token", ""))
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
