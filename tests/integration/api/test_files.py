"""Files come up with their true type, and go down only to those who may know of their message."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from desk.actions.messages.files import LARGEST, keep_upload
from desk.model.agent import Agent
from desk.model.errors import TooLarge
from desk.model.message import Attachment
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_message
from tests.security.browser import Answer, Browser

SignIn = Callable[[Agent], Browser]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def send(browser: Browser, name: str, content: bytes) -> Answer:
    return browser.ask("POST", "/api/v1/files", data={"file": (BytesIO(content), name)})


def test_an_upload_is_its_uploaders_until_a_message_takes_it(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    ada, sam, ben = as_agent(cast.ada), as_agent(cast.sam), as_agent(cast.ben)
    kept = send(ada, "tea.png", PNG)
    assert kept.status_code == 201 and kept.json["type"] == "image/png"
    url = kept.json["url"]
    assert ada.get(url).data == PNG
    assert sam.get(url).status_code == ben.get(url).status_code == 404

    with store.unit_of_work(STAGE) as work:
        message = a_message(work, a_case(work, cast.cleo, queue=cast.support), "See the picture")
        work.session.query(Attachment).update({"message_id": message.id})
    assert sam.get(url).status_code == 200
    assert ben.get(url).status_code == 404
    assert len(kept.json["token"]) >= 22
    assert ada.get("/api/v1/files/" + "A" * 22).status_code == 404


@pytest.mark.parametrize(
    "name, content, shown",
    [
        ("page.html", b"<script>alert(1)</script>", "text/plain"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "text/plain"),
        ("really.png", b"<html>", "text/plain"),
        ("tool.exe", b"MZ\x90\x00", "application/x-msdownload"),
        ("noise.bin", bytes(range(256)), "application/octet-stream"),
    ],
)
def test_nothing_active_is_ever_shown_in_place(
    as_agent: SignIn, cast: Cast, name: str, content: bytes, shown: str
) -> None:
    ada = as_agent(cast.ada)
    given = ada.get(send(ada, name, content).json["url"])
    assert given.mimetype == shown
    assert given.headers["Content-Disposition"].startswith("attachment;")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    "name, header",
    [
        ("Grüße.pdf", "attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf"),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
    ],
)  # fmt: skip
def test_a_name_survives_and_cannot_break_out(as_agent: SignIn, cast: Cast, name: str, header: str) -> None:
    ada = as_agent(cast.ada)
    given = ada.get(send(ada, name, b"\x00\x01\x02").json["url"])
    assert given.headers["Content-Disposition"] == header


def test_too_large_empty_or_no_file_is_refused_in_a_sentence(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    ada = as_agent(cast.ada)
    large = ada.ask(
        "POST", "/api/v1/files", data=b"", environ_overrides={"CONTENT_LENGTH": str(30 * 1024 * 1024)}
    )
    assert large.status_code == 413 and "25 MB" in large.json["error"]["sentence"]
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(TooLarge, match="25 MB"):
        keep_upload(work, "large.bin", b"0" * (LARGEST + 1))
    assert send(ada, "empty.txt", b"").status_code == 422
    assert ada.ask("POST", "/api/v1/files", data={"other": (BytesIO(b"x"), "x")}).status_code == 422
    assert send(as_agent(cast.otto), "tea.png", PNG).status_code == 403


def test_a_draft_keeps_its_files(as_agent: SignIn, cast: Cast, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support).id
    ada = as_agent(cast.ada)
    token = send(ada, "tea.png", PNG).json["token"]
    draft = {"text": "", "files": [token]}
    assert ada.api("PUT", f"/cases/{case}/drafts/email", draft).status_code == 204
    assert ada.api("GET", f"/cases/{case}").json["drafts"]["email"]["files"][0]["name"] == "tea.png"
    assert as_agent(cast.sam).api("PUT", f"/cases/{case}/drafts/email", draft).status_code == 422
