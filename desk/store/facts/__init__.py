"""Facts for warehouses and notebooks: a star of tables, each with its columns and what fills it."""

from __future__ import annotations

from desk.store.facts.dimensions import DIMENSIONS
from desk.store.facts.happenings import HAPPENINGS
from desk.store.facts.table import Table

TABLES: tuple[Table, ...] = (*DIMENSIONS, *HAPPENINGS)
