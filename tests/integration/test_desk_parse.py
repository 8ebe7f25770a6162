"""`desk parse` prints one JSON line a mail, for any bytes, and never fails."""

from __future__ import annotations

import json
import os
from pathlib import Path

from click.testing import CliRunner

from desk.cli.parse import parse

FIELDS = {
    *(
        "file",
        "outcome",
        "from",
        "to",
        "cc",
        "reply_to",
        "subject",
        "message_id",
        "in_reply_to",
        "references",
    ),
    *("date", "text", "reply", "html", "attachments", "bounce", "reasons"),
}
MAIL = (
    b"From: cleo@home.example\nSubject: hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n"
)
MAIL += b'Content-Type: text/csv; name="a.csv"\n\na;b\n--b--\n'


def printed(*arguments: str, stdin: bytes = b"") -> list[dict[str, object]]:
    result = CliRunner().invoke(parse, arguments, input=stdin)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_mail_is_one_line_with_every_field(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)
    (line,) = printed(str(file))
    assert set(line) == FIELDS
    assert (line["file"], line["outcome"], line["from"]) == (str(file), "message", "cleo@home.example")
    assert line["text"] == "Hello"
    assert line["attachments"] == [
        {
            "name": "a.csv",
            "type": "text/csv",
            "size": 3,
            "sha256": "5719af18823567701f70e9f302f75d96e574215493286286a57b0a4959672283",
        }
    ]


def test_any_bytes_are_one_line_with_the_same_fields_and_a_reason(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("empty", "noise", "zeros", "gone", "folder")]
    paths[0].write_bytes(b"")
    paths[1].write_bytes(os.urandom(100_000))
    paths[2].write_bytes(bytes(1000))
    lines = printed(*map(str, paths[:4]))
    assert [line["outcome"] for line in lines] == ["unreadable"] * 4
    assert all(set(line) == FIELDS and line["reasons"] for line in lines)


def test_a_folder_stands_for_its_files_and_a_dash_for_the_standard_input(tmp_path: Path) -> None:
    for name in ("b.eml", "a.eml"):
        (tmp_path / name).write_bytes(MAIL)
    assert [line["file"] for line in printed(str(tmp_path))] == [
        str(tmp_path / n) for n in ("a.eml", "b.eml")
    ]
    assert printed("-", stdin=MAIL)[0]["subject"] == "hi"
