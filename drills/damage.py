"""Ways to damage a mail, and mails that are nothing but damage; for `drills.mangled`."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterator

Damage = Callable[[random.Random, bytes], bytes]

HEADERS = (
    b"Subject From To References In-Reply-To Content-Type Content-Disposition Message-ID Date Return-Path"
    b" Content-Transfer-Encoding X-Failed-Recipients Received"
).split()
CHARSETS = (
    b"utf-8 utf-7 utf-16 utf-16-le utf-32 utf-8-sig hz iso-2022-kr iso-2022-jp gb18030 big5 cp864 punycode"
    b" idna hex zip rot13 unicode_escape raw_unicode_escape uu mbcs undefined x-nothing charset= \xff"
).split()
VALUES = (
    b"",
    b"\x00",
    b"=?utf-8?b?//79/A==?=",
    b"=?utf-8?q?=00=0d=0a=ed=a0=80?=",
    b"=?utf-16?b?ANgA3A==?=",
    b"=?utf-7?q?+2AA-?=",
    b"=?" * 500,
    b"a" * 30_000,
    b'"\\' * 300,
    b"<" * 2000,
    b"(" * 2000,
    b"\xed\xa0\x80\xff\xfe",
    b"multipart/mixed; boundary=" + b"x" * 3000,
    b"multipart/mixed; boundary*0=a; boundary*1*=%ff%00; boundary*99999999999=z",
    b"text/html; charset*=utf-16'x'%d8%00",
    b"message/rfc822",
    b"attachment; filename*=utf-7''+2AA-.txt; filename*1*=''%ff",
    b"Mon, 99 Foo 99999 99:99:99 +9999",
    b"Mon, 1 Jan 0001 00:00:00 +2359",
    b"Fri, 31 Dec 9999 23:59:59 -2359",
)


def _one_header(chance: random.Random, raw: bytes) -> bytes:
    line = chance.choice(HEADERS) + b": " + chance.choice(VALUES) + b"\r\n"
    return line + raw if chance.random() < 0.5 else raw.replace(b"\n\n", b"\n" + line + b"\n", 1)


def _a_changed_value(chance: random.Random, raw: bytes) -> bytes:
    name = chance.choice(HEADERS)
    value = chance.choice(VALUES)
    return re.sub(rb"(?im)^" + name + rb":[^\n]*", lambda _: name + b": " + value, raw, count=2)


def _a_charset(chance: random.Random, raw: bytes) -> bytes:
    charset = chance.choice(CHARSETS)
    changed = re.sub(rb"(?i)charset\s*=\s*\"?[\w.-]+\"?", lambda _: b"charset=" + charset, raw)
    return re.sub(rb"=\?[\w-]+\?", lambda _: b"=?" + charset + b"?", changed)


def _a_cut(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _wrong_bytes(chance: random.Random, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 10, 200))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _strewn(chance: random.Random, raw: bytes) -> bytes:
    """NULs, escapes, controls and line ends of every kind put in between."""
    pieces = raw.splitlines(keepends=True)
    for _ in range(20):
        strewn = chance.choice(
            (b"\0", b"\x1b$B", b"\x0b", b"\x0c", b"\x85", b"\r", b"\n\n", b"\xc2\x85", b"\x7f")
        )
        pieces.insert(chance.randrange(len(pieces) + 1), strewn)
    return b"".join(pieces)


def _only_returns(_: random.Random, raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def _boundaries(chance: random.Random, raw: bytes) -> bytes:
    found = re.findall(rb"(?m)^--[^\s]{1,80}\s*$", raw)
    if not found:
        return raw
    boundary = chance.choice(found).strip()
    other = chance.choice((b"", b"--", boundary + b"--", boundary + b"x", boundary + b"\r\n" + boundary))
    return raw.replace(boundary, other, chance.choice((1, -1)))


def _nested(chance: random.Random, raw: bytes) -> bytes:
    for level in range(chance.choice((1, 3, 60))):
        kind = chance.choice((b"mixed", b"alternative", b"related", b"digest", b"report", b"signed"))
        head = b"From: a@b.example\nContent-Type: multipart/" + kind + b"; boundary=n%d\n\n--n%d\n"
        inner = chance.choice((b"", b"Content-Type: message/rfc822\n\n")) + raw
        raw = head % (level, level) + inner + b"\n--n%d--\n" % level
    return raw[: 1024 * 1024]


def _transfer(chance: random.Random, raw: bytes) -> bytes:
    encoding = chance.choice(
        (b"base64", b"quoted-printable", b"x-uuencode", b"binary", b"8bit; x", b"b a s e")
    )
    head = b"Content-Transfer-Encoding: " + encoding
    changed = re.sub(rb"(?i)content-transfer-encoding:[^\r\n]*", lambda _: head, raw)
    return re.sub(rb"(?m)^([A-Za-z0-9+/]{40,})$", lambda m: m.group(1)[: chance.randrange(40)], changed)


def _spliced(chance: random.Random, raw: bytes) -> bytes:
    cut = chance.randrange(len(raw) + 1)
    start = chance.randrange(len(raw) + 1)
    return raw[:cut] + raw[start : start + 5000] + raw[cut:]


DAMAGES: tuple[Damage, ...] = (
    _one_header,
    _a_changed_value,
    _a_charset,
    _a_cut,
    _wrong_bytes,
    _strewn,
    _only_returns,
    _boundaries,
    _nested,
    _transfer,
    _spliced,
)


def damaged(mails: list[bytes], chance: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` of the mails, each damaged one to four times; the name tells how."""
    for _ in range(count):
        raw, names = chance.choice(mails), []
        for _ in range(chance.randint(1, 4)):
            damage = chance.choice(DAMAGES)
            raw = damage(chance, raw)
            names.append(damage.__name__.strip("_"))
        yield "+".join(names), raw


