"""The small guards: limits, the vault, passwords, presence, the count of frames."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from redis.exceptions import ConnectionError as RedisAway

from desk.actions.people.passwords import check_new_password, hash_of_password, is_password
from desk.model.errors import Invalid, Misconfigured, TooMany
from desk.sockets.lines import Flood
from desk.store.limits import Limit, Limiter
from desk.store.people.viewers import LASTS, people_at
from desk.store.vault import Vault

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
THREE = Limit("test", most=3, seconds=60, sentence="Slowly.")


class NoRedis:
    """A Redis that is away."""

    def pipeline(self, **_: object) -> None:
        raise RedisAway

    def delete(self, _key: str) -> None:
        raise RedisAway


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_fourth_try_in_a_window_of_three_is_told_when_to_come_back() -> None:
    clock = Clock()
    limiter = Limiter(NoRedis(), clock)  # type: ignore[arg-type]  # only what is used
    for _ in range(3):
        limiter.take(THREE, "ada")
    with pytest.raises(TooMany) as refused:
        limiter.take(THREE, "ada")

    assert refused.value.retry_after_seconds == 21
    limiter.take(THREE, "ben")
    clock.now += refused.value.retry_after_seconds
    limiter.take(THREE, "ada")


def test_tries_that_are_forgotten_do_not_count() -> None:
    limiter = Limiter(NoRedis(), Clock())  # type: ignore[arg-type]  # only what is used
    for _ in range(10):
        limiter.take(THREE, "ada")
        limiter.forget(THREE, "ada")


@given(some.binary(max_size=200))
def test_what_is_sealed_opens_and_shows_nothing(plain: bytes) -> None:
    vault = Vault("a key")
    sealed = vault.seal(plain)

    assert vault.open(sealed) == plain
    assert len(plain) < 4 or plain not in sealed


def test_a_new_key_goes_in_front_and_opens_the_old() -> None:
    sealed = Vault("old").seal_values({"password": "x"})

    assert Vault("new,old").open_values(sealed) == {"password": "x"}
    with pytest.raises(Misconfigured):
        Vault("new").open_values(sealed)


def test_there_is_no_vault_without_a_key() -> None:
    with pytest.raises(Misconfigured):
        Vault(" , ")


def test_a_password_is_kept_with_a_salt_of_its_own() -> None:
    first, second = hash_of_password("twelve green bottles"), hash_of_password("twelve green bottles")

    assert first != second
    assert is_password(first, "twelve green bottles")
    assert not is_password(first, "twelve green bottle")


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_nothing_matches_where_no_password_is_kept(kept: str | None) -> None:
    assert not is_password(kept, "")


@pytest.mark.parametrize("weak", ["", "a" * 9, "a" * 201, "Password123", "1111111111", "ada.lovelace2026"])
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(Invalid):
        check_new_password(weak, email="ada.lovelace@desk.example", name="Ada Lovelace")


@pytest.mark.parametrize(
    "weak",
    [
        "Lovelace1815!",
        "ADA-LOVELACE",
        "nordkaffe2026",
        "Desk2026!!",
        "P@ssw0rd!2026",
        "Summer2026!!",
        "W3lcome!!!!",
        "qwertzuiop1",
        "abcdefghijkl",
        "9876543210!!",
        "1q2w3e4r5t6z",
        "abcabcabcabc",
        "password-password",
        "0okm9ijn8uhb",
    ],
)
def test_what_a_guesser_tries_first_is_refused(weak: str) -> None:
    with pytest.raises(Invalid):
        check_new_password(weak, email="ada@nordkaffe.example", name="Ada Lovelace")


@pytest.mark.parametrize(
    "good",
    [
        "correct horse battery staple",
        "summer rain on a tin roof",
        "adamant plum 77 kite",
        "kV8#qpw2Lz",
        "my password is a secret garden",
        "the desk by the window faces east",
    ],
)
def test_several_words_or_chance_are_taken(good: str) -> None:
    check_new_password(good, email="ada@nordkaffe.example", name="Ada Lovelace")


@given(
    some.lists(
        some.sampled_from(["tree", "lamp", "river", "coin", "fox", "velvet"]),
        min_size=4,
        max_size=6,
        unique=True,
    )
)
def test_four_different_words_are_always_enough(words: list[str]) -> None:
    check_new_password(" ".join(words), email="ada@nordkaffe.example", name="Ada Lovelace")


def test_people_are_there_for_ten_seconds_after_their_last_sign() -> None:
    def sign(name: str, seen: datetime, typed: datetime | None = None) -> bytes:
        return json.dumps([name, seen.timestamp(), typed.timestamp() if typed else 0]).encode()

    just = NOON - LASTS + timedelta(milliseconds=1)
    signs = {b"2": sign("Ben", NOON, just), b"1": sign("Ada", just), b"3": sign("Sam", NOON - LASTS)}

    assert people_at(signs, NOON) == [
        {"agent_id": 1, "name": "Ada", "typing": False},
        {"agent_id": 2, "name": "Ben", "typing": True},
    ]


@given(some.dictionaries(some.binary(max_size=8), some.binary(max_size=30), max_size=5))
def test_signs_that_are_not_ours_are_nobody(signs: dict[bytes, bytes]) -> None:
    assert isinstance(people_at(signs, NOON), list)


def test_twenty_frames_a_second_are_taken_and_no_more() -> None:
    clock = Clock()
    flood = Flood(clock=clock)

    assert [flood.takes("a") for _ in range(21)] == [True] * 20 + [False]
    assert flood.takes("b")
    clock.now += 1
    assert flood.takes("a")
