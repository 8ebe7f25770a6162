"""Chats and texts under fire: customers and agents talk while everything is killed again and again.

    python -m drills.chat [--chats 100] [--words 5] [--texts 200] [--kills 200]

Visitors' pages and agents' screens do what ours do: they repeat after silence with the same client
id and come back after every cut. Processes die at random and at the named fail-points; Redis is
killed and flushed. Then all is left in peace: within five seconds every page and every agent's
thread must equal the database; and once more after a last answer in each chat, while Redis dies
again and again. Texts come and go meanwhile (`drills/texts.py`). Passes when no word is lost, doubled
or out of order, no text has left twice, and no screen differs.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import func, select

from desk.actions.chat.visitors import make_visitor
from desk.model.access import ApiToken
from desk.model.agent import Agent
from desk.model.channel import Channel
from desk.model.chat import Chat
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.permission import Permission, Role, system
from desk.model.queue import Queue
from desk.model.transit import JournalEntry
from desk.store.opening import redis_for
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store
from drills.desks import Answerers, until
from drills.flow import Flow, Tally
from drills.screens import Guest, Screens
from drills.texts import Texts
from tests.servers.household import Household
from tests.servers.ports import free_port

PROCESSES = ("web", "relay", "worker", "clock")
VICTIMS = ("relay", "relay", "relay", "web", "web", "worker", "clock")
OLD_SECONDS = {"web": 20, "relay": 10, "worker": 10, "clock": 10}
CHILD_OF_WEB = 0.8
POINTS = ("before_relay_emit", "after_relay_emit", "after_word_commit", "after_answer_commit")
PAUSE_SECONDS = (8, 24)
"""Between two words of one visitor, as people take to read and to type."""
LAST_WORDS_SECONDS = 0.5
EQUAL_SECONDS = 5
SETTLE_SECONDS = 420
"""What no call of Twilio's brought is looked for every five minutes, and a lost answer after one."""
DRILL = system("drill")
SITE = "site-of-the-drill"
TOKEN = "a-drill-secret-of-no-worth"


def main() -> int:
    wanted = _arguments()
    with tempfile.TemporaryDirectory(prefix="desk-drill-") as home:
        twilio = free_port()
        household = Household(
            Path(home),
            PROCESSES,
            chat_lines_per_address=10 * wanted.chats,
            twilio_api=f"http://127.0.0.1:{twilio}",
        )
        chats = Chats(household, wanted.chats, wanted.words, wanted.seed)
        # Chats come last, also with their last words, so that nothing lies between these and the limit.
        flows: list[Flow] = [Texts(household, twilio, wanted.texts, TOKEN, wanted.seed), chats]
        try:
            household.start()
            for flow in flows:
                flow.start()
            _kill(household, flows, wanted.kills, random.Random(wanted.seed))
            return _report(household, flows, *_in_peace(household, flows))
        finally:
            for flow in flows:
                flow.close()
            household.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drills.chat")
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--words", type=int, default=5, help="what each visitor says at least")
    parser.add_argument("--texts", type=int, default=200, help="what is texted to us at least")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def _kill(household: Household, flows: list[Flow], count: int, dice: random.Random) -> None:
    """Deaths anywhere, and at the named points in whoever started since they were armed."""
    until(lambda: _answers(household), SETTLE_SECONDS)
    most = household.killed + count
    redis = threading.Thread(target=_kill_redis, args=(household, most, random.Random(dice.random())))
    redis.start()
    for point in itertools.cycle(POINTS):
        if household.killed >= most:
            break
        time.sleep(dice.uniform(0.1, 0.5))
        household.arm(f"{point}:0.01")
        victim = dice.choice(VICTIMS)
        # Whoever dies while it starts has done nothing that could go wrong.
        if victim == "web" and not all(flow.is_at_work() for flow in flows):
            continue
        if household.age(victim) > dice.uniform(0, OLD_SECONDS[victim]):
            if victim == "web" and dice.random() < CHILD_OF_WEB:
                household.kill_child_of("web")
            else:
                household.kill(victim)
    redis.join()
    household.arm("")


