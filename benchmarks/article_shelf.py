"""A help centre of very many articles: what Python says of itself, and remixes of it, the same every time.

The standard library's docstrings are texts that many people wrote, with titles that say what they are
about, and they are wherever this runs. Remixes draw a title's words and paragraphs from several.
"""

from __future__ import annotations

import ast
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from psycopg import Connection

LEFT_OUT = {"test", "tests", "site-packages", "lib2to3", "idlelib"}
SHORTEST = 120
COPY = """
COPY articles (collection_id, slug, title, created_at, changed_at, body, language, state, audience, position,
  version, compared_version, revision, shown_revision, shown_title, shown_body, shown_text, published_at)
FROM STDIN
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A title, and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def library(count: int, *, seed: str = "library") -> Iterator[Written]:
    """So many articles: first those that somebody wrote, then remixes."""
    real = _docstrings()
    yield from real[:count]
    dice = Random(seed)
    for _ in range(count - len(real)):
        about, other, *rest = dice.choices(real, k=dice.randint(4, 9))
        words = [*about.title.split()[: dice.randint(2, 5)], *other.title.split()[-dice.randint(1, 4) :]]
        paragraphs = [dice.choice(one.paragraphs) for one in (about, other, *rest)]
        yield Written(" ".join(words)[:200], tuple(paragraphs))


def fill(connection: Connection, articles: list[Written]) -> None:
    """All of them published in one collection, and the tables looked at by the planner."""
    made = connection.execute(
        "INSERT INTO collections (slug, title, created_at, description, position)"
        " VALUES ('library', 'Library', now(), '', 0) RETURNING id"
    ).fetchone()
    assert made is not None
    with connection.cursor().copy(COPY) as rows:
        for number, one in enumerate(articles, start=1):
            row = [
                made[0],
                f"article-{number}",
                one.title,
                "now",
                "now",
                one.text,
                "en",
                "published",
                "public",
            ]
            rows.write_row([*row, number, 1, 1, 1, 1, one.title, one.text, one.text, "now"])
    connection.commit()


def _docstrings() -> list[Written]:
    found: dict[str, Written] = {}
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if LEFT_OUT.isdisjoint(path.parts):
            for text in _in_file(path):
                title, _, rest = text.partition("\n")
                paragraphs = tuple(one.strip() for one in re.split(r"\n\s*\n", rest) if len(one.strip()) > 20)
                if paragraphs and 2 <= len(title.split()) <= 24:
                    found.setdefault(title, Written(title[:200], paragraphs))
    return list(found.values())


def _in_file(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            text = ast.get_docstring(node) or ""
            if len(text) >= SHORTEST:
                yield text.replace("\0", "")
