"""Agents by half hour: enough for the target, more at the peaks, and said on the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from desk.cli import main
from desk.model.errors import Invalid
from desk.routing.erlang import erlang_a
from desk.routing.known_policies import DESK
from desk.routing.simulation.lab import lab
from desk.routing.staffing import needed


def test_a_channel_of_whole_agents_is_staffed_by_erlang_a() -> None:
    scenario = lab(calls=True)
    call = scenario.channels["call"]
    assert call.patience_minutes is not None
    for half_hour in needed(scenario, DESK, in_time=0.8, within=1 / 3):
        rate = half_hour.contacts / 30 * call.share / scenario.all_shares
        agents = half_hour.live["call"]
        assert erlang_a(rate, call.work_minutes, call.patience_minutes, agents, 1 / 3).in_time >= 0.8
        assert erlang_a(rate, call.work_minutes, call.patience_minutes, agents - 1, 1 / 3).in_time < 0.8


def test_peaks_and_busy_days_take_more() -> None:
    half_hours = needed(lab(), DESK, in_time=0.9)
    assert len(half_hours) == 20
    assert max(one.agents for one in half_hours) > 1.5 * min(one.agents for one in half_hours)
    assert all(one.busy_agents >= one.agents for one in half_hours)
    assert sum(one.contacts for one in half_hours) == pytest.approx(lab().contacts, rel=0.001)


def test_an_hour_without_contacts_takes_nobody() -> None:
    quiet = replace(lab(), profile=(0.0, 0.0, 1.0, 1.0))
    assert needed(quiet, DESK, in_time=0.8)[0].agents == 0


def test_all_in_time_is_refused() -> None:
    with pytest.raises(Invalid, match="between 0 and 1"):
        needed(lab(), DESK, in_time=1.0)


def test_the_command_tells_each_half_hour() -> None:
    told = CliRunner().invoke(main, ["staff", "--scenario", "lab", "--in-time", "80", "--within", "20"])
    assert told.exit_code == 0, told.output
    assert "  9:30" in told.output
    assert "hours of agents" in told.output
    as_json = CliRunner().invoke(main, ["staff", "--scenario", "lab", "--json"])
    assert len(json.loads(as_json.output)) == 20
