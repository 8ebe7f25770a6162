"""Fetching a file from outside, without ever reaching inside: who may be asked, and at which address.

An address that somebody sends us may name anything, and a name may lead to another address each time
it is asked (DNS rebinding). So a host must be on a list, every address it leads to is looked at, and
the connection goes to exactly the one that was looked at.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from desk.model.errors import TryAgain, Undeliverable

MEGABYTE = 1024 * 1024
LARGEST = 5 * MEGABYTE
SECONDS = 10
MOST_REDIRECTS = 3
_PIECE = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolve = Callable[..., Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom a fetch may ask. `api` is where it begins, as scheme and host, and alone sees the sign-in.

    `hosts` may be led to from there; one that begins with a dot stands for every name under it.
    """

    api: str
    hosts: tuple[str, ...]
    sign_in: tuple[str, str]

    @property
    def is_on_this_machine(self) -> bool:
        """The interface itself is a stand-in on loopback: only then is loopback no trap."""
        host = urlsplit(self.api).hostname or ""
        return host == "localhost" or _is_loopback(host)


def fetch(url: str, trusted: Trusted, *, resolve: Resolve = socket.getaddrinfo) -> bytes:
    """The bytes behind the address.

    Raises Undeliverable for what we do not ask, or was refused for good, and TryAgain for what may
    go better later. No sentence repeats an address inside, or a word of the answer.
    """
    deadline = time.monotonic() + SECONDS
    if not _is_at(urlsplit(_checked(url)), trusted.api):
        raise Undeliverable("It does not lie where the provider keeps files.")
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(_checked(url))
        _refuse_host(parts, trusted)
        content, further = _asked(parts, trusted, deadline, resolve)
        if further is None:
            return content
        url = urljoin(url, further)
    raise Undeliverable("It is passed on too often.")


def _checked(url: str) -> str:
    """Raises Undeliverable for an address that two readers may read differently."""
    if len(url) > 4000 or any(letter <= " " or letter > "~" or letter == "\\" for letter in url):
        raise Undeliverable("Its address is no address.")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        raise Undeliverable("Its address is no address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise Undeliverable("It does not lie behind https.")
    return url


def _is_at(parts: SplitResult, api: str) -> bool:
    base = urlsplit(api)
    return (parts.scheme, parts.netloc.lower()) == (base.scheme, base.netloc.lower())


def _refuse_host(parts: SplitResult, trusted: Trusted) -> None:
    if _is_at(parts, trusted.api):
        return
    host = (parts.hostname or "").lower()
    known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in trusted.hosts)
    here = host in ("localhost", "127.0.0.1") and parts.port == urlsplit(trusted.api).port
    local = trusted.is_on_this_machine and here
    plain = parts.scheme != "https" or parts.port not in (None, 443)
    if not local and (not known or plain):
        raise Undeliverable("It does not lie where the provider keeps files.")


def _asked(
    parts: SplitResult, trusted: Trusted, deadline: float, resolve: Resolve
) -> tuple[bytes, str | None]:
    """One request: the content, or where it is said to lie."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "desk"}
    if _is_at(parts, trusted.api):
        pair = ":".join(trusted.sign_in).encode()
        headers["Authorization"] = "Basic " + b64encode(pair).decode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with _cut_off_at(deadline) as lines:
        connection = _connection(parts, trusted, deadline, resolve, lines)
        try:
            connection.request("GET", target, headers=headers)
            with connection.getresponse() as response:
                return _read(response, deadline)
        except (OSError, http.client.HTTPException):
            raise TryAgain("The provider did not hand it over in time.") from None
        finally:
            connection.close()


@contextmanager
def _cut_off_at(deadline: float) -> Iterator[list[socket.socket]]:
    """The lines in the list are cut at the deadline: a time limit a read is no limit on drops."""
    lines: list[socket.socket] = []

    def cut() -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield lines
    finally:
        timer.cancel()
        for line in lines:
            line.close()


def _read(response: http.client.HTTPResponse, deadline: float) -> tuple[bytes, str | None]:
    if response.status in _REDIRECTS:
        return b"", response.headers.get("Location") or ""
    if response.status in (404, 410):
        raise Undeliverable("It is not there any more.")
    if response.status != 200:
        raise TryAgain(f"The provider does not hand it over ({response.status}).")
    if (response.headers.get("Content-Encoding") or "identity").lower() != "identity":
        raise Undeliverable("It comes packed, and nobody asked for that.")
    if int(response.headers.get("Content-Length") or 0) > LARGEST:
        raise _too_large()
    return _streamed(response, deadline), None


def _streamed(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """All of it, within the size and the time that it gets as a whole."""
    whole = response.length
    content = bytearray()
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > LARGEST:
            raise _too_large()
    if time.monotonic() >= deadline or (whole is not None and len(content) < whole):
        raise TryAgain("The provider did not hand it over in time.")
    return bytes(content)


def _too_large() -> Undeliverable:
    return Undeliverable(f"It is larger than {LARGEST // MEGABYTE} MB.")


def _connection(
    parts: SplitResult, trusted: Trusted, deadline: float, resolve: Resolve, lines: list[socket.socket]
) -> http.client.HTTPConnection:
    """A line to the very address that was looked at; the name is only for the certificate."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _address_of(host, port, trusted, resolve)
    left = max(deadline - time.monotonic(), 0.1)
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port)
    try:
        line = socket.create_connection((address, port), timeout=left)
        lines.append(line)
        if secure:
            context = ssl.create_default_context()
            line = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            lines.append(line)
            line.do_handshake()
    except OSError:
        raise TryAgain("The provider cannot be reached.") from None
    connection.sock = line
    return connection


def _address_of(host: str, port: int, trusted: Trusted, resolve: Resolve) -> str:
    """One address of the host, after all of them were looked at: one that is inside spoils them all."""
    try:
        found = [str(row[4][0]) for row in resolve(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        raise TryAgain("The provider's name is not known at the moment.") from None
    if not found:
        raise TryAgain("The provider's name is not known at the moment.")
    for address in found:
        if not is_outside(address) and not (trusted.is_on_this_machine and _is_loopback(address)):
            raise Undeliverable("It does not lie outside.")
    # A stand-in speaks on one family only; what the resolver names last is the plain one.
    return next((one for one in found if ":" not in one), found[0])


def is_outside(address: str) -> bool:
    """Whether it is an address of the public internet, whatever form it hides in."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (found.ipv4_mapped or found.sixtofour or found.teredo):
        return False
    if any(found in network for network in _INSIDE):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


_INSIDE = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/32", "fec0::/10", "192.0.0.0/24"))
"""What Python calls global and is none: NAT64, a door to any IPv4 address (RFC 6052, RFC 8215); the old
site-local addresses (RFC 3879); and those kept for protocols (RFC 6890)."""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
