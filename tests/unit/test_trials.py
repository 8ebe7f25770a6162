"""What a trial of a channel tells of, the setup can name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import desk

ROOT = Path(desk.__file__).parent


def test_each_part_of_a_trial_has_its_word() -> None:
    told = {
        part
        for file in ROOT.rglob("*.py")
        for part in re.findall(r"Checked\(\s*\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    words = json.loads((ROOT.parent / "web/src/locales/en.pages.json").read_text(encoding="utf-8"))
    assert {"imap", "sites", "webhook"} <= told
    assert told <= words["setup"]["part"].keys()
