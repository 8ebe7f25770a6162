"""The writer that an operator plugged in, by the name of what makes it."""

from __future__ import annotations

from importlib import import_module

from desk.insights.rewording import Writer
from desk.model.errors import Misconfigured


def writer_named(name: str) -> Writer | None:
    """What `module:factory` makes, called with nothing; None without a name. Raises Misconfigured."""
    if not name:
        return None
    module, _, factory = name.partition(":")
    try:
        writer: Writer = getattr(import_module(module), factory)()
        named = callable(writer.reword) and bool(writer.name)
    except Exception as error:
        raise Misconfigured(
            f"DESK_DRAFT_WRITER={name} gives no writer ({type(error).__name__}: {error}). It names a module "
            "and what makes a writer there, as in our_models:writer."
        ) from error
    if not named:
        raise Misconfigured(f"DESK_DRAFT_WRITER={name} gives a writer without a name.")
    return writer
