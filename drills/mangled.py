"""Mail that was damaged on purpose: each is one line with every field, and nothing in it can harm.

`python -m drills.mangled [FOLDER] [--mails N] [--seed N] [--keep FOLDER]` damages the mails of a
corpus at random, adds bombs, lets `desk parse` read them, prints one line and fails on a miss.
The same seed makes the same mails.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.corpus import HONEST, active_content, default_folder
from desk.cli.parse import not_understood
from drills.damage import bombs, damaged

SHAPE: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("file", "outcome", "subject", "text", "reply"), str),
    **dict.fromkeys(("from", "message_id", "in_reply_to", "date", "html"), (str, type(None))),
    **dict.fromkeys(("to", "cc", "reply_to", "references", "attachments", "reasons"), list),
    "bounce": (dict, type(None)),
}
INNER = {
    "attachments": {"name", "type", "size", "sha256"},
    "bounce": {"recipient", "status", "permanent", "message_id"},
}
OUTCOMES = {"message", "bounce", "delivery_report", "auto_reply", "feedback_report", "unreadable"}
BATCH = 100
SECONDS = 10.0

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--mails", default=1000, show_default=True, help="How many mails to damage.")
@click.option("--seed", default=1, show_default=True, help="Another seed makes other mails.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where to put the mails that were missed.")
def main(folder: Path | None, mails: int, seed: int, keep: Path | None) -> None:
    """Damage mails, read them, count."""
    sources = _mails_in(folder or default_folder())
    chance = random.Random(seed)
    made = [*bombs(), *damaged(sources, chance, mails if sources else 0)]
    missed: Counter[str] = Counter()
    slowest = (0.0, "")
    for start in range(0, len(made), BATCH):
        batch = made[start : start + BATCH]
        for (name, raw), (line, seconds) in zip(batch, _lines([raw for _, raw in batch]), strict=True):
            slowest = max(slowest, (seconds, name))
            for trouble in troubles(line, seconds):
                missed[f"{trouble} ({name})"] += 1
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{missed.total()}.eml").write_bytes(raw)
    for what, count in missed.most_common(40):
        print(f"      {count} × {what}")
    print(
        f"{'FAIL' if missed else 'PASS'}  mangled: {len(made)} mails of {len(sources)}, seed {seed}, "
        f"{missed.total()} misses, slowest {slowest[0]:.1f} s ({slowest[1]})"
    )
    sys.exit(bool(missed))


def troubles(line: str, seconds: float) -> Iterator[str]:
    """What is wrong with one line of `desk parse`; nothing for a good one."""
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        yield "no JSON"
        return
    if set(told) != set(SHAPE) or set(told) != {"file", *not_understood("")}:
        yield "other fields"
        return
    yield from (
        f"{name} is a {type(told[name]).__name__}"
        for name, kind in SHAPE.items()
        if not isinstance(told[name], kind)
    )
    for name, fields in INNER.items():
        inner = told[name] if isinstance(told[name], list) else filter(None, [told[name]])
        yield from (f"other fields in {name}" for one in inner if set(one) != fields)
    if told["outcome"] not in OUTCOMES:
        yield f"outcome {told['outcome']}"
    if told["outcome"] == "unreadable" and told["reasons"][0] not in HONEST:
        yield told["reasons"][0]
    for name, value in told.items():
        if any(_REFUSED.search(one) for one in _strings(value)):
            yield f"a control character or half a letter in {name}"
    if told["html"] and (active := active_content(told["html"])):
        yield f"active content: {active[0][:60]}"
    if told["text"].strip() and not told["reply"].strip():
        yield "a text without a reply"
    if seconds > SECONDS:
        yield f"{seconds:.0f} s"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _mails_in(folder: Path) -> list[bytes]:
    """Every mail of a corpus; without one, the drill is its bombs."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return []
    listed = json.loads(manifest.read_text())["files"]
    paths = [folder / row["origin"] / row["file"] for row in listed]
    return [
        path.read_bytes() for path in paths if path.suffix in {".eml", ".email", ".txt"} and path.is_file()
    ]


def _lines(mails: Sequence[bytes]) -> Iterator[tuple[str, float]]:
    """What `desk parse` prints of each, and after how many seconds; the first has it started as well."""
    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(mails):
            (Path(folder) / f"{number:04}.eml").write_bytes(raw)
        command = [sys.executable, "-m", "desk", "parse", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as reading:
            assert reading.stdout
            before = time.monotonic()
            for line in reading.stdout:
                yield line, time.monotonic() - before
                before = time.monotonic()
    if reading.returncode:
        raise SystemExit(f"desk parse ended with {reading.returncode}.")


if __name__ == "__main__":
    main()
