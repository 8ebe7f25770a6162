"""The edge of every namespace: what a page says is read into a shape, and answered whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from desk.logs import trouble_of
from desk.model.errors import DeskError, TooMany

_log = structlog.get_logger(__name__)


class Said(BaseModel):
    """The root of every event: a field that we do not know is refused by its name."""

    model_config = ConfigDict(extra="forbid")


Shape = TypeVar("Shape", bound=Said)


def answered(event: str, take: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The one edge of all events: what goes wrong is an answer, never silence."""
    try:
        return {"ok": True, **take()}
    except TooMany as error:
        return {"ok": False, "error": error.sentence, "again": error.retry_after_seconds}
    except DeskError as error:
        return {"ok": False, "error": error.sentence}
    except SQLAlchemyError as error:
        _log.warning("database away", event_name=event, error=trouble_of(error))
        return {"ok": False, "error": "The desk cannot reach its database just now.", "again": 1}
    except Exception as error:
        _log.error("socket event failed", event_name=event, exc_info=error)
        return {"ok": False, "error": "Something went wrong on our side."}


def is_handshake(server: Any, namespace: str, sid: str, environ: Any = None, *_: Any) -> bool:
    """Whether the library says “connect”: a page may send an event of that name, with any words."""
    transport = server.manager.eio_sid_from_sid(sid, namespace)
    return environ is not None and environ is server.environ.get(transport)


def read(shape: type[Shape], args: tuple[Any, ...]) -> Shape:
    """One object of the shape, and nothing else. Raises DeskError with what is wrong."""
    if len(args) > 1:
        raise DeskError("Say one thing at a time.")
    try:
        return shape.model_validate(args[0] if args else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:60]
        trouble = first["msg"].removeprefix("Value error, ")
        raise DeskError(f"{field or 'What was said'}: {trouble}.") from None
