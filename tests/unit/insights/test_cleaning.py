"""The question is kept, what names somebody is masked, what a mail carries around it goes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.insights.boilerplate import without_boilerplate
from desk.insights.cleaning import is_askable, question_of
from tests.unit.insights.asked import QUESTIONS


def test_a_mail_is_brought_down_to_its_question() -> None:
    mail = (
        "Dear all,\n\nwhere is my parcel? It should\nbe here.\n\nKind regards,\nCleo Carter\n\n"
        "On Mon, 2 Nov 2026 at 10:12, Shop <help@shop.example> wrote:\n> We sent it.\n> Ada"
    )
    assert question_of(mail) == "where is my parcel? It should\nbe here."


def test_markup_is_no_word() -> None:
    assert question_of("<p>Where is <b>it</b>?<br>Thanks</p>").split() == ["Where", "is", "it", "?", "Thanks"]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Hvor er pakken?\n\nVenlig hilsen\nMette Kirkelund", "Hvor er pakken?"),
        ("Hvor er pakken?\nMette", "Hvor er pakken?"),
        ("Mette Kirkelund", ""),
        ("Is it Mette?\nMette", "Is it [name]?"),
    ],
)
def test_who_signs_is_left_out(said: str, read: str) -> None:
    assert question_of(said, ["Mette Kirkelund"]) == read


@given(st.text(max_size=400))
def test_any_text_is_taken_and_cleaning_twice_adds_nothing(text: str) -> None:
    once = question_of(text)
    assert len(question_of(once)) <= len(once)
    is_askable(once)


def test_boilerplate_is_told_by_the_company_it_keeps() -> None:
    dice = random.Random(3)
    before = ["I hope you are well.", "Good morning to everybody.", "I have a question."]
    after = ["Thanks a lot for your help.", "Have a nice day.", "Sent from my phone."]
    mails = [
        f"{dice.choice(before)} {question.capitalize()}. {dice.choice(after)}" for question in QUESTIONS * 2
    ]
    mails = [
        f"{mail} {dice.randrange(10**6)}" if n >= len(QUESTIONS) else mail for n, mail in enumerate(mails)
    ]
    cleaned = without_boilerplate(mails)
    kept = [line.split(".")[0].lower() for line in cleaned[: len(QUESTIONS)]]
    assert sum(a == b for a, b in zip(kept, QUESTIONS, strict=True)) >= 0.9 * len(QUESTIONS)


def test_a_sentence_that_tells_the_topic_is_kept_however_often_it_comes() -> None:
    dice = random.Random(5)
    ends = ["since monday", "on my phone", "at work", "in the shop", "on the tablet", "today", "at home"]
    login = [f"My password is refused. I tried {dice.choice(ends)} {n} times." for n in range(60)]
    others = [
        f"I moved house. {question.capitalize()} {n} {dice.choice(ends)}."
        for n, question in enumerate(QUESTIONS)
    ]
    cleaned = without_boilerplate(login + others)
    assert all(line.startswith("My password is refused.") for line in cleaned[:60])


def test_nothing_is_left_empty() -> None:
    assert all(without_boilerplate(["Thanks a lot."] * 30 + QUESTIONS))
