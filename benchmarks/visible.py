"""How soon a mail stands in an agent's list while twenty a second come in.

    python -m benchmarks.visible [--seconds 30] [--rate 20]

The whole desk runs, every process of it. Mails go in at the SMTP door, each a new conversation, at moments of
a Poisson process; a program that holds an agent's rights reads the list of open cases ten times a second, as
fast as a screen that asks whenever it is pushed. A mail's time begins before its first byte. All have to be
seen, each once. Beside it stands the door's own answer, given once a mail is kept: what is above it is
reading, taking in, and the list.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import smtplib
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path

from benchmarks.bar import Bar, told
from benchmarks.running import DESK, desk_environment, desk_says, running
from desk.store.embedded.place import remove_place

P95_SECONDS = 2.0
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 60
ADDRESS = "help@bench.example"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.visible")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=float, default=20.0, help="mails a second")
    asked = parser.parse_args()
    count = round(asked.seconds * asked.rate)
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        home = Path(folder) / "home"
        environment = desk_environment(home)
        with running((*DESK, "run"), environment):
            desk_says(environment, "channel", "add", "email", ADDRESS)
            desk_says(environment, "user", "add", "ada@bench.example", "Ada", "--role", "manager")
            token = desk_says(
                environment,
                "token",
                "create",
                "screen",
                "--for",
                "ada@bench.example",
                "--scope",
                "read_cases",
            ).split()[-1]
            page = f"{environment['DESK_PUBLIC_URL']}/api/v1/cases?view=all&limit=200"
            screen = Screen(page, token)
            watch = threading.Thread(target=screen.look, args=(count,), daemon=True)
            watch.start()
            sent, answered = _send(int(environment["DESK_SMTP_IN_PORT"]), count, asked.rate)
            watch.join(PATIENCE_SECONDS)
        remove_place(home)
    waited = sorted(screen.seen[name] - at for name, at in sent.items() if name in screen.seen)
    door = sorted(answered[name] - at for name, at in sent.items())
    rate = count / (max(sent.values()) - min(sent.values()))
    print(
        f"{rate:.1f} mails a second, listed after p50 {_at(waited, 50):.2f}, p95 {_at(waited, 95):.2f} s; "
        f"the door answered after p50 {_at(door, 50):.2f}, p95 {_at(door, 95):.2f} s; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    return told(
        [
            Bar("mails that were seen / sent", len(waited) / count, 1.0, ""),
            Bar(
                "from the first byte to the list, p95", _at(waited, 95), P95_SECONDS, "seconds", at_most=True
            ),
        ]
    )


class Screen:
    """Reads a list again and again; when each subject was first in it."""

    def __init__(self, url: str, token: str) -> None:
        self._asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        self.seen: dict[str, float] = {}

    def look(self, count: int) -> None:
        """Until so many were seen."""
        while len(self.seen) < count:
            begun = time.perf_counter()
            with urllib.request.urlopen(self._asked, timeout=30) as answer:
                rows = json.load(answer)["rows"]
            now = time.perf_counter()
            for row in rows:
                self.seen.setdefault(row["subject"], now)
            time.sleep(max(0.0, LOOK_SECONDS - (now - begun)))


def _send(port: int, count: int, rate: float) -> tuple[dict[str, float], dict[str, float]]:
    """When each was begun, and when the door had said that it is kept; by subject."""
    chance = random.Random(20261126)
    due, sent, answered = time.perf_counter(), dict[str, float](), dict[str, float]()
    lock = threading.Lock()

    def post(number: int) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Customer {number} <c{number}@bench.test>", ADDRESS
        mail["Subject"], mail["Message-ID"] = f"Question {number}", f"<{number}.visible@bench.test>"
        mail.set_content("Where is my parcel?\n" * chance.randint(3, 40))
        begun = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as door:
            door.send_message(mail)
        with lock:
            sent[f"Question {number}"], answered[f"Question {number}"] = begun, time.perf_counter()

    posting = []
    for number in range(count):
        due += chance.expovariate(rate)
        time.sleep(max(0.0, due - time.perf_counter()))
        posting.append(threading.Thread(target=post, args=(number,)))
        posting[-1].start()
    for one in posting:
        one.join()
    return sent, answered


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("inf")


if __name__ == "__main__":
    sys.exit(main())
