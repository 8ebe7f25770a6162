"""A first draft of an article out of one case: the question as asked, the answer as given, nobody in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.model.greeting import GREETING
from desk.model.masking import masked, without_names

SHORTEST_ANSWER = 8
"""An answer of fewer words says little to anybody else."""

LONGEST_TITLE = 120
_SIGN_OFF_LINES = 5

_GREETING = re.compile(rf"(?i)^{GREETING}[^.?!]{{0,60}}[,!.:]?$")
_SIGN_OFF = re.compile(
    r"(?i)^(?:(?:kind|best|warm|many|with kind)?\s*(?:regards|wishes)|best|cheers|sincerely|yours\b.*"
    r"|thanks|thank you|many thanks|thx|(?:mit )?(?:freundlichen|besten|lieben|vielen)? ?gr[uü](?:ß|ss)e?n?"
    r"|vielen dank|danke|mfg|lg|vg"
    r"|cordialement|merci|bien à vous|un saludo|saludos|gracias|cordiali saluti|grazie"
    r"|met vriendelijke groet(?:en)?"
    r"|mvh|med vänlig hälsning|sent from my .*|--)\s*[,!.]?$"
)
_REPLY_MARK = re.compile(r"(?i)^\s*(?:(?:re|aw|fw|fwd|wg|sv|antw|tr|rv|res|enc)\s*(?:\[\d+\])?\s*:\s*)+")
_NUMBER_OF_CASE = re.compile(r"\[?#\d+\]?")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A title and a body in Markdown, to be read and mended by whoever publishes it."""

    title: str
    body: str


def draft_of(subject: str, question: str, answers: Sequence[str], names: Iterable[str], ours: str) -> Drafted:
    """A draft from what the customer asked first, and the last answer that says something.

    `names` are those of the people of the case; `ours` begins the addresses that may stay. What
    could tell who asked is replaced by its kind in brackets: [name], [email], [phone], [account],
    [number], [address], [link]. That is a help and no promise: a person reads the draft before
    anybody else does.
    """
    people = tuple(names)

    def hide(text: str) -> str:
        return without_names(masked(text, ours=f"{ours.rstrip('/')}/help"), people)

    asked, said = hide(_matter(question)), hide(_matter(_telling(answers)))
    title = hide(_NUMBER_OF_CASE.sub("", _REPLY_MARK.sub("", subject))).strip(" :-–—")
    if len(title) < 4 or not re.search(r"\w{3}", re.sub(r"\[\w+\]", "", title)):
        title = _first_sentence(asked)
    body = f"## The question\n\n{_as_text(asked)}\n\n## The answer\n\n{_as_text(said)}\n"
    return Drafted(title[:LONGEST_TITLE].strip(), body)


def _matter(text: str) -> str:
    """The text without its greeting, and without what follows a sign-off near its end."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    while lines and (not lines[0].strip() or _GREETING.match(lines[0].strip())):
        del lines[0]
    for place in range(max(0, len(lines) - _SIGN_OFF_LINES), len(lines)):
        if _SIGN_OFF.match(lines[place].strip()):
            del lines[place:]
            break
    return "\n".join(lines).strip()


def _telling(answers: Sequence[str]) -> str:
    """The last answer that says something, else the longest."""
    for answer in reversed(answers):
        if len(_matter(answer).split()) >= SHORTEST_ANSWER:
            return answer
    return max(answers, key=len, default="")


def _first_sentence(text: str) -> str:
    """The first question of the text, else its first sentence."""
    sentences = [one.strip() for one in re.split(r"(?<=[.?!])\s+|\n+", text) if one.strip()]
    return next((one for one in sentences if one.endswith("?")), sentences[0] if sentences else "")


def _as_text(text: str) -> str:
    """What somebody typed without thinking of Markdown: its lines stay lines, and none becomes a heading."""
    escaped = re.sub(r"(?m)^(\s*)([#>=])", r"\1\\\2", text)
    return re.sub(r"(?<!\n)\n(?!\n)(?!\s*(?:[-*]|\d+[.)])\s)", "  \n", escaped)
