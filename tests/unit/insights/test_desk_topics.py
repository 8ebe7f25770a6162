"""`desk topics`: a row a question, all or nothing, and a clear word for what cannot be."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.cli import main
from tests.unit.insights.asked import QUESTIONS


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["topics", *map(str, words)])


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "asked.csv"
    path.write_text("id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(QUESTIONS)), "utf-8")
    return path


def test_a_row_a_question_and_the_topics(asked: Path, tmp_path: Path) -> None:
    out, described = tmp_path / "labels.csv", tmp_path / "topics.json"
    done = run(asked, "--out", out, "--json", described, "--encoder", "lexical")
    assert done.exit_code == 0, done.output
    rows = rows_of(out)
    said = json.loads(described.read_text("utf-8"))
    assert len(rows) == len(QUESTIONS)
    names = {topic["topic"]: topic["label"] for topic in said["topics"]} | {-1: ""}
    assert all(row["label"] == names[int(row["topic"])] for row in rows)
    assert {"topic", "label", "area", "size", "share", "core", "words", "examples"} == set(said["topics"][0])
    assert sum(area["size"] for area in said["areas"]) == said["placed"]
    assert "reading … 0 %" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked.csv", "labels.csv", "topics.json"]


def test_another_encoding_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("text\nKäse für zwölf\nGrüße\n".encode("cp1252"))
    done = run(path, "--encoder", "lexical")
    assert done.exit_code == 0
    assert "encoding was guessed" in done.output
    assert "No topics" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--text-column", "nowhere"], "There is no column “nowhere”"),
        (["--out", "/nowhere/labels.csv"], "/nowhere is no folder"),
        (["--json", "{asked}"], "must be different files"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(asked: Path, words: list[str], said: str) -> None:
    before = asked.read_bytes()
    done = run(asked, *[word.format(asked=asked) for word in words])
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert asked.read_bytes() == before


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "none.csv")
    assert done.exit_code == 1
    assert "cannot be read: No such file" in done.output


@pytest.mark.parametrize("content", [b"text\n\xf0\x9f\x98\x80\n\xf0\x9f\x91\x8d\n", b"text\nWhere is it?\n"])
def test_emoji_alone_and_one_question_are_no_topics(tmp_path: Path, content: bytes) -> None:
    path, out = tmp_path / "few.csv", tmp_path / "labels.csv"
    path.write_bytes(content)
    done = run(path, "--out", out)
    assert done.exit_code == 0, done.output
    assert "No topics" in done.output
    assert {row["topic"] for row in rows_of(out)} == {"-1"}


def test_nothing_is_left_behind_when_it_breaks(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "labels.csv"
    out.write_text("old")
    monkeypatch.setattr("desk.cli.topics.as_json", lambda found: 1 / 0)
    done = run(asked, "--out", out, "--json", tmp_path / "topics.json", "--encoder", "lexical")
    assert done.exit_code == 1
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked.csv", "labels.csv"]
