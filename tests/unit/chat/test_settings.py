"""Colours that can be read, hours that mean what they say, sites that are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desk.channels.chat.colour import READABLE, contrast_with_white, readable
from desk.channels.chat.hours import checked_hours, is_open
from desk.channels.chat.settings import DEFAULTS, checked_settings, site_origin
from desk.model.errors import Invalid

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = checked_hours({"zone": "Europe/Berlin", "days": {"mon": [["09:00", "17:00"]]}})


@given(colours)
def test_white_words_can_be_read_on_every_colour_that_is_used(colour: str) -> None:
    used = readable(colour)
    assert contrast_with_white(used) >= READABLE
    assert readable(used) == used
    if contrast_with_white(colour) >= READABLE:
        assert used == colour


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


@given(moments)
def test_a_week_later_it_is_open_as_now_but_for_the_change_of_the_clocks(at: datetime) -> None:
    later = at + timedelta(days=7)
    assume(at.astimezone(BERLIN).utcoffset() == later.astimezone(BERLIN).utcoffset())
    assert is_open(OFFICE, at) == is_open(OFFICE, later)


def test_hours_are_those_of_the_shop_s_own_zone() -> None:
    monday = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert is_open(OFFICE, monday), "09:00 in Berlin"
    assert not is_open(OFFICE, monday - timedelta(minutes=1))
    assert not is_open(OFFICE, monday + timedelta(hours=8)), "17:00 in Berlin"
    assert not is_open(OFFICE, monday + timedelta(days=1))
    assert is_open(None, monday)


@pytest.mark.parametrize(
    "hours",
    [{"zone": "Mars/Base"}, {"days": {"someday": []}}, {"days": {"mon": [["17:00", "09:00"]]}},
     {"days": {"mon": [["9", "17"]]}}, {"days": {"mon": ["09:00"]}}, {"days": {"mon": [["09:00", "25:00"]]}}],
)  # fmt: skip
def test_what_is_no_week_is_refused(hours: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        checked_hours(hours)


@given(st.from_regex(r"https://[a-z]([a-z0-9-]{0,10}[a-z0-9])?\.example(:[1-9][0-9]{1,3})?", fullmatch=True))
def test_a_site_is_its_own_origin(site: str) -> None:
    assert site_origin(site) == site_origin(site + "/") == site
    assert not set(site_origin(site)) & set(" ;,'\"\r\n*")


def test_settings_are_changed_one_by_one_and_kept_otherwise() -> None:
    first = checked_settings({"title": "Tea chat", "sites": ["https://shop.example"]}, {})
    assert checked_settings({}, first) == first
    assert checked_settings({"colour": "#000000"}, first) == {**first, "colour": "#000000"}
    assert set(first) == set(DEFAULTS)
    with pytest.raises(Invalid):
        checked_settings({"script": "x"}, first)
