"""What the source promises about itself: one place that commits, and names that say something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.store.schema import revisions

ROOT = Path(__file__).resolve().parents[2]
MAY_COMMIT = {"desk/store/unit_of_work.py", "desk/jobs/relay.py"}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
FOLDERS = ("desk", "tests", "benchmarks", "drills")
LONGEST_FILE = 450


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def commits_in(source: str) -> Iterator[int]:
    """The lines that call a method named commit, or hand it to somebody who will."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno


def test_only_the_unit_of_work_commits_and_the_relay_notes_what_it_handed_on() -> None:
    committing = {
        str(path.relative_to(ROOT)) for path in python_files("desk") if any(commits_in(path.read_text()))
    }
    assert committing == MAY_COMMIT


def test_a_commit_elsewhere_would_be_seen() -> None:
    assert list(commits_in("def act(work):\n    work.session.commit()\n    end(work.session.commit)\n")) == [
        2,
        3,
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_hides_behind_a_name_that_says_nothing(folder: str) -> None:
    names = {part for path in python_files(folder) for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & SAYS_NOTHING


def test_no_file_of_the_product_is_too_long_to_hold_in_the_head() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in python_files("desk")
        if "versions" not in path.parts
    }
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files("desk")
        if "versions" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not [path for path in silent if not path.endswith("/__init__.py")]


def test_migrations_have_one_head() -> None:
    assert len(revisions()[1]) == 1
