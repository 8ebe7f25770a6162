"""What rewords a draft is handed masked words, and is believed nothing that no agent wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from desk.insights.faq import Draft, Sentence
from desk.insights.rewording import Cited, obstacle_to, reworded
from desk.jobs.draft_writer import writer_named
from desk.model.errors import Misconfigured

SAID = [
    Sentence("You can send the shoes back within 30 days of the delivery.", 7, [8]),
    Sentence("The label lies in the parcel.", 9, []),
]
DRAFT = Draft("How can I send my shoes back?", 7, [], SAID, [], 0.8, 9)
GIVEN = [Cited(one.text, (one.case_id, *one.also)) for one in SAID]


@dataclass
class Scripted:
    """A writer that does as a test says."""

    doing: Callable[[str, Sequence[Cited]], Sequence[Cited]]
    name: str = "Scripted"

    def reword(self, question: str, sentences: Sequence[Cited]) -> Sequence[Cited]:
        return self.doing(question, sentences)


def test_other_words_of_the_same_are_taken_with_their_cases() -> None:
    handed: list[object] = []

    def doing(question: str, sentences: Sequence[Cited]) -> Sequence[Cited]:
        handed.extend([question, *sentences])
        return [Cited("Send them back within 30 days; the label is in your parcel.", (7, 9))]

    found = reworded(Scripted(doing), DRAFT)
    assert handed == [DRAFT.question, *GIVEN]
    assert (found.by, found.refused) == ("Scripted", "")
    assert [one.case_ids for one in found.sentences] == [(7, 9)]


@pytest.mark.parametrize(
    ("text", "case_ids", "why"),
    [
        ("Send them back within 60 days.", (7,), "“60”"),
        ("Send them back.", (1,), "none of the cases"),
        ("Send them back.", (), "none of the cases"),
        ("Write to help@elsewhere.example.", (7,), "an address"),
        ("See https://elsewhere.example/back.", (7,), "a link"),
        ("Send them [back](javascript:alert()).", (7,), "markup"),
        ("<b>Send</b> them back.", (7,), "markup"),
        ("# Sending back", (7,), "markup"),
        ("Send them back. " * 20, (7,), "twice as long"),
        ("  ", (7,), "said nothing"),
    ],
)
def test_what_no_agent_wrote_has_all_of_it_refused(text: str, case_ids: tuple[int, ...], why: str) -> None:
    told = obstacle_to([GIVEN[1], Cited(text, case_ids)] if text.strip() else [Cited(text, case_ids)], GIVEN)
    assert why in told
    found = reworded(Scripted(lambda question, sentences: [Cited(text, case_ids)]), DRAFT)
    assert (found.sentences, bool(found.refused)) == ((), True)


def test_the_agents_own_words_always_pass() -> None:
    assert obstacle_to(GIVEN, GIVEN) == ""


def test_a_writer_that_fails_or_is_late_costs_nothing_but_its_words() -> None:
    over = threading.Event()

    def late(question: str, sentences: Sequence[Cited]) -> Sequence[Cited]:
        over.wait()
        return sentences

    assert "ZeroDivisionError" in reworded(Scripted(lambda question, sentences: [] * (1 // 0)), DRAFT).refused
    assert "more than 0 seconds" in reworded(Scripted(late), DRAFT, seconds=0).refused
    over.set()


def test_a_writer_is_found_by_name() -> None:
    assert writer_named("") is None
    found = writer_named("tests.unit.insights.test_rewording:scripted")
    assert found is not None
    assert found.name == "Scripted"
    for wrong in (
        "tests.unit.insights.test_rewording:nobody",
        "no_such_module:writer",
        "builtins:dict",
        "json",
    ):
        with pytest.raises(Misconfigured, match="DESK_DRAFT_WRITER"):
            writer_named(wrong)


def scripted() -> Scripted:
    return Scripted(lambda question, sentences: sentences)
