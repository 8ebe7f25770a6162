"""Policies are data: written and read back they are equal, and every fault is named in words."""

from __future__ import annotations

import json

import pytest

from desk.model.errors import Invalid
from desk.routing.known_policies import ADMINS, POLICIES
from desk.routing.policy import Policy
from desk.routing.policy_text import read_policy, write_policy


@pytest.mark.parametrize("policy", [*POLICIES.values(), *ADMINS], ids=lambda one: one.name)
def test_a_policy_read_back_is_the_same(policy: Policy) -> None:
    assert read_policy(write_policy(policy)) == policy


def test_what_is_left_out_is_as_it_comes() -> None:
    policy = read_policy('{"name": "ours", "channels": {"chat": {"lead_minutes": 6}}}')
    assert policy.channels["chat"].lead_minutes == 6
    assert policy.channels["chat"].live
    assert policy.channels["email"] == Policy().channels["email"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"overdue_facter": 3}', "Did you mean “overdue_factor”"),
        ('{"overdue_factor": 0.5}', "between 1 and 1000"),
        ('{"overdue_factor": "8"}', "must be a number"),
        ('{"overdue_factor": NaN}', "must be a number"),
        ('{"order": "random"}', "value_due_date, priority"),
        ('{"channels": {}}', "names no channel"),
        ('{"channels": {"chat": {"units": 2.5}}}', "whole number"),
        ('{"channels": {"chat": {"live": 1}}}', "true or false"),
        ('{"channels": {"chat": {"relax": [{"drop": 1}]}}}', "relax[0].after_minutes"),
        ('{"look_ahead": {"match_quantile": 1}}', "between 0 and 0.99"),
        ('{"concurrency": [1, 0.5]}', "never fall"),
        ('{"level_speeds": [1]}', "five speeds"),
        ('{"name": ""}', "1 to 100 characters"),
    ],
)
def test_a_fault_is_named(written: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_policy(written)
    assert said in refused.value.sentence


@pytest.mark.parametrize(
    ("channel", "said"),
    [({"units": 9}, "nobody could ever be given such work"), ({"asks": 5}, "nobody has so many levels")],
)
def test_a_policy_that_nobody_can_satisfy_is_refused(channel: dict[str, int], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_policy(json.dumps({"channels": {"email": channel}}))
    assert said in refused.value.sentence


def test_what_is_asked_too_much_may_relax() -> None:
    written = {"channels": {"email": {"asks": 5, "relax": [{"after_minutes": 10, "drop": 5}]}}}
    assert read_policy(json.dumps(written)).channels["email"].asks == 5
