"""An article as a Markdown file with front matter, as static site generators read and write it.

The front matter is the plain part of YAML: one `name: value` a line, a value perhaps in quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from desk.model.errors import Invalid

FENCE = "---"
_LINE = re.compile(r"^([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*$")
_NEEDS_QUOTES = re.compile(
    r"^$|^[\s>|@`%&*!?{}\[\],#'\"-]|[:#]\s|\s#|[:\s]$|\\|^(?:true|false|null|yes|no|~)$|^[\d.]+$", re.I
)


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """What stands in the front matter, and the body below it."""

    fields: Mapping[str, str]
    body: str


def read_file(text: str) -> MarkdownFile:
    """A file without front matter is all body. Raises Invalid, naming the line, for what cannot be read."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FENCE:
        return MarkdownFile({}, "\n".join(lines).strip())
    fields: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == FENCE:
            return MarkdownFile(fields, "\n".join(lines[number:]).strip())
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.match(line)
        if found is None:
            raise Invalid(f"Line {number} of the front matter is no “name: value”: {line[:60]}")
        fields[found[1].lower()] = _value(found[2], number)
    raise Invalid(f"The front matter is never closed by a line {FENCE}.")


def written_file(fields: Mapping[str, str | None], body: str) -> str:
    """The file; fields without a value are left out."""
    lines = [f"{name}: {_written(value)}" for name, value in fields.items() if value is not None]
    return "\n".join([FENCE, *lines, FENCE, "", body.strip(), ""])


def _value(written: str, number: int) -> str:
    if written.startswith('"'):
        try:
            return str(json.loads(written))
        except ValueError as error:
            raise Invalid(f"The quotes in line {number} of the front matter do not fit together.") from error
    if written.startswith("'") and written.endswith("'") and len(written) > 1:
        return written[1:-1].replace("''", "'")
    return written


def _written(value: str) -> str:
    # A string of JSON is one of YAML (YAML 1.2.2, 7.3.1).
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.search(value) else value