def _kill_redis(household: Household, most: int, dice: random.Random) -> None:
    while household.killed < most:
        _flush(household)
        household.kill_redis()
        time.sleep(dice.uniform(0.2, 1.0))


def _flush(household: Household) -> None:
    try:
        redis_for(household.settings).flushall()
    except RedisError:
        return


def _answers(household: Household) -> bool:
    status, _ = Answerers(household.settings.port, TOKEN, count=1, channel="").once("GET", "/cases?view=all")
    return status == 200


def _in_peace(household: Household, flows: list[Flow]) -> tuple[bool, list[float | None]]:
    """Whether all came to rest, and how long the screens took to be equal, after the fire and at the end."""
    for flow in flows:
        flow.enough()
    household.restart_all()
    if until(lambda: _is_told(household.store) and all(f.is_calm() for f in flows), SETTLE_SECONDS) is None:
        return False, []
    after_the_fire = _until_equal(flows)
    for flow in flows:
        _say_last_words(household, flow)
    at_the_end = _until_equal(flows)
    settled = until(lambda: all(flow.is_calm() for flow in flows), SETTLE_SECONDS) is not None
    return settled, [after_the_fire, at_the_end]


def _say_last_words(household: Household, flow: Flow) -> None:
    """Redis dies and returns all the while, so that of many words no push arrives."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(LAST_WORDS_SECONDS):
            household.kill_redis()

    redis = threading.Thread(target=kill)
    redis.start()
    flow.last_words()
    over.set()
    redis.join()


def _until_equal(flows: list[Flow]) -> float | None:
    return until(lambda: not any(flow.unequal() for flow in flows), EQUAL_SECONDS)


def _is_told(store: Store) -> bool:
    """The relay has handed everything on."""
    with store.reading(DRILL) as work:
        return not work.session.scalar(select(func.count()).where(JournalEntry.position.is_(None)))


def _report(household: Household, flows: list[Flow], settled: bool, equal: list[float | None]) -> int:
    tally = sum((flow.tally() for flow in flows), Tally())
    passed = settled and tally.holds and None not in equal
    seconds = ",".join("late" if one is None else f"{one:.1f}s" for one in equal)
    print(
        f"DRILL chat: {tally} faults={household.killed} equal_after={seconds or '-'} "
        f"{'PASS' if passed else 'FAIL' if settled else 'FAIL (did not settle)'}"
    )
    return 0 if passed else 1


class Chats:
    """Visitors on their pages, and agents who answer them."""

    def __init__(self, household: Household, chats: int, words: int, seed: int) -> None:
        self._store = household.store
        guests = _set_up(household.store, chats)
        port = household.settings.port
        self._screens = Screens(port, guests, words=words, pause=PAUSE_SECONDS, seed=seed)
        self._agents = Answerers(port, TOKEN, count=4, channel="chat")

    def start(self) -> None:
        self._screens.start()
        self._agents.start()

    def is_at_work(self) -> bool:
        """Most pages have their line."""
        return 2 * sum(screen.is_open for screen in self._screens.all) > len(self._screens.all)

    def enough(self) -> None:
        """Nobody begins anything new."""
        self._screens.enough.set()

    def is_calm(self) -> bool:
        """All was said and acknowledged, all lines are open, and nobody waits for an answer."""
        return self._screens.are_calm() and not any(
            thread and thread[-1].kind is MessageKind.INBOUND for thread in self._kept().values()
        )

    def last_words(self) -> None:
        """One more answer in each chat."""
        self._agents.say_to_all({thread[0].case_id for thread in self._kept().values() if thread})

    def unequal(self) -> int:
        """How many pages differ from the database."""
        kept: dict[int, list[tuple[int | None, str]]] = {}
        with self._store.reading(DRILL) as work:
            for visitor_id, sequence, text in work.session.execute(
                select(Chat.visitor_id, Message.sequence, Message.text)
                .join(Message, Message.conversation_id == Chat.conversation_id)
                .where(Message.sequence.is_not(None))
                .order_by(Message.sequence)
            ):
                kept.setdefault(visitor_id, []).append((sequence, text))
        return sum(screen.shown() != kept.get(screen.guest.visitor_id, []) for screen in self._screens.all)

    def tally(self) -> Tally:
        kept = self._kept()
        tally = Tally(chats=len(kept), unequal=self.unequal())
        tally.unequal += sum(self._agents.differs(thread[0].case_id, thread) for thread in kept.values())
        for screen in self._screens.all:
            self._count(tally, screen.said, kept.get(screen.guest.visitor_id, []))
            tally.refused += len(screen.refused)
        answers = Counter(one.client_id for thread in kept.values() for one in thread if _is_ours(one))
        tally.lost += len(self._agents.answers.keys() - answers.keys())
        tally.doubled += sum(count - 1 for count in answers.values()) + self._chats_too_many()
        tally.refused += len(self._agents.refused)
        return tally

    def close(self) -> None:
        self._screens.close()
        self._agents.close()

    def _count(self, tally: Tally, said: dict[str, str], thread: list[Message]) -> None:
        """What became of one visitor's words, which were said in the order of `said`."""
        words = [one.text for one in thread if one.kind is MessageKind.INBOUND]
        times = Counter(words)
        tally.messages += len(thread)
        tally.lost += sum(text not in times for text in said.values())
        tally.doubled += sum(count - 1 for count in times.values())
        in_order = [text for text in said.values() if text in times]
        tally.out_of_order += list(dict.fromkeys(words)) != in_order
        tally.out_of_order += [one.sequence for one in thread] != list(range(1, len(thread) + 1))
        tally.out_of_order += sorted(one.position for one in thread) != [one.position for one in thread]

    def _kept(self) -> dict[int, list[Message]]:
        """What the visitor may see, by visitor, in order, as the database has it."""
        threads: dict[int, list[Message]] = {}
        with self._store.reading(DRILL) as work:
            rows = work.session.execute(
                select(Chat.visitor_id, Message)
                .join(Message, Message.conversation_id == Chat.conversation_id)
                .where(Message.sequence.is_not(None))
                .order_by(Message.sequence)
            ).all()
        for visitor_id, message in rows:
            threads.setdefault(visitor_id, []).append(message)
        return threads

    def _chats_too_many(self) -> int:
        """Nobody here begins a second chat."""
        with self._store.reading(DRILL) as work:
            chats = work.session.scalar(select(func.count()).select_from(Chat)) or 0
            visitors = work.session.scalar(select(func.count(Chat.visitor_id.distinct()))) or 0
        return chats - visitors


