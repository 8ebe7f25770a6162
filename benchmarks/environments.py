"""Environments of their own for what we are measured against, with pinned versions."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class NotToBeHad(Exception):
    """The environment could not be made, most often because no package index can be reached."""


def cache_folder() -> Path:
    """Where benchmarks keep what is dear to make: in the user's cache folder."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desk-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def environment(pinned: Sequence[str], *, alone: Sequence[str] = ()) -> Path:
    """The interpreter with the pinned packages, and those `alone` without what they ask for.

    Kept for the next run. Raises NotToBeHad.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    named = (*alone, *pinned)
    digest = hashlib.sha256("\n".join(named).encode()).hexdigest()[:8]
    folder = cache_folder() / f"{named[0].replace('==', '-')}-{digest}-python{version}"
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(python), "-m", "pip", "install", "-qq"]
            if alone:
                subprocess.run([*pip, "--no-deps", *alone], check=True)
            subprocess.run([*pip, *pinned], check=True)
        except (subprocess.CalledProcessError, OSError) as error:
            raise NotToBeHad(f"{named[0]} cannot be installed: {error}") from error
        done.touch()
    return python
