"""One embedded server of one place: its folders, its locks, and the user it runs as."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desk.model.errors import Misconfigured
from desk.store.embedded.binaries import ServerUser

# A socket's whole path fits into 107 bytes (unix(7)); 103 on macOS. `/.s.PGSQL.5432` takes 14 of them.
_LONGEST_SOCKET_FOLDER = 85

STOP_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """One server of one place: its folders, its locks, and the user it runs as."""

    name: str
    place: Path
    user: ServerUser
    durable: bool

    @property
    def folder(self) -> Path:
        return self.place / self.name

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def sockets(self) -> Path:
        folder = self.folder / "s"
        if len(bytes(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(bytes(folder)).hexdigest()[:16]
        return Path("/tmp") / f"desk-{self.user.uid}-{digest}"  # noqa: S108 - mode and owner are checked

    def lock(self, kind: str) -> Path:
        return self.place / f"{self.name}.{kind}"


def own_folder(folder: Path, user: ServerUser) -> None:
    """A folder of mode 700 that belongs to the server's user, and to nobody who was there before us."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user.another and folder.stat().st_uid == os.geteuid():
        os.chown(folder, user.uid, user.gid)
    found = folder.lstat()
    if found.st_uid != user.uid or found.st_mode & 0o077:
        raise Misconfigured(f"{folder} must belong to {user.name} alone (mode 700). Remove it, or mend it.")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone in the block among all who ask with this file; waits for its turn."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def environment() -> dict[str, str]:
    """Nothing of ours: no secret of the desk stands in a server's environment."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
