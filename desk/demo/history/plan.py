"""Who asked what on which day, and how it went on: the same for the same end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np

from desk.demo.history.asked import Topic, Turn, topics, turns
from desk.demo.history.wording import answered, since, worded
from desk.demo.line import phones
from desk.demo.people import Person
from desk.demo.shop import POLICIES, TEAMS, WORKERS
from desk.model.inbound import ChannelKind

DAYS = 90
ZONE = ZoneInfo(POLICIES["time_zone"])

SHOCK, HEAPS = 0.08, 0.01
"""How far a day that is busy for everything strays, and how much more a topic's counts stray than dice."""

_WEEKDAYS = (1.25, 1.15, 1.05, 1.0, 0.95, 0.8, 0.8)
_HOURS = (2, 1, 1, 1, 1, 2, 5, 11, 18, 24, 26, 25, 22, 22, 23, 22, 21, 20, 21, 23, 24, 19, 11, 5)
_CHANNELS = ((ChannelKind.EMAIL, 0.7), (ChannelKind.CHAT, 0.22), (ChannelKind.SMS, 0.08))
_REOPENED, _CHASED = 0.04, 0.03
_NOT_SOLVED = ("It did not help, I am afraid.", "Thanks, but it is still the same.", "Sorry, me again.")
_OPEN_FROM, _OPEN_UNTIL = time(8), time(20)
_MEDIAN_MINUTES = {ChannelKind.EMAIL: 130.0, ChannelKind.SMS: 14.0, ChannelKind.CHAT: 0.6}
_SOLVED_MINUTES = {ChannelKind.EMAIL: 240.0, ChannelKind.SMS: 60.0, ChannelKind.CHAT: 6.0}


@dataclass(frozen=True)
class Exchange:
    """Somebody wrote, an agent answered, and that was it for then."""

    asked_at: datetime
    said: str
    answered_at: datetime
    answer: str
    resolved_at: datetime


@dataclass(frozen=True)
class Contact:
    """One case of the past: a first exchange, and another where it was opened again. `score` is a chat's."""

    topic: Topic
    person: Person
    channel: ChannelKind
    agent: str
    exchanges: tuple[Exchange, ...]
    score: int | None = None

    @property
    def opened_at(self) -> datetime:
        return self.exchanges[0].asked_at

    @property
    def resolved_at(self) -> datetime:
        return self.exchanges[-1].resolved_at


def contacts(end: datetime, everybody: Sequence[Person], share: float = 1.0) -> Iterator[list[Contact]]:
    """What was asked and settled on each of the days before `end`, a list a day; `share` of it all."""
    dice = np.random.default_rng(20)
    texting = list(phones().values())
    today = end.astimezone(ZONE).date()
    for ago in range(DAYS, -1, -1):
        day = today - timedelta(days=ago)
        busy = _WEEKDAYS[day.weekday()] * float(dice.lognormal(0, SHOCK)) * share
        made: list[Contact] = []
        for topic in topics():
            turn = next((one for one in turns() if one.topic == topic.key and one.is_on(ago)), None)
            usual = topic.a_day * busy * (turn.times if turn else 1.0)
            for number in range(dice.poisson(usual * dice.gamma(1 / HEAPS, HEAPS))):
                made += _asked(topic, turn, day, everybody, texting, Random(f"{topic.key} {ago} {number}"))
        yield sorted((one for one in made if one.resolved_at < end), key=lambda one: one.opened_at)


def _asked(
    topic: Topic,
    turn: Turn | None,
    day: date,
    everybody: Sequence[Person],
    texting: Sequence[Person],
    dice: Random,
) -> list[Contact]:
    """One contact, and the one that chases it where nothing came of it."""
    at = _moment(day, dice)
    channel = dice.choices([kind for kind, _ in _CHANNELS], [share for _, share in _CHANNELS])[0]
    person = dice.choice(texting if channel is ChannelKind.SMS else everybody)
    is_new = turn is not None and dice.random() < turn.new
    asks, adds = (turn.asks, turn.adds) if turn and is_new else (topic.asks, topic.adds)
    first = _contact(topic, person, channel, at, worded(channel, asks, adds, person, dice), dice)
    if dice.random() >= (turn.again if turn and turn.again else _CHASED):
        return [first]
    later = _moment(day + timedelta(days=dice.randint(1, 3)), dice)
    said = worded(channel, asks, adds, person, dice)
    if turn and turn.chases:
        chase = worded(ChannelKind.CHAT, (dice.choice(turn.chases),), (), person, dice, since(at, later))
        said = _begun_with(chase, said)
    return [first, _contact(topic, person, channel, later, said, dice)]


def _begun_with(sentence: str, said: str) -> str:
    """The sentence before the question, behind a greeting."""
    greeting, parted, rest = said.partition("\n\n")
    if parted and greeting.endswith(","):
        return f"{greeting}{parted}{sentence} {rest}"
    return f"{sentence} {said}"


def _contact(
    topic: Topic, person: Person, channel: ChannelKind, at: datetime, said: str, dice: Random
) -> Contact:
    agent = dice.choice(
        [one.name for one in WORKERS if any(topic.queue in TEAMS[team] for team in one.teams)]
    )
    exchanges = [_exchange(topic, person, channel, agent, at, said, dice)]
    if channel is ChannelKind.EMAIL and dice.random() < _REOPENED:
        again = exchanges[0].resolved_at + timedelta(hours=dice.uniform(2, 60))
        more = f"{dice.choice(_NOT_SOLVED)} {worded(channel, topic.asks, (), person, dice)}"
        exchanges.append(_exchange(topic, person, channel, agent, again, more, dice))
    score = None
    if channel is ChannelKind.CHAT and dice.random() < 0.45:
        score = dice.choices((1, 2, 3, 4, 5), (4, 5, 11, 30, 50))[0]
    return Contact(topic, person, channel, agent, tuple(exchanges), score)


def _exchange(
    topic: Topic, person: Person, channel: ChannelKind, agent: str, at: datetime, said: str, dice: Random
) -> Exchange:
    answered_at = at + timedelta(minutes=dice.lognormvariate(0, 0.7) * _MEDIAN_MINUTES[channel])
    if channel is not ChannelKind.CHAT:
        answered_at = _at_work(answered_at, dice)
    resolved_at = answered_at + timedelta(minutes=dice.lognormvariate(0, 0.8) * _SOLVED_MINUTES[channel])
    return Exchange(at, said, answered_at, answered(topic.we, channel, person, agent, dice), resolved_at)


def _moment(day: date, dice: Random) -> datetime:
    hour = dice.choices(range(24), _HOURS)[0]
    return datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), ZONE)


def _at_work(at: datetime, dice: Random) -> datetime:
    """The same moment, or soon after opening where nobody was there."""
    local = at.astimezone(ZONE)
    if _OPEN_FROM <= local.time() < _OPEN_UNTIL:
        return at
    day = local.date() + timedelta(days=int(local.time() >= _OPEN_UNTIL))
    return datetime.combine(day, _OPEN_FROM, ZONE) + timedelta(minutes=dice.uniform(1, 150))
