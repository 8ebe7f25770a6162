"""What is new in a mail, told from what it quotes; linear in its length, whatever the input.

Ready-made parsers lose the words of people who answer below or between quotations and are
quadratic on hostile text. Here quotation marks decide first, and a guess by wording cuts only
a tail below which nothing new can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from desk.model.attribution import (
    SIGNATURE,
    announces_forward,
    begins_attribution,
    ends_an_attribution,
    frames_attribution,
    header_block_at,
    is_attribution,
    is_divider,
    is_rule,
    may_announce,
    may_be_attribution,
    may_be_divider,
    opens_a_tail,
    runs_on,
)

MAX_STRIPPED = 256 * 1024
ATTRIBUTION_LINES = 4
SIGNATURE_LINES = 15

_QUOTED = re.compile(r"^\s{0,3}(?:[>»]|&gt;)")
_BARRED = re.compile(r"^\s{0,3}\|(?:\s|$)")
_BLANK_LINES = re.compile(r"\n{3,}")


def reply_text(text: str) -> str:
    """The words of `text` that are new. If nothing would be left, all of it.

    Beyond 256 KB nothing is stripped. What we sent ourselves is known even without marks; see
    `channels/email/comparing.py`.
    """
    head, tail = text[:MAX_STRIPPED], text[MAX_STRIPPED:]
    lines = [line.rstrip() for line in head.split("\n")]
    quoted = _marked(lines)
    mark_attributions(lines, quoted)
    kept = [line for line, is_quoted in zip(lines, quoted, strict=True) if not is_quoted]
    if not _answers_below(lines, quoted):
        kept = _before_tail(kept)
    kept = _without_signature(kept)
    reply = "\n".join(kept).strip("\n").rstrip()
    if len(kept) < len(lines):
        # Where a quotation stood, two gaps have become one.
        reply = _BLANK_LINES.sub("\n\n", reply)
    return (reply if reply.strip() else head.strip()) + tail


def shows_quotation(text: str, reply: str) -> bool:
    """Whether anything in `text` was told to be quotation, so that `reply` has less."""
    return len(reply) < len(text.strip()) - 1


def _marked(lines: Sequence[str]) -> list[bool]:
    marked = [
        bool(_QUOTED.match(line)) and not _ends_address(lines, n) and not frames_attribution(line)
        for n, line in enumerate(lines)
    ]
    # Some mailers draw a bar; a table does so too, hence only below an attribution.
    for number, line in enumerate(lines):
        if _BARRED.match(line) and (marked[number - 1] or _announced(lines, marked, number)):
            marked[number] = True
    # A quotation's own empty lines may have lost their marks.
    for first, second in pairwise([n for n, is_marked in enumerate(marked) if is_marked]):
        if second - first <= 3 and not any(line.strip() for line in lines[first + 1 : second]):
            marked[first + 1 : second] = [True] * (second - first - 1)
    return marked


def _ends_address(lines: Sequence[str], number: int) -> bool:
    """Whether the mark is the end of an address that a mailer has broken over lines."""
    above = lines[number - 1] if number else ""
    return above.rfind("<") > above.rfind(">") and lines[number].endswith((":", "："))


def _announced(lines: Sequence[str], marked: Sequence[bool], number: int) -> bool:
    above = number - 1
    while above >= 0 and number - above <= 3 and not lines[above].strip():
        above -= 1
    return above >= 0 and not marked[above] and is_attribution(lines[above])


def mark_attributions(lines: Sequence[str], quoted: list[bool]) -> None:
    """Marks the one to four lines that announce each quotation."""
    for number in range(1, len(lines)):
        if not quoted[number] or quoted[number - 1]:
            continue
        last = number - 1
        while last >= 0 and number - last <= 4 and not lines[last].strip():
            last -= 1
        if last < 0 or quoted[last] or not lines[last].strip():
            continue
        if height := _attribution_height(lines, quoted, last):
            quoted[last - height + 1 : number] = [True] * (number - 1 - last + height)


def _attribution_height(lines: Sequence[str], quoted: Sequence[bool], last: int) -> int:
    for height in range(1, ATTRIBUTION_LINES + 1):
        first = last - height + 1
        if first < 0 or quoted[first] or not lines[first].strip():
            break
        if ends_an_attribution(_joined(lines[first : last + 1])):
            return height
    announces = (is_attribution, may_be_attribution, is_divider, announces_forward)
    return int(any(told(lines[last]) for told in announces))


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())[-1000:]


def _answers_below(lines: Sequence[str], quoted: Sequence[bool]) -> bool:
    """Whether words of the sender follow his last quotation; then nothing below may be cut by guess."""
    if True not in quoted:
        return False
    last = len(quoted) - 1 - list(reversed(quoted)).index(True)
    below = _without_signature(["", *lines[last + 1 :]])
    return any(line.strip() and not is_rule(line) for line in below)


def _before_tail(lines: list[str]) -> list[str]:
    """What stands above the first announcement; all of it where nothing does, as in a mail only forwarded."""
    for number, line in enumerate(lines):
        if line.strip() and _opens_tail(lines, number):
            cut = lines[:number]
            while cut and _leads_over(cut[-1]):
                cut.pop()
            return cut or lines
    return lines


def _leads_over(line: str) -> bool:
    """Whether a line right above forwarded words only leads over to them."""
    return not line.strip() or is_rule(line) or may_be_divider(line) or announces_forward(line)


def _opens_tail(lines: list[str], number: int) -> bool:
    line = lines[number]
    if not may_announce(line):
        return False
    if is_divider(line) or runs_on(line) or header_block_at(lines, number):
        return True
    if not begins_attribution(line):
        return False
    following = [one for one in lines[number : number + 2 * ATTRIBUTION_LINES] if one.strip()]
    return any(opens_a_tail(_joined(following[:height])) for height in range(1, ATTRIBUTION_LINES + 1))


def _without_signature(lines: list[str]) -> list[str]:
    """Less what stands below the signature mark (RFC 3676, 4.3), and trailing rules."""
    for number in range(max(1, len(lines) - SIGNATURE_LINES), len(lines)):
        if SIGNATURE.match(lines[number]) and any(line.strip() for line in lines[:number]):
            lines = lines[:number]
            break
    lines = list(lines)
    while lines and (not lines[-1].strip() or is_rule(lines[-1])):
        lines.pop()
    return lines
