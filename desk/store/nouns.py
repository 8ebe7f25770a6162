"""Every noun of the ground floor, known to this process."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import desk.model


def know_all_nouns() -> None:
    """Import every module of the ground floor, so that the metadata is whole: a row that points to a table
    of which the process has not heard could not be written.
    """
    for module in pkgutil.iter_modules(desk.model.__path__):
        import_module(f"desk.model.{module.name}")
