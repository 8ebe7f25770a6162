"""Mail under fire: customers write and agents answer while every process is killed again and again.

    python -m drills.mail [--mails 2000] [--replies 200] [--kills 200]

Processes die at random and at every named fail-point; Redis is flushed and stopped in between;
PostgreSQL is killed once. Mail goes in through the SMTP door and is sent again, as a mail server
does, until it hears 250. Passes when no mail is lost, none became two messages, no reply is lost,
and every possible second sending is flagged.
"""

from __future__ import annotations

import argparse
import random
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from desk.actions.reply import Reply, send_reply
from desk.model.case import Case
from desk.model.errors import DeskError
from desk.model.message import Message, MessageKind
from desk.model.permission import system
from desk.model.transit import Inbox, InboxState, Outbox, OutboxState
from desk.store.failpoints import FAILPOINTS
from desk.store.opening import redis_for
from drills.stage import Stage, set_up
from tests.servers.household import Household
from tests.servers.smtp_sink import Sink, smtp_sink

PROCESSES = ("mailroom", "worker", "worker", "relay", "clock", "web")


@dataclass
class Tally:
    """What was done, by the words that mark it."""

    written: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)


def main() -> int:
    arguments = _arguments()
    dice = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="desk-drill-") as home, smtp_sink() as sink:
        household = Household(Path(home), PROCESSES)
        try:
            stage = set_up(household.store, household.settings, smtp_port=sink.port)
            household.start()
            tally = _flow(household, stage, arguments, dice)
            household.arm("")
            settled = _settle(household, seconds=180)
            return _report(household, tally, sink, settled)
        finally:
            household.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drills.mail")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def _flow(household: Household, stage: Stage, wanted: argparse.Namespace, dice: random.Random) -> Tally:
    """Writers, answerers and the killer at work together, until all of it was done."""
    tally, over = Tally(), threading.Event()
    writer = threading.Thread(target=_write, args=(household, stage, wanted.mails, tally))
    answerer = threading.Thread(target=_answer, args=(household, stage, wanted.replies, tally))
    killer = threading.Thread(target=_kill, args=(household, wanted.kills, dice, over))
    for thread in (writer, answerer, killer):
        thread.start()
    writer.join()
    answerer.join()
    killer.join()
    return tally


def _write(household: Household, stage: Stage, count: int, tally: Tally) -> None:
    for number in range(count):
        word = f"mark{number:05d}end"
        mail = EmailMessage()
        mail["From"] = f"Customer {number % 400} <c{number % 400}@customers.example>"
        mail["To"] = stage.address
        mail["Subject"] = f"Question {number}"
        mail["Message-ID"] = f"<{word}@customers.example>"
        mail.set_content(f"Where is my order? {word}\n")
        while not _handed_over(household, stage, mail):
            time.sleep(0.1)
        tally.written.add(word)


def _handed_over(household: Household, stage: Stage, mail: EmailMessage) -> bool:
    """One try, as a mail server makes it: anything but 250 means that the mail is still its own."""
    try:
        with smtplib.SMTP("127.0.0.1", household.settings.smtp_in_port, timeout=10) as line:
            line.sendmail(mail["From"], [stage.address], mail.as_bytes())
    except (OSError, smtplib.SMTPException):
        return False
    return True


def _answer(household: Household, stage: Stage, count: int, tally: Tally) -> None:
    """An agent who answers cases as they come; a failed try is repeated with the same client id."""
    number = 0
    while number < count:
        try:
            with household.store.unit_of_work(stage.agent) as work:
                case = work.session.scalar(
                    select(Case).where(Case.first_replied_at.is_(None)).order_by(Case.id).limit(1)
                )
                if case is None:
                    time.sleep(0.1)
                    continue
                word = f"answer{number:05d}end"
                message = send_reply(
                    work,
                    case.id,
                    Reply(
                        text=f"It is on its way. {word}",
                        client_id=word,
                        last_seen_position=case.last_position,
                        hold_seconds=0,
                    ),
                )
                tally.answered[word] = message.id
            number += 1
            time.sleep(0.05)
        except (DBAPIError, DeskError):
            tally.answered.pop(f"answer{number:05d}end", None)
            time.sleep(0.2)


def _kill(household: Household, count: int, dice: random.Random, over: threading.Event) -> None:
    """Half of the deaths strike anywhere, half at the named points; the servers have their turn as well."""
    begun = household.killed
    while household.killed - begun < count:
        done = household.killed - begun
        point = FAILPOINTS[done % len(FAILPOINTS)]
        household.arm(f"{point}:0.05")
        household.kill_one(dice)
        if done % 67 == 33:
            _trouble_redis(household)
        if done >= count // 2 and not over.is_set():
            over.set()
            household.kill_postgres()
        time.sleep(dice.uniform(0.1, 0.5))


def _trouble_redis(household: Household) -> None:
    redis = redis_for(household.settings)
    try:
        redis.flushall()
        redis.client_pause(3000)
    except RedisError:
        return


def _settle(household: Household, *, seconds: float) -> bool:
    """Wait until nothing is due any more; False when the time is over first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with household.store.reading(system("drill")) as work:
                waiting = work.session.scalar(select(func.count()).where(Inbox.state == InboxState.RECEIVED))
                leaving = work.session.scalar(
                    select(func.count()).where(
                        Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN))
                    )
                )
            if not waiting and not leaving:
                return True
        except DBAPIError:
            pass
        time.sleep(1)
    return False


def _report(household: Household, tally: Tally, sink: Sink, settled: bool) -> int:
    """Count what arrived on both sides, print one line, and say whether it holds."""
    with household.store.reading(system("drill")) as work:
        inbound = Counter(
            word
            for text in work.session.scalars(select(Message.reply).where(Message.kind == MessageKind.INBOUND))
            for word in text.split()
            if word.startswith("mark")
        )
        cases = work.session.scalar(select(func.count()).select_from(Case)) or 0
        flagged = set(work.session.scalars(select(Outbox.internet_id).where(Outbox.perhaps_twice)))
    arrived = Counter(word for mail in sink.kept for word in _answers_in(mail.raw))
    ids = Counter(_message_id(mail.raw) for mail in sink.kept)
    lost = len(tally.written - inbound.keys())
    doubled = sum(count - 1 for count in inbound.values()) + cases - len(tally.written)
    unsent = len(tally.answered.keys() - arrived.keys())
    twice = [name for name, count in ids.items() if count > 1]
    unflagged = len([name for name in twice if name not in flagged])
    passed = settled and not (lost or doubled or unsent or unflagged)
    print(
        f"DRILL mail: mails={len(tally.written)} replies={len(tally.answered)} faults={household.killed} "
        f"lost={lost} doubled={doubled} replies_lost={unsent} sent_twice={len(twice)} unflagged={unflagged} "
        f"{'PASS' if passed else 'FAIL' if settled else 'FAIL (did not settle)'}"
    )
    return 0 if passed else 1


def _answers_in(raw: bytes) -> set[str]:
    return {word for word in raw.decode("utf-8", "replace").split() if word.startswith("answer")}


def _message_id(raw: bytes) -> str:
    for line in raw.decode("utf-8", "replace").splitlines():
        if line.lower().startswith("message-id:"):
            return line.split(":", 1)[1].strip().strip("<>")
    return ""


if __name__ == "__main__":
    sys.exit(main())
