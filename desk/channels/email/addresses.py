"""Address lists as people's mailers really write them, and the one strict address an identity may rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from desk.channels.email.charsets import one_line
from desk.channels.email.headers import decode_words

MAX_ADDRESSES = 500
MAX_COMMENT = 300

Entry = tuple[str, str | None, str]

_ATOM = r"[\w.!#$%&'*+/=?^`{|}~-]"
_STRICT = re.compile(rf"{_ATOM}{{1,64}}@(?:[\w](?:[\w-]{{0,61}}[\w])?\.)*[\w](?:[\w-]{{0,61}}[\w])?\.?")
_LOOSE = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
# Only around these may an address hold spaces (RFC 5322, 4.4).
_SPACED = re.compile(r"\s*([@.])\s*")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,1000}\?=")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One entry of an address list; `plain` if its address is one clean addr-spec (RFC 5322, 3.4.1)."""

    name: str
    address: str
    plain: bool = True


def mailboxes(value: str) -> list[Mailbox]:
    """The entries of an address list, at most 500; groups are opened, broken quotes and brackets forgiven."""
    found = [box for entry in _with_whole_names(_entries(value)) if (box := _mailbox(*entry))]
    if not any("@" in box.address for box in found) and "=?" in value:
        # Some mailers put the address itself inside an encoded word.
        decoded = decode_words(value)
        if decoded != value:
            inside = [box for entry in _entries(decoded) if (box := _mailbox(*entry))]
            return [
                Mailbox(box.name, box.address, plain=False) for box in inside if "@" in box.address
            ] or found
    return found


def holds_an_address(name: str) -> str | None:
    """The address a display name pretends to be, if it does."""
    found = _LOOSE.search(name)
    return found.group().lower().strip(".'") if found else None


def _with_whole_names(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, a name that its own comma has cut (`Customer, Cleo <cleo@…>`) in one piece again."""
    cut: list[str] = []
    for words, angle, comments in entries:
        if angle is None and words.strip() and not comments and "@" not in words and "=?" not in words:
            cut.append(words.strip())
            continue
        if angle is not None and "@" in angle and cut:
            words, cut = ", ".join([*cut, words.strip()]), []
        yield from ((one, None, "") for one in cut)
        cut = []
        yield words, angle, comments
    yield from ((one, None, "") for one in cut)


def _entries(value: str) -> list[Entry]:
    """(words, what stood in angle brackets, comments) of each entry, in one pass over the characters."""
    entries: list[Entry] = []
    words: list[str] = []
    comments: list[str] = []
    angle: str | None = None
    position, length = 0, len(value)
    quotes_close = True
    while position < length and len(entries) < MAX_ADDRESSES:
        letter = value[position]
        if letter == '"' and quotes_close:
            closing = _closing_quote(value, position)
            quotes_close = closing is not None
            words.append(value[position : (closing or position) + 1])
            position = closing or position
        elif letter == "=" and (encoded := _ENCODED_WORD.match(value, position)):
            # Many mailers leave a comma in it, which divides no list.
            words.append(encoded.group())
            position = encoded.end() - 1
        elif letter == "(" and (bracket := _closing_bracket(value, position)):
            comments.append(value[position + 1 : bracket])
            position = bracket
        elif letter == "<" and (end := value.find(">", position)) > 0:
            # Several pairs of brackets: the last one is what mail servers deliver to.
            if angle is not None:
                words.append(f"<{angle}>")
            angle = value[position + 1 : end]
            position = end
        elif letter in ",;":
            entries.append(("".join(words), angle, " ".join(comments)))
            words, comments, angle = [], [], None
        elif letter == ":" and angle is None and "@" not in "".join(words[-320:]):
            words, comments = [], []
        else:
            words.append(letter)
        position += 1
    entries.append(("".join(words), angle, " ".join(comments)))
    return entries[:MAX_ADDRESSES]


def _closing_quote(value: str, start: int) -> int | None:
    position = start + 1
    while (position := value.find('"', position)) > 0:
        if value[position - 1] != "\\" or value[position - 2 : position] == "\\\\":
            return position
        position += 1
    return None


def _closing_bracket(value: str, start: int) -> int | None:
    depth = 0
    for position in range(start, min(len(value), start + MAX_COMMENT)):
        if value[position] == "(":
            depth += 1
        elif value[position] == ")":
            depth -= 1
            if depth == 0:
                return position
    return None


def _mailbox(words: str, angle: str | None, comments: str) -> Mailbox | None:
    written = words.strip() if angle is None else angle.strip()
    if not written and not words.strip():
        return None
    address = _SPACED.sub(r"\1", written).strip("<> ")
    broken = any(letter.isspace() for letter in address)
    if broken and angle is not None:
        address = re.sub(r"\s+", "", address)
    # A source route (`@relay,@relay:user@host`) is obsolete; the address is behind its last colon.
    address = address.rpartition(":")[2].removeprefix("mailto:")
    name = _unquoted(words) if angle is not None else comments
    plain = not broken and bool(_STRICT.fullmatch(address))
    if not plain and angle is None and (loose := _LOOSE.search(written)):
        name, address = _unquoted(written[: loose.start()].rstrip("<[( ")) or name, loose.group()
    return Mailbox(one_line(decode_words(name)), one_line(address).lower().strip("'\""), plain)


def _unquoted(words: str) -> str:
    text = words.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return _ESCAPED.sub(r"\1", text.replace('"', "") if text.count('"') % 2 == 0 else text).strip()
