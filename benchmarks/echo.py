"""The least that a chat can be: plain Flask-SocketIO that echoes into a room of two and keeps nothing.

Served as ours is: `gunicorn -w 1 -k gevent benchmarks.echo:app`, websocket by simple-websocket.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO, emit, join_room

app = Flask(__name__)
sockets = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")


@sockets.on("connect", namespace="/pairs")
def enter(auth: dict[str, Any]) -> None:
    join_room(f"pair:{auth['pair']}")


@sockets.on("say", namespace="/pairs")
def say(said: dict[str, Any]) -> dict[str, Any]:
    news = {"pair": said["pair"], "client_id": said["client_id"], "text": said["text"]}
    emit("news", news, to=f"pair:{said['pair']}", include_self=False)
    return {"ok": True, "from": request.sid}  # type: ignore[attr-defined]  # Flask-SocketIO puts it there


@sockets.on("hello", namespace="/pairs")
def hello(_said: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True}


@app.get("/health/live")
def live() -> dict[str, str]:
    return {"status": "ok"}
