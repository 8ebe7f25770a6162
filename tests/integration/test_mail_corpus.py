"""Mail that nobody here wrote is understood as well as we promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bar import Bar
from benchmarks.corpus import measure


@pytest.fixture(scope="module")
def bars(corpora: Path) -> list[Bar]:
    if not (corpora / "mail" / "manifest.json").is_file():
        pytest.skip(f"no mail in {corpora}; set DESK_CORPORA to run this test")
    return measure(corpora / "mail")[0]


def test_every_bar_over_the_mail_corpora_holds(bars: list[Bar]) -> None:
    assert [str(bar) for bar in bars if not bar.holds] == []


def test_the_bars_measured_something(bars: list[Bar]) -> None:
    assert len(bars) == 23
    assert not [bar.name for bar in bars if bar.of.endswith("of 0")]
