"""`desk simulate` on the command line: tables, JSON, and errors that say what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.cli import main
from desk.routing.known_policies import DESK
from desk.routing.policy_text import write_policy
from desk.routing.simulation.lab import lab
from desk.routing.simulation.scenario_text import write_scenario

ODD = {"number": 1, "at": 1, "channel": [], "topic": {}, "work": 1, "value": 1, "tier": [], "target": 1}


def simulated(*words: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *words])


@pytest.fixture
def quick(tmp_path: Path) -> str:
    """An hour of a small desk."""
    path = tmp_path / "quick.json"
    path.write_text(write_scenario(replace(lab(agents=12), name="quick", minutes=60.0, contacts=120.0)))
    return str(path)


def test_policies_are_compared_in_a_table(quick: str) -> None:
    ended = simulated("--scenario", quick, "--policy", "twilio-like", "--policy", "desk", "--seeds", "2")
    assert ended.exit_code == 0, ended.output
    for word in ("twilio-like", "desk", "to the first", "platinum", "1.000 ±0.000"):
        assert word in ended.output


def test_json_holds_every_figure_and_each_agent(quick: str) -> None:
    ended = simulated("--scenario", quick, "--seeds", "2", "--agents", "6", "--agents", "12", "--json")
    assert ended.exit_code == 0, ended.output
    six, twelve = json.loads(ended.stdout)["results"]
    assert (six["agents"], twelve["agents"]) == (6, 12)
    desk = twelve["policies"]["desk"]
    assert len(desk["agents"]) == 12
    assert desk["tiers"]["bronze"]["in_time"]["mean"] <= 1
    assert six["policies"]["desk"]["total"]["mean"] > 0


def test_what_is_shown_can_be_run(tmp_path: Path) -> None:
    shown = json.loads(simulated("--scenario", "lab-small", "--show").stdout)
    policy, scenario = tmp_path / "policy.json", tmp_path / "scenario.json"
    policy.write_text(json.dumps(shown["policies"][0] | {"name": "mine"}))
    scenario.write_text(json.dumps(shown["scenario"] | {"minutes": 30, "contacts": 40}))
    ended = simulated("--scenario", str(scenario), "--policy", str(policy), "--seeds", "1")
    assert ended.exit_code == 0, ended.output
    assert "mine" in ended.output


@pytest.mark.parametrize(
    ("scenario", "policy", "said"),
    [
        ("nowhere.json", "desk", "There is no scenario “nowhere.json”"),
        ("lab", "nobody", "There is no policy “nobody”"),
    ],
)
def test_what_is_not_there_is_said(scenario: str, policy: str, said: str) -> None:
    ended = simulated("--scenario", scenario, "--policy", policy)
    assert ended.exit_code == 1
    assert said in ended.output


def test_a_scenario_without_agents_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text(json.dumps(json.loads(write_scenario(lab(agents=12))) | {"agents": []}))
    ended = simulated("--scenario", str(path))
    assert ended.exit_code == 1
    assert "has no agents" in ended.output


def test_a_policy_that_nobody_can_satisfy_is_refused(quick: str, tmp_path: Path) -> None:
    path = tmp_path / "greedy.json"
    path.write_text(json.dumps({"name": "greedy", "channels": {"chat": {"units": 9}}}))
    ended = simulated("--scenario", quick, "--policy", str(path))
    assert ended.exit_code == 1
    assert "nobody could ever be given such work" in ended.output


def test_two_policies_of_one_name_are_told_apart_first(quick: str, tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.write_text(write_policy(DESK))
    ended = simulated("--scenario", quick, "--policy", "desk", "--policy", str(path))
    assert ended.exit_code == 1
    assert "Two policies are named “desk”" in ended.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"contacts": ' + "9" * 5000 + "}", "thousands of digits"),
        ('{"contacts": 1, "contacts": 2}', "“contacts” is written twice"),
        ("null", "must be an object"),
    ],
)
@pytest.mark.parametrize("what", ["scenario", "policy"])
def test_a_file_that_is_no_scenario_or_policy_is_refused_in_words(
    tmp_path: Path, what: str, text: str, said: str
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    ended = simulated("--scenario", "lab-small", f"--{what}", str(path))
    assert ended.exit_code == 1 and said in ended.output, ended.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"contacts": 10**400}, "between 0.001"),
        ({"contacts": float("nan")}, "must be a number, not NaN"),
        ({"name": "\ud800"}, "do not print"),
        ({"name": "two\nlines"}, "do not print"),
        ({"pulled": [[]]}, "names no topic"),
        ({"recorded": {"days": [0], "contacts": [ODD]}}, "“recorded.contacts[0].channel” is none of"),
    ],
)
def test_values_that_nobody_meant_are_refused_in_words(
    quick: str, change: dict[str, object], said: str
) -> None:
    path = Path(quick)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    ended = simulated("--scenario", quick)
    assert ended.exit_code == 1 and said in ended.output, ended.output


def test_a_name_that_no_file_can_have_is_none(quick: str) -> None:
    for name in ("a" * 5000, "a\0b", "/"):
        ended = simulated("--scenario", name)
        assert ended.exit_code == 1 and "There is no scenario" in ended.output, ended.output
    few = simulated("--scenario", quick, "--agents", "1")
    assert few.exit_code == 1 and "None of the 1 agents knows" in few.output, few.output


def test_a_mark_of_unicode_before_it_and_a_day_without_contacts_are_no_trouble(quick: str) -> None:
    path = Path(quick)
    path.write_text("\ufeff" + json.dumps(json.loads(path.read_text()) | {"contacts": 0.001}))
    ended = simulated("--scenario", quick, "--seeds", "1", "--bound")
    assert ended.exit_code == 0 and "No policy could cost less than 0" in ended.output, ended.output


def test_of_a_second_level_there_is_no_bound(quick: str) -> None:
    path = Path(quick)
    given = json.loads(path.read_text())
    one, other, *_ = given["topics"]
    path.write_text(json.dumps(given | {"second_level": {one: {"to": other, "minutes": 5}}}))
    ended = simulated("--scenario", quick, "--bound")
    assert ended.exit_code == 1 and "leave out --bound" in ended.output
    told = simulated("--scenario", quick, "--seeds", "1")
    assert told.exit_code == 0 and f"Cases of “{one}” are raised to “{other}”" in told.output
