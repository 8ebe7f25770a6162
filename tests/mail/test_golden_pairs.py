"""Whole mails and what we understand of them: `name.eml` beside `name.json`.

A mail that surprised us in the field becomes a pair, made anonymous. After a change that is meant,
write the new understanding with `desk parse` and read the difference before committing it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk.channels.email.parse import parse
from desk.cli.parse import understood

PAIRS = sorted(Path(__file__).parent.glob("*.eml"))


@pytest.mark.parametrize("mail", PAIRS, ids=lambda path: path.stem)
def test_a_mail_is_understood_as_it_was(mail: Path) -> None:
    assert understood(parse(mail.read_bytes())) == json.loads(mail.with_suffix(".json").read_text("utf-8"))


def test_every_understanding_has_its_mail() -> None:
    assert {path.stem for path in Path(__file__).parent.glob("*.json")} == {path.stem for path in PAIRS}
