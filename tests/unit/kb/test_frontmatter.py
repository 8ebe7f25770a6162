"""Markdown files with front matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.kb.frontmatter import read_file, written_file
from desk.model.errors import Invalid

lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=60)


@given(lines, lines)
def test_what_is_written_is_read_again(title: str, body: str) -> None:
    found = read_file(written_file({"title": title, "owner": None}, f"{body}\n---\nmore"))
    assert found.fields == {"title": title}
    assert found.body == f"{body}\n---\nmore".strip()


def test_a_file_without_front_matter_is_all_body() -> None:
    assert read_file("# Hi\r\n\r\nYou") == read_file("\ufeff# Hi\n\nYou\n")


def test_quotes_and_comments_are_read_as_yaml_has_them() -> None:
    found = read_file("---\n# by hand\ntitle: 'It''s here'\nSlug: \"a: b\"\n\n---\nx")
    assert found.fields == {"title": "It's here", "slug": "a: b"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: x\n", "never closed"),
        ("---\njust words\n---\n", "Line 2"),
        ('---\ntitle: "open\n---\n', "quotes in line 2"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_file(text)
