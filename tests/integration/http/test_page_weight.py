"""What a page makes a browser fetch, as it travels: gzipped bytes of what the build wrote."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import desk

DIST = Path(desk.__file__).parent / "static" / "dist"
KB = 1000


class Surface:
    """One build with its manifest (Vite): which file imports which, and which come only when wanted."""

    def __init__(self, name: str) -> None:
        self._folder = DIST / name
        if not self._folder.exists():
            pytest.skip("The front end is not built: run `make setup`.")

    @cached_property
    def _chunks(self) -> dict[str, dict[str, Any]]:
        chunks: dict[str, dict[str, Any]] = json.loads((self._folder / ".vite/manifest.json").read_text())
        return chunks

    @cached_property
    def first(self) -> set[str]:
        """The chunks that are fetched before anything is clicked."""
        [entry] = [name for name, chunk in self._chunks.items() if chunk.get("isEntry")]
        return self._with_imports(entry)

    @property
    def everything(self) -> set[str]:
        return set(self._chunks)

    def lazy_pages(self) -> dict[str, int]:
        """What each page that comes when it is opened adds, in bytes."""
        return {
            name: self.script_bytes(self._with_imports(name) - self.first)
            for name, chunk in self._chunks.items()
            if chunk.get("isDynamicEntry")
        }

    def script_bytes(self, names: set[str]) -> int:
        return sum(
            self._bytes(file) for file in {self._chunks[n]["file"] for n in names} if file.endswith(".js")
        )

    def style_bytes(self, names: set[str]) -> int:
        return sum(
            self._bytes(file) for file in {css for n in names for css in self._chunks[n].get("css", [])}
        )

    def _with_imports(self, name: str) -> set[str]:
        found, waiting = set[str](), [name]
        while waiting:
            chunk = waiting.pop()
            if chunk not in found:
                found.add(chunk)
                waiting += self._chunks[chunk].get("imports", [])
        return found

    def _bytes(self, file: str) -> int:
        return len(gzip.compress((self._folder / file).read_bytes()))


def test_the_workspace_begins_with_130_kb_of_script_and_20_of_style() -> None:
    desk_ = Surface("desk")
    assert 50 * KB < desk_.script_bytes(desk_.first) <= 130 * KB
    assert KB < desk_.style_bytes(desk_.first) <= 20 * KB


def test_no_page_of_the_workspace_adds_more_than_40_kb() -> None:
    pages = Surface("desk").lazy_pages()
    assert len(pages) > 20
    assert {name: added for name, added in pages.items() if added > 40 * KB} == {}


def test_the_widget_and_the_help_centre_stay_small() -> None:
    widget, centre = Surface("widget"), Surface("help")
    assert widget.script_bytes(widget.everything) <= 60 * KB
    assert centre.script_bytes(centre.everything) <= 5 * KB
