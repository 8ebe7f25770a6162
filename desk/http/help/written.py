"""What a form of the help centre brought, read with its limits, and what was wrong with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from flask import request
from werkzeug.datastructures import FileStorage

from desk.channels.form.inbound import (
    LARGEST_FILES,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_FILES,
    WrittenFile,
    WrittenForm,
)
from desk.http.help.texts import t

TRAP = "website"
"""A field that people do not see; programs that fill in forms fill it in as well."""

_LONGEST = {"name": 200, "email": 320, "subject": LONGEST_SUBJECT, "message": LONGEST_TEXT}


@dataclass
class Filled:
    """A form as it was filled in, to be sent or to be shown again with what was wrong."""

    key: str
    values: dict[str, str] = field(default_factory=dict)
    files: list[WrittenFile] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def is_trapped(self) -> bool:
        return bool(self.values.get(TRAP))

    def form(self) -> WrittenForm:
        return WrittenForm(
            key=self.key,
            email=self.values["email"],
            text=self.values["message"],
            name=self.values["name"],
            subject=self.values["subject"],
            files=self.files,
        )


def blank() -> Filled:
    """A form that nobody has filled in, with a key of its own."""
    return Filled(secrets.token_urlsafe(16), {"subject": request.args.get("subject", "")[:LONGEST_SUBJECT]})


def filled() -> Filled:
    """What this request brought. A field that is too long or missing is named in `wrong`."""
    found = Filled(request.form.get("key", "")[:64] or secrets.token_urlsafe(16))
    for name, most in _LONGEST.items():
        # Browsers count a line end as one letter and send two.
        value = request.form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()
        found.values[name] = value[:most]
        if len(value) > most:
            found.wrong[name] = t("too_long", most=f"{most:,}")
    found.values[TRAP] = request.form.get(TRAP, "")[:200]
    found.files = [_file(one) for one in request.files.getlist("files") if one.filename]
    if len(found.files) > MOST_FILES:
        found.wrong["files"] = t("too_many_files", count=MOST_FILES)
    elif sum(len(one.content) for one in found.files) > LARGEST_FILES:
        found.wrong["files"] = t("files_too_large")
    if not found.values["message"]:
        found.wrong["message"] = t("needs_message")
    return found


def _file(given: FileStorage) -> WrittenFile:
    """The bytes, in memory from now on: a large one lay in a temporary file of the web server."""
    try:
        return WrittenFile(given.filename or "file", given.stream.read())
    finally:
        given.close()
