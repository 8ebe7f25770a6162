"""A text with a picture: fetched from us by who was given its address, or refused in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import func, select

from desk.actions.messages.file_links import TextFileLinks
from desk.actions.setup.channels import secrets_of, trial_of
from desk.channels.sms.checking import check_sms
from desk.demo.twilio_account import Turn
from desk.model.agent import Agent
from desk.model.errors import Invalid
from desk.model.message import Attachment, DeliveryState, Message
from desk.model.transit import Outbox
from tests.integration.sms.desk_with_a_number import DeskWithANumber
from tests.people import STAGE
from tests.security.browser import Browser

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
WHATSAPP = "whatsapp:+442079460958"


def send(desk: DeskWithANumber, text: str = "Like this one?", *files: tuple[str, bytes]) -> Message:
    tokens = tuple(desk.upload(*one) for one in files or [("new lid.png", PNG)])
    case_id = desk.receive("Hello").case_id
    return desk.answer(case_id, text, file_tokens=tokens, files_served=True)


@pytest.fixture
def mms(desk: DeskWithANumber) -> DeskWithANumber:
    desk.change(mms_countries=["GB"])
    return desk


def test_a_picture_leaves_once_with_the_words_and_counts_as_what_it_costs(mms: DeskWithANumber) -> None:
    message = send(mms)
    assert mms.deliver() == 1
    mms.twilio.settle()
    (sent,) = mms.twilio.sent()
    assert sent.body == "Like this one?"
    assert [(one.type, one.content) for one in sent.media] == [("image/png", PNG)]
    assert mms.message(message.id).state is DeliveryState.SENT
    with mms.store.reading(STAGE) as work:
        assert work.session.scalars(select(Outbox.content["segments"].as_integer())).one() == 3


def test_a_picture_needs_no_words(mms: DeskWithANumber) -> None:
    send(mms, "")
    mms.deliver()
    mms.twilio.settle()
    (sent,) = mms.twilio.sent()
    assert (sent.body, len(sent.media)) == ("", 1)
    with pytest.raises(Invalid, match="nothing in it"):
        mms.answer(mms.cases()[0].id, " ", client_id="no words")


def test_a_file_that_could_not_be_fetched_is_said_in_the_message(mms: DeskWithANumber) -> None:
    mms.twilio.fetch = lambda url: (404, "text/html", b"not here")
    message = send(mms)
    mms.deliver()
    mms.twilio.settle()
    shown = mms.message(message.id)
    assert shown.state is DeliveryState.FAILED
    assert shown.state_sentence == (
        "It did not arrive. Twilio could not fetch the file from this desk. (Twilio 11200)"
    )


def test_a_picture_whose_answer_never_came_is_looked_up_and_never_sent_twice(mms: DeskWithANumber) -> None:
    mms.twilio.turns = [Turn(hang_up=True)]
    message = send(mms)
    mms.deliver()
    mms.twilio.settle()
    assert mms.message(message.id).state is DeliveryState.UNCERTAIN
    mms.hasten()
    mms.deliver()
    assert (len(mms.twilio.sent()), mms.message(message.id).state) == (1, DeliveryState.SENT)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("logo.svg", SVG, "“logo.svg” cannot go by text: an MMS carries pictures"),
        ("photo.png", SVG, "cannot go by text"),
        ("big.png", PNG + bytes(5 * 1024 * 1024), "The files have 5.0 MB; an MMS carries 5 MB"),
        ("plan.pdf", b"%PDF-1.7" + bytes(501 * 1024), "500 kB is the most of what is no picture"),
    ],
)
def test_what_cannot_go_is_refused_in_words_and_nothing_is_kept(
    mms: DeskWithANumber, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        send(mms, "See", (name, content))
    with mms.store.reading(STAGE) as work:
        attached = select(func.count()).select_from(Attachment).where(Attachment.message_id.is_not(None))
        assert work.session.scalar(attached) == 0
    assert mms.deliver() == 0


def test_too_many_files_and_another_country_and_a_desk_at_home_are_refused(mms: DeskWithANumber) -> None:
    with pytest.raises(Invalid, match="These are 11 files; an MMS carries 10 files at most"):
        send(mms, "See", *[(f"{n}.png", PNG + bytes([n])) for n in range(11)])
    case_id, token = mms.cases()[0].id, mms.upload("one.png", PNG)
    with pytest.raises(Invalid, match="An operator sets DESK_PUBLIC_URL"):
        mms.answer(case_id, "See", file_tokens=(token,))
    mms.change(mms_countries=["US"])
    with pytest.raises(Invalid, match="sends no files to Britain"):
        mms.answer(case_id, "See", file_tokens=(token,), files_served=True)


def test_the_composer_is_told_what_will_go(
    mms: DeskWithANumber, as_agent: Callable[[Agent], Browser]
) -> None:
    ada = as_agent(mms.cast.ada)
    asked = {"text": "See", "channel_id": mms.channel.id, "to": "+447700900123", "files": []}
    assert ada.api("POST", "/sms/segments", asked).json["goes"] == {
        "way": "sms", "files": 0, "counts_as": 1, "obstacle": None, "asks_consent": False, "warning": None,
        "by_template": False,
    }  # fmt: skip
    good, bad = mms.upload("one.png", PNG), mms.upload("logo.svg", SVG)
    goes = ada.api("POST", "/sms/segments", asked | {"files": [good]}).json["goes"]
    assert (goes["way"], goes["counts_as"], goes["obstacle"]) == ("mms", 3, None)
    goes = ada.api("POST", "/sms/segments", asked | {"files": [good, bad]}).json["goes"]
    assert "logo.svg" in goes["obstacle"]
    assert ada.api("POST", "/sms/segments", asked | {"channel_id": 999}).status_code == 404


def test_the_address_of_a_file_gives_this_file_for_an_hour_to_whoever_has_it(
    mms: DeskWithANumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = send(mms)
    links, base = TextFileLinks(mms.settings.secret_key), mms.settings.public_url
    with mms.store.reading(STAGE) as work:
        of_it = select(Attachment.token).where(Attachment.message_id == message.id)
        token = work.session.scalars(of_it).one()
    url = links.url(base, token)
    assert mms.give_file(url)[0] == 404, "it has not been handed over yet"
    mms.deliver()
    mms.twilio.settle()
    answer = mms.app.test_client().get(url.removeprefix(base), base_url=base)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PNG)
    assert answer.headers["Content-Disposition"] == 'inline; filename="newlid.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: int(time.time()) - 3700)
    old = links.url(base, token)
    monkeypatch.undo()
    assert mms.give_file(old)[0] == 404


def test_no_other_address_gives_a_file(mms: DeskWithANumber) -> None:
    """Not a forged one, not one made for another use, not a file that no text carries, and no list."""
    links, base = TextFileLinks(mms.settings.secret_key), mms.settings.public_url
    note_file = mms.upload("secret.png", PNG)
    assert mms.give_file(links.url(base, note_file))[0] == 404
    assert mms.give_file(TextFileLinks("another key").url(base, note_file))[0] == 404
    assert mms.give_file(f"{base}/hooks/twilio/files/{note_file}")[0] == 404
    assert mms.give_file(f"{base}/hooks/twilio/files/")[0] == 404


def test_whatsapp_carries_one_file_and_no_words_beside_a_sound(desk: DeskWithANumber) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        desk.kept_channel(work).address = WHATSAPP
    desk.twilio.number = WHATSAPP
    desk.receive("Hello", sender="whatsapp:+447700900123")
    case_id = desk.cases()[0].id
    ogg = desk.upload("voice.ogg", b"OggS" + bytes(20))
    with pytest.raises(Invalid, match="send the two apart"):
        desk.answer(case_id, "Listen", file_tokens=(ogg,), files_served=True)
    with pytest.raises(Invalid, match="a WhatsApp message carries one file"):
        desk.answer(case_id, "", file_tokens=(ogg, desk.upload("a.png", PNG)), files_served=True)
    desk.answer(case_id, "", file_tokens=(ogg,), files_served=True)
    desk.deliver()
    desk.twilio.settle()
    assert [one.type for one in desk.twilio.sent()[0].media] == ["audio/ogg"]


def test_trying_the_number_says_whether_files_can_go(mms: DeskWithANumber) -> None:
    def tried(**more: Any) -> Any:
        with mms.store.reading(STAGE) as work:
            channel = mms.kept_channel(work)
            config = trial_of(channel, mms.settings) | more
            checks = check_sms(config, secrets_of(channel, mms.vault))
        return {check.part: check.sentence for check in checks}["files"]

    assert tried() == "Files go by MMS."
    mms.twilio.takes_mms = False
    assert "cannot send files (MMS)" in tried()
