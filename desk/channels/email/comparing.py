"""What of an answer only repeats what we sent: told by the words themselves, where no mark tells it.

Some mailers quote without any mark, fold lines anew, or turn HTML into text. Words are compared in
runs, line ends aside; time is linear in both texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from desk.model.attribution import header_block_at, is_attribution, is_divider, is_rule
from desk.model.quoting import mark_attributions

MAX_COMPARED = 256 * 1024
SHINGLE = 5
"""So many words in a row, the same on both sides, are no chance."""

RUN_LINES = 2
RUN_WORDS = 8
PARAGRAPH_WORDS = 20
"""A run of lines is quotation; a line alone may be a phrase that both use, unless it is a paragraph."""

# What mailers put beside words: the address of a link, the name of a picture.
_BESIDE = re.compile(r"<[^<>\s]{1,2000}>|\[(?:https?|cid|image|mailto):[^\[\]]{0,2000}\]|https?://\S{1,2000}")
# Scripts without spaces are compared letter by letter.
_WORDS = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+"
)
_HEADER_LINES = 12
_BLANK_LINES = re.compile(r"\n{3,}")


def without_our_words(reply: str, ours: Sequence[str], theirs: Sequence[str] = ()) -> str:
    """`reply` less the lines that stand in what we sent, and less what announces them.

    `ours` are texts that we sent, the latest first; `theirs` are those that we quoted below them,
    and count only below lines of ours: who says the same again has said it. A line that both would
    write anyway stays. If nothing would be left, or beyond 256 KB, all of it stays.
    """
    if len(reply) > MAX_COMPARED or not any(text.strip() for text in ours):
        return reply
    lines = reply.split("\n")
    words = [_words(line) for line in lines]
    own = _standing_in(words, _shingles(ours))
    known = _standing_in(words, _shingles([*ours, *theirs])) if theirs else own
    runs = list(_runs(lines, own, known))
    repeated = sum(_own_words(run, own, words) for run in runs)
    most = repeated >= RUN_WORDS and 2 * repeated >= len(_words(ours[0][:MAX_COMPARED]))
    quoted = [False] * len(lines)
    for run in runs:
        if most or _is_quotation(run, own, words):
            quoted[run.start : run.stop] = [True] * len(run)
    if True not in quoted:
        return reply
    mark_attributions(lines, quoted)
    _mark_what_stands_above(lines, quoted)
    kept = [line for line, is_quoted in zip(lines, quoted, strict=True) if not is_quoted]
    while kept and (not kept[-1].strip() or is_rule(kept[-1]) or is_divider(kept[-1])):
        kept.pop()
    return _BLANK_LINES.sub("\n\n", "\n".join(kept)).strip("\n") if kept else reply


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(_BESIDE.sub(" ", text))]


def _shingles(texts: Iterable[str]) -> set[tuple[str, ...]]:
    return {shingle for text in texts for shingle in _shingles_of(_words(text[:MAX_COMPARED]))}


def _shingles_of(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[n:] for n in range(SHINGLE)), strict=False)


def _standing_in(lines: Sequence[Sequence[str]], shingles: set[tuple[str, ...]]) -> list[bool]:
    """Of each line, whether every word of it lies in a run that `shingles` know; runs cross line ends."""
    flat = [word for line in lines for word in line]
    covered = bytearray(len(flat))
    for start, shingle in enumerate(_shingles_of(flat)):
        if shingle in shingles:
            covered[start : start + SHINGLE] = b"\1" * SHINGLE
    standing, position = [], 0
    for line in lines:
        following = position + len(line)
        standing.append(bool(line) and 0 not in covered[position:following])
        position = following
    return standing


def _runs(lines: Sequence[str], own: Sequence[bool], known: Sequence[bool]) -> Iterator[range]:
    """Stretches of known lines, each from a line of ours on; empty lines and attributions part nothing."""
    start = last = -1
    for number, line in enumerate(lines):
        if known[number] and (start >= 0 or own[number]):
            start, last = (number if start < 0 else start), number
        elif start >= 0 and line.strip() and not is_rule(line) and not is_attribution(line):
            yield range(start, last + 1)
            start = -1
    if start >= 0:
        yield range(start, last + 1)


def _own_words(run: range, own: Sequence[bool], words: Sequence[Sequence[str]]) -> int:
    return sum(len(words[number]) for number in run if own[number])


def _is_quotation(run: range, own: Sequence[bool], words: Sequence[Sequence[str]]) -> bool:
    count = _own_words(run, own, words)
    several = sum(1 for number in run if own[number]) >= RUN_LINES
    return count >= PARAGRAPH_WORDS or (several and count >= RUN_WORDS)


def _mark_what_stands_above(lines: list[str], quoted: list[bool]) -> None:
    """Marks a pasted header block, a divider or a rule that stands right above a quotation."""
    for first in [n for n in range(1, len(lines)) if quoted[n] and not quoted[n - 1]]:
        for start in range(max(0, first - _HEADER_LINES), first):
            if not quoted[start] and header_block_at(lines, start):
                quoted[start:first] = [True] * (first - start)
                break
        above = next((n for n in range(first - 1, -1, -1) if quoted[n] or lines[n].strip()), -1)
        if above >= 0 and not quoted[above] and (is_rule(lines[above]) or is_divider(lines[above])):
            quoted[above:first] = [True] * (first - above)
