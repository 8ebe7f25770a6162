"""C10: a file's address cannot make us reach inside (FreeScout GHSA-22wf, Discourse's mapped addresses)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from desk.channels import fetch as fetching
from desk.channels.fetch import Trusted, fetch, is_outside
from desk.channels.sms.account import MEDIA_HOSTS, TWILIO
from desk.model.errors import DeliveryFailed, TryAgain, Undeliverable

SIGN_IN = ("AC1", "the token")
TWILIOS_OWN = Trusted(TWILIO, MEDIA_HOSTS, SIGN_IN)

SPELLINGS = [
    "http://127.0.0.1/", "https://127.0.0.1/", "https://127.1/", "https://0/", "https://0.0.0.0/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.0.0.1.nip.io/", "https://localhost/", "https://localhost./",
    "https://LOCALHOST/", "https://localhost.localdomain/", "https://[::1]/", "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/", "https://[ff02::1]/", "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/", "https://metadata.google.internal/", "https://100.100.100.200/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://100.64.0.1/",
    "https://192.0.0.1/", "https://198.18.0.1/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://api.twilio.com@127.0.0.1/", "https://api.twilio.com:x@127.0.0.1/",
    "https://127.0.0.1#@api.twilio.com/", "https://127.0.0.1?@api.twilio.com/",
    "https://127.0.0.1\\@api.twilio.com/", "https://api.twilio.com\\@127.0.0.1/",
    "https://api.twilio.com.evil.example/", "https://evil.example/api.twilio.com",
    "https://eviltwiliocdn.com/", "https://api.twilio.com:6379/", "http://api.twilio.com/",
    "//api.twilio.com/", "/etc/passwd", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO",
    "ftp://api.twilio.com/", "dict://127.0.0.1:6379/", "data:text/plain,hello", "javascript:alert(1)",
    "https://api.twilio.com\r\nHost: evil/", "https://ⓐpi.twilio.com/", "https://api。twilio.com/",
    "https://①②⑦.0.0.1/", "https://api.twilio.com:99999/", "https://", "", " https://api.twilio.com/",
]  # fmt: skip


def nobody_asks(*_: Any, **__: Any) -> list[Any]:
    raise AssertionError("A name was looked up that should have been refused.")


@pytest.mark.parametrize("url", SPELLINGS)
def test_an_address_that_is_not_the_providers_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        fetch(url, TWILIOS_OWN, resolve=nobody_asks)
    assert "127.0.0.1" not in refused.value.sentence and "169.254" not in refused.value.sentence


INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.31.255.255", "192.168.0.9", "169.254.169.254",
    "100.64.1.1", "192.0.0.8", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "2001:db8::1", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_known_in_every_form(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "54.172.60.1", "2600:1f18::1"])
def test_addresses_outside_are_not_mistaken(address: str) -> None:
    assert is_outside(address)


@dataclass
class House:
    """A server on loopback that says one thing to everybody, and remembers what it was asked."""

    reply: Callable[[socket.socket], None]
    address: str = "127.0.0.1"
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def open(self) -> Iterator[House]:
        with socket.create_server((self.address, 0)) as door:
            self.port = door.getsockname()[1]
            threading.Thread(target=self._serve, args=(door,), daemon=True).start()
            yield self

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                guest, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(guest,), daemon=True).start()

    def _answer(self, guest: socket.socket) -> None:
        with guest:
            self.asked.append(guest.recv(65536).decode())
            try:
                self.reply(guest)
            except OSError:
                return

    @property
    def trusted(self) -> Trusted:
        return Trusted(f"http://127.0.0.1:{self.port}", MEDIA_HOSTS, SIGN_IN)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file"


def saying(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    return lambda guest: guest.sendall(f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode() + body)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "64:ff9b::7f00:1"])
def test_a_name_of_the_provider_that_leads_inside_is_not_connected_to(address: str) -> None:
    """Somebody poisons the name; one bad address beside a good one is enough to refuse both."""
    with House(saying("200 OK", b"inside")).open() as house:
        for answers in ([address], ["8.8.8.8", address]):
            rows = [(0, 0, 0, "", (one, house.port)) for one in answers]
            trusted = Trusted(f"https://api.example:{house.port}", (), SIGN_IN)
            with pytest.raises(Undeliverable):
                fetch(f"https://api.example:{house.port}/", trusted, resolve=lambda *_, r=rows, **__: r)
        assert house.asked == []


def test_a_name_is_asked_once_and_the_answer_is_what_is_connected_to() -> None:
    """Rebinding: the second answer would lead elsewhere, and is never asked for."""
    with House(saying("200 OK\r\nContent-Length: 4", b"good"), "127.0.0.2").open() as house:
        answers = [["127.0.0.2"], ["127.0.0.3"]]

        def flips(host: str, port: int, **_: Any) -> list[Any]:
            return [(0, 0, 0, "", (one, port)) for one in answers.pop(0)]

        api = f"http://localhost:{house.port}"
        assert fetch(f"{api}/file", Trusted(api, (), SIGN_IN), resolve=flips) == b"good"
        assert answers == [["127.0.0.3"]]


@pytest.mark.parametrize(
    "to",
    ["http://127.0.0.1:6379/", "http://169.254.169.254/", "https://evil.example/", "file:///etc/passwd",
     "gopher://127.0.0.1/", "//evil.example/", "https://mms.twiliocdn.com:6379/", "http://mms.twiliocdn.com/",
     "https://u:p@mms.twiliocdn.com/"],
)  # fmt: skip
def test_a_redirect_leads_only_to_where_the_provider_keeps_files(to: str) -> None:
    with House(saying(f"307 Temporary Redirect\r\nLocation: {to}")).open() as house:
        with pytest.raises(Undeliverable):
            fetch(house.url, house.trusted)
        assert len(house.asked) == 1


def test_the_sign_in_is_never_sent_to_where_a_redirect_leads() -> None:
    def reply(guest: socket.socket) -> None:
        first = len(house.asked) == 1
        to = f"307 Temporary Redirect\r\nLocation: http://localhost:{house.port}/elsewhere"
        (saying(to) if first else saying("200 OK\r\nContent-Length: 2", b"ok"))(guest)

    with House(reply).open() as house:
        assert fetch(house.url, house.trusted) == b"ok"
        assert "Authorization: Basic" in house.asked[0]
        assert "Authorization" not in house.asked[1]


def test_redirects_without_end_end() -> None:
    with House(saying("302 Found\r\nLocation: /again")).open() as house:
        with pytest.raises(Undeliverable, match="too often"):
            fetch(house.url, house.trusted)
        assert len(house.asked) == 4


@pytest.mark.parametrize("head", ["200 OK", "200 OK\r\nContent-Length: 52428800"])
def test_fifty_megabytes_are_not_taken_in(head: str) -> None:
    sent = 0

    def reply(guest: socket.socket) -> None:
        nonlocal sent
        saying(head)(guest)
        while sent < 52_428_800:
            sent += guest.send(b"x" * 65536)

    with House(reply).open() as house, pytest.raises(Undeliverable, match="larger than 5 MB"):
        fetch(house.url, house.trusted)
    assert sent < 30_000_000


def test_what_comes_packed_is_not_unpacked() -> None:
    head = "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3"
    with House(saying(head, b"\x1f\x8b\x08")).open() as house, pytest.raises(Undeliverable, match="packed"):
        fetch(house.url, house.trusted)


@pytest.mark.parametrize("where", ["head", "body"])
def test_drops_are_cut_off_as_a_whole(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.6)

    def reply(guest: socket.socket) -> None:
        guest.sendall(b"HTTP/1.1 200 OK\r\n" + (b"" if where == "head" else b"\r\n"))
        for _ in range(200):
            guest.sendall(b"a")
            time.sleep(0.05)

    with House(reply).open() as house, pytest.raises(TryAgain):
        fetch(house.url, house.trusted)


def test_half_a_file_is_no_file() -> None:
    head = "200 OK\r\nContent-Length: 10"
    with House(saying(head, b"half")).open() as house, pytest.raises(TryAgain):
        fetch(house.url, house.trusted)


@pytest.mark.parametrize(("head", "fate"), [("404 Not Found", Undeliverable), ("503 Away", TryAgain)])
def test_no_word_of_an_answer_is_repeated(head: str, fate: type[DeliveryFailed]) -> None:
    secret = b"the inner secret"
    with House(saying(head, secret)).open() as house, pytest.raises(fate) as told:
        fetch(house.url, house.trusted)
    assert "secret" not in told.value.sentence and "127.0.0.1" not in told.value.sentence
