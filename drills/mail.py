"""Mail under fire: customers write and agents answer while every process is killed again and again.

    python -m drills.mail [--mails 2000] [--replies 200] [--kills 200]

Processes die at random and at every named fail-point; Redis is flushed and stopped in between;
PostgreSQL is killed once. Two of three mails go in through the SMTP door and are sent again, as a
mail server does, until it hears 250; the third lies in the mailbox of a real Dovecot. Passes when no
mail is lost, none became two messages, no reply is lost, every possible second sending is flagged,
and every fail-point was struck.
"""

from __future__ import annotations

import argparse
import random
import smtplib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from desk.actions.messages.reply import Reply, send_reply
from desk.model.case import Case
from desk.model.errors import DeskError
from desk.model.message import Message, MessageKind
from desk.model.permission import system
from desk.model.transit import Inbox, InboxState, Outbox, OutboxState
from drills.killing import PROCESSES, Killer, least_struck
from drills.stage import BOX, Stage, set_up
from tests.servers.dovecot import WHY_MISSING, Dovecot, dovecot, is_installed
from tests.servers.household import Household
from tests.servers.smtp_sink import Sink, smtp_sink

BOXED_EVERY = 3
"""Every so many mails arrive through the mailbox, the others at the door."""


@dataclass
class Tally:
    """What was done, by the words that mark it."""

    written: set[str] = field(default_factory=set)
    boxed: int = 0
    answered: dict[str, int] = field(default_factory=dict)


def main() -> int:
    arguments = _arguments()
    if not is_installed():
        print(f"DRILL mail: FAIL: {WHY_MISSING}")
        return 1
    with tempfile.TemporaryDirectory(prefix="desk-drill-") as home, smtp_sink() as sink, dovecot() as box:
        household = Household(Path(home), PROCESSES)
        try:
            stage = set_up(household.store, household.settings, smtp_port=sink.port, imap_port=box.port)
            household.start()
            tally = _flow(household, stage, box, arguments)
            print(f"  {household.killed} deaths; settling", file=sys.stderr, flush=True)
            settled = _settle(household, tally, seconds=180)
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


def _flow(household: Household, stage: Stage, box: Dovecot, wanted: argparse.Namespace) -> Tally:
    """Writer, answerer and killer at work together, until all of it was done."""
    tally = Tally()

    def done() -> float:
        return len(tally.written) / int(wanted.mails)

    deeds = (
        lambda: _write(household, stage, box, wanted.mails, tally),
        lambda: _answer(household, stage, wanted.replies, tally, done),
        Killer(household, wanted.kills, random.Random(wanted.seed), done),
    )
    with ThreadPoolExecutor(len(deeds)) as pool:
        for deed in [pool.submit(deed) for deed in deeds]:
            deed.result()
    return tally


def _write(household: Household, stage: Stage, box: Dovecot, count: int, tally: Tally) -> None:
    with box.visit(BOX) as mailbox:
        for number in range(count):
            word = f"mark{number:05d}end"
            if number % BOXED_EVERY == 0:
                mailbox.append("INBOX", _mail(number, word, stage.boxed).as_bytes())
                tally.boxed += 1
            else:
                mail = _mail(number, word, stage.address)
                while not _handed_over(household, mail):
                    time.sleep(0.1)
            tally.written.add(word)


def _mail(number: int, word: str, to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Customer {number % 400} <c{number % 400}@customers.example>"
    mail["To"] = to
    mail["Subject"] = f"Question {number}"
    mail["Message-ID"] = f"<{word}@customers.example>"
    mail.set_content(f"Where is my order? {word}\n")
    return mail


def _handed_over(household: Household, mail: EmailMessage) -> bool:
    """One try, as a mail server makes it: anything but 250 means that the mail is still its own."""
    try:
        with smtplib.SMTP("127.0.0.1", household.settings.smtp_in_port, timeout=10) as line:
            line.sendmail(mail["From"], [mail["To"]], mail.as_bytes())
    except (OSError, smtplib.SMTPException):
        return False
    return True


def _answer(household: Household, stage: Stage, count: int, tally: Tally, done: Callable[[], float]) -> None:
    """An agent who answers cases as they come; a failed try is repeated with the same client id."""
    number = 0
    while number < count:
        if number > count * done():
            time.sleep(0.1)
            continue
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


def _settle(household: Household, tally: Tally, *, seconds: float) -> bool:
    """Wait until nothing is due any more; False when the time is over first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with household.store.reading(system("drill")) as work:
                fetched = work.session.scalar(
                    select(func.count()).where(Inbox.source_key.startswith("INBOX/"))
                )
                waiting = work.session.scalar(select(func.count()).where(Inbox.state == InboxState.RECEIVED))
                leaving = work.session.scalar(
                    select(func.count()).where(
                        Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN))
                    )
                )
            if fetched == tally.boxed and not waiting and not leaving:
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
    struck = household.struck()
    point = least_struck(struck)
    passed = settled and struck[point] and not (lost or doubled or unsent or unflagged)
    print(
        f"DRILL mail: mails={len(tally.written)} by_imap={tally.boxed} replies={len(tally.answered)} "
        f"faults={household.killed} at_points={struck.total()} least={point}:{struck[point]} "
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
