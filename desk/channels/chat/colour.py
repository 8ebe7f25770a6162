"""The colour of the brand, dark enough that white words on it can be read."""

from __future__ import annotations

import re

from desk.model.errors import Invalid

READABLE = 4.5
"""The least contrast of text with what it stands on (WCAG 2.2, 1.4.3)."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def checked_colour(given: str) -> str:
    """`#rrggbb`, lower-cased. Raises Invalid."""
    colour = given.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise Invalid(f"“{given[:20]}” is not a colour such as #7a4e2d.", "chat.colour")
    return colour


def contrast_with_white(colour: str) -> float:
    """The ratio, 1 to 21 (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def readable(colour: str) -> str:
    """The colour itself, or the nearest darker one of its kind on which white words can be read."""
    parts = _parts(colour)
    for step in range(100, -1, -1):
        darker = "#" + "".join(f"{part * step // 100:02x}" for part in parts)
        if contrast_with_white(darker) >= READABLE:
            return darker
    return "#000000"


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
