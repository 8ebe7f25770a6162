"""Any bytes in: one understood mail out, or a sentence that says why not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.email.parse import parse
from desk.channels.email.parsed import MAX_MAIL, Outcome, ParsedMail, from_wire, to_wire
from desk.model.errors import UnreadableMail
from desk.model.inbound import Automatic

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

header_names = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Return-Path",
        "Auto-Submitted",
        "List-Id",
        "In-Reply-To",
        "Reply-To",
    ]
)
fragments = st.sampled_from(
    [
        b"a@b.example",
        b"<",
        b">",
        b'"',
        b"(",
        b")",
        b",",
        b";",
        b":",
        b"=?utf-8?q?=C3?=",
        b"=?x?b?//8=?=",
        b"=?*?q?=ED?=",
        b"\xff",
        b"multipart/mixed; boundary=b",
        b"text/html; charset=utf-7",
        b"message/rfc822",
        b"base64",
        b"\x00",
        b"\r",
        b"multipart/report; report-type=delivery-status; boundary=b",
        b"application/ms-tnef",
        b"=",
        b"name*0*=u''%",
    ]
)
headers = st.builds(
    lambda name, pieces: name.encode() + b": " + b" ".join(pieces) + b"\n",
    header_names,
    st.lists(fragments, max_size=6),
)
pieces = st.sampled_from(
    [
        b"--b\n",
        b"--b--\n",
        b"\n",
        b"Content-Type: text/html\n\n",
        b"<p>x</p>",
        b"> y\n",
        b"\x80",
        b"words\n",
        b"On x:\n",
        b"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n\n",
        b"Content-Type: application/ms-tnef\n\nx\n",
    ]
)
mails = st.builds(
    lambda head, body: b"".join(head) + b"\n" + b"".join(body),
    st.lists(headers, min_size=1, max_size=8),
    st.lists(pieces | st.binary(max_size=30), max_size=12),
)


def words_of(mail: ParsedMail) -> str:
    people = (*mail.senders, *mail.to, *mail.cc, *mail.reply_to)
    plain = (mail.subject, mail.text, mail.reply, mail.html or "", mail.message_id or "", *mail.references)
    names = (*(file.name for file in mail.files), *(one.name + one.address for one in people))
    return "".join((*plain, *names, *mail.reasons, *mail.suspicions, *mail.in_reply_to, *mail.recipients))


@settings(max_examples=400)
@given(mails | st.binary(max_size=300))
def test_any_bytes_are_understood_or_refused_with_a_sentence(raw: bytes) -> None:
    try:
        mail = parse(raw)
    except UnreadableMail as unreadable:
        assert unreadable.sentence.endswith(".")
        return
    assert not UNFIT.search(words_of(mail))


@given(mails)
def test_a_mail_survives_the_way_out_of_the_fence(raw: bytes) -> None:
    try:
        mail = parse(raw)
    except UnreadableMail:
        return
    plain, contents = to_wire(mail)
    assert from_wire(orjson.loads(orjson.dumps(plain)), contents) == mail


@given(
    st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "cp1251", "iso-2022-jp", "gb18030", "utf-7"])
)
def test_text_in_a_declared_charset_arrives_as_it_was_written(text: str, charset: str) -> None:
    written = re.sub(r"[^\w ]", "", text).strip()
    try:
        body = written.encode(charset)
        body.decode("utf-8") if charset != "utf-8" else None
    except UnicodeEncodeError:
        return
    except UnicodeDecodeError:
        mail = parse(
            b"From: cleo@home.example\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n" + body
        )
        assert mail.text.strip() == written


def test_a_mail_without_charset_is_read_as_what_it_most_likely_is() -> None:
    assert parse("From: a@b.example\n\nGrüße".encode()).text == "Grüße"
    assert parse("From: a@b.example\n\nViele Grüße aus Köln".encode("cp1252")).text == "Viele Grüße aus Köln"


def test_raw_and_encoded_words_in_headers_are_read_alike() -> None:
    raw = parse("From: Cléo <cleo@home.example>\nSubject: Où est ma commande\n\n".encode())
    encoded = parse(
        b"From: =?utf-8?q?Cl=C3=A9o?= <cleo@home.example>\nSubject: =?utf-8?b?T8O5?= est ma commande\n\n"
    )
    assert (raw.subject, raw.senders) == (encoded.subject, encoded.senders)


def test_a_character_cut_between_two_encoded_words_is_joined_again() -> None:
    assert (
        parse(b"From: a@b.example\nSubject: =?utf-8?q?Gr=C3?=\n =?utf-8?q?=BC=C3=9Fe?=\n\n").subject
        == "Grüße"
    )


@pytest.mark.parametrize("charset", ["*", "*en", "*SO-8859-1", "x*y", "'"])
def test_an_encoded_word_of_no_charset_is_read_as_well_as_can_be(charset: str) -> None:
    mail = parse(f"From: =?{charset}?Q?Gabr=EDel?= <g@home.example>\n\nhi".encode())
    assert mail.sender is not None
    assert mail.sender.name == "Gabríel"


def test_a_line_break_hidden_in_an_encoded_word_becomes_a_space() -> None:
    mail = parse("From: a@b.example\nSubject: =?utf-8?q?hi=0D=0ABcc:_e@x?= \u2028 there\n\n".encode())
    assert mail.subject == "hi Bcc: e@x there"


def test_a_stray_line_between_headers_does_not_hide_those_below() -> None:
    mail = parse(b"Received: by x\nstray words without meaning\nFrom: cleo@home.example\nSubject: hi\n\nbody")
    assert (mail.identity, mail.subject, mail.text) == ("cleo@home.example", "hi", "body")


def test_a_mail_of_bare_carriage_returns_is_read() -> None:
    mail = parse(b"From: cleo@home.example\rSubject: hi\r\rHello\rthere")
    assert (mail.subject, mail.text) == ("hi", "Hello\nthere")


@pytest.mark.parametrize(
    ("written", "identity"),
    [
        ("cleo@home.example", "cleo@home.example"),
        ('"Cleo Q" <Cleo@Home.Example>', "cleo@home.example"),
        ("Cleo (at home) <cleo@home.example>", "cleo@home.example"),
        ("alice@bank.example <evil@x.example>", "evil@x.example"),
        ("cleo@home.example, evil@x.example", None),
        ("cleo@home.example\nFrom: evil@x.example", None),
        ("=?utf-8?q?cleo=40home.example?=", None),
        ("undisclosed-recipients:;", None),
        ("Customer, Cleo <cleo@home.example>", "cleo@home.example"),
        ("Cleo, cleo@home.example", None),
        ("Customer, evil@x.example, Cleo <cleo@home.example>", None),
        ("cleo@", None),
        ("@[", None),
        ("<>", None),
        ("", None),
    ],
)
def test_only_one_plain_address_becomes_an_identity(written: str, identity: str | None) -> None:
    mail = parse(f"From: {written}\nSubject: hi\n\nbody".encode())
    assert mail.identity == identity
    assert identity or mail.suspicions


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("=?utf-8?q?M=C3=BCller,_Cleo?= <cleo@home.example>", "cleo@home.example", "Müller, Cleo"),
        ("Cleo Customer cleo@home.example", "cleo@home.example", "Cleo Customer"),
        ("Customer, Cleo <cleo@home.example>", "cleo@home.example", "Customer, Cleo"),
        ("Cleo [cleo@home.example]", "cleo@home.example", "Cleo"),
        ("cleo @ home . example", "cleo@home.example", ""),
        ("Cleo <cleo@\n home.example>", "cleo@home.example", "Cleo"),
    ],
)
def test_one_sender_is_read_from_what_mailers_make_of_the_list(written: str, address: str, name: str) -> None:
    sender = parse(f"From: {written}\n\nhi".encode()).sender
    assert sender is not None
    assert (sender.address, sender.name) == (address, name)


def test_words_before_a_bare_address_never_become_part_of_an_identity() -> None:
    mail = parse(b"From: Cleo cleo@home.example\n\nhi")
    assert mail.identity is None
    assert any("plain address" in one for one in mail.suspicions)


def test_a_name_that_shows_another_address_is_told() -> None:
    mail = parse(b'From: "support@bank.example" <evil@x.example>\n\n')
    assert mail.suspicions == ("the sender's name shows another address: support@bank.example",)


def test_the_recipients_include_what_only_relays_wrote_down() -> None:
    mail = parse(b"From: a@b.example\nTo: list@c.example\nDelivered-To: support+x@shop.example\n\n")
    assert mail.recipients == ("list@c.example", "support+x@shop.example")


def test_the_date_is_told_in_utc_and_a_wrong_one_is_none() -> None:
    assert parse(b"From: a@b.c\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n\n").date == datetime(
        2026, 3, 2, 9, tzinfo=UTC
    )
    assert parse(b"From: a@b.c\nDate: yesterday\n\n").date is None
    assert parse(b"From: a@b.c\nDate: Mon, 2 Mar 0000 10:00:00 +9999\n\n").date is None


@pytest.mark.parametrize("kind", ["multipart/*", "multipart", "multipart/ ", "Multipart/Strange"])
def test_what_a_boundary_divides_is_read_in_parts_whatever_it_is_called(kind: str) -> None:
    parts = "--b\nContent-Type: text/plain\n\nhi\n--b\nContent-Type: image/png; name=a.png\n\nx\n--b--\n"
    mail = parse(f"From: a@b.example\nContent-Type: {kind}; boundary=b\n\n{parts}".encode())
    assert (mail.text, [file.name for file in mail.files]) == ("hi", ["a.png"])


FOOTER = "--b\nContent-Type: text/plain\n\nSent to the list of the shop.\n"
HTML = "--b\nContent-Type: text/html\n\n<p>Where is my <b>parcel</b>?</p>\n"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (HTML + FOOTER, "Where is my parcel?\nSent to the list of the shop."),
        (FOOTER + HTML, "Sent to the list of the shop.\nWhere is my parcel?"),
        ("--b\nContent-Type: text/plain\n\nWhere is my parcel?\n" + HTML, "Where is my parcel?"),
        ("--b\nContent-Type: text/plain\n\n \n" + HTML, "Where is my parcel?"),
        (
            "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nWhere is it?\n"
            "--c\nContent-Type: text/html\n\n<p>Where is <u>my parcel</u> now?</p>\n--c--\n" + FOOTER,
            "Where is it?\nSent to the list of the shop.",
        ),
    ],
)
def test_words_in_html_alone_are_read_beside_plain_ones(parts: str, text: str) -> None:
    raw = f"From: cleo@home.example\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"
    assert parse(raw.encode()).text == text


def test_nested_mails_and_named_parts_are_files_with_their_own_bytes() -> None:
    mail = parse(
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nFrom: c@d.example\nSubject: inner\n\nx\n"
        b'--b\nContent-Type: text/csv; name="list.csv"\n\na;b\n--b--\n'
    )
    assert mail.text == "see below"
    assert [(file.name, file.content) for file in mail.files] == [
        ("inner.eml", b"From: c@d.example\nSubject: inner\n\nx"),
        ("list.csv", b"a;b"),
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.exe", "x.exe"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("/abs/file.pdf", "file.pdf"),
        ("..", "application-1.bin"),
        ("x" * 4000 + ".pdf", "x" * 163 + ".pdf"),
    ],
)
def test_a_file_name_holds_no_path_and_no_trick(written: str, shown: str) -> None:
    head = "From: a@b.example\nContent-Type: application/x-any\nContent-Disposition: attachment; filename="
    assert parse(f'{head}"{written}"\n\nx'.encode()).files[0].name == shown


def test_inline_pictures_keep_their_id() -> None:
    mail = parse(
        b"From: a@b.example\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        b'<p>look <img src="cid:p1@x"></p>\n--b\nContent-Type: image/png\nContent-ID: <p1@x>\n\nPNG\n--b--\n'
    )
    assert mail.html is not None
    assert 'data-cid="p1@x"' in mail.html
    assert (mail.files[0].content_id, mail.files[0].inline) == ("p1@x", True)


@pytest.mark.parametrize(
    ("header", "automatic", "outcome"),
    [
        ("Auto-Submitted: auto-replied", Automatic.AUTO_REPLY, Outcome.AUTO_REPLY),
        ("Auto-Submitted: no", None, Outcome.MESSAGE),
        ("Auto-Submitted: auto-forwarded", None, Outcome.MESSAGE),
        ("X-Autoreply: yes", Automatic.AUTO_REPLY, Outcome.AUTO_REPLY),
        ("Precedence: auto_reply", Automatic.AUTO_REPLY, Outcome.AUTO_REPLY),
        ("Precedence: bulk", Automatic.BULK, Outcome.MESSAGE),
        ("List-Id: <l.example>", Automatic.BULK, Outcome.MESSAGE),
        ("Return-Path: <>", Automatic.AUTO_REPLY, Outcome.AUTO_REPLY),
        ("X-Priority: 1", None, Outcome.MESSAGE),
    ],
)
def test_a_machine_is_known_by_its_headers(
    header: str, automatic: Automatic | None, outcome: Outcome
) -> None:
    mail = parse(f"From: a@b.example\nSubject: hi\n{header}\n\nbody".encode())
    assert (mail.automatic, mail.outcome) == (automatic, outcome)


@pytest.mark.parametrize("count", [100, 101, 10_000])
def test_of_many_references_the_first_and_the_last_are_kept(count: int) -> None:
    ids = [f"<{number}@x>" for number in range(count)]
    mail = parse(b"From: a@b.example\nReferences: " + "\n ".join(ids).encode() + b"\n\n")
    assert len(mail.references) <= 100
    assert mail.references[0] == "0@x"


@pytest.mark.parametrize("count", [500, 501, 50_000])
def test_of_many_recipients_no_more_than_five_hundred_are_read(count: int) -> None:
    mail = parse(b"From: a@b.example\nTo: " + b",".join(b"c%d@d" % n for n in range(count)) + b"\n\nx")
    assert 0 < len(mail.to) <= 500


@pytest.mark.parametrize("lines", [1000, 1001, 100_000])
def test_a_long_header_block_is_cut_and_the_body_still_found(lines: int) -> None:
    mail = parse(b"From: a@b.example\n" + b"X-A: b\n" * (lines - 1) + b"\nbody")
    assert mail.text == "body"
    assert bool(mail.reasons) == (lines > 1000)


@pytest.mark.parametrize("size", [16 * 1024, 16 * 1024 + 1, 1_600_000])
def test_a_long_header_is_cut(size: int) -> None:
    assert len(parse(b"Subject: " + b"x" * size + b"\nFrom: a@b.example\n\n").subject) <= 16 * 1024


@pytest.mark.parametrize("depth", [49, 51, 5000])
def test_deep_nesting_is_kept_folded_beyond_fifty_levels(depth: int) -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    mail = parse(b"From: a@b.example\n" + nested + b"\nwords")
    assert (mail.text == "words") == (depth < 50)
    assert bool(mail.reasons) == (depth > 50)


@pytest.mark.parametrize("count", [500, 501, 50_000])
def test_no_more_than_five_hundred_parts_are_opened(count: int) -> None:
    mail = parse(
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\n\nx\n" * count
        + b"--b--\n"
    )
    assert mail.text.count("x") == min(count, 500)
    assert bool(mail.reasons) == (count > 500)


@pytest.mark.parametrize("count", [100, 101, 400])
def test_no_more_than_a_hundred_files_are_kept_and_the_rest_is_told(count: int) -> None:
    part = b"--b\nContent-Type: image/png\n\nx\n"
    mail = parse(
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + part * count + b"--b--\n"
    )
    assert len(mail.files) == min(count, 100)
    assert bool(mail.reasons) == (count > 100)


@pytest.mark.parametrize("size", [1024 * 1024, 1024 * 1024 + 1, 20 * 1024 * 1024])
def test_no_more_than_a_megabyte_of_text_is_shown(size: int) -> None:
    mail = parse(b"From: a@b.example\n\n" + b"x" * size)
    assert len(mail.text) == 1024 * 1024
    assert bool(mail.reasons) == (size > 1024 * 1024)


def test_of_a_mail_over_the_limit_the_headers_are_read_and_it_is_told() -> None:
    head = b"From: cleo@home.example\nSubject: big\n\n"
    mail = parse(head + b"x" * MAX_MAIL)
    assert (mail.subject, mail.text) == ("big", "")
    assert "larger than 25 MB" in mail.reasons[0]
    assert parse(head + b"x" * (MAX_MAIL - len(head))).text
