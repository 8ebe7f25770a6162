"""What a sentence claims in numbers: periods, amounts, shares, measures, times, dates, counts of things.

A number of which nobody says what it counts is no claim. What it counts is told by its neighbours, from short
lists of words (`claim_words`); the next word does where none is of a list: two *bags*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desk.insights import claim_words as known

CLOSE = 0.03
"""Values that differ by less are the same, as are a month and 30 days."""

STEM = 5
"""Words that begin with the same letters, so many, are forms of one."""

MASK = "[number]"
_AMOUNT = r"\d{1,3}(?:[., \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_TOKEN = re.compile(
    rf"(?P<clock>\b\d{{1,2}}:\d{{2}}\b)|(?P<number>(?<![\w.,]){_AMOUNT})|°c?|[€$£%–—-]|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_NOUN = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Claim:
    """From `low` to `high` of a `kind`; `bound` where it says from how much on something holds."""

    kind: str
    low: float
    high: float
    written: str
    bound: bool = False

    def agrees(self, other: Claim) -> bool:
        """Whether both can be true: they are the same, or one is a number within the other's range."""
        if self.low == self.high or other.low == other.high:
            return self.low <= other.high * (1 + CLOSE) and other.low <= self.high * (1 + CLOSE)
        return _same(self.low, other.low) and _same(self.high, other.high)

    def comparable(self, other: Claim) -> bool:
        """Whether both speak of one kind of thing; what is free is of any currency."""
        kinds = {self.kind, other.kind}
        is_money = all(kind.startswith("money") for kind in kinds) and "money" in kinds
        return self.bound == other.bound and (len(kinds) == 1 or is_money)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, its claims, and its other words in lower case, MASK where a claim stood."""

    text: str
    claims: tuple[Claim, ...]
    words: tuple[str, ...]


def said_in(sentence: str) -> Said:
    """What the sentence claims."""
    tokens = list(_TOKEN.finditer(sentence.lower()))
    texts = [token.group().replace("’", "'") for token in tokens]
    claims: list[Claim] = []
    words: list[str] = []
    place = 0
    while place < len(tokens):
        found = _claim_at(texts, place)
        if found is None:
            words.append(texts[place])
            place += 1
            continue
        claim, first, end = found
        # A currency that stands before its amount has been taken for a word.
        del words[len(words) - (place - first) :]
        written = sentence[tokens[first].start() : tokens[end - 1].end()]
        claims.append(Claim(claim.kind, claim.low, claim.high, written, claim.bound))
        words.append(MASK)
        place = end
    if any(claim.bound for claim in claims) or known.CONDITIONS.intersection(words):
        # What is free from an amount on, or on a condition, costs what it costs.
        claims = [claim for claim in claims if claim.kind != "money"]
    return Said(sentence, tuple(claims), tuple(words))


def differing(one: Said, other: Said) -> tuple[Claim, Claim] | None:
    """Two claims of one kind, where nothing that one says of it agrees with anything the other says."""
    for claim in one.claims:
        theirs = [said for said in other.claims if claim.comparable(said)]
        mine = [said for said in one.claims if said.comparable(claim)]
        if theirs and not any(said.agrees(their) for said in mine for their in theirs):
            return claim, theirs[0]
    return None


def stem(word: str) -> str:
    """What forms of a word have in common, well enough to tell whether two texts say it."""
    return word.rstrip("s")[:STEM]


def _claim_at(texts: Sequence[str], place: int) -> tuple[Claim, int, int] | None:
    """The claim that begins there, with its first token and the one after its last."""
    text, after = texts[place], _at(texts, place + 1)
    if text in known.FREE:
        is_word = _at(texts, place - 1) in known.NOT_FREE_AFTER or after in known.NOT_FREE_BEFORE
        return None if is_word else (Claim("money", 0, 0, ""), place, place + 1)
    if ":" in text:
        until = _at(texts, place + 2) if after in known.BETWEEN else ""
        if ":" in until:
            return _claim("time", _clock(text), _clock(until), texts, place, place + 3)
        return _claim("time", _clock(text), _clock(text), texts, place, place + 1)
    low = _number(text)
    if low is None:
        if text in known.ONES and (after in known.SECONDS or after in known.WORKING_DAYS):
            low = 1.0
        else:
            return None
    end, high = place + 1, low
    if after in known.BETWEEN and (upper := _number(_at(texts, place + 2))) is not None and upper > low:
        end, high = place + 3, upper
    return _counted(low, high, texts, place, end) or _dated(low, high, texts, place, end)


def _counted(
    low: float, high: float, texts: Sequence[str], first: int, end: int
) -> tuple[Claim, int, int] | None:
    unit = _at(texts, end)
    if unit == "-":
        end, unit = end + 1, _at(texts, end + 1)
    before, then = _at(texts, first - 1), _at(texts, end + 1)
    if unit in known.CURRENCIES:
        return _claim(f"money {known.CURRENCIES[unit]}", low, high, texts, first, end + 1)
    if before in known.CURRENCIES:
        return _claim(f"money {known.CURRENCIES[before]}", low, high, texts, first - 1, end)
    if unit in known.SHARES:
        return _claim("share", low, high, texts, first, end + 1)
    if unit in known.WORKING_DAYS:
        return _claim("working days", low, high, texts, first, end + 1)
    for one, other in ((unit, then), (then, unit)):
        if one in known.WORKING and known.SECONDS.get(other) == 86400.0:
            return _claim("working days", low, high, texts, first, end + 2)
    if unit in known.SECONDS:
        seconds = known.SECONDS[unit]
        return _claim("period", low * seconds, high * seconds, texts, first, end + 1)
    if unit in known.MEASURES:
        return _claim(f"measure {known.MEASURES[unit]}", low, high, texts, first, end + 1)
    if unit in ("am", "pm", "uhr"):
        noon = 12.0 if unit == "pm" else 0.0
        return _claim("time", low + noon, high + noon, texts, first, end + 1)
    return None


def _dated(
    low: float, high: float, texts: Sequence[str], first: int, end: int
) -> tuple[Claim, int, int] | None:
    """A day of a month, or a count of what the next word says."""
    place = end + 1 if _at(texts, end) in ("st", "nd", "rd", "th", "de", "of") else end
    month, unit = _month(_at(texts, place)), _at(texts, end)
    if month is not None and low == high and low <= 31:
        day = 100.0 * month + low
        return _claim("date", day, day, texts, first, place + 1)
    if (month := _month(_at(texts, first - 1))) is not None and low == high and low <= 31:
        day = 100.0 * month + low
        return _claim("date", day, day, texts, first - 1, end)
    is_count = texts[first] in known.COUNTS or texts[first][:1].isdigit()
    if is_count and _NOUN.fullmatch(unit) and unit not in known.FROM:
        found = _claim(f"count {stem(unit)}", low, high, texts, first, end)
        return (found[0], first, end)
    return None


def _claim(
    kind: str, low: float, high: float, texts: Sequence[str], first: int, end: int
) -> tuple[Claim, int, int]:
    before, earlier = _at(texts, first - 1), _at(texts, first - 2)
    bound = before in known.FROM or (before in known.THAN and earlier in known.FROM)
    return Claim(kind, low, high, "", bound), first, end


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if 0 <= place < len(texts) else ""


def _month(word: str) -> int | None:
    return int(known.MONTHS[word]) if word in known.MONTHS else None


def _clock(text: str) -> float:
    hour, _, minute = text.partition(":")
    return int(hour) + int(minute) / 60


def _number(text: str) -> float | None:
    if text in known.NUMBERS:
        return known.NUMBERS[text]
    if not text[:1].isdigit() or ":" in text:
        return None
    # Two digits after a mark are decimals, three are thousands.
    whole, _, rest = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}))?", text).groups()  # type: ignore[union-attr]
    return float(re.sub(r"\D", "", whole) + (f".{rest}" if rest else ""))


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= CLOSE * max(abs(one), abs(other))
