"""The demo's customers: they go on writing by mail, text and chat, and answer what the shop writes back."""

from __future__ import annotations

import smtplib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from functools import partial
from html import escape
from queue import Empty, SimpleQueue
from random import Random, SystemRandom

import structlog

from desk.demo.chatting import ChatTraffic
from desk.demo.forewarning import Forewarning
from desk.demo.history import HistoryTeller
from desk.demo.people import Person, people
from desk.demo.questions import Question, filled, picture, question_for, questions, quoted
from desk.demo.shop import HELP, NAME
from desk.demo.sink import Sink
from desk.demo.texting import TextTraffic
from desk.model.case import Case, CaseStatus
from desk.model.errors import Invalid
from desk.model.permission import system
from desk.settings import Settings
from desk.store.opening import open_store
from desk.store.policies import policy as policy_of
from desk.store.policies import set_policies
from desk.store.setup import count_where
from desk.store.unit_of_work import Store

SECONDS_BETWEEN = 20
WAITING_AT_MOST = 120
ANSWERS_OUT_OF_TEN = 7
IN_A_RUSH = 40
"""So many ask the same where a rush is wanted."""

THINKING_SECONDS = (25, 90)
THANKS = {
    "en": "Thank you, that helps!", "de": "Vielen Dank, das hilft mir!", "fr": "Merci, c'est parfait !",
    "es": "¡Muchas gracias, perfecto!", "da": "Tusind tak, det hjælper!", "sv": "Tack, det hjälper!",
    "it": "Grazie mille, perfetto!", "pl": "Dziękuję bardzo, to pomaga!",
}  # fmt: skip

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Thread:
    """Where a conversation stands: `turn` is what the customer says next."""

    person: Person
    question: Question
    turn: int


@dataclass
class Customers:
    """Everybody who may write, what they asked, and the answers they are about to give."""

    everybody: dict[str, Person] = field(default_factory=lambda: {one.address: one for one in people()})
    threads: dict[str, Thread] = field(default_factory=dict)
    answers: list[tuple[float, EmailMessage]] = field(default_factory=list)
    dice: Random = field(default_factory=SystemRandom)

    def new_question(self) -> EmailMessage:
        """Somebody asks something."""
        person = self.dice.choice(list(self.everybody.values()))
        return self._asked(person, question_for(person, self.dice))

    def rush(self, subject: str, count: int) -> list[EmailMessage]:
        """So many people, or as many as speak its language, ask the question of this subject at once.

        Raises Invalid where no script has the subject.
        """
        question = next((one for one in questions() if one.subject == subject), None)
        if question is None:
            raise Invalid(f"Nobody of the demo asks “{subject}”.", "rush")
        able = [person for person in self.everybody.values() if person.language == question.language]
        return [self._asked(person, question) for person in self.dice.sample(able, min(count, len(able)))]

    def _asked(self, person: Person, question: Question) -> EmailMessage:
        mail = _mail(person, filled(question.subject, person), filled(question.says[0], person), self.dice)
        if question.picture:
            mail.add_attachment(
                picture(question.picture), maintype="image", subtype="png", filename=question.picture
            )
        self.threads[mail["Message-ID"]] = Thread(person, question, 1)
        return mail

    def hear(self, raw: bytes, now: float) -> None:
        """The shop has written; most of those who can, answer after a while."""
        mail = message_from_bytes(raw, policy=policy.default)
        person = self.everybody.get(parseaddr(str(mail["To"] or ""))[1].lower())
        automatic = str(mail["Auto-Submitted"] or "no").lower() != "no"
        if person is None or automatic or self.dice.randint(1, 10) > ANSWERS_OUT_OF_TEN:
            return
        self.answers.append((now + self.dice.uniform(*THINKING_SECONDS), self._answer(person, mail)))

    def due(self, now: float) -> EmailMessage | None:
        """An answer whose time has come."""
        for place, (at, _) in enumerate(self.answers):
            if at <= now:
                return self.answers.pop(place)[1]
        return None

    def _answer(self, person: Person, mail: EmailMessage) -> EmailMessage:
        ids = str(mail["References"] or "").split()
        thread = next((self.threads[one] for one in reversed(ids) if one in self.threads), None)
        said = THANKS[person.language]
        if thread is not None and thread.turn < len(thread.question.says):
            said = filled(thread.question.says[thread.turn], person)
        answered = str(mail["Message-ID"])
        body = mail.get_body(("plain",))
        quote = quoted(body.get_content() if body else "", NAME)
        reply = _mail(person, _re(str(mail["Subject"])), said, self.dice, below=quote)
        reply.replace_header("To", str(mail["Reply-To"] or mail["From"]))
        reply["In-Reply-To"] = answered
        reply["References"] = " ".join([*ids, answered])
        if thread is not None:
            self.threads[reply["Message-ID"]] = Thread(person, thread.question, thread.turn + 1)
        return reply


