"""The cases of the demo, each lived through by the real deeds, at moments of the last weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.actions.cases.deeds import hold_case, read_case, resolve_case, snooze_case
from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.cases.history import note_change
from desk.actions.mail.deliveries import claim_next, note_sent
from desk.actions.messages.receive import receive_message
from desk.actions.messages.reply import Reply, add_note, send_reply
from desk.actions.routing.assignments import accept
from desk.actions.routing.offers import offer_next
from desk.demo.people import Person, people
from desk.demo.questions import Question, filled, picture, question_for, quoted
from desk.demo.shop import HELP, NAME
from desk.model.agent import Agent
from desk.model.case import Case, Priority
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind, InboundFile, InboundMessage, Participant, ThreadingHints
from desk.model.message import Message
from desk.model.permission import Actor, Role, system
from desk.store.unit_of_work import Store

DOOR = system("demo")

ENDS: tuple[tuple[str, int, float, float], ...] = (
    # how it ends, how many, and how many days ago it began at least and at most
    ("untouched", 24, 0.001, 0.12),
    ("open", 34, 0.01, 0.14),
    ("open", 6, 0.5, 2.5),
    ("waiting", 10, 0.03, 0.3),
    ("waiting", 38, 0.3, 9),
    ("on_hold", 12, 1, 12),
    ("snoozed", 4, 0.04, 0.2),
    ("snoozed", 14, 0.2, 3),
    ("resolved", 10, 0.08, 0.4),
    ("resolved", 62, 1, 13),
    ("closed", 36, 17, 45),
)


@dataclass(frozen=True)
class Plan:
    """One case to be: who asks, what, when, and how it ends."""

    number: int
    end: str
    opened_at: datetime
    person: Person
    question: Question


def plans(now: datetime) -> list[Plan]:
    """All cases, the oldest first; the same for the same `now`."""
    dice = Random("stories")
    everybody = people()
    begun = [
        (now - timedelta(days=dice.uniform(least, most)), end)
        for end, count, least, most in ENDS
        for _ in range(count)
    ]
    made = []
    for number, (opened_at, end) in enumerate(sorted(begun)):
        person = dice.choice(everybody)
        made.append(Plan(number, end, opened_at, person, question_for(person, dice)))
    return made


class Story:
    """One case, told step by step; each step is a deed of its own, at its own moment."""

    def __init__(self, store: Store, plan: Plan, now: datetime) -> None:
        self._store, self._plan = store, plan
        self._dice = Random(f"story {plan.number}")
        self._moment = plan.opened_at
        self._now = now
        self._case_id = 0
        self._agent: Actor | None = None
        self._last: Message | None = None
        self._ids: list[str] = []

    def tell(self) -> None:
        """From the first mail to the end that is planned."""
        self._customer_writes(0)
        if self._plan.end == "untouched":
            return
        self._goes_to_an_agent()
        if self._agent is None:
            return
        self._is_looked_after(self._agent)
        getattr(self, f"_ends_{self._plan.end}")(self._agent)
        self._is_read(self._agent)

    def _ends_open(self, agent: Actor) -> None:
        """The ball is with us: at the first question, or at a later one."""
        if len(self._plan.question.says) > 1 and self._dice.random() < 0.5:
            self._we_answer(agent, 0)
            self._customer_writes(1)

    def _ends_waiting(self, agent: Actor) -> None:
        self._we_answer(agent, 0)

    def _ends_on_hold(self, agent: Actor) -> None:
        with self._work(agent) as work:
            hold_case(work, self._case_id)

    def _ends_snoozed(self, agent: Actor) -> None:
        until = self._now + timedelta(hours=self._dice.randint(2, 150))
        with self._work(agent) as work:
            snooze_case(work, self._case_id, until)

    def _ends_resolved(self, agent: Actor) -> None:
        question = self._plan.question
        for turn in range(len(question.we)):
            self._we_answer(agent, turn)
            if turn + 1 < len(question.says):
                self._customer_writes(turn + 1)
        with self._work(agent) as work:
            resolve_case(work, self._case_id, question.reason)

    def _ends_closed(self, agent: Actor) -> None:
        self._ends_resolved(agent)
        self._moment += timedelta(days=14)
        with self._work(DOOR) as work:
            case = work.session.get_one(Case, self._case_id, with_for_update=True)
            case.close(work.now)
            note_change(work, case, "status", "The grace window is over; the case is closed.", after="closed")

    def _customer_writes(self, turn: int) -> None:
        person, question = self._plan.person, self._plan.question
        said = filled(question.says[turn], person)
        message_id = f"story.{self._plan.number}.{turn}@{person.address.partition('@')[2]}"
        files = (
            (InboundFile(question.picture, "image/png", _picture(question.picture)),)
            if turn == 0 and question.picture
            else ()
        )
        below = f"\n\n{quoted(self._last.text, self._last.author_name)}" if self._last else ""
        subject = filled(question.subject, person)
        with self._work(DOOR) as work:
            received = receive_message(
                work,
                InboundMessage(
                    channel=ChannelKind.EMAIL,
                    source_key=f"demo/{self._plan.number}/{turn}",
                    sender=Participant(person.address, person.name),
                    subject=subject if turn == 0 else f"Re: {subject}",
                    text=said + below,
                    reply=said,
                    sent_at=work.now,
                    to=(Participant(HELP, NAME),),
                    message_id=message_id,
                    hints=ThreadingHints(in_reply_to=tuple(self._ids[-1:]), references=tuple(self._ids)),
                    files=files,
                ),
                channel_id=_channel_id(work.session),
            )
        self._case_id = received.case_id or self._case_id
        self._ids.append(message_id)

    def _goes_to_an_agent(self) -> None:
        """By an offer, as every day; nobody who can take it means that it waits."""
        with self._work(DOOR) as work:
            offer = offer_next(work, self._case_id)
        if offer is None:
            return
        with self._store.reading(DOOR) as work:
            self._agent = actor_of(work.session.get_one(Agent, offer.agent_id))
        with self._work(self._agent, seconds=self._dice.randint(4, 25)) as work:
            accept(work, offer.id)

    def _is_looked_after(self, agent: Actor) -> None:
        """What the agent notes and marks while reading."""
        question = self._plan.question
        if question.note:
            with self._work(agent) as work:
                note = filled(question.note, self._plan.person)
                add_note(work, self._case_id, note, f"demo-note-{self._plan.number}")
        given = {"fields"}
        with self._work(agent, seconds=5) as work:
            case = work.session.get_one(Case, self._case_id)
            tags = list(dict.fromkeys([*case.tags, *question.tags]))
            edit = CaseEdit(
                frozenset(given | ({"tags"} if question.tags else set())),
                tags=tags,
                fields={"order_number": self._plan.person.order},
            )
            edit_case(work, self._case_id, edit)
            if question.priority:
                marked = CaseEdit(frozenset({"priority"}), priority=Priority(question.priority))
                edit_case(work, self._case_id, marked)

    def _we_answer(self, agent: Actor, turn: int) -> None:
        """Written, and taken by the customer's mail server at once: nothing of the past leaves again."""
        signed = agent.name.split()[0]
        text = filled(self._plan.question.we[turn], self._plan.person, agent=signed)
        with self._work(agent) as work:
            reply = Reply(text=text, client_id=f"demo-{self._plan.number}-{turn}")
            self._last = send_reply(work, self._case_id, reply)
            self._ids.append(self._last.internet_id or "")
            letter = claim_next(work, _channel_id(work.session))
            if letter is not None:
                note_sent(work, letter.id, tuple(letter.recipients), {}, None)

    def _is_read(self, agent: Actor) -> None:
        if self._plan.end == "open" and self._dice.random() < 0.5:
            return
        with self._work(agent, seconds=1) as work:
            read_case(work, self._case_id, work.session.get_one(Case, self._case_id).last_position)

    def _work(self, actor: Actor, *, seconds: float | None = None):  # type: ignore[no-untyped-def]
        """A deed at the next moment of the story, which comes after the last and before now."""
        left = (self._now - self._moment).total_seconds()
        ahead = seconds if seconds is not None else min(left * 0.12, self._dice.expovariate(1 / 9000))
        self._moment += timedelta(seconds=min(ahead, left * 0.5))
        return self._store.unit_of_work(actor, now=self._moment)


def actor_of(agent: Agent) -> Actor:
    """The agent at work; in the stories they reach every case they were given."""
    return Actor(name=agent.name, agent_id=agent.id, role=Role(agent.role))


def _channel_id(session: Session) -> int:
    return session.scalars(select(Channel.id).where(Channel.address == HELP)).one()


@cache
def _picture(name: str) -> bytes:
    return picture(name)
