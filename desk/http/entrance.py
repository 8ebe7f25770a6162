"""What every endpoint stands on: declare the right, read the request, open the work, answer.

    @blueprint.put("/cases/<int:case_id>/resolution")
    @allow(Permission.WORK_CASES)
    @body(Resolution)
    def resolve(case_id: int, body: Resolution) -> dict[str, Any]:
        with work() as w:
            return case_shown(w, resolve_case(w, case_id, body.reason))

A route declares exactly one of `allow` and `public`; one without is refused, and fails a test.
A view may return a dict, a list, a pydantic model, None (204), a Response, or one of these with a status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import Response, request
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage

from desk.http.asked import Asked, json_body, once_each, read
from desk.http.auth import find_caller
from desk.http.ground import Ground, ground
from desk.model.errors import Forbidden, Invalid, NotSignedIn
from desk.model.permission import Actor, Permission
from desk.store.people.sessions import Caller
from desk.store.unit_of_work import Work

UPLOAD_LIMIT = 25 * 1024 * 1024
BODY_LIMIT = 10 * 1024 * 1024

__all__ = [
    "BODY_LIMIT",
    "UPLOAD_LIMIT",
    "Asked",
    "Ground",
    "actor",
    "allow",
    "answer",
    "asking",
    "body",
    "caller",
    "declared_right",
    "ground",
    "header",
    "public",
    "query",
    "reading",
    "require_person",
    "searching",
    "upload",
    "work",
]

View = Callable[..., Any]


def caller() -> Caller:
    """Who is asking. Raises NotSignedIn, also while the second factor is still owed."""
    found = find_caller()
    if found is None or found.pending:
        raise NotSignedIn("You are not signed in.")
    return found


def actor() -> Actor:
    """The actor of this request, with the rights of this moment."""
    return caller().actor


def require_person() -> None:
    """Raises Forbidden for a program: it may not change who is let in."""
    if caller().session_id is None:
        raise Forbidden("A token cannot do this. Sign in and do it yourself.")


@contextmanager
def work() -> Iterator[Work]:
    """A unit of work as the caller; commits when the block ends."""
    with ground().store.unit_of_work(actor(), address=request.remote_addr or "") as opened:
        yield opened


@contextmanager
def reading() -> Iterator[Work]:
    """A question as the caller; nothing it touches is kept."""
    with ground().store.reading(actor()) as opened:
        yield opened


@contextmanager
def asking() -> Iterator[Work]:
    """A page of a few SELECTs as the caller, each for itself."""
    with ground().store.asking(actor()) as opened:
        yield opened


@contextmanager
def searching() -> Iterator[Work]:
    """A search as the caller, given up when it takes longer than a person waits."""
    with ground().store.searching(actor()) as opened:
        yield opened


def allow(permission: Permission) -> Callable[[View], View]:
    """The route asks for `permission`: 401 when nobody is signed in, 403 when the role may not."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not actor().may(permission):
                raise Forbidden(f"You may not do this: it takes the right “{permission.replace('_', ' ')}”.")
            return answer(view(*args, **kwargs))

        checked.desk_right = permission  # type: ignore[attr-defined]  # read by declared_right
        return checked

    return declare


def public(reason: str) -> Callable[[View], View]:
    """The route is open to strangers; `reason` says why that is right."""

    def declare(view: View) -> View:
        @wraps(view)
        def opened(*args: Any, **kwargs: Any) -> Any:
            return answer(view(*args, **kwargs))

        opened.desk_right = reason  # type: ignore[attr-defined]  # read by declared_right
        return opened

    return declare


def declared_right(view: Callable[..., Any]) -> Permission | str | None:
    """The permission of a view, the reason why it is public, or None when it declares nothing."""
    return getattr(view, "desk_right", None)


def body(model: type[BaseModel]) -> Callable[[View], View]:
    """The JSON body, read into `model` and handed to the view as `body`."""

    def declare(view: View) -> View:
        @wraps(view)
        def parsed(*args: Any, **kwargs: Any) -> Any:
            return view(*args, body=read(model, json_body()), **kwargs)

        parsed.desk_body = model  # type: ignore[attr-defined]  # read by the API description
        return parsed

    return declare


def query(model: type[BaseModel]) -> Callable[[View], View]:
    """The query string, read into `model` and handed to the view as `query`."""

    def declare(view: View) -> View:
        @wraps(view)
        def parsed(*args: Any, **kwargs: Any) -> Any:
            return view(*args, query=read(model, once_each(request.args)), **kwargs)

        parsed.desk_query = model  # type: ignore[attr-defined]  # read by the API description
        return parsed

    return declare


def header(name: str, *, most: int = 200) -> Callable[[View], View]:
    """The header `name`, of up to `most` characters, handed to the view as `header`. Invalid without it."""

    def declare(view: View) -> View:
        @wraps(view)
        def parsed(*args: Any, **kwargs: Any) -> Any:
            value = request.headers.get(name, "").strip()
            if not 1 <= len(value) <= most:
                raise Invalid(f"Send a header {name} of 1 to {most} characters.", name)
            return view(*args, header=value, **kwargs)

        parsed.desk_header = name  # type: ignore[attr-defined]  # read by the API description
        return parsed

    return declare


def upload(view: View) -> View:
    """The route takes a file: its body may be as large as UPLOAD_LIMIT."""
    view.desk_upload = True  # type: ignore[attr-defined]  # read before the body is
    return view


def one_file() -> FileStorage:
    """The one file of an upload, as the form field `file` and nothing beside it. Raises Invalid."""
    given = request.files.getlist("file")
    if len(given) != 1 or len(request.files) != 1 or request.form:
        raise Invalid("Send one file, as the form field “file”.", "file")
    return given[0]


def answer(value: Any) -> Any:
    """What a view returned, as Flask wants it."""
    if value is None:
        return Response(status=204)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], BaseModel):
        return value[0].model_dump(mode="json"), value[1]
    return value
