"""`desk value`: one row a customer, the parameters beside it, and nothing half-written."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.cli import main
from tests.unit.customers.shoppers import shopper

HEAD = (
    "customer,recency,frequency,monetary,r,f,m,p_alive,expected_purchases,clv,clv_low,clv_high,tier,deserting"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A steady customer, one whose spend halved, and some who came once or twice."""
    rows = [("steady", *row) for row in shopper(lambda ago: 800, 20, seed=1)]
    rows += [("halved", *row) for row in shopper(lambda ago: 1000 if ago > 3 else 500, 20, seed=2)]
    for number in range(30):
        rows += [(f"n{number}", *row) for row in shopper(lambda ago: 40, number % 3, a_month=1, seed=number)]
    path = tmp_path / "shop.csv"
    lines = [f"{who},{date.fromordinal(day)},{amount}" for who, day, amount in rows]
    path.write_text("\n".join(("customer,date,amount", *lines)) + "\n", "utf-8-sig")
    return path


def desk_value(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["value", *map(str, arguments)])


def test_each_customer_is_a_row(shop: Path) -> None:
    done = desk_value(shop)
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert ",".join(rows[0]) == HEAD
    assert len(rows) == 32
    by_name = {row["customer"]: row for row in rows}
    assert by_name["halved"]["deserting"] == "true"
    assert by_name["steady"]["deserting"] == "false"
    assert by_name["steady"]["tier"] in ("gold", "platinum")
    for row in rows:
        assert 0 <= float(row["p_alive"]) <= 1
        assert 0 <= float(row["clv_low"]) <= float(row["clv"]) <= float(row["clv_high"])
        assert {row[score] for score in "rfm"} <= set("12345")
    assert "bought once" in done.stderr


def test_the_same_file_gives_the_same_figures(shop: Path) -> None:
    assert desk_value(shop).stdout == desk_value(shop).stdout


def test_the_parameters_are_written_beside(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "params.json"
    assert desk_value(shop, "--params", target).exit_code == 0
    found = json.loads(target.read_text())
    assert list(found) == ["unit", "r", "alpha", "a", "b", "p", "q", "gamma"]
    assert found["unit"] == "week"
    assert all(found[name] > 0 for name in list(found)[1:])


def test_a_later_end_makes_everybody_staler(shop: Path) -> None:
    sooner, later = (
        {row["customer"]: int(row["recency"]) for row in csv.DictReader(io.StringIO(done.stdout))}
        for done in (desk_value(shop, "--until", "2024-12-31"), desk_value(shop, "--until", "2025-01-31"))
    )
    assert all(later[name] == days + 31 for name, days in sooner.items())


def test_nothing_is_written_when_a_line_is_wrong(shop: Path, tmp_path: Path) -> None:
    with shop.open("a", encoding="utf-8") as out:
        out.write("halved,2024-12-01,many\n")
    target = tmp_path / "params.json"
    target.write_text("kept")
    done = desk_value(shop, "--params", target)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "is not an amount" in done.stderr
    assert "Line " in done.stderr
    assert target.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["params.json", "shop.csv"]


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(shop: Path, tmp_path: Path) -> None:
    done = desk_value(shop, "--params", tmp_path / "no" / "p.json")
    assert done.exit_code == 1
    assert "There is no folder" in done.stderr


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", ""), ("cp1252", "Windows-1252"), ("utf-8-sig", "")]
)
def test_other_encodings_are_read(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes("customer,date,amount\r\nMüller,2024-01-01,10\r\n".encode(encoding))
    done = desk_value(path)
    assert done.stdout.splitlines()[1].startswith("Müller,0,1,10.00")
    assert said in done.stderr


def test_what_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    for odd in (bytes(range(256)), b"\xff\xfec\x00u\x00s"):
        path.write_bytes(odd)
        ended = desk_value(path)
        assert ended.exit_code == 1 and "The file is not text." in ended.output, ended.output


@pytest.mark.parametrize("option", ["--horizon", "--discount"])
def test_what_is_no_number_is_none(shop: Path, option: str) -> None:
    ended = desk_value(shop, option, "nan")
    assert ended.exit_code == 2 and "is not a number" in ended.output


def test_observation_may_end_on_the_last_day_there_is(shop: Path) -> None:
    ended = desk_value(shop, "--until", "9999-12-31")
    assert ended.exit_code == 0 and "nan" not in ended.stdout, ended.output
