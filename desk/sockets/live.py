"""The Socket.IO server of a web process: whom it takes at all, and what keeps it standing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from gevent.monkey import is_module_patched
from redis import Redis

from desk.actions.messages.file_links import FileLinks
from desk.model.change import AGENTS, VISITORS
from desk.settings import Settings
from desk.sockets.desk import DeskNamespace
from desk.sockets.lines import Flood, Lines
from desk.sockets.visitor import VisitorNamespace
from desk.sockets.visitor_lines import VisitorLines
from desk.sockets.visitor_watch import VisitorWatch
from desk.sockets.watch import Watch
from desk.sockets.websocket import WebsocketOfEngine
from desk.store.people.viewers import Viewers
from desk.store.push import Bus, bus
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

FRAME_LIMIT = 64 * 1024

Origins = Callable[[str | None, dict[str, Any]], bool]


@dataclass
class Live:
    """The sockets of one application, and what runs beside them."""

    server: Any  # python-socketio carries no types
    bus: Bus
    watch: Watch
    visitor_watch: VisitorWatch

    def close(self) -> None:
        """Stop what runs beside the sockets."""
        self.bus.close()
        self.watch.stopped.set()
        self.visitor_watch.stopped.set()


def mount(app: Flask, settings: Settings, store: Store, redis: Redis, *, cookie: str, ours: Origins) -> Live:
    """Put the sockets beside the application, under /socket.io; `ours` says which handshakes to answer."""
    line = bus(settings)
    server = SocketIO(
        app,
        async_mode="gevent" if is_module_patched("socket") else "threading",
        client_manager=line,
        cors_allowed_origins=ours,
        cors_credentials=False,
        max_http_buffer_size=FRAME_LIMIT,
        namespaces=[AGENTS, VISITORS],
        # Events of one line in their order, and no thread for each: a flood costs only its own line.
        async_handlers=False,
        ping_interval=15,
        ping_timeout=15,
    ).server
    lines, viewers, idle = Lines(), Viewers(redis), timedelta(hours=settings.session_idle_hours)
    namespace = DeskNamespace(store, viewers, lines, cookie=cookie, idle=idle)
    server.register_namespace(namespace)
    visitors = VisitorLines(settings.chat_lines_per_address)
    links, vault = FileLinks(settings.secret_key), Vault(settings.secret_key)
    server.register_namespace(VisitorNamespace(store, visitors, links, vault, viewers))
    live = Live(
        server,
        line,
        Watch(server, namespace, store, viewers, lines, idle),
        VisitorWatch(server, store, visitors),
    )
    _speak_plainly(server)
    _stop_floods(server)
    _start_with_first_line(server, live.watch, live.visitor_watch)
    _refuse_strangers(server, ours)
    return live


def _speak_plainly(server: Any) -> None:
    """Take our websocket: it refuses a long frame while it arrives, before it is gathered whole."""
    straight = is_module_patched("socket")
    websocket = partial(WebsocketOfEngine, most_bytes=FRAME_LIMIT, straight=straight)
    server.eio._async = {**server.eio._async, "websocket": websocket}


def _stop_floods(server: Any) -> None:
    """Count every frame before it is even read; who sends too many, or bytes, is told so and cut off."""
    take_in, let_go, flood = server.eio.handlers["message"], server.eio.handlers["disconnect"], Flood()

    def message(transport: str, frame: str | bytes) -> None:
        if transport not in server.environ:
            return
        if isinstance(frame, bytes):
            _cut_off(server, transport, "This line takes text only.")
        elif not flood.takes(transport):
            sentence = f"That was more than {flood.most} messages in a second."
            _cut_off(server, transport, sentence)
        else:
            take_in(transport, frame)

    def disconnect(transport: str, reason: str) -> None:
        flood.forget(transport)
        let_go(transport, reason)

    server.eio.on("message", message)
    server.eio.on("disconnect", disconnect)


def _cut_off(server: Any, transport: str, sentence: str) -> None:
    for namespace in (AGENTS, VISITORS):
        sid = server.manager.sid_from_eio_sid(transport, namespace)
        if sid is not None:
            told = {"sentence": sentence}
            server.emit("refused", told, room=sid, namespace=namespace, ignore_queue=True)
    server.eio.disconnect(transport)


def _refuse_strangers(server: Any, ours: Origins) -> None:
    """The library checks the origin where there is one; the host must be ours in any case."""
    let_in = server.eio.handlers["connect"]

    def connect(transport: str, environ: dict[str, Any]) -> Any:
        return let_in(transport, environ) if ours(environ.get("HTTP_ORIGIN"), environ) else False

    server.eio.on("connect", connect)


def _start_with_first_line(server: Any, *watches: Watch | VisitorWatch) -> None:
    """The watches start with the first line: in the process that serves, not in the one that forks it."""
    let_in, lock = server.eio.handlers["connect"], threading.Lock()
    started = False

    def connect(transport: str, environ: dict[str, Any]) -> Any:
        nonlocal started
        with lock:
            if not started:
                started = True
                for watch in watches:
                    server.start_background_task(watch.run)
        return let_in(transport, environ)

    server.eio.on("connect", connect)
