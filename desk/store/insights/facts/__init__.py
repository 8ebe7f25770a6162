"""Facts for warehouses and notebooks: a star of tables, each with its columns and what fills it."""

from __future__ import annotations

from desk.store.insights.facts.dimensions import DIMENSIONS
from desk.store.insights.facts.happenings import HAPPENINGS
from desk.store.insights.facts.table import Table

TABLES: tuple[Table, ...] = (*DIMENSIONS, *HAPPENINGS)
