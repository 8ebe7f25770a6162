"""One visit to the shop's chat: somebody asks, waits, goes on, thanks, and leaves as people leave."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from desk.demo.chat_scripts import COMMENTS, MUST_GO, STILL_THERE, THANKS, ChatScript
from desk.demo.people import Person
from desk.demo.questions import filled

Span = tuple[float, float]


@dataclass(frozen=True)
class Pace:
    """Seconds that a person takes, at least and at most; `letter` is for each that they type."""

    look_around: Span = (2, 8)
    letter: Span = (0.05, 0.12)
    between_lines: Span = (0.5, 2)
    read: Span = (4, 12)
    patience: Span = (180, 420)
    linger: Span = (10, 40)


HUMAN = Pace()
TYPING_EVERY = 2.5
SCORES = (1, 2, 3, 4, 4, 4, 5, 5, 5, 5, 5, 5)


class Page(Protocol):
    """What a visit needs of the page."""

    boot: dict[str, Any]
    chat: dict[str, Any] | None

    async def say(self, text: str, fields: dict[str, str] | None = None) -> bool: ...
    async def typing(self) -> None: ...
    async def read(self) -> None: ...
    async def leave_address(self, email: str) -> None: ...
    async def end(self) -> None: ...
    async def score(self, given: int, comment: str) -> None: ...
    async def news(self, seconds: float) -> bool: ...
    def last_of(self, speaker: str) -> int: ...


class Visit:
    """A person on a page with something to ask; `is_known` when the shop has signed who they are."""

    def __init__(
        self,
        page: Page,
        person: Person,
        script: ChatScript,
        dice: Random,
        *,
        is_known: bool,
        pace: Pace = HUMAN,
    ) -> None:
        self._page, self._person, self._script, self._dice = page, person, script, dice
        self._is_known = is_known
        self._pace = pace
        self._greeted = False

    async def run(self) -> None:
        """From the first look to the end; ends by itself, since nobody waits for ever."""
        await self._pause(self._pace.look_around)
        if not self._page.boot["agents"]:
            return await self._leave_a_message()
        leaves_after = self._dice.choice((None, None, None, None, 1))
        for turn, lines in enumerate(self._script.says):
            if turn == leaves_after:
                return await self._must_go()
            await self._say_all(lines)
            if not await self._is_answered():
                return await self._give_up()
        await self._thank()
        return None

    async def _leave_a_message(self) -> None:
        """Nobody is there: the question is left with an address, once, and the page is closed."""
        await self._say_all(self._script.says[0])
        await self._leave_address()
        await self._pause(self._pace.linger)

    async def _is_answered(self) -> bool:
        """Whether an agent answered the last turn, before patience ran out or the chat was ended."""
        asked_again = not self._dice.randrange(3)
        while not await self._hears_an_answer():
            if self._is_over() or self._is_told_to_leave_a_message() or asked_again:
                return False
            asked_again = True
            await self._say_all((self._one_of(STILL_THERE),))
        while await self._page.news(self._dice.uniform(*self._pace.read)):
            # Agents, too, write in several lines.
            continue
        await self._page.read()
        return not self._is_over()

    async def _hears_an_answer(self) -> bool:
        """Whether the last word is an agent's, within the patience of a person."""
        until = self._now() + self._dice.uniform(*self._pace.patience)
        while not (answered := self._page.last_of("agent") > self._page.last_of("you")):
            left = until - self._now()
            if self._is_over() or left <= 0 or not await self._page.news(left):
                break
        return answered

    async def _give_up(self) -> None:
        """No answer: most leave an address; who was answered and then dismissed gives a score, or none."""
        if self._is_over():
            await self._score()
        elif self._dice.random() < 0.7:
            await self._leave_address()
        await self._pause(self._pace.linger)

    async def _must_go(self) -> None:
        """In the middle of it, and it should go on by mail."""
        await self._say_all((self._one_of(MUST_GO).format(email=self._person.address),))
        await self._leave_address()

    async def _thank(self) -> None:
        """The end of most chats; some say goodbye, others just close the page."""
        if self._dice.random() < 0.85:
            await self._say_all((self._one_of(THANKS),))
        await self._page.news(self._dice.uniform(*self._pace.linger))
        if self._is_over():
            return await self._score()
        if self._dice.random() < 0.6:
            await self._page.end()
            await self._score()
        return None

    async def _score(self) -> None:
        if self._dice.random() < 0.5:
            await self._pause(self._pace.read)
            given = self._dice.choice(SCORES)
            await self._page.score(given, self._dice.choice(COMMENTS[given]))

    async def _leave_address(self) -> None:
        """A person whom the shop knows has left it already."""
        if not self._is_known:
            await self._pause(self._pace.between_lines)
            await self._page.leave_address(self._person.address)

    async def _say_all(self, lines: tuple[str, ...]) -> None:
        """Typed, line by line, as long as it takes to type it."""
        for line in lines:
            text = filled(line, self._person)
            await self._type(len(text))
            await self._page.say(text, None if self._greeted else self._fields())
            self._greeted = True
            await self._pause(self._pace.between_lines)

    async def _type(self, letters: int) -> None:
        left = letters * self._dice.uniform(*self._pace.letter)
        while left > 0:
            if self._greeted:
                await self._page.typing()
            await asyncio.sleep(min(left, TYPING_EVERY))
            left -= TYPING_EVERY

    def _fields(self) -> dict[str, str] | None:
        """What the widget asks before a chat; who is known is asked nothing."""
        asked = {} if self._is_known else self._page.boot["pre_chat"]
        given = {"name": self._person.name, "email": self._person.address}
        wanted = {
            name: given[name]
            for name, how in asked.items()
            if name in given and (how == "required" or self._dice.random() < 0.8)
        }
        return wanted or None

    def _is_over(self) -> bool:
        return self._page.chat is not None and self._page.chat["state"] == "ended"

    def _is_told_to_leave_a_message(self) -> bool:
        return self._page.chat is not None and self._page.chat["leave_message"]

    def _one_of(self, lines: dict[str, tuple[str, ...]]) -> str:
        return self._dice.choice(lines[self._script.language])

    async def _pause(self, span: Span) -> None:
        await asyncio.sleep(self._dice.uniform(*span))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
