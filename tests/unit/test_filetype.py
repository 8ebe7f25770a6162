"""What a file is, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.filetype import SAFE_INLINE, UNKNOWN, safe_name, type_of


@pytest.mark.parametrize(
    "content, name, kind",
    [
        (b"\xff\xd8\xff\xe0", "photo.html", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "x", "image/webp"),
        (b"PK\x03\x04", "offer.odt", "application/vnd.oasis.opendocument.text"),
        (b"PK\x03\x04", "offer.exe", "application/zip"),
        (b"<!DOCTYPE html><script>", "photo.png", "text/plain"),
        (b"a,b\n", "list.csv", "text/csv"),
        ("Grüße".encode(), "note", "text/plain"),
        ("Grüße".encode("latin-1"), "note.txt", UNKNOWN),
        (b"MZ\x90", "photo.png", "application/x-msdownload"),
        (b"a\0b", "note.txt", UNKNOWN),
        (b"", "empty.txt", "text/plain"),
        (("ü" * 40_000).encode()[:-1] + b"\xbc", "long.txt", "text/plain"),
    ],
)  # fmt: skip
def test_the_bytes_decide(content: bytes, name: str, kind: str) -> None:
    assert type_of(content, name) == kind


@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_bytes_are_ever_html_svg_or_script(content: bytes, name: str) -> None:
    kind = type_of(content, name)
    assert not any(word in kind for word in ("html", "svg", "xml;", "javascript"))
    if kind in SAFE_INLINE:
        assert not content.lstrip().startswith(b"<")


@given(st.text(max_size=400))
def test_a_name_stays_in_its_folder_and_on_its_line(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 255
    assert "/" not in safe and "\\" not in safe and safe not in (".", "..")
    assert safe.isprintable()
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    "name, safe",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\offer.pdf", "offer.pdf"),
        ("Rechnung Nr. 7.pdf", "Rechnung Nr. 7.pdf"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 197 + ".pdf"),
    ],
)
def test_what_people_see_of_a_name_stays(name: str, safe: str) -> None:
    assert safe_name(name) == safe