def run(settings: Settings, stop: threading.Event) -> None:
    """Write and answer until told to stop; silent while the switch on the page is off."""
    store = open_store(settings, "traffic", pool_size=2)
    arrived: SimpleQueue[bytes] = SimpleQueue()
    sink = Sink(settings, arrived.put)
    sink.start()
    texting = TextTraffic(settings, store)
    texting.start()
    chatting = ChatTraffic(settings, store)
    chatting.start()
    history = HistoryTeller(store, settings)
    history.start()
    customers, forewarning = Customers(), Forewarning(store)
    next_question = time.monotonic() + 5
    try:
        while not stop.wait(1):
            _listen(customers, arrived)
            forewarning.turn()
            is_on = _is_on(store)
            patient = partial(has_patience, store)
            _count(store, texting.turn(is_on=is_on, has_patience=patient))
            _count(store, chatting.turn(is_on=is_on, has_patience=patient))
            if not is_on:
                next_question = time.monotonic() + 5
                continue
            _rush_along(store, customers)
            mail = customers.due(time.monotonic())
            if mail is None and time.monotonic() >= next_question:
                mail = customers.new_question() if has_patience(store) else None
                next_question = time.monotonic() + SECONDS_BETWEEN * customers.dice.uniform(0.6, 1.4)
            if mail is not None and hand_over(settings, mail):
                _count(store, 1)
    finally:
        history.stop()
        chatting.stop()
        texting.stop()
        sink.stop()
        store.close()


def _listen(customers: Customers, arrived: SimpleQueue[bytes]) -> None:
    while True:
        try:
            customers.hear(arrived.get_nowait(), time.monotonic())
        except Empty:
            return


def _rush_along(store: Store, customers: Customers) -> None:
    """The rush that somebody wants on the page begins: one mail a second."""
    with store.reading(system("demo")) as work:
        subject = policy_of(work.session, "demo_rush", "")
    if not subject:
        return
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_rush": ""})
    try:
        mails = customers.rush(subject, IN_A_RUSH)
    except Invalid as error:
        log.info("no_rush", reason=error.sentence)
        return
    customers.answers += [(time.monotonic(), mail) for mail in mails]


def hand_over(settings: Settings, mail: EmailMessage) -> bool:
    """To the door, as any mail server would; a closed door costs this mail only."""
    recipient = parseaddr(str(mail["To"]))[1]
    try:
        with smtplib.SMTP(settings.smtp_in_host, settings.smtp_in_port, timeout=10) as line:
            line.send_message(mail, to_addrs=[recipient])
    except (OSError, smtplib.SMTPException) as error:
        log.info("door_closed", error=type(error).__name__)
        return False
    return True


def has_patience(store: Store) -> bool:
    """A shop that is left alone overnight is not buried by the morning. The page says that they rest."""
    waits = (Case.status == CaseStatus.OPEN, Case.assignee_id.is_(None))
    with store.reading(system("demo")) as work:
        rests = count_where(work.session, *waits) >= WAITING_AT_MOST
        changed = rests != policy_of(work.session, "demo_rests", False)
    if changed:
        with store.unit_of_work(system("demo")) as work:
            set_policies(work.session, {"demo_rests": rests})
    return not rests


def _is_on(store: Store) -> bool:
    with store.reading(system("demo")) as work:
        return bool(policy_of(work.session, "demo_traffic", False))


def _count(store: Store, said: int) -> None:
    if not said:
        return
    with store.unit_of_work(system("demo")) as work:
        set_policies(work.session, {"demo_sent": policy_of(work.session, "demo_sent", 0) + said})


def _mail(person: Person, subject: str, said: str, dice: Random, *, below: str = "") -> EmailMessage:
    """A mail as people's programs write it: always plain text, often with HTML beside it."""
    mail = EmailMessage()
    mail["From"] = formataddr((person.name, person.address))
    mail["To"] = formataddr((NAME, HELP))
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{dice.getrandbits(96):024x}@{person.address.partition('@')[2]}>"
    mail.set_content(f"{said}\n\n{below}".strip() + "\n")
    if dice.random() < 0.5:
        paragraphs = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in said.split("\n\n"))
        quote = f"<blockquote>{escape(below).replace(chr(10), '<br>')}</blockquote>" if below else ""
        mail.add_alternative(f"<html><body>{paragraphs}{quote}</body></html>", subtype="html")
    return mail


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
