"""The demo's customers with their phones: they text the shop, and answer what it texts back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from random import Random, SystemRandom

import structlog

from desk.demo.line import NUMBER, WHATSAPP, find_line, handles, standin_for
from desk.demo.people import Person
from desk.demo.questions import filled, picture
from desk.demo.twilio_account import Media, Text
from desk.demo.twilio_standin import TwilioStandin
from desk.model.permission import system
from desk.settings import Settings
from desk.store.texts.sent import keep_text, take_wanted_text
from desk.store.unit_of_work import Store

SECONDS_BETWEEN = 45
ANSWERS_OUT_OF_TEN = 7
THINKING_SECONDS = (10, 40)
THANKS = ("Thanks!", "Great, thank you 🙂", "ok thx", "Perfect, cheers")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Script:
    """What somebody texts, in turn; `picture` goes with the first."""

    says: tuple[str, ...]
    picture: str | None = None


SCRIPTS = (
    Script(("Hi, where is my order {order}?", "It says delivered but nothing is here", "Found it. Thx")),
    Script(("My {product} came with a dent. See picture", "Yes please send a new one"), picture="dent.png"),
    Script(("Can I change the address for {order}? I moved last week", "12 Harbour Lane, Whitby YO21 3PU")),
    Script(("do you have the {product} in black?", "ok how long does it take?")),
    Script(("Paid {amount} twice for {order}!!", "Card ends in 42")),
    Script(("How do I descale the machine? The light won’t go off", "Did that, still blinking 😩")),
    Script(("Is the shop open on Saturday?",)),
    Script(("Order {order}: wrong grind, I asked for beans", "Yes I can send it back")),
    Script(("Please cancel my subscription from next month", "Yes I am sure")),
    Script(("Which filter fits the {product}?",)),
    Script(("stop texting me about offers please",)),
)  # fmt: skip


@dataclass
class Texters:
    """Everybody with a phone, what they said last, and what they are about to say; for numbers `by_hand` a
    person at the phone page says it.
    """

    phones: dict[str, Person] = field(default_factory=handles)
    turns: dict[str, tuple[Script, int]] = field(default_factory=dict)
    answers: list[tuple[float, str, str]] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    dice: Random = field(default_factory=SystemRandom)

    def new_text(self) -> tuple[str, str, tuple[Media, ...]]:
        """Somebody texts: the number, the words, the files."""
        number = self.dice.choice(sorted(self.phones.keys() - self.by_hand))
        script = self.dice.choice(SCRIPTS)
        self.turns[number] = (script, 1)
        media = (Media("image/png", picture(script.picture)),) if script.picture else ()
        return number, filled(script.says[0], self.phones[number]), media

    def hear(self, number: str, now: float) -> None:
        """The shop has texted; most of those who can, answer after a while."""
        if (
            number not in self.phones
            or number in self.by_hand
            or self.dice.randint(1, 10) > ANSWERS_OUT_OF_TEN
        ):
            return
        script, turn = self.turns.get(number, (None, 0))
        said = self.dice.choice(THANKS)
        if script is not None and turn < len(script.says):
            said = filled(script.says[turn], self.phones[number])
            self.turns[number] = (script, turn + 1)
        self.answers.append((now + self.dice.uniform(*THINKING_SECONDS), number, said))

    def due(self, now: float) -> tuple[str, str] | None:
        """An answer whose time has come."""
        for place, (at, number, said) in enumerate(self.answers):
            if at <= now:
                self.answers.pop(place)
                return number, said
        return None


class TextTraffic:
    """The stand-in and the customers on its other end."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._texters = Texters()
        self._left: SimpleQueue[Text] = SimpleQueue()
        self._next = time.monotonic() + 10
        self._standin = self._standin_of(store)

    def start(self) -> None:
        if self._standin is not None:
            self._standin.start()

    def stop(self) -> None:
        if self._standin is not None:
            self._standin.stop()

    def turn(self, *, is_on: bool, has_patience: Callable[[], bool]) -> bool:
        """One round: hear what left, say at most one thing, first what was written on the phone page; whether
        something was said.
        """
        self._listen()
        now = time.monotonic()
        wanted = take_wanted_text(self._settings.home)
        if wanted is not None and self._standin is not None:
            self._texters.by_hand.add(wanted[0])
            return self._say(self._standin, *wanted)
        if self._standin is None or not is_on:
            self._next = now + 10
            return False
        answer = self._texters.due(now)
        if answer is not None:
            return self._say(self._standin, *answer)
        if now < self._next:
            return False
        self._next = now + SECONDS_BETWEEN * self._texters.dice.uniform(0.6, 1.4)
        return has_patience() and self._say(self._standin, *self._texters.new_text())

    def _standin_of(self, store: Store) -> TwilioStandin | None:
        with store.reading(system("demo")) as work:
            texts, whatsapp = find_line(work), find_line(work, WHATSAPP)
        if texts is None or whatsapp is None:
            return None
        return standin_for(self._settings, texts.id, whatsapp.id, self._left.put)

    def _listen(self) -> None:
        while True:
            try:
                text = self._left.get_nowait()
            except Empty:
                return
            files = [one.content for one in text.media]
            keep_text(self._settings.home, text.to, text.body, from_shop=True, files=files)
            self._texters.hear(text.to, time.monotonic())

    def _say(self, standin: TwilioStandin, number: str, said: str, media: tuple[Media, ...] = ()) -> bool:
        files = [one.content for one in media]
        keep_text(self._settings.home, number, said, from_shop=False, files=files)
        _, answer = standin.write(number, said, media)
        if answer != 200:
            # The desk finds it in the account's list all the same.
            log.info("text_not_brought", answer=answer, to=NUMBER)
        return True
