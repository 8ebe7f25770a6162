"""The list of attacks names tests that exist, and for each at least one of these here."""

from __future__ import annotations

import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_each_attack_has_its_tests() -> None:
    attacks = tomllib.loads((HERE / "attacks.toml").read_text())
    assert attacks
    for name, attack in attacks.items():
        assert attack["what"] and any(one.startswith("tests/security/") for one in attack["tests"]), name
        for one in attack["tests"]:
            file, _, test = one.partition("::")
            assert f"def {test}(" in (ROOT / file).read_text(), one
