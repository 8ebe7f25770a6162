"""`desk import`: mail that already exists is taken in silently, once, and can be broken off."""

from __future__ import annotations

import json
import mailbox
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from desk.cli import import_mail as command
from desk.model.events import CaseOpened, event_from
from desk.model.message import MessageKind
from desk.model.transit import JournalEntry
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.unit_of_work import Store
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail
from tests.people import STAGE


@pytest.fixture
def imported(desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command on the test's store; its lines, parsed."""

    @contextmanager
    def at_hand(_name: str) -> Iterator[tuple[Settings, Store]]:
        yield desk.settings, desk.store

    monkeypatch.setattr(command, "desk_at_hand", at_hand)

    def run(*paths: Path, refused: str = "") -> list[dict[str, Any]]:
        done = CliRunner().invoke(command.import_mail, [str(path) for path in paths])
        assert (done.exit_code == 0) is not bool(refused), done.output
        assert refused in str(done.exception)
        # Logs go to standard error once they are configured, which a test does not do.
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


def test_files_an_mbox_and_a_maildir_are_taken_in_and_nothing_leaves(
    desk: DeskAtWork, imported: Any, tmp_path: Path
) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        get_channel(work.session, desk.cast.mail.id, lock=True).acknowledge = True
    paths = _an_archive(tmp_path)
    lines = imported(*paths)
    assert [line["outcome"] for line in lines] == [
        "opened",
        "continued",
        "opened",
        "auto_reply",
        "opened",
        "quarantined",
    ]
    assert set(lines[0]) == {"file", "outcome", "case", "message", "reason"}
    assert lines[1]["case"] == lines[0]["case"]
    assert desk.outgoing() == []
    with desk.store.reading(STAGE) as work:
        entries = work.session.scalars(select(JournalEntry).where(JournalEntry.kind == "CaseOpened"))
        opened = [event_from(one.kind, one.payload) for one in entries]
    assert [event.silent for event in opened if isinstance(event, CaseOpened)] == [True] * 3


def test_a_line_that_an_mbox_escaped_is_no_quote(desk: DeskAtWork, imported: Any, tmp_path: Path) -> None:
    escaped = a_mail(text="Hello,\n>From here on it leaks.\n>>From the start?\n")
    (tmp_path / "box.mbox").write_bytes(b"From x@shop.example Mon Nov  2 10:00:00 2026\n" + escaped)
    (line,) = imported(tmp_path / "box.mbox")
    (message,) = desk.messages(line["case"], MessageKind.INBOUND)
    assert message.text == "Hello,\nFrom here on it leaks.\n>From the start?"
    assert message.reply == "Hello,\nFrom here on it leaks."


def test_every_folder_of_a_mailbox_is_taken_in_and_nothing_half_written(
    imported: Any, tmp_path: Path
) -> None:
    inbox = tmp_path / "Maildir"
    for folder in (inbox, inbox / ".Sent"):
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True)
    (inbox / "dovecot-uidlist").write_text("3 V1 N2")
    for number, place in enumerate(("cur", "new", "tmp", ".Sent/cur", ".Sent/tmp")):
        (inbox / place / f"{number}:2,S").write_bytes(a_mail(message_id=f"{number}@shop.example"))
    lines = imported(inbox)
    assert [Path(line["file"]).relative_to(inbox).parts[:-1] for line in lines] == [
        ("cur",),
        ("new",),
        (".Sent", "cur"),
    ]


def test_what_cannot_be_read_is_said_and_the_rest_is_taken_in(imported: Any, tmp_path: Path) -> None:
    # A file that even root cannot read: address 0 of our own memory.
    (tmp_path / "a.eml").symlink_to("/proc/self/mem")
    odd = bytes(tmp_path) + b"/b\xff.eml"
    Path(os.fsdecode(odd)).write_bytes(a_mail())
    lines = imported(tmp_path, refused="1 of 2")
    assert [line["outcome"] for line in lines] == ["ignored", "opened"]
    assert "cannot be read" in lines[0]["reason"]
    assert lines[1]["file"].endswith("/b?.eml")


def test_a_second_run_doubles_nothing(desk: DeskAtWork, imported: Any, tmp_path: Path) -> None:
    paths = _an_archive(tmp_path)
    imported(*paths)
    before = len(desk.cases())
    assert {line["outcome"] for line in imported(*paths)} == {"duplicate"}
    assert len(desk.cases()) == before


def test_a_run_that_was_broken_off_goes_on(desk: DeskAtWork, imported: Any, tmp_path: Path) -> None:
    paths = _an_archive(tmp_path)
    imported(paths[0])
    lines = imported(*paths)
    assert lines[0]["outcome"] == "duplicate"
    assert lines[2]["outcome"] == "opened"


def test_imported_mail_stands_at_the_moment_it_was_written(
    desk: DeskAtWork, imported: Any, tmp_path: Path
) -> None:
    old = a_mail(dated=False, headers={"Date": "Tue, 03 Feb 2015 10:00:00 +0000"})
    (tmp_path / "old.eml").write_bytes(old)
    (line,) = imported(tmp_path / "old.eml")
    assert desk.messages(line["case"])[0].at.year == 2015


def _an_archive(folder: Path) -> list[Path]:
    """A folder of two mails, an mbox of two, a maildir of two, one of which nobody can read."""
    files = folder / "files"
    files.mkdir()
    (files / "1.eml").write_bytes(a_mail(message_id="a@example.org"))
    (files / "2.eml").write_bytes(a_mail(in_reply_to="a@example.org", text="Still waiting."))
    box = mailbox.mbox(folder / "box.mbox")
    box.add(a_mail(sender="b@people.example", subject="In a box"))
    box.add(a_mail(sender="b@people.example", headers={"Auto-Submitted": "auto-replied"}))
    box.close()
    maildir = mailbox.Maildir(folder / "maildir")
    maildir.add(a_mail(sender="c@people.example", subject="In a folder"))
    (folder / "maildir" / "new" / "zz").write_bytes(b"\x00\x01 nothing")
    return [files, folder / "box.mbox", folder / "maildir"]
