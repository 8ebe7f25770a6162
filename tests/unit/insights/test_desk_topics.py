"""`desk topics`: a row a question, all or nothing, and a clear word for what cannot be."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import duckdb
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
    path.write_bytes("text\nKäse für zwölf\nGrüße\n".encode("utf-16"))
    assert "guessed" not in run(path, "--encoder", "lexical").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--text-column", "nowhere"], "There is no column “nowhere”"),
        (["--out", "/nowhere/labels.csv"], "/nowhere is no folder"),
        (["--out", "{asked}/labels.csv"], "asked.csv is no folder"),
        (["--out", "{asked}" + 240 * "x"], "cannot be written: File name too long"),
        (["--json", "{fifo}"], "is no file that could be replaced"),
        (["--json", "{asked}"], "must be different files"),
        (["--encoding", "klingon"], "There is no text encoding “klingon”"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(asked: Path, words: list[str], said: str) -> None:
    before = asked.read_bytes()
    fifo = asked.with_name("fifo")
    os.mkfifo(fifo)
    done = run(asked, *[word.format(asked=asked, fifo=fifo) for word in words])
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert asked.read_bytes() == before
    assert sorted(path.name for path in asked.parent.iterdir()) == ["asked.csv", "fifo"]


def test_what_a_link_leads_to_is_replaced_and_the_link_stays(asked: Path, tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.csv", tmp_path / "link.csv"
    link.symlink_to(kept)
    assert run(asked, "--out", link, "--encoder", "lexical").exit_code == 0
    assert link.is_symlink()
    assert len(rows_of(kept)) == len(QUESTIONS)


@pytest.mark.parametrize(
    ("column", "code", "said"),
    [
        ("'where is it ' || chr(0) || range", 0, "40 of 40 questions"),
        ("'where is it '::blob", 0, "40 of 40 questions"),
        ("range", 0, "40 rows hold no words"),
        ("null::varchar", 0, "40 rows hold no words"),
        ("'\\xff\\x00'::blob", 1, "is not valid UTF8"),
        ("['where is it']", 1, "holds VARCHAR[], and no text"),
        ("{'de': 'wo ist es'}", 1, "holds STRUCT(de VARCHAR), and no text"),
    ],
)
def test_columns_of_parquet_are_text_or_told(tmp_path: Path, column: str, code: int, said: str) -> None:
    # The engine takes a name with brackets for a pattern, which the other one fits.
    path, other = tmp_path / "asked[1].parquet", tmp_path / "asked1.parquet"
    with duckdb.connect() as engine:
        for target, what in ((path, column), (other, "'no'")):
            engine.sql(f"SELECT {what} AS text FROM range(40)").write_parquet(str(target))
    done = run(path, "--encoder", "lexical")
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "none.csv")
    assert done.exit_code == 1
    assert "cannot be read: No such file" in done.output


def test_an_encoding_that_is_named_is_believed(tmp_path: Path) -> None:
    path, described = tmp_path / "sjis.csv", tmp_path / "topics.json"
    asked = [f"荷物はどこですか {n}" if n % 2 else f"返金してください {n}" for n in range(60)]
    path.write_bytes("\n".join(["質問", *asked]).encode("shift_jis"))
    done = run(path, "--encoding", "shift_jis", "--json", described, "--encoder", "lexical")
    assert done.exit_code == 0, done.output
    assert "60 questions in the column “質問”" in done.output
    labels = [topic["label"] for topic in json.loads(described.read_text("utf-8"))["topics"]]
    assert sorted(label.split()[0] for label in labels) == ["荷物はどこですか", "返金してください"]


def test_a_language_that_the_encoder_does_not_know_is_told(tmp_path: Path) -> None:
    path = tmp_path / "thai.csv"
    asked = [f"พัสดุของฉันอยู่ที่ไหน {n}" if n % 2 else f"ฉันต้องการขอเงินคืน {n}" for n in range(60)]
    path.write_text("\n".join(["text", *asked]), "utf-8")
    done = run(path)
    assert done.exit_code == 0, done.output
    assert "100% of the questions are in a language that the encoder does not know" in done.output
    assert "2 topics in 1 area hold 60 of 60 questions" in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text\n😀\n👍\n", "No topics: no row holds a question in words."),
        ('text\n" "\n...\n', "2 rows hold no words."),
        ("text\nWhere is it?\n", "1 question in words, and 16 are the fewest"),
    ],
)
def test_what_holds_no_topics_is_told_and_every_row_answered(tmp_path: Path, content: str, said: str) -> None:
    path, out = tmp_path / "few.csv", tmp_path / "labels.csv"
    path.write_text(content, "utf-8")
    done = run(path, "--out", out, "--encoder", "lexical")
    assert done.exit_code == 0, done.output
    assert said in done.output
    assert [row["topic"] for row in rows_of(out)] == ["-1"] * (content.count("\n") - 1)


def test_all_asking_the_same_are_one_topic(tmp_path: Path) -> None:
    path, out = tmp_path / "same.csv", tmp_path / "labels.csv"
    path.write_text("text\n" + "Where is my parcel?\n" * 300, "utf-8")
    done = run(path, "--out", out, "--encoder", "lexical")
    assert "1 topic in 1 area holds 300 of 300 questions." in done.output
    assert {(row["topic"], row["label"]) for row in rows_of(out)} == {("0", "Where is my parcel?")}


def test_ten_megabytes_in_a_cell_are_one_question(asked: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.csv"
    with asked.open("a", encoding="utf-8") as file:
        file.writelines(f"9999,{cell}\n" for cell in ("my parcel " * 1_000_000, "x" * 10_000_000))
    done = run(asked, "--out", out, "--encoder", "lexical")
    assert done.exit_code == 0, done.output
    assert len(rows_of(out)) == len(QUESTIONS) + 2
    assert len(done.output) < 10_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"text\n", "has no question below them"),
        (
            b"PK\x03\x04" + bytes(range(200)),
            "is a workbook or an archive, and no table in text; save it as CSV",
        ),
        (b"%PDF-1.7\n", "is a document of another kind"),
        (bytes(range(256)) * 20, "is not written in letters"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    path, out = tmp_path / "other.csv", tmp_path / "labels.csv"
    path.write_bytes(content)
    done = run(path, "--out", out)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert not out.exists()


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
