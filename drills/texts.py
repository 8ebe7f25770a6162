"""Texts under fire: people text the shop's number, and get their answers, through a stand-in for Twilio.

Inward a signed webhook is called as Twilio calls it, up to five times; what none of them brought, the
desk has to find in the account's list. Outward the stand-in takes texts and hangs up, is overrun, or
fails before it takes one. What then lies on the phones is compared with what was said.
"""

from __future__ import annotations

import random
import threading
from collections import Counter

from sqlalchemy import func, select

from desk.actions.setup.channels import add_channel
from desk.channels.sms.webhooks import messages_url
from desk.demo.twilio_account import DELIVERED, Text, Turn
from desk.demo.twilio_standin import TwilioStandin
from desk.model.inbound import ChannelKind
from desk.model.message import DeliveryState, Message, MessageKind
from desk.model.permission import system
from desk.model.queue import Queue
from desk.model.transit import Outbox, OutboxState
from desk.store.vault import Vault
from drills.desks import Answerers
from drills.flow import Tally
from tests.servers.household import Household

DRILL = system("drill")
NUMBER = "+442079460958"
TEXTS_EACH = 5
WRITERS = 4
CALLS = 5
"""How often Twilio calls when it is told to try again (its connection overrides, `rc`)."""
PAUSE_SECONDS = (3, 9)
TAKEN_AND_CUT = Turn(hang_up=True, then=DELIVERED.then)
OVERRUN = Turn(code=20429, status=429)
BROKEN = Turn(code=20500, status=500)
TURNS = (TAKEN_AND_CUT,) * 5 + (OVERRUN,) * 2 + (BROKEN,) * 2 + (DELIVERED,) * 11
MOST_TURNS = 10_000
UNDER_WAY = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN)


class Texts:
    """People with phones, and agents who answer them."""

    def __init__(self, household: Household, port: int, count: int, token: str, seed: int) -> None:
        self._store = household.store
        self._dice = random.Random(seed)
        self._standin = TwilioStandin(NUMBER, port=port)
        self._standin.turns = self._dice.choices(TURNS, k=MOST_TURNS)
        self._channel_id = _set_up(household, self._standin)
        self._standin.messages_url = messages_url(household.settings.public_url, self._channel_id)
        self._agents = Answerers(household.settings.port, token, count=2, channel="sms")
        self._numbers = [f"+447700900{place:03}" for place in range(-(-count // TEXTS_EACH))]
        self._said: list[Text] = []
        self._enough = threading.Event()
        self._over = threading.Event()
        self._writers = [
            threading.Thread(target=self._write, args=(self._numbers[place::WRITERS],), daemon=True)
            for place in range(WRITERS)
        ]

    def start(self) -> None:
        self._standin.start()
        self._agents.start()
        for writer in self._writers:
            writer.start()

    def is_at_work(self) -> bool:
        return any(writer.is_alive() for writer in self._writers)

    def enough(self) -> None:
        self._enough.set()

    def is_calm(self) -> bool:
        """Everything came in and was answered, and every answer has left."""
        if any(writer.is_alive() for writer in self._writers):
            return False
        threads = self._threads()
        arrived = sum(one.kind is MessageKind.INBOUND for thread in threads.values() for one in thread)
        return (
            arrived >= len(self._said)
            and not any(thread[-1].kind is MessageKind.INBOUND for thread in threads.values())
            and not self._under_way()
        )

    def last_words(self) -> None:
        self._agents.say_to_all(self._threads())

    def unequal(self) -> int:
        """A phone is no screen of ours: what lies on it in the end is counted in the tally."""
        return 0

    def tally(self) -> Tally:
        threads = self._threads()
        tally = Tally(texts=len(self._said), messages=sum(len(thread) for thread in threads.values()))
        tally.refused = len(self._agents.refused)
        tally.unequal = sum(self._agents.differs(case_id, thread) for case_id, thread in threads.items())
        _compare(
            tally,
            [text.body for text in self._said],
            [one.text for thread in threads.values() for one in thread if not _is_ours(one)],
        )
        answers = list(self._agents.answers.values())
        _compare(tally, answers, [text.body for text in self._standin.sent()])
        ours = [one for thread in threads.values() for one in thread if _is_ours(one)]
        tally.lost += sum(one.state not in (DeliveryState.SENT, DeliveryState.DELIVERED) for one in ours)
        tally.doubled += len(ours) - len({one.client_id for one in ours})
        return tally

    def close(self) -> None:
        self._over.set()
        self._agents.close()
        for writer in self._writers:
            if writer.is_alive():
                writer.join()
        self._standin.stop()

    def _write(self, numbers: list[str]) -> None:
        """These people text in turn, each often enough, and on until it is enough."""
        place = 0
        while place < TEXTS_EACH or not self._enough.is_set():
            for number in numbers:
                text = self._standin.lose(number, f"{number} writes text {place}")
                self._said.append(text)
                self._bring(text)
                if self._over.wait(self._dice.uniform(*PAUSE_SECONDS) / len(numbers)):
                    return
            place += 1

    def _bring(self, text: Text) -> None:
        for call in range(CALLS):
            if self._standin.bring_again(text) == 200 and self._dice.random() < 0.9:
                return
            # Not answered, or the answer got lost on its way: it is called again, ever later.
            if self._over.wait(0.2 * 2**call):
                return

    def _threads(self) -> dict[int, list[Message]]:
        """What was said by text, by case, in order."""
        threads: dict[int, list[Message]] = {}
        spoken = (MessageKind.INBOUND, MessageKind.OUTBOUND)
        with self._store.reading(DRILL) as work:
            rows = work.session.scalars(
                select(Message)
                .where(Message.channel_id == self._channel_id, Message.kind.in_(spoken))
                .order_by(Message.case_id, Message.position)
            ).all()
        for message in rows:
            threads.setdefault(message.case_id, []).append(message)
        return threads

    def _under_way(self) -> int:
        """How many answers have not left, or may not have."""
        wanted = (Outbox.channel_id == self._channel_id, Outbox.state.in_(UNDER_WAY))
        with self._store.reading(DRILL) as work:
            return work.session.scalar(select(func.count()).select_from(Outbox).where(*wanted)) or 0


def _compare(tally: Tally, said: list[str], heard: list[str]) -> None:
    """What was said, against what arrived on the other side; no two say the same."""
    times = Counter(heard)
    tally.lost += sum(text not in times for text in said)
    tally.doubled += sum(count - 1 for count in times.values())


def _is_ours(message: Message) -> bool:
    return message.kind is MessageKind.OUTBOUND


def _set_up(household: Household, standin: TwilioStandin) -> int:
    """The number as a channel of the drill's queue; its number."""
    with household.store.unit_of_work(DRILL) as work:
        queue_id = work.session.scalar(select(Queue.id).where(Queue.is_default))
        account = {"account_sid": standin.account_sid, "auth_token": standin.auth_token}
        wanted = {
            "kind": ChannelKind.SMS.value,
            "name": "Texts",
            "address": NUMBER,
            "queue_id": queue_id,
            "sms": {**account, "daily_limit": 1_000_000},
        }
        return add_channel(work, wanted, Vault(household.settings.secret_key)).id