def _is_ours(message: Message) -> bool:
    return message.kind is MessageKind.OUTBOUND and message.agent_id is not None


def _set_up(store: Store, chats: int) -> list[Guest]:
    """A widget, somebody who answers, and as many who have opened it."""
    now = datetime.now(UTC)
    with store.unit_of_work(DRILL) as work:
        queue = Queue(name="Support", created_at=now, is_default=True)
        agent = Agent(name="Ada", email="ada@drill.example", role=Role.MANAGER, created_at=now)
        work.session.add_all([queue, agent])
        work.session.flush()
        channel = Channel(
            kind=ChannelKind.CHAT, name="Chat", address=SITE, created_at=now, queue_id=queue.id,
            config={"chat": {"sites": []}},
        )  # fmt: skip
        token = ApiToken(
            name="drill", prefix=TOKEN[:8], secret_hash=hash_of(TOKEN), agent_id=agent.id,
            scopes=[permission.value for permission in Permission], created_at=now,
        )  # fmt: skip
        work.session.add_all([channel, token])
        work.session.flush()
        guests = []
        for _ in range(chats):
            secret, visitor = make_visitor(work, channel)
            guests.append(Guest(visitor.id, SITE, secret))
        return guests


if __name__ == "__main__":
    sys.exit(main())
