"""A stand-in for Twilio: an account with one number, its interface over HTTP, and signed calls to us.

It is to texts what the sink is to mail. It listens on loopback only.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from desk.demo.twilio_account import TwilioAccount
from desk.demo.twilio_doors import server_for


@dataclass
class TwilioStandin(TwilioAccount):
    """The account, and a server that speaks for it between `start` and `stop`."""

    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        self._server = server_for(self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="twilio", daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
