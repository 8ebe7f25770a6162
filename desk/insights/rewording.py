"""Where a language model may come in: it may reword the draft of an article, and nothing else.

The desk brings none. Whoever plugs one in gives an object of the form of `Writer`, which is handed masked
words alone. What it says is not trusted: each of its sentences names the cases that it is drawn from, and
whatever was in none of the agents' answers (a figure, an address, markup) has the whole of it refused. It is
shown beside the agents' own words, for a person to choose; without it, or where it fails, there are those.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from desk.insights.faq import Draft
from desk.model.masking import masked

MOST_SENTENCES = 40
LONGER = 2
"""It may be twice as long as what agents wrote, and no longer."""

SECONDS = 30
"""How long a writer may take. One that takes longer is left to itself."""

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_MARKUP = re.compile(r"<|\]\(|!\[|`|^\s*(?:#|>|\|)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence, and the cases in whose answers it stands."""

    text: str
    case_ids: tuple[int, ...]


class Writer(Protocol):
    """What rewords. `name` is shown to people."""

    name: str

    def reword(self, question: str, sentences: Sequence[Cited]) -> Sequence[Cited]:
        """The answer to the question in other words. May raise whatever it likes, and take SECONDS."""


@dataclass(frozen=True, slots=True)
class Reworded:
    """`sentences` by the writer `by`; none, and why in `refused`, where they may not be shown."""

    by: str
    sentences: tuple[Cited, ...] = ()
    refused: str = ""


def reworded(writer: Writer, draft: Draft, *, seconds: float = SECONDS) -> Reworded:
    """What the writer makes of a draft, if it is to be shown."""
    given = [Cited(one.text, (one.case_id, *one.also)) for one in draft.sentences]
    said: list[Cited] = []
    trouble: list[str] = []

    def ask() -> None:
        try:
            said.extend(
                Cited(str(one.text), tuple(map(int, one.case_ids)))
                for one in writer.reword(draft.question, given)
            )
        except Exception as error:
            trouble.append(type(error).__name__)

    # Nobody can end a thread; as a daemon it holds up no process that ends.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        return Reworded(writer.name, refused=f"It took more than {seconds:g} seconds.")
    if trouble:
        return Reworded(writer.name, refused=f"It failed ({trouble[0]}).")
    obstacle = obstacle_to(said, given)
    return Reworded(writer.name, refused=obstacle) if obstacle else Reworded(writer.name, tuple(said))


def obstacle_to(said: Sequence[Cited], given: Sequence[Cited]) -> str:
    """Why these sentences may not stand for the agents' own, in a sentence; nothing where they may."""
    theirs = " ".join(one.text for one in given)
    known = {number for one in given for number in one.case_ids}
    if not any(one.text.strip() for one in said):
        return "It said nothing."
    if len(said) > MOST_SENTENCES or sum(len(one.text) for one in said) > LONGER * len(theirs):
        return "It is more than twice as long as what agents wrote."
    for one in said:
        if not one.case_ids or not known.issuperset(one.case_ids):
            return f"“{one.text[:80]}” is drawn from none of the cases."
        new = [figure for figure in _FIGURE.findall(one.text) if figure not in _FIGURE.findall(theirs)]
        if new:
            return f"It says “{new[0]}”, which no agent wrote."
        if masked(one.text) != one.text:
            return "It holds an address, a link or a number of somebody."
        if _MARKUP.search(one.text):
            return "It holds markup."
    return ""
