"""The demo's visitors: what they say in a chat, and how they leave it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from desk.demo.chat_scripts import MUST_GO, SCRIPTS, STILL_THERE, THANKS, scripts_for
from desk.demo.people import people
from desk.demo.questions import filled
from desk.demo.visiting import Pace, Visit
from desk.model.chat import LONGEST_TEXT

# An event loop wakes itself through a pair of sockets of its own; nothing here speaks to anybody.
pytestmark = pytest.mark.enable_socket

ALICE = next(person for person in people() if person.language == "en")
SCRIPT = SCRIPTS[0]
ALL_LINES = [filled(line, ALICE) for lines in SCRIPT.says for line in lines]
AT_ONCE = Pace(
    look_around=(0, 0), letter=(0, 0), between_lines=(0, 0), read=(0, 0), patience=(0.01, 0.01), linger=(0, 0)
)
SEEDS = range(40)


@dataclass
class ShopPage:
    """A page whose agent answers at once, unless told otherwise; it keeps what was done on it."""

    agents: bool = True
    answers: bool = True
    ends_after: int | None = None
    boot: dict[str, Any] = field(default_factory=dict)
    chat: dict[str, Any] | None = None
    said: list[str] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    answered: int = 0

    def __post_init__(self) -> None:
        self.boot = {"agents": self.agents, "pre_chat": {"name": "required"}}

    async def say(self, text: str, fields: dict[str, str] | None = None) -> bool:
        self.said.append(text)
        self.fields += [fields] if fields else []
        self.chat = {"state": "live" if self.agents else "waiting", "leave_message": not self.agents}
        if self.ends_after == len(self.said):
            self.chat["state"] = "ended"
        return True

    async def typing(self) -> None:
        assert self.said

    async def read(self) -> None:
        self.deeds.append("read")

    async def leave_address(self, email: str) -> None:
        self.addresses.append(email)

    async def end(self) -> None:
        self.deeds.append("end")
        assert self.chat
        self.chat["state"] = "ended"

    async def score(self, given: int, _comment: str) -> None:
        assert self.chat and self.chat["state"] == "ended" and 1 <= given <= 5
        self.deeds.append("score")

    async def news(self, seconds: float) -> bool:
        if self.answers and self.answered < len(self.said):
            self.answered = len(self.said)
            return True
        await asyncio.sleep(seconds)
        return False

    def last_of(self, speaker: str) -> int:
        return 2 * len(self.said) if speaker == "you" else 2 * self.answered + bool(self.answered)


def visited(page: ShopPage, seed: int, *, is_known: bool = False) -> ShopPage:
    visit = Visit(page, ALICE, SCRIPT, Random(seed), is_known=is_known, pace=AT_ONCE)
    # In a thread of its own: a browser's tests may have left a loop that runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, visit.run()).result()
    return page


def test_every_line_can_be_said_by_everybody_who_may_say_it() -> None:
    for person in people():
        for script in scripts_for(person):
            for lines in script.says:
                assert all(0 < len(filled(line, person)) <= LONGEST_TEXT for line in lines)


@pytest.mark.parametrize("words", [THANKS, MUST_GO, STILL_THERE])
def test_every_language_of_the_scripts_has_words_for_all_that_happens(
    words: dict[str, tuple[str, ...]],
) -> None:
    assert {script.language for script in SCRIPTS} <= words.keys()


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_answered_goes_through_the_script_or_must_go_and_leaves_an_address(seed: int) -> None:
    page = visited(ShopPage(), seed)
    if page.addresses:
        assert page.said[:-1] == ALL_LINES[:3] and ALICE.address in page.said[-1]
    else:
        assert page.said[: len(ALL_LINES)] == ALL_LINES
        assert page.said[len(ALL_LINES) :] in [[], *([thanks] for thanks in THANKS["en"])]


def test_some_say_goodbye_some_give_a_score_and_some_just_go() -> None:
    ends = {tuple(one for one in visited(ShopPage(), seed).deeds if one != "read") for seed in SEEDS}
    assert ends == {(), ("end",), ("end", "score")}


@pytest.mark.parametrize("seed", SEEDS)
def test_where_nobody_is_there_the_question_is_left_with_an_address_once(seed: int) -> None:
    page = visited(ShopPage(agents=False, answers=False), seed)
    assert page.said == ALL_LINES[:3]
    assert page.addresses == [ALICE.address]
    assert page.deeds == []


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_waits_for_ever_nor_asks_more_than_once_whether_we_are_there(seed: int) -> None:
    page = visited(ShopPage(answers=False), seed)
    assert page.said[:3] == ALL_LINES[:3]
    assert page.said[3:] in [[], *([asked] for asked in STILL_THERE["en"])]


@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_end_of_a_chat_nothing_more_is_said(seed: int) -> None:
    page = visited(ShopPage(answers=False, ends_after=3), seed)
    assert page.said == ALL_LINES[:3]
    assert set(page.deeds) <= {"score"} and not page.addresses


@pytest.mark.parametrize("seed", SEEDS)
def test_whom_the_shop_vouches_for_is_asked_neither_name_nor_address(seed: int) -> None:
    page = visited(ShopPage(agents=False, answers=False), seed, is_known=True)
    assert page.fields == [] and page.addresses == []


def test_who_is_asked_for_a_name_gives_it_with_the_first_word() -> None:
    assert visited(ShopPage(), 1).fields == [{"name": ALICE.name}]
