"""What keeps somebody from using a page, as axe finds it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import picture

SETTLED = """
() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => document.getAnimations().filter((one) => one instanceof CSSTransition))
  .then((passing) => Promise.allSettled(passing.map((one) => one.finished)))
"""
"""Whoever changes the theme sees its colours pass into each other for a moment."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def barriers(page: Page) -> list[str]:
    """The rules of WCAG 2.2 AA that the page breaks, each with the first element that does."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def barriers_in_both(page: Page, name: str) -> list[str]:
    """The same in light and in dark; a picture of each is kept."""
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLED)
        picture(page, f"{name}-{theme}")
        found += [f"{theme}: {barrier}" for barrier in barriers(page)]
    return found
