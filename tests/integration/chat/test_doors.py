"""The widget's doors: the page in the frame, visitors, files, transcripts, and how a chat channel is kept."""

from __future__ import annotations

import gc
import json
import re
import warnings
from collections.abc import Callable

import pytest
from flask import Flask

from desk.channels.chat.settings import site_origin
from desk.model.agent import Agent
from desk.model.channel import Channel
from desk.model.errors import Invalid
from desk.store.unit_of_work import Store
from tests.chat import SITE, Guest, VisitorLine, a_guest
from tests.people import Cast
from tests.security.browser import Answer, Browser

Open = Callable[[], VisitorLine]
BASE = {"base_url": "http://127.0.0.1:8800"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def upload(app: Flask, guest: Guest, name: str, content: bytes) -> Answer:
    head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return Browser(app).ask(
        "POST",
        f"/widget/{guest.site}/files",
        data=head.encode() + content + b"\r\n--cut--\r\n",
        content_type="multipart/form-data; boundary=cut",
        headers={"Authorization": f"Visitor {guest.token}"},
    )


def test_the_frame_may_be_shown_by_the_sites_of_the_channel_alone(app: Flask, channel: Channel) -> None:
    page = app.test_client().get(f"/widget/{SITE}", **BASE)

    assert page.status_code == 200
    assert "frame-ancestors 'self' https://shop.example" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    boot = json.loads(re.search(r'id="boot">(.*?)</script>', page.text, re.S).group(1))  # type: ignore[union-attr]
    assert (boot["site"], boot["open"], boot["agents"]) == (SITE, True, False)
    assert app.test_client().get("/sign-in", **BASE).headers["X-Frame-Options"] == "DENY"
    assert app.test_client().get("/widget/no-such-site", **BASE).status_code == 404


def test_a_new_browser_gets_a_token_and_is_let_in_with_it(app: Flask, channel: Channel, line: Open) -> None:
    made = Browser(app).ask("POST", f"/widget/{SITE}/visitors", json={})

    assert made.status_code == 201
    assert len(made.json["token"]) == 43
    page = line()
    assert page.connect({"site": SITE, "token": made.json["token"]})
    assert "Set-Cookie" not in made.headers


def test_an_address_gets_twenty_new_visitors_in_a_minute(app: Flask, channel: Channel) -> None:
    client = app.test_client()
    told = [client.post(f"/widget/{SITE}/visitors", json={}, **BASE).status_code for _ in range(25)]
    assert told.count(429) >= 5
    assert told[0] == 201


def test_a_file_goes_into_what_is_said_and_only_its_visitor_gets_it(
    app: Flask, channel: Channel, cleo: Guest, line: Open, store: Store
) -> None:
    sent = upload(app, cleo, "cup.png", PNG)
    assert sent.status_code == 201, sent.text
    page = line()
    page.enter(cleo)
    page.say("Hello")
    [file] = page.say("It came broken", files=[sent.json["token"]])["message"]["files"]
    client = app.test_client()

    assert client.get(file["url"], **BASE).data == PNG
    other = a_guest(store, channel)
    plain = file["url"].partition("?")[0]
    for guest, status in ((cleo, 200), (other, 404)):
        told = client.get(plain, headers={"Authorization": f"Visitor {guest.token}"}, **BASE)
        assert told.status_code == status
    assert client.get(plain, **BASE).status_code == 401
    assert client.get(f"{plain}?v=forged", **BASE).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("setup.exe", b"MZ" + b"\0" * 60, 422),
        ("holiday.png", b"\x7fELF" + b"\0" * 60, 422),
        ("empty.txt", b"", 422),
        ("large.bin", b"\0" * (10 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_we_do_not_take_is_refused(
    app: Flask, cleo: Guest, name: str, content: bytes, status: int
) -> None:
    assert upload(app, cleo, name, content).status_code == status
    with warnings.catch_warnings():
        # What is too large lies in a temporary file, which the refused request leaves to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_a_drawing_with_a_script_is_only_ever_a_download(app: Flask, cleo: Guest) -> None:
    sent = upload(app, cleo, "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    told = app.test_client().get(
        f"/widget/{cleo.site}/files/{sent.json['token']}",
        headers={"Authorization": f"Visitor {cleo.token}"},
        **BASE,
    )

    assert told.headers["Content-Disposition"].startswith("attachment")
    assert told.mimetype == "text/plain"
    assert told.headers["Content-Security-Policy"].startswith("sandbox")


def test_more_than_ten_files_in_an_hour_are_refused(app: Flask, cleo: Guest) -> None:
    told = [upload(app, cleo, f"{number}.png", PNG).status_code for number in range(11)]
    assert told == [201] * 10 + [429]


def test_the_transcript_holds_what_was_said_and_nothing_else(app: Flask, cleo: Guest, line: Open) -> None:
    page = line()
    page.enter(cleo)
    page.say("Where is my tea?", fields={"name": "Cleo"})

    told = app.test_client().get(
        f"/widget/{cleo.site}/transcript", headers={"Authorization": f"Visitor {cleo.token}"}, **BASE
    )

    assert told.mimetype == "text/plain"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC, Cleo:\n  Where is my tea\?\n", told.text)


def test_a_chat_channel_is_added_shown_tried_and_its_secret_told_once(
    as_agent: Callable[[Agent], Browser], cast: Cast
) -> None:
    ida = as_agent(cast.ida)
    made = ida.api(
        "POST", "/channels",
        {"kind": "chat", "name": "Shop", "queue_id": cast.support.id,
         "chat": {"sites": ["https://Shop.example/"], "colour": "#FFCC00"}},
    )  # fmt: skip

    assert made.status_code == 201, made.text
    channel = made.json
    assert channel["chat"]["sites"] == ["https://shop.example"]
    assert channel["chat"]["colour_used"] != channel["chat"]["colour"] == "#ffcc00"
    secret = channel["identity_secret"]
    assert secret not in ida.api("GET", "/channels").text
    rotated = ida.api("PUT", f"/channels/{channel['id']}/identity-secret", {})
    assert rotated.json["identity_secret"] not in ("", secret)
    tried = ida.api("POST", f"/channels/{channel['id']}/test", {}).json["rows"]
    assert {row["part"]: row["ok"] for row in tried} == {
        "sites": True, "identity": True, "agents": True, "mail": True,
    }  # fmt: skip
    refused = ida.api("PATCH", f"/channels/{channel['id']}", {"chat": {"sites": ["javascript:alert(1)"]}})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "written",
    ["shop.example", "http://shop.example", "https://shop.example/path", "https://a@shop.example",
     "https://shop.example; script-src *", "https://*.example", "https://", "null", "https://shop.example:99999",
     "https://shop.example?x", "data:text/html,x", "https://shop.example\r\nX: y"],
)  # fmt: skip
def test_what_is_no_site_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        site_origin(written)
