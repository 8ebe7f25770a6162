"""django-helpdesk as a measure: an environment of its own with pinned versions, and its process."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.environments import environment

PINNED = (
    "django-helpdesk==2.6.1",
    "Django==5.2.19",
    "djangorestframework==3.18.3",
    "psycopg[binary]==3.3.9",
)
DATABASE = "helpdesk_bench"


@dataclass(frozen=True)
class Helpdesk:
    """A warm process of django-helpdesk that takes in bags of mail."""

    process: subprocess.Popen[str]

    def take_in(self, mails: list[bytes]) -> dict[str, Any]:
        """`{seconds, cpu, lost, cases, messages}`; seconds a mail, the rest for all of them."""
        with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
            for number, mail in enumerate(mails):
                (Path(folder) / f"{number:06}.eml").write_bytes(mail)
            return self._asked(folder)

    def _asked(self, line: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return _answer(self.process)


@contextmanager
def helpdesk(database_url: str) -> Iterator[Helpdesk]:
    """django-helpdesk on a database of its own in the same cluster. Raises NotToBeHad."""
    python = environment(PINNED)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    url = make_url(database_url).set(database=DATABASE).render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(prefix="desk-bench-media-") as media:
        process = subprocess.Popen(
            # -P: this folder's own modules are not to be found by the other side.
            [str(python), "-P", str(Path(__file__).with_name("helpdesk_process.py")), url, media],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            _answer(process)
            yield Helpdesk(process)
        finally:
            process.kill()
            process.wait()


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise SystemExit("django-helpdesk ended unexpectedly; its last words stand above.")
    answer: dict[str, Any] = json.loads(line)
    return answer
