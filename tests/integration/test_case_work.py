"""What is kept of the work on cases tells the same as the messages, whatever happened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from desk.actions.cases import work as case_work
from desk.actions.cases.deeds import give_case, reopen_case, resolve_case
from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.actions.cases.splits import split_case, undo_split
from desk.actions.insights.question_report import period_asked, questions_shown
from desk.actions.insights.scorecard import behind_shown, scorecard_asked
from desk.actions.messages.receive import receive_message
from desk.actions.messages.reply import Reply, add_note, send_reply
from desk.actions.setup.policies import change_policies
from desk.jobs.keep_work import keep_work
from desk.model.case_work import CaseTurn, CaseWork
from desk.model.errors import DeskError
from desk.model.inbound import ChannelKind, InboundMessage, Participant, ThreadingHints, Verdict
from desk.model.message import Message, MessageKind
from desk.model.topic import Question
from desk.store.cases.work import get_mark
from desk.store.insights.metrics import METRICS
from desk.store.insights.metrics.figures import figures
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, minutes

DEEDS = 60
LEAVES = ("next_response", "cost_per_contact", "first_contact_resolution")


class Desk:
    """A desk on which anything happens, a few hours after what happened before."""

    def __init__(self, store: Store, cast: Cast, dice: Random) -> None:
        self.store, self.cast, self.dice = store, cast, dice
        self.hours = 0.0
        self.cases: list[int] = []
        self.whose: dict[int, str] = {}
        self.merges: list[int] = []
        self.splits: list[int] = []
        self.deeds: list[Callable[[Work], object]] = [
            self.writes, self.writes, self.writes, self.answers, self.answers, self.answers, self.notes,
            self.resolves, self.resolves, self.reopens, self.merges_two, self.parts_again, self.splits_one,
            self.joins_again, self.gives, self.moves, self.imports,
        ]  # fmt: skip

    def goes_on(self) -> None:
        self.hours += self.dice.expovariate(1 / 7)
        deed = self.writes if len(self.cases) < 3 else self.dice.choice(self.deeds)
        # What cannot be done is refused, and nothing of it is left.
        with suppress(DeskError), self.work() as work:
            deed(work)

    def work(self) -> Any:
        return self.store.unit_of_work(self.cast.actor(self.cast.ida), now=minutes(60 * self.hours))

    def has_one_of_which_all_is_known(self) -> None:
        """A case with a second turn, that is resolved and left alone from then on."""
        with self.work() as work:
            case_id = self._mail(work, None, who="fay")
        for deed in (self._answer, lambda w, c: self._mail(w, c, who="fay"), self._answer, resolve_case):
            self.hours += 1
            with self.work() as work:
                deed(work, case_id)

    def case(self) -> int:
        return self.dice.choice(self.cases)

    def writes(self, work: Work) -> None:
        self._one_writes(work, self.case() if self.cases and self.dice.random() < 0.9 else None)

    def imports(self, work: Work) -> None:
        self._one_writes(work, self.case(), sent_at=work.now - timedelta(days=2), silent=True)

    def _one_writes(self, work: Work, case_id: int | None, **more: Any) -> None:
        who = self.whose.get(case_id or 0) or self.dice.choice(["cleo", "dora", "emil"])
        received = self._mail(work, case_id, who=who, **more)
        if received not in self.cases:
            self.cases.append(received)
            self.whose[received] = who
            self._asks(work, received)

    def _mail(self, work: Work, case_id: int | None, *, who: str, silent: bool = False, **more: Any) -> int:
        key = f"mail-{self.dice.getrandbits(64)}"
        inbound = InboundMessage(
            channel=ChannelKind.EMAIL,
            source_key=key,
            sender=Participant(f"{who}@example.org", who.title()),
            subject="The kettle",
            text="Words",
            reply="Words",
            message_id=f"{key}@home.example",
            verdict=Verdict.PASS,
            hints=ThreadingHints(case_numbers=(case_id,)) if case_id else ThreadingHints(),
            **more,
        )
        received = receive_message(work, inbound, channel_id=self.cast.mail.id, silent=silent)
        assert received.case_id is not None
        return received.case_id

    def _asks(self, work: Work, case_id: int) -> None:
        message = work.session.scalar(select(Message.id).where(Message.case_id == case_id).limit(1))
        assert message is not None
        work.session.add(
            Question(
                case_id=case_id, message_id=message, ordinal=0, asked_at=work.now,
                channel_kind=ChannelKind.EMAIL, text="Words", words_hash="words",
            )
        )  # fmt: skip

    def answers(self, work: Work) -> None:
        self._answer(work, self.case())

    def _answer(self, work: Work, case_id: int) -> None:
        send_reply(work, case_id, Reply("An answer", f"client-{self.dice.getrandbits(64)}"))

    def notes(self, work: Work) -> None:
        add_note(work, self.case(), "A note", f"note-{self.dice.getrandbits(64)}")

    def resolves(self, work: Work) -> None:
        resolve_case(work, self.case())

    def reopens(self, work: Work) -> None:
        reopen_case(work, self.case())

    def merges_two(self, work: Work) -> None:
        self.merges.append(merge_cases(work, self.case(), into=self.case()).id)

    def parts_again(self, work: Work) -> None:
        undo_case_merge(work, self.dice.choice(self.merges or [0]))

    def splits_one(self, work: Work) -> None:
        case_id = self.case()
        said = work.session.scalars(
            select(Message.id).where(Message.case_id == case_id, Message.kind != MessageKind.EVENT)
        ).all()
        split = split_case(work, case_id, said[len(said) // 2 :], "Another thing")
        self.splits.append(split.id)
        self.cases.append(split.new_case_id)

    def joins_again(self, work: Work) -> None:
        undo_split(work, self.dice.choice(self.splits or [0]))

    def gives(self, work: Work) -> None:
        give_case(work, self.case(), self.dice.choice([self.cast.ada.id, self.cast.ben.id, None]))

    def moves(self, work: Work) -> None:
        queue = self.dice.choice([self.cast.support, self.cast.billing])
        edit_case(work, self.case(), CaseEdit(frozenset({"queue_id"}), queue_id=queue.id))


def relayed(store: Store, share: float) -> None:
    """The relay handed on the oldest of what waited."""
    with store.unit_of_work(STAGE) as work:
        work.session.execute(
            text(
                """
                UPDATE journal SET position = told.place FROM (
                  SELECT id, row_number() OVER (ORDER BY id)
                    + (SELECT coalesce(max(position), 0) FROM journal) AS place,
                    percent_rank() OVER (ORDER BY id) AS rank
                  FROM journal WHERE position IS NULL) told
                WHERE journal.id = told.id AND told.rank <= :share
                """
            ),
            {"share": share},
        )


def rounded(value: float | None) -> float | None:
    """Without what the order of a sum adds."""
    return None if value is None else round(value, 6)


def told(work: Work) -> dict[str, Any]:
    """Every figure that work is kept for, with its weeks and the cases behind it."""
    asked = scorecard_asked(work, days=60)
    points = {key: figures(work.session, METRICS[key], asked) for key in LEAVES}
    report = period_asked(work, days=28)
    return {
        "counts": {key: point.count for key, (point, _) in points.items()},
        "values": {
            key: [rounded(one.value) for one in (point, *(weeks[week] for week in sorted(weeks)))]
            for key, (point, weeks) in points.items()
        },
        "behind": {key: behind_shown(work, key, asked)["rows"] for key in LEAVES},
        "questions": questions_shown(work, report)["totals"],
    }


def told_both_ways(store: Store, *, hours: float) -> tuple[dict[str, Any], dict[str, Any], int]:
    """From what is kept and from messages alone, and of how many cases something is kept."""
    now = minutes(60 * hours + 1)
    with store.reading(STAGE, now=now) as work:
        kept = told(work)
        count = len(work.session.scalars(select(CaseWork.case_id)).all())
    with suppress(InterruptedError), store.unit_of_work(STAGE, now=now) as work:
        work.session.execute(text("DELETE FROM case_work"))
        work.session.execute(text("DELETE FROM case_turns"))
        work.session.execute(text("DELETE FROM work_marks"))
        direct = told(work)
        raise InterruptedError
    return kept, direct, count


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_tells_what_the_messages_tell(
    store: Store, cast: Cast, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_work, "MANY", 1)
    monkeypatch.setattr(case_work, "ENTRIES", 7)
    dice = Random(seed)
    desk = Desk(store, cast, dice)
    with desk.work() as work:
        change_policies(work, {"agent_minute_cost": 0.5, "currency": "EUR"})
    desk.has_one_of_which_all_is_known()
    for number in range(DEEDS):
        desk.goes_on()
        if dice.random() < 0.3:
            relayed(store, dice.random())
        if dice.random() < 0.2:
            keep_work(store)
        if number % 20 == 19:
            kept, direct, _ = told_both_ways(store, hours=desk.hours)
            assert kept == direct
    # Seven days later it is known who came back.
    kept, direct, count = told_both_ways(store, hours=desk.hours + 24 * 8)
    assert kept == direct
    assert count
    assert all(kept["counts"].values())
    assert kept["values"]["cost_per_contact"][0]


def test_what_was_kept_wrongly_is_put_right_by_night(store: Store, cast: Cast) -> None:
    desk = Desk(store, cast, Random(4))
    for _ in range(20):
        desk.goes_on()
    relayed(store, 1)
    keep_work(store)
    with store.unit_of_work(STAGE) as work:
        mark = get_mark(work.session)
        assert (mark.repaired, mark.walk_ended_at is None) == (0, False)
        # All that the journal tells is in it, and yet two cases are not as they are: nobody would look again.
        mark.position = work.session.scalar(text("SELECT max(position) FROM journal"))
        mark.walk_ended_at = minutes(0)
        first, last = desk.cases[0], desk.cases[-1]
        work.session.execute(text("UPDATE case_work SET took = '7 h' WHERE case_id = :case"), {"case": first})
        work.session.add(
            CaseTurn(case_id=last, turn=77, asked_at=minutes(0), answered_at=minutes(60 * desk.hours))
        )
    kept, direct, _ = told_both_ways(store, hours=desk.hours)
    assert kept != direct
    assert keep_work(store) >= len(desk.cases)
    kept, direct, _ = told_both_ways(store, hours=desk.hours)
    assert kept == direct
    with store.reading(STAGE) as work:
        assert get_mark(work.session).repaired == 2
    assert keep_work(store) == 0


def test_keeping_waits_for_nobody_who_holds_a_case(store: Store, cast: Cast) -> None:
    desk = Desk(store, cast, Random(5))
    for _ in range(5):
        desk.goes_on()
    relayed(store, 1)
    with store.unit_of_work(STAGE) as work:
        work.session.execute(text("SELECT FROM cases FOR UPDATE"))
        assert keep_work(store) >= len(desk.cases)
