"""Bytes on disk under their own hash: written once, whole, before the commit that refers to them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desk.model.errors import NotFound, Unavailable

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileStore:
    """A folder of content-addressed files. Equal content is kept once; a file never changes."""

    root: Path

    def put(self, content: bytes) -> str:
        """Keep `content` durably and return its SHA-256 in hex.

        Raises Unavailable when the disk does not take it; nothing half-written stays.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_durably(path, content)
        except OSError as error:
            raise Unavailable(
                f"The file could not be stored: {error.strerror}. Free some disk space."
            ) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes kept under `sha256`. Raises NotFound."""
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("The file is not in the file store any more.") from None

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NotFound("There is no such file.")
        return self.root / sha256[:2] / sha256[2:]


def _write_durably(path: Path, content: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder: a crash leaves the whole file or none."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).rename(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
