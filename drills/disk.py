"""A full disk below the files' folder, while mails, uploads and answers go on coming.

`python -m drills.disk` puts the folder on a small file system of its own, which root alone may mount.
Passes when whatever was acknowledged is there exactly once, everything else was put off with a 4xx reply
or a 503 and a sentence, nothing is half-written, and all of it goes on by itself as soon as there is
space, without any process started anew.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from desk.model.case import Case
from desk.model.errors import DeskError
from desk.model.message import Attachment, Message, MessageKind
from desk.model.permission import system
from desk.model.transit import Inbox, InboxState, Outbox, OutboxState
from drills.customers import Customers, Verdict
from drills.killing import PROCESSES
from drills.stage import set_up, token_for
from tests.servers.household import Household
from tests.servers.smtp_sink import Sink, smtp_sink

FULL_SECONDS = 20
ROUNDS_WHILE_FULL = 25
SETTLE_SECONDS = 120
FILES_MEGABYTES = 32
"""Twice what all rounds write together: what was put off has to find room once there is space again."""


@dataclass
class Phase:
    """What one full disk did: verdicts by kind of request while it was full, and what was amiss."""

    name: str
    put_off: int = 0
    taken: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    argparse.ArgumentParser(prog="drills.disk", description=__doc__).parse_args()
    try:
        phase = _phase("files", _files_on)
    except PermissionError as error:
        print(f"DRILL disk: SKIPPED: {error}")
        return 0
    for fault in phase.faults:
        print(f"{phase.name}: {fault}", file=sys.stderr)
    print(
        f"DRILL disk: below={phase.name} put_off={phase.put_off} taken={phase.taken} "
        f"faults={len(phase.faults)} {'FAIL' if phase.faults else 'PASS'}"
    )
    return 1 if phase.faults else 0


def _phase(name: str, prepare: Callable[[Path], AbstractContextManager[Path]]) -> Phase:
    """A desk of its own on a disk that is filled, and freed again."""
    phase = Phase(name)
    with (
        tempfile.TemporaryDirectory(prefix="desk-disk-") as home,
        smtp_sink() as sink,
        prepare(Path(home)) as disk,
    ):
        household = Household(Path(home), PROCESSES)
        try:
            stage = set_up(household.store, household.settings, smtp_port=sink.port)
            customers = Customers(household, stage, token_for(household.store, stage))
            household.start()
            _until(customers.is_ready, "the desk did not become ready")
            _work(household, customers, disk, phase)
            phase.faults += list(_amiss(household, customers, sink))
        finally:
            household.close()
    return phase


def _work(household: Household, customers: Customers, disk: Path, phase: Phase) -> None:
    """Some work before, some while the disk is full, and all that was put off after."""
    customers.go_on(10)
    _until(lambda: _is_settled(household, customers), "the desk did not take in its first mails")
    with _filled(disk):
        begun = time.monotonic()
        for number in range(1, ROUNDS_WHILE_FULL + 1):
            for verdict in customers.go_on(1):
                phase.put_off += verdict is Verdict.PUT_OFF
                phase.taken += verdict is Verdict.TAKEN
            time.sleep(max(0.0, begun + number * FULL_SECONDS / ROUNDS_WHILE_FULL - time.monotonic()))
    if not phase.put_off:
        phase.faults.append("nothing was put off: the disk was not full enough to tell")
    phase.faults += customers.faults
    _until(customers.try_again, "what had been put off was not taken afterwards")
    _until(lambda: _is_settled(household, customers), "not everything was read and sent afterwards")
    if household.killed:
        phase.faults.append(f"{household.killed} processes ended and had to be started anew")


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"DRILL disk: FAIL: {otherwise}")
        time.sleep(0.5)


def _is_settled(household: Household, customers: Customers) -> bool:
    try:
        with household.store.reading(system("drill")) as work:
            session = work.session
            waiting = session.scalar(select(func.count()).where(Inbox.state == InboxState.RECEIVED))
            leaving = session.scalar(
                select(func.count()).where(Outbox.state.notin_((OutboxState.SENT, OutboxState.FAILED)))
            )
            read = session.scalar(select(func.count()).where(Message.kind == MessageKind.INBOUND)) or 0
    except DBAPIError:
        return False
    return not waiting and not leaving and read >= len(customers.written)


def _amiss(household: Household, customers: Customers, sink: Sink) -> Iterator[str]:
    """Everything that is lost, doubled, half-written or set aside."""
    with household.store.reading(system("drill")) as work:
        session = work.session
        inbound = select(Message.reply).where(Message.kind == MessageKind.INBOUND)
        words = Counter(word for said in session.scalars(inbound) for word in said.split())
        files = {row.sha256: row.size for row in session.scalars(select(Attachment))}
        aside = session.scalar(select(func.count()).where(Inbox.state != InboxState.DONE))
        cases = session.scalar(select(func.count()).select_from(Case))
    arrived = Counter(
        word for mail in sink.kept for word in mail.raw.decode("utf-8", "replace").split() if "answer" in word
    )
    yield from _miscounted("mail", customers.written, words)
    yield from _miscounted("answer", customers.answered, arrived)
    if aside:
        yield f"{aside} mails were set aside"
    if cases != len(customers.written):
        yield f"{cases} cases from {len(customers.written)} mails"
    for sha256, size in files.items():
        try:
            whole = len(household.store.files.get(sha256)) == size
        except DeskError:
            whole = False
        if not whole:
            yield f"the file {sha256[:8]} is not whole"
    for path in (path for path in household.settings.files.rglob("*") if path.is_file()):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.parent.name + path.name:
            yield f"{path.name} is half-written"
    for sha256 in customers.uploaded - files.keys():
        yield f"the upload {sha256[:8]} is lost"


def _miscounted(kind: str, wanted: set[str], found: Counter[str]) -> Iterator[str]:
    for word in sorted(wanted):
        if found[word] != 1:
            yield f"the {kind} {word} is there {found[word]} times"


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Not a byte is left, until the block ends."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(64 * 1024)):
                    pass
            except OSError:
                print("  full", file=sys.stderr, flush=True)
        yield
    finally:
        ballast.unlink()
        print("  space again", file=sys.stderr, flush=True)


@contextmanager
def _files_on(home: Path) -> Iterator[Path]:
    """The files' folder on a disk of its own."""
    with _mounted(home / "files", FILES_MEGABYTES, os.geteuid()) as disk:
        yield disk


@contextmanager
def _mounted(folder: Path, megabytes: int, owner: int) -> Iterator[Path]:
    """A small file system in memory. Raises PermissionError where none may be mounted."""
    folder.mkdir(parents=True)
    options = f"size={megabytes}m,mode=0700,uid={owner}"
    command = ["mount", "-t", "tmpfs", "-o", options, "desk-drill", str(folder)]
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise PermissionError("mounting a small disk takes root on Linux.")
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise PermissionError(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


if __name__ == "__main__":
    sys.exit(main())
