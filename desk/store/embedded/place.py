"""Where the servers of a home keep their data: in the home, or beside it when root starts them."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

from desk.model.errors import Misconfigured
from desk.store.embedded.binaries import ServerUser, open_to_all
from desk.store.embedded.server import locked, own_folder


def place_of(home: Path, user: ServerUser, state_dir: Path, *, durable: bool) -> Path:
    """The folder of the servers' data. Never opens a folder that is there already."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not user.another:
            return home.resolve()
        with locked(home / "place.lock"):
            return _outside(home, user, state_dir if durable else Path(tempfile.gettempdir()))
    except PermissionError as error:
        raise Misconfigured(
            f"{error.filename or home} is not ours to write. Set DESK_HOME to a folder of your own."
        ) from error
    except OSError as error:
        raise Misconfigured(
            f"{error.filename or home} cannot be written: {error.strerror}. "
            "Free some space, or set DESK_HOME to another folder."
        ) from error


def _outside(home: Path, user: ServerUser, parent: Path) -> Path:
    """As root: a folder of the unprivileged user outside the home, which may be closed to it.

    The home notes where, so that a home that is removed or moved takes its desk along.
    """
    known = noted_place(home)
    if known is not None:
        return known
    open_to_all(parent)
    if not user.can_reach(parent):
        raise Misconfigured(
            f"The user {user.name} cannot reach {parent}. Set DESK_STATE_DIR to another folder."
        )
    place = parent / f"desk-{secrets.token_hex(6)}"
    own_folder(place, user)
    # Aside and renamed: half a note, left by a full disk, would name another folder.
    aside = home / "place.new"
    aside.write_text(f"{place}\n")
    aside.rename(home / "place")
    return place


def noted_place(home: Path) -> Path | None:
    """The folder that this home notes for its servers; None without one, or when it is gone."""
    note = home / "place"
    place = Path(note.read_text().strip()) if note.exists() else Path()
    return place if place.is_absolute() and place.is_dir() else None


def remove_place(home: Path) -> None:
    """Everything that the servers of a home kept outside it. Only for a home that nobody needs any more, and
    whose servers have been stopped.
    """
    place = noted_place(home)
    if place is not None:
        shutil.rmtree(place)
        (home / "place").unlink()
