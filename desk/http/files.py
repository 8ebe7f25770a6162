"""Files, up and down: downloads never run anything and never leave their sandbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO
from urllib.parse import quote

from flask import Blueprint, Response

from desk.actions.messages.files import file_for, file_shown, keep_upload
from desk.customers.tables import encoding_of
from desk.http.entrance import allow, one_file, reading, upload, work
from desk.model.article import ArticleFile
from desk.model.filetype import SAFE_INLINE, type_of
from desk.model.message import Attachment
from desk.model.permission import Permission

blueprint = Blueprint("files", __name__)

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"


@blueprint.post("/files")
@upload
@allow(Permission.WORK_CASES)
def take_file() -> tuple[dict[str, Any], int]:
    """Upload one file as the form field `file`; its token goes into a message or a draft."""
    given = one_file()
    with work() as w:
        return file_shown(keep_upload(w, given.filename or "file", given.stream.read())), 201


@blueprint.get("/files/<token>")
@allow(Permission.READ_CASES)
def give_file(token: str) -> Response:
    """The bytes of a file; pictures are shown in place, everything else is a download."""
    with reading() as w:
        kept, content = file_for(w, token)
    return file_response(kept, content)


@contextmanager
def table_given() -> Iterator[tuple[TextIO, str]]:
    """The lines of the one table of an upload, and the name of its file. Raises Invalid."""
    given = one_file()
    stream = io.BytesIO(given.stream.read())
    with io.TextIOWrapper(stream, encoding=encoding_of(stream), newline="") as lines:
        yield lines, (given.filename or "file")[:120]


def file_response(kept: Attachment | ArticleFile, content: bytes, *, cached: bool = True) -> Response:
    """The bytes, so that no browser ever runs them; kept by the browser for an hour where `cached`."""
    # What the bytes are counts, whatever the mail said of them.
    kind = type_of(content, kept.name)
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = disposition(kept.name, inline=kind in SAFE_INLINE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if cached:
        response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def disposition(name: str, *, inline: bool) -> str:
    """The header of RFC 6266: a plain name for old readers, and the true one as of RFC 8187."""
    kind = "inline" if inline else "attachment"
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
