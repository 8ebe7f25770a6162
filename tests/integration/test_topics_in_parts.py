"""`desk topics` over a folder: by processes and by a Dask cluster as by one process, all or nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster

from desk.cli import main
from desk.insights.discovery import discover
from tests.unit.insights.asked import QUESTIONS

THIRDS = [QUESTIONS[first::3] for first in range(3)]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["topics", *map(str, words), "--encoder", "lexical"])


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder of three files, as systems write them: two of CSV, one of Parquet."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for name, delimiter, encoding, third in zip("ab", ",;", ("utf-8", "utf-16"), THIRDS, strict=False):
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([["id", "text"], *enumerate(third)])
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE asked (text varchar)")
        engine.executemany("INSERT INTO asked VALUES (?)", [[text] for text in THIRDS[2]])
        engine.execute(f"COPY asked TO '{folder / 'c.parquet'}' (FORMAT parquet)")
    (folder / "README.txt").write_text("No questions here.")
    return folder


def labels_in(folder: Path) -> list[int]:
    """The topics of all questions, in the order of QUESTIONS."""
    labels = [0] * len(QUESTIONS)
    for first, name in enumerate("abc"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            labels[first::3] = [int(row["topic"]) for row in csv.DictReader(file)]
    return labels


def by_processes(parts: Path, out: Path) -> Result:
    with pytest.MonkeyPatch.context() as patched:
        # One is enough, and starts in half the time of two.
        patched.setattr("os.sched_getaffinity", lambda process: {0})
        return run(parts, "--out", out, "--json", out.with_suffix(".json"))


def by_a_cluster(parts: Path, out: Path) -> Result:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        return run(parts, "--out", out, "--json", out.with_suffix(".json"), "--scheduler", address)


@pytest.mark.parametrize("read", [by_processes, by_a_cluster])
def test_parts_are_read_as_the_whole(
    parts: Path, tmp_path: Path, read: Callable[[Path, Path], Result]
) -> None:
    out = tmp_path / "labels"
    done = read(parts, out)
    assert done.exit_code == 0, done.output
    assert labels_in(out) == discover(QUESTIONS, None).labels.tolist()
    assert f"of {len(QUESTIONS)} questions" in done.output
    assert "placing … 100 %" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels", "labels.json", "parts"]


def test_what_cannot_be_leaves_nothing(parts: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels"
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        (parts / "d.parquet").write_bytes(b"PAR1 no more than this")
        unread = run(parts, "--out", out, "--scheduler", cluster.scheduler_address)
    assert (unread.exit_code, "d.parquet" in unread.output) == (1, True), unread.output
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]


def test_what_is_asked_is_looked_at_first(parts: Path, tmp_path: Path) -> None:
    one = parts / "a.csv"
    assert (
        "name a folder that is not there"
        in run(parts, "--out", parts).output + run(parts, "--out", one).output
    )
    assert "no file that ends in .csv or .parquet" in run(tmp_path).output
    assert "Leave --scheduler out" in run(one, "--scheduler", "tcp://127.0.0.1:1").output
    (parts / "a.parquet").write_bytes(b"")
    assert "two files of one name" in run(parts, "--out", tmp_path / "labels").output
