"""Files of a text: its words are there at once, the files follow, and what is missing is said."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from desk.demo.twilio_account import Media
from desk.jobs.fetch_media import fetch_media
from desk.model.message import Attachment
from desk.model.texting import FetchState, MediaFetch
from tests.integration.sms.desk_with_a_number import DeskWithANumber
from tests.people import STAGE

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def files_of(desk: DeskWithANumber) -> list[Attachment]:
    with desk.store.reading(STAGE) as work:
        return list(work.session.scalars(select(Attachment).order_by(Attachment.id)))


def fetched(desk: DeskWithANumber) -> list[MediaFetch]:
    with desk.store.reading(STAGE) as work:
        return list(work.session.scalars(select(MediaFetch).order_by(MediaFetch.id)))


def hasten(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        for one in work.session.scalars(select(MediaFetch)):
            one.not_before = work.now


def test_words_are_there_at_once_and_files_follow_by_their_content(desk: DeskWithANumber) -> None:
    media = (Media("image/png", PNG), Media("image/png", b"<svg onload=alert(1)>"))
    read = desk.receive("Look", media=media)
    assert desk.messages(read.case_id)[0].text == "Look"
    assert files_of(desk) == []
    assert fetch_media(desk.store, desk.settings) == 2
    by_type = {one.type: one for one in files_of(desk)}
    assert set(by_type) == {"image/png", "text/plain"}, "what its sender calls an image is looked at"
    assert desk.store.files.get(by_type["image/png"].sha256) == PNG
    assert fetch_media(desk.store, desk.settings) == 0


def test_a_text_of_files_alone_is_a_case_with_a_name(desk: DeskWithANumber) -> None:
    read = desk.receive("", media=(Media("image/png", PNG),))
    assert desk.case(read.case_id).subject == "A file by text"


def test_trouble_is_tried_again_until_it_works(desk: DeskWithANumber) -> None:
    desk.receive("Look", media=(Media("image/png", PNG),))
    token, desk.twilio.auth_token = desk.twilio.auth_token, "changed"
    assert fetch_media(desk.store, desk.settings) == 1
    assert fetched(desk)[0].state is FetchState.WAITING
    desk.twilio.auth_token = token
    hasten(desk)
    fetch_media(desk.store, desk.settings)
    assert len(files_of(desk)) == 1


def test_what_never_comes_is_said_in_the_message(desk: DeskWithANumber) -> None:
    read = desk.receive("Look", media=(Media("image/png", PNG),))
    desk.twilio.auth_token = "changed"
    for _ in range(8):
        hasten(desk)
        fetch_media(desk.store, desk.settings)
    (one,) = fetched(desk)
    assert (one.state, one.attempts) == (FetchState.FAILED, 6)
    assert "File 1 is missing" in desk.messages(read.case_id)[0].suspicions[0]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://evil.example/a.png", "file:///etc/passwd"]
)
def test_an_address_elsewhere_is_never_asked_and_said_at_once(desk: DeskWithANumber, url: str) -> None:
    """The call is signed; its fields are still only what somebody wrote (CVE-2024-39713)."""
    read = desk.receive("Look", NumMedia="1", MediaUrl0=url)
    fetch_media(desk.store, desk.settings)
    assert fetched(desk)[0].state is FetchState.FAILED
    assert "does not lie" in desk.messages(read.case_id)[0].suspicions[0]


def test_a_file_that_is_too_large_is_said(desk: DeskWithANumber) -> None:
    read = desk.receive("Look", media=(Media("video/mp4", b"x" * 6_000_000),))
    fetch_media(desk.store, desk.settings)
    assert "larger than 5 MB" in desk.messages(read.case_id)[0].suspicions[0]
