"""A comparison says where the room of agents differs, and is silent where it does not."""

from __future__ import annotations

from dataclasses import replace

from desk.routing.known_policies import DESK, FIRST
from desk.routing.simulation.comparison import room_told


def test_a_draft_with_six_units_beside_version_0_is_told_to_have_less_room() -> None:
    [told] = room_told(FIRST, DESK, ["chat", "email"])
    assert "room for 3 by chat or 1 by email under this policy, and for 32 by chat or" in told
    assert "room for 32 by chat under this policy" in room_told(DESK, FIRST, ["chat"])[0]


def test_the_same_room_is_not_worth_a_word() -> None:
    assert room_told(DESK, replace(DESK, drain=not DESK.drain), ["chat", "email"]) == []
