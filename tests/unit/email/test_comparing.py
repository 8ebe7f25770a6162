"""Our own words in an answer are folded even without a mark; what the customer says himself stays."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.email.comparing import without_our_words

SENT = """Dear Cleo,

your parcel came back to us this morning, since nobody was at home.
Which size do you want to have, and shall we send it to the same address again?

Thanks
Ada"""
ANSWER = "The blue one, please.\nThanks"


@pytest.mark.parametrize(
    "quoted",
    [
        SENT,
        SENT.replace("\n\n", "\n"),
        textwrap.fill(SENT, 40),
        textwrap.fill(SENT.upper(), 70).replace(" ", "  "),
        textwrap.indent(SENT, "    "),
        textwrap.indent(SENT, "| "),
        SENT.replace("parcel", "parcel<https://shop.example/p/7>"),
        f"From: Ada\nSent: Monday, 2 March 2026 09:00\nTo: Cleo\nSubject: Parcel\n\n{SENT}",
        f"On 2 Mar 2026 at 09:00, Ada <ada@shop.example> wrote:\n\n{SENT}",
        f"Ada <ada@shop.example> 2. 3. 2026 9:00 nrashkruan:\n{SENT}",
        f"________________________________\n{SENT}",
    ],
)
def test_what_we_sent_is_folded_however_it_was_laid_out(quoted: str) -> None:
    assert without_our_words(f"{ANSWER}\n\n{quoted}", [SENT]) == ANSWER
    assert without_our_words(f"{quoted}\n\n{ANSWER}", [SENT]) == ANSWER


def test_answers_between_our_lines_all_stay() -> None:
    first, second = SENT.split("\n")[2:4]
    text = f"Hello Ada,\n{first}\nI was at work.\n{second}\nThe blue one, yes."
    assert without_our_words(text, [SENT]) == "Hello Ada,\nI was at work.\nThe blue one, yes."


@pytest.mark.parametrize(
    "text",
    [
        "Thanks",
        "Dear Ada,\n\nThanks\nCleo",
        "You wrote that my parcel came back to us this morning, since nobody was at home. That is wrong.",
        "your parcel came back to us\nand now?",
        "shall we send it to the same address again?",
    ],
)
def test_a_line_that_both_would_write_stays(text: str) -> None:
    assert without_our_words(text, [SENT]) == text


def test_what_only_repeats_ours_is_shown_whole() -> None:
    assert without_our_words(SENT, [SENT]) == SENT


def test_what_we_quoted_goes_with_our_words_and_a_complaint_said_twice_stays() -> None:
    before = "I have waited for a week now.\nWhere is the blue shirt that I have ordered?"
    history = f"{SENT}\n\nOn 1 Mar 2026 at 10:00, Cleo <cleo@home.example> wrote:\n\n{before}"
    assert without_our_words(f"{ANSWER}\n\n{history}", [SENT], [before]) == ANSWER
    assert without_our_words(f"Again:\n{before}\n\n{SENT}", [SENT], [before]) == f"Again:\n{before}"
    assert without_our_words(f"Again:\n{before}", [SENT], [before]) == f"Again:\n{before}"


def test_scripts_without_spaces_are_compared_too() -> None:
    sent = "お荷物は今朝こちらに戻ってまいりました。\n同じご住所にもう一度お送りしてもよろしいでしょうか。"
    assert without_our_words(f"はい、お願いします。\n\n{sent}", [sent]) == "はい、お願いします。"


@given(
    st.text(alphabet="ab \n:", max_size=300), st.lists(st.text(alphabet="ab \n", max_size=100), max_size=3)
)
def test_only_whole_lines_go_and_never_all_of_them(text: str, ours: list[str]) -> None:
    reply = without_our_words(text, ours)
    assert set(reply.split("\n")) <= {*text.split("\n"), ""}
    assert bool(reply.strip()) == bool(text.strip())
