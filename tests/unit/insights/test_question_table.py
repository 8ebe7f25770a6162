"""A table of questions is read as people have it, or refused with a sentence that says what to do."""

from __future__ import annotations

import pytest

from desk.insights.question_table import questions_in
from desk.model.errors import Invalid


@pytest.mark.parametrize(
    ("content", "column", "questions"),
    [
        ("id,Text\n1,a\n2,b\n", "Text", ("a", "b")),
        ("id;question\n1;a,b\n", "question", ("a,b",)),
        ("anything\nWhere is it?\n", "anything", ("Where is it?",)),
        ('text\n"two\nlines"\n\n"said ""so"""\n', "text", ("two\nlines", 'said "so"')),
        ("text,label\na\n,x\n", "text", ("a", "")),
        ("\ntext\na\n", "text", ("a",)),
        ('text\na screen of 5"\nb\n', "text", ('a screen of 5"', "b")),
        ("text\nHello, where is it, please\n", "text", ("Hello, where is it, please",)),
        ("id,text\n1,Yes, but when?\n2,a,,\n", "text", ("Yes, but when?", "a")),
        ("text,id\na,1,2\n", "text", ("a",)),
    ],
)
def test_tables_are_read_row_by_row(content: str, column: str, questions: tuple[str, ...]) -> None:
    table = questions_in(content)
    assert (table.column, table.questions) == (column, questions)


def test_a_column_is_found_by_name_whatever_its_case() -> None:
    assert questions_in("id,Was\n1,a\n", "was").questions == ("a",)


def test_of_names_that_differ_in_capitals_alone_the_one_as_written_is_meant() -> None:
    assert questions_in("Text,text\n1,a\n", "text").questions == ("a",)


def test_a_cell_may_be_very_long() -> None:
    assert len(questions_in(f"text\n{'x' * 10_000_000}\n").questions[0]) == 10_000_000


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        ("", None, "The file is empty"),
        ("text\n", None, "has no question"),
        ("a,b\n1,2\n", None, "--text-column. The file has: a, b"),
        ('text\na\n"open, and\nall that\nfollows\n', None, "quotation mark in line 3"),
        ('id,text\n1,"a"\n2,"open\n3,"b"\n4,"c"\n', None, "quotation mark in line 3"),
        (",\n1,a\n", None, r"The file has: \(no name\), \(no name\)"),
        ("text,text\n1,a\n", None, "2 columns have the name “text”"),
        ("Text,id,text\n1,2,a\n", None, "2 columns have the name “Text”"),
        ("a,b\n1,2\n", "c", "no column “c”. The file has: a, b"),
    ],
)
def test_what_cannot_be_read_is_said(content: str, column: str | None, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        questions_in(content, column)
