"""The websocket of every line: what simple-websocket does, with less work for what is said to many."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from socket import MSG_DONTWAIT, SHUT_RDWR
from typing import Any

import simple_websocket
from engineio.packet import PING
from wsproto.frame_protocol import Opcode
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

REMEMBERED = 8
"""So many frames are kept: what is told to many at once is a few words."""

MOST_WAITING = 1_000
"""A page for which more waits than this does not read; it is cut off, comes back, and asks what it missed."""

_FINAL = 0x80
_SHORT, _MIDDLE, _LONG = 126, 1 << 16, 127


class Websocket(simple_websocket.Server):  # type: ignore[misc]  # the library carries no types
    """Frames of ours are made once for all lines that are told the same, and are never compressed.

    A change is told to hundreds of screens as the very same text; the library makes a frame of it for
    each, which is most of what a delivery costs. Compression (RFC 7692) would keep a window of up to
    300 KB for every line of a browser, to make a hundred bytes a little fewer. And who waits for a
    message reads the line itself: the library keeps a thread for that, a quarter of what a line holds.
    """

    connected: bool
    busy = False
    """Whether somebody waits until the socket takes the rest of what they send."""

    def __init__(self, environ: dict[str, Any], *, most_bytes: int) -> None:
        offered = {name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"}
        super().__init__(offered, max_message_size=most_bytes, thread_class=_NoThread)
        self.environ = environ
        # Below gevent's own socket, which waits where this one says that it is full.
        self._plain: Any = getattr(self.sock, "_sock", self.sock)

    def receive(self, timeout: float | None = None) -> str | bytes:
        """Wait for the next message. Raises ConnectionClosed; a `timeout` is not known here."""
        assert timeout is None
        while self.connected and not self.input_buffer:
            try:
                data = self.sock.recv(self.receive_bytes)
                if not data:
                    break
                self.ws.receive_data(data)
                self.connected = self._handle_events()
            except (OSError, RemoteProtocolError, LocalProtocolError):
                break
        if self.input_buffer:
            return self.input_buffer.pop(0)  # type: ignore[no-any-return]
        self.connected = False
        raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Say so, and hang up: whoever is gone would never answer. Raises ConnectionClosed."""
        # The server may have closed the socket meanwhile.
        with suppress(OSError):
            super().close(reason, message)
        self.cut()
        self.connected = False

    def cut(self) -> None:
        """Hang up without a word; whoever reads or writes here wakes and finds the line closed."""
        with suppress(OSError):
            self.sock.shutdown(SHUT_RDWR)

    def send(self, data: str | bytes) -> None:
        """Waits until the socket takes it all. Raises ConnectionClosed."""
        if not self.connected:
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)
        frame = data if isinstance(data, Rest) else _frames.of(data)
        self.busy = True
        try:
            self.sock.sendall(frame)
        finally:
            self.busy = False

    def send_now(self, data: str | bytes) -> bytes:
        """What the socket does not take of its frame at once; nobody waits. Raises OSError."""
        frame = _frames.of(data)
        try:
            sent: int = self._plain.send(frame, MSG_DONTWAIT)
        except BlockingIOError:
            return frame
        return frame[sent:]


class Rest(bytes):
    """The end of a frame whose beginning was sent: in the engine's queue it stands for a packet."""

    def encode(self, b64: bool = False) -> Rest:
        return self


class _NoThread:
    """Stands where the library would have started its reader."""

    def __init__(self, target: object) -> None:
        self.name = ""

    def start(self) -> None:
        pass


class _Frames:
    """The frames of what was said last."""

    def __init__(self) -> None:
        self._made: dict[str | bytes, bytes] = {}

    def of(self, data: str | bytes) -> bytes:
        """`frame_of` it, made once for all who are told it now."""
        frame = self._made.get(data)
        if frame is None:
            if len(self._made) >= REMEMBERED:
                self._made.clear()
            frame = self._made[data] = frame_of(data)
        return frame


_frames = _Frames()


def frame_of(data: str | bytes) -> bytes:
    """A text or binary message as one final frame without a mask, as a server sends it (RFC 6455, 5.2)."""
    code, body = (Opcode.TEXT, data.encode()) if isinstance(data, str) else (Opcode.BINARY, data)
    length = len(body)
    if length < _SHORT:
        head = struct.pack("!BB", _FINAL | code, length)
    elif length < _MIDDLE:
        head = struct.pack("!BBH", _FINAL | code, _SHORT, length)
    else:
        head = struct.pack("!BBQ", _FINAL | code, _LONG, length)
    return head + body


class Straight:
    """How a packet of the engine's leaves: straight to the socket, while nothing waits before it.

    The engine puts every packet into a queue of the line and wakes the greenlet that empties it. Of a
    word to a thousand screens that is two thirds, and an acknowledgement stands behind whatever else is
    ready to run. The queue is left to lines whose socket is full, to pages that poll, and to pings: who
    empties it takes a line for dead when nothing comes by in thirty seconds. Only where one thread runs
    all greenlets: between looking at the queue and sending, nobody else may have a turn.
    """

    def __init__(self, engine: Any, line: Websocket) -> None:
        self._engine = engine  # python-engineio carries no types
        self._queue = engine.queue
        self._line = line

    def __call__(self, packet: Any) -> None:
        if not self._engine.check_ping_timeout():
            # Nobody has answered a ping, and whoever writes to them might wait for ever.
            self._line.cut()
            return
        if not self._line.connected:
            # The close is said: no frame may follow it (RFC 6455, 5.5.1).
            return
        if packet.packet_type == PING or self._is_in_line():
            self._wait_with(packet)
            return
        try:
            rest = self._line.send_now(packet.encode())
        except OSError:
            self._line.cut()
        else:
            if rest:
                self._wait_with(Rest(rest))

    def _is_in_line(self) -> bool:
        """Whether something must leave before whatever comes now."""
        return not self._engine.upgraded or self._line.busy or not self._queue.empty()

    def _wait_with(self, packet: Any) -> None:
        self._queue.put(packet)
        if self._queue.qsize() > MOST_WAITING:
            self._line.cut()


class WebsocketOfEngine:
    """What the engine asks of a websocket: a WSGI application around `handler`, with send, wait and close.

    `straight` is for servers with gevent: packets need not pass the engine's queue.
    """

    def __init__(
        self, handler: Callable[[Any], Any], _server: object, *, most_bytes: int, straight: bool
    ) -> None:
        self._handler = handler
        self._most_bytes = most_bytes
        self._straight = straight
        self._line: Websocket

    def __call__(self, environ: dict[str, Any], _start_response: object) -> Any:
        self._line = Websocket(environ, most_bytes=self._most_bytes)
        engine = getattr(self._handler, "__self__", None) if self._straight else None
        if engine is not None:
            engine.send = Straight(engine, self._line)
        try:
            answer = self._handler(self)
        finally:
            if engine is not None:
                del engine.send
        if self._line.mode == "gunicorn":
            # Nothing is left to answer: gunicorn takes this for the end of a request it need not close.
            raise StopIteration
        if self._line.mode == "werkzeug":
            raise ConnectionError
        return answer

    def send(self, message: str | bytes) -> None:
        """Raises OSError when the line is closed."""
        try:
            self._line.send(message)
        except simple_websocket.ConnectionClosed:
            raise OSError("the line is closed") from None

    def wait(self) -> str | bytes | None:
        """The next message; None when the line is closed."""
        try:
            return self._line.receive()
        except simple_websocket.ConnectionClosed:
            return None

    def close(self) -> None:
        if self._line.connected:
            self._line.close()
