"""What we send says what the agent wrote, threads, and cannot be bent by what others wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus import active_content
from desk.channels.email.compose import (
    OutgoingAddress,
    OutgoingFile,
    OutgoingMail,
    QuotedMessage,
    compose,
    html_of_text,
    new_message_id,
    subject_with_tag,
)
from desk.channels.email.parse import parse
from desk.channels.email.parsed import Outcome
from desk.model.errors import Invalid
from desk.model.quoting import reply_text

PLAIN = OutgoingMail(
    message_id="m1@shop.example",
    sender=OutgoingAddress("support@shop.example", "Shop"),
    to=(OutgoingAddress("cleo@home.example", "Cleo"),),
    subject="Your parcel",
    text="Dear Cleo,\n\nsee https://shop.example/p?a=1&b=2.\n\nAda",
    date=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
nasty = st.text(alphabet="ab:@<>\"',;\\\r\n\t\x00\u2028\u2029\x85\u202eé=?\ud800", max_size=60)


def header_names(raw: bytes) -> list[str]:
    head = re.sub(rb"\r\n[ \t]", b" ", raw.partition(b"\r\n\r\n")[0])
    return [line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n")]


@given(nasty, nasty, nasty, nasty)
def test_no_words_of_others_can_add_a_header_or_stop_the_mail(
    subject: str, name: str, file_name: str, loop_id: str
) -> None:
    mail = replace(
        PLAIN,
        subject=subject,
        sender=OutgoingAddress("support@shop.example", name),
        to=(OutgoingAddress("cleo@home.example", name),),
        files=(OutgoingFile(file_name, "application/pdf", b"x"),),
        acknowledgement=True,
        loop_id=loop_id or None,
        quoted=QuotedMessage(name, PLAIN.date, subject),
    )
    names = header_names(compose(mail))
    assert len(names) == len(set(names))
    assert "bcc" not in names


def test_what_is_sent_can_be_read_again() -> None:
    mail = parse(compose(replace(PLAIN, case_number=7, reply_to="support+c.7.abc@shop.example")))
    assert (mail.identity, mail.subject) == ("support@shop.example", "Your parcel [#7]")
    assert (mail.text.strip(), mail.message_id) == (PLAIN.text, "m1@shop.example")
    assert mail.reply_to[0].address == "support+c.7.abc@shop.example"


def test_the_thread_keeps_its_first_and_last_ten_and_ends_with_what_is_answered() -> None:
    long_id = "x" * 200 + "@home.example"
    ids = tuple(f"r{number}@x" for number in range(40))
    mail = parse(compose(replace(PLAIN, in_reply_to=long_id, references=ids)))
    assert mail.in_reply_to == (long_id,)
    assert mail.references == ("r0@x", *ids[-9:], long_id)


def test_the_history_below_an_answer_is_known_as_such_when_it_comes_back() -> None:
    quoted = QuotedMessage("Cleo", datetime(2026, 3, 1, 8, tzinfo=UTC), "Where is my parcel?\nCleo")
    mail = parse(compose(replace(PLAIN, quoted=quoted)))
    assert "> Where is my parcel?" in mail.text
    assert reply_text(mail.text) == PLAIN.text
    assert mail.html is not None
    assert "Where is my parcel?" in mail.html


def test_files_are_attached_and_pictures_shown_where_they_belong() -> None:
    files = (
        OutgoingFile("bill.pdf", "application/pdf", b"%PDF"),
        OutgoingFile("shop.png", "image/png", b"PNG", content_id="p1@shop.example"),
        OutgoingFile("mail.eml", "message/rfc822", b"From: a@b\n\nx"),
    )
    mail = parse(compose(replace(PLAIN, files=files)))
    assert {(one.name, one.content, one.content_id) for one in mail.files} == {
        ("bill.pdf", b"%PDF", None),
        ("shop.png", b"PNG", "p1@shop.example"),
        ("mail.eml", b"From: a@b\n\nx", None),
    }
    assert mail.html is not None
    assert 'data-cid="p1@shop.example"' in mail.html


def test_an_acknowledgement_says_that_a_machine_wrote_it() -> None:
    raw = compose(replace(PLAIN, acknowledgement=True, loop_id="desk-1"))
    assert parse(raw).outcome is Outcome.AUTO_REPLY
    assert parse(raw).loop_ids == ("desk-1",)
    for header in (b"Auto-Submitted: auto-replied", b"X-Auto-Response-Suppress: All", b"Precedence: bulk"):
        assert header in raw
    assert parse(compose(PLAIN)).automatic is None


@pytest.mark.parametrize(
    "address", ["", "cleo", "cleo@", "a b@c.example", "a@b.example\r\nBcc: x@y", "é@b.example", "a@..b"]
)
def test_an_address_that_cannot_be_one_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(Invalid, match="is not an address"):
        compose(replace(PLAIN, to=(OutgoingAddress(address),)))


def test_a_domain_in_any_script_is_written_in_its_ascii_form() -> None:
    mail = parse(compose(replace(PLAIN, to=(OutgoingAddress("cleo@köln.example"),))))
    assert mail.to[0].address == "cleo@xn--kln-sna.example"


def test_a_mail_to_nobody_is_refused() -> None:
    with pytest.raises(Invalid, match="somebody"):
        compose(replace(PLAIN, to=()))


@given(st.text(max_size=300))
def test_html_made_of_text_holds_nothing_active(text: str) -> None:
    html = html_of_text(text)
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br", "a"}
    assert active_content(html) == []


def test_paragraphs_lines_and_links_become_html() -> None:
    assert html_of_text("One\ntwo\n\n<b> (https://x.example/?a=1&b=2).") == (
        "<p>One<br>\ntwo</p>\n"
        '<p>&lt;b&gt; (<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>).</p>'
    )


def test_a_subject_has_one_tag_however_often_it_is_answered() -> None:
    once = subject_with_tag("Re: Parcel", 7)
    assert once == "Re: Parcel [#7]"
    assert subject_with_tag(f"Re: {once}", 8) == "Re: Re: Parcel [#8]"


def test_two_message_ids_are_never_the_same() -> None:
    assert new_message_id("shop.example") != new_message_id("shop.example")
