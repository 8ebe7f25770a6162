"""Ports for servers that are told by number where to listen."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of loopback that nobody else is given while this process lives.

    It stays bound and never listens, so that Linux lets whoever binds it by its number listen there, and
    gives it to nobody who asks for any port, also between two lives of that server (SO_REUSEADDR, socket(7)).
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        number = int(held.getsockname()[1])
        # Closed when the process ends.
        held.detach()
        return number