def bombs() -> Iterator[tuple[str, bytes]]:
    """Mails made to cost more than they are worth."""
    head = b"From: a@b.example\nSubject: bomb\n"
    web = head + b"Content-Type: text/html; charset=utf-8\n\n"
    quoted = b"On Mon, 2 Mar 2026 at 09:00, A <a@b.example> wrote:\n"
    text = head + b"\n"
    yield "10,000 tags", web + b"<div>" * 10_000 + b"x"
    yield "10,000 tables", web + b"<table><tr><td>" * 10_000 + b"x"
    yield "10,000 font tags closed", web + b"<b><i><font>" * 10_000 + b"x" + b"</font></i></b>" * 10_000
    yield "10,000 paragraphs of wrong nesting", web + b"<p><a><b></p>" * 10_000
    yield "5 MB of HTML", web + b"<p>Hello <b>you</b></p>\n" * 220_000
    yield (
        "5 MB of HTML in base64",
        (
            head
            + b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(b"<p>Hello <b>you</b></p>\n" * 220_000)
        ),
    )
    yield "500 KB of rows", web + b"<table>" + b"<tr><td>a<td>b" * 35_000 + b"</table>"
    yield "500 KB of lists", web + b"<ul><li>a" * 55_000
    yield "500 KB of blockquotes", web + b"<blockquote type=cite>a</blockquote>" * 14_000
    yield "500 KB of comments", web + b"<!--" * 130_000
    yield "500 KB of open tags", web + b"<a href='" * 55_000
    yield "500 KB of styles", web + b"<p style='color:red;" + b"a:b;" * 120_000 + b"'>x"
    yield "500 KB of hidden text", web + b"<p style='display:none'>a</p>" * 17_000
    yield "500 KB of declarations", web + b"<?xml ?>" * 60_000 + b"<![CDATA[" * 1000
    yield (
        "a wide cell above many rows",
        (web + b"<table><tr><td>" + b"a" * 200_000 + b"<td>b" + b"<tr><td>x<td>y" * 5000 + b"</table>"),
    )
    yield (
        "a tall cell beside a wide one",
        web + b"<table><tr><td>" + b"a<br>" * 60_000 + b"<td>" + b"b" * 99_999,
    )
    yield "a row of many cells", web + b"<table><tr>" + b"<td>a" * 15_000 + b"<tr><td>x" * 3000
    yield "comments below the cap of tags", web + b"<table><tr>" + b"<!--" * 19_000 + b"x" * 400_000
    yield "quotations with tails", web + b"<i id=gmail_quote>a</i>bbbbbbbbbb" * 9000
    yield "a script in parts", web + b"<scr<script>ipt>alert(1)</scr</script>ipt><svg/onload=alert(1)>" * 5000
    yield "many quotations", text + (quoted + b"> a\nb\n") * 20_000
    yield "deep quotations", text + b"\n".join(b">" * n for n in range(3000))
    yield "5 MB of marks", text + b">" * 5_000_000
    yield "attributions that never end", text + b"On 2 Mar 2026, a@b.example " * 200_000
    yield "one long line", text + b"a" * 5_000_000
    yield "many header blocks", text + b"From: a\nSent: b\nTo: c\nSubject: d\n\n" * 60_000
    yield "many dividers", text + b"-----Original Message-----\n" * 80_000
    yield "many spaces", text + b" " * 5_000_000 + b"x"
    yield "many statuses", text + b"550 5.1.1 a@b.example\n" * 100_000
    yield (
        "bounce of addresses",
        b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + b"a" * 60_000 + b"@" * 5000,
    )
    yield "1 MB of one header", b"Subject: " + b"word " * 200_000 + b"\n" + text
    yield "1 MB of folded header", b"Subject: a\n" + b" folded\n" * 130_000 + text
    yield "20,000 headers", b"X-A: b\n" * 20_000 + text
    yield "20,000 Received", b"Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0000\n" * 20_000 + text
    yield "encoded words", b"Subject: " + b"=?utf-8?b?4pyT?= " * 50_000 + b"\n" + text
    yield "broken encoded words", b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n" + text
    yield (
        "pieces of a parameter",
        (
            b"Content-Type: text/plain"
            + b"".join(b";\n name*%d*=%%ff" % n for n in range(20_000))
            + b"\n"
            + text
        ),
    )
    yield "one parameter often", b"Content-Type: text/plain" + b";a*0*=''x" * 20_000 + b"\n" + text
    yield "quotes of a parameter", b'Content-Type: text/plain; name="' + b'\\"' * 40_000 + b"\n" + text
    yield "brackets in From", b"From: " + b"<(" * 8000 + b"\nSubject: x\n\nx"
    yield "brackets in To", head + b"To: " + b"a <b@c.example>, " * 40_000 + b"\n\nx"
    yield "groups in To", head + b"To: " + b"a:b:c@d.example;" * 10_000 + b"\n\nx"
    yield "ids", head + b"References: " + b"<a@b.example>" * 40_000 + b"\n\nx"
    yield "one id", head + b"Message-ID: <" + b"\xf0\x9f\x98\x80" * 4000 + b"@x>\n\nx"
    yield (
        "levels",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(10_000)),
    )
    yield "parts", head + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000
    yield (
        "the same boundary inside",
        (
            head
            + b"Content-Type: multipart/mixed; boundary=b\n\n"
            + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 5000
        ),
    )
    yield "empty parts", head + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 6_000_000
    yield "mails in mails", head + (b"Content-Type: message/rfc822\n\n" + head) * 5000
    yield (
        "delivery statuses",
        (
            b"Content-Type: multipart/report; boundary=b\n"
            + head
            + b"\n"
            + b"--b\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n\nAction: failed\n\n" * 10_000
        ),
    )
    yield "soft line ends", head + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 1_000_000
    yield (
        "lines of uuencode",
        head + b"Content-Transfer-Encoding: uuencode\n\nbegin 644 a\n" + b"#0V%T\n" * 4_000_000,
    )
    yield "UTF-7", head + b"Content-Type: text/plain; charset=utf-7\n\n" + b"+2AA-" * 200_000
    yield "lone surrogates", head + b"Content-Type: text/plain; charset=utf-16\n\n" + b"\x00\xd8" * 100_000
    yield (
        "escapes of ISO 2022",
        head + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B" * 300_000,
    )
    yield (
        "no known charset",
        head + b"Content-Type: text/plain; charset=x\n\n" + bytes(range(128, 256)) * 40_000,
    )
    yield "combining marks", text + "e\u0301\u202e\u2066".encode() * 300_000
    yield "only NULs below", text + bytes(1_000_000)
    yield "only returns", (head + b"\n" + b"line\n" * 500_000).replace(b"\n", b"\r")
    yield "a date", head + b"Date: " + b"1 " * 8000 + b"\n\nx"
    yield "a calendar", head + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + b"X:a\n " * 200_000
    yield (
        "a winmail.dat",
        head + b"Content-Type: application/ms-tnef\n\n" + b"\x78\x9f\x3e\x22\0\0\1" * 200_000,
    )
