"""The mail corpora against their bars: every figure with PASS or FAIL, one that falls short fails all.

    .venv/bin/python -m benchmarks.corpus [PATH]

PATH is a folder with `manifest.json` and, for each origin, `expected.json` (what the origin's own tests
assert) and `consensus.json` (fields on which independent parsers agree). Every file of it is read in
the fenced child, whatever it is.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from benchmarks.bar import Bar
from desk.channels.email.charsets import decode_text
from desk.channels.email.fence import MEMORY_BYTES, SECONDS_PER_MAIL, Fence
from desk.channels.email.parsed import Outcome, ParsedMail
from desk.channels.email.sanitise import ATTRIBUTES, SCHEMES, TAGS, safe_html
from desk.model.errors import UnreadableMail
from desk.model.quoting import reply_text

ROOT = Path(__file__).resolve().parent.parent
NO_MAILS = {"html-sanitise", "calendar", "html", "reply-html", "reply-text", "forwarded-split", "signature"}
REPORTS = {"bounce", "delivery-success", "feedback-report", "mdn"}
# Sentences of the parser that mean "this is no mail", as opposed to "I failed".
HONEST = ("There is no header of a mail in it.", "It is empty.")


@dataclass(slots=True)
class Measured:
    """Counts of what was right and of what there was, by name, and the names of what was wrong."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    slowest: float = 0.0
    peak_bytes: int = 0

    def note(self, name: str, file: str, *, right: bool) -> None:
        self.of[name] += 1
        self.right[name] += right
        if not right:
            self.wrong.append((name, file))

    def share(self, name: str) -> float:
        return 100.0 * self.right[name] / self.of[name] if self.of[name] else 100.0

    def bar(self, name: str, bar: float) -> Bar:
        return Bar(f"{name} (%)", self.share(name), bar, f"{self.right[name]} of {self.of[name]}")

    def missed(self, name: str, bar: float) -> Bar:
        """A bar on the share that went wrong."""
        wrong = self.of[name] - self.right[name]
        return Bar(f"{name} (%)", 100.0 - self.share(name), bar, f"{wrong} of {self.of[name]}", at_most=True)


def measure(folder: Path) -> tuple[list[Bar], Measured]:
    """All bars over one corpus folder."""
    measured = Measured()
    with Fence() as fence:
        for case in _cases(folder):
            _measure_case(case, fence, measured)
    return _bars(measured), measured


def main(arguments: list[str]) -> int:
    """Prints the bars; 1 when any is missed, 2 without a corpus."""
    folder = Path(arguments[0]) if arguments else default_folder()
    if not (folder / "manifest.json").is_file():
        print(f"There is no manifest.json in {folder}; name the corpora's folder or set DESK_CORPORA.")
        return 2
    bars, measured = measure(folder)
    if os.environ.get("DESK_CORPUS_DETAILS"):
        for name, file in measured.wrong:
            print(f"      {name}: {file}")
    for bar in bars:
        print(bar)
    failed = [bar.name for bar in bars if not bar.holds]
    print(
        f"corpus: {len(bars) - len(failed)} of {len(bars)} bars hold"
        + "".join(f"; missed {n}" for n in failed)
    )
    return 1 if failed else 0


def _bars(m: Measured) -> list[Bar]:
    failures = m.of["read"] - m.right["read"]
    return [
        Bar("exceptions", failures, 0, f"in {m.of['read']} files", at_most=True),
        Bar("slowest mail (s)", m.slowest, SECONDS_PER_MAIL, "", at_most=True),
        Bar("memory of the child, peak (MB)", m.peak_bytes / 2**20, MEMORY_BYTES / 2**20, "", at_most=True),
        m.bar("from", 99),
        m.bar("subject", 99),
        m.bar("message_id", 99),
        m.bar("text", 97),
        m.bar("attachments", 95),
        m.bar("bounces recognised", 97),
        m.missed("other mail taken for a bounce", 0.5),
        m.bar("automatic answers recognised", 97),
        # The best line of the reply parsers measured: exact 34 and lost 5 of 64, 11 of 12, 41 of 42, 7 of 9.
        m.bar("reply, trimmer set: exact", 100 * 34 / 64),
        m.missed("reply, trimmer set: lost over 10 % of words", 100 * 5 / 64),
        m.missed("reply, trimmer set: quoted line left", 23),
        m.bar("reply, multilingual set: pass", 100 * 41 / 42),
        m.missed("reply, multilingual set: lost", 0),
        m.bar("reply, mails of seven mailers: exact", 100 * 11 / 12),
        m.bar("reply, HTML of mailers: exact", 100 * 7 / 9),
        m.bar("reply, mails with quotation: new lines kept", 98.9),
        m.missed("reply, mails with quotation: lost over 10 %", 100 * 5 / 146),
        m.missed("reply, mails with quotation: quoted line left", 0),
        m.missed("active content after sanitising", 0),
        m.missed("text a database refuses", 0),
    ]


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus with all that is asserted of it."""

    name: str
    kind: str
    raw: bytes
    expected: dict[str, Any]
    consensus: dict[str, Any]


def _cases(folder: Path) -> Iterator[Case]:
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    for origin in sorted({row["origin"] for row in listed}):
        expected = {row["file"]: row["expect"] for row in _json(folder / origin / "expected.json", [])}
        consensus = _json(folder / origin / "consensus.json", {})
        for row in listed:
            path = folder / origin / row["file"]
            if row["origin"] == origin and path.is_file():
                yield Case(
                    name=f"{origin}/{row['file']}",
                    kind=row["kind"],
                    raw=path.read_bytes(),
                    expected=expected.get(row["file"], {}),
                    consensus=consensus.get(row["file"], {}),
                )


def _json(path: Path, without: Any) -> Any:
    return json.loads(path.read_text()).get("cases", without) if path.is_file() else without


def _measure_case(case: Case, fence: Fence, measured: Measured) -> None:
    mail = _read(case, fence, measured)
    if case.kind not in NO_MAILS:
        _compare(case, mail, measured)
        if mail:
            _classify(case, mail, measured)
            _keeps_new_lines(case, mail, measured)
    if mail:
        _is_storable(case, mail, measured)
    if case.kind == "reply-text":
        _trims(case, measured)
    if case.kind == "reply-html":
        as_mail = b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + case.raw
        _replies(case, "reply, HTML of mailers: exact", fence.read(as_mail).reply, measured)
    if case.kind == "reply-eml" and mail:
        _replies(case, "reply, mails of seven mailers: exact", mail.reply, measured)
    for source in _html_in(case):
        measured.note(
            "active content after sanitising", case.name, right=not active_content(safe_html(source)[0])
        )
    if mail and mail.html:
        measured.note("active content after sanitising", case.name, right=not active_content(mail.html))


def _read(case: Case, fence: Fence, measured: Measured) -> ParsedMail | None:
    started = time.monotonic()
    try:
        mail = fence.read(case.raw)
    except UnreadableMail as unreadable:
        measured.note("read", case.name, right=unreadable.sentence in HONEST)
        return None
    finally:
        measured.slowest = max(measured.slowest, time.monotonic() - started)
        measured.peak_bytes = max(measured.peak_bytes, fence.peak_bytes())
    measured.note("read", case.name, right=True)
    return mail


def _compare(case: Case, mail: ParsedMail | None, measured: Measured) -> None:
    """Each field that independent parsers agree on. A field the consensus lacks asserts nothing."""
    agreed = case.consensus
    if agreed.get("from"):
        measured.note(
            "from", case.name, right=bool(mail and mail.sender and mail.sender.address == agreed["from"])
        )
    if "subject" in agreed:
        measured.note(
            "subject", case.name, right=bool(mail and _folded(mail.subject) == _folded(agreed["subject"]))
        )
    if "message_id" in agreed:
        measured.note("message_id", case.name, right=bool(mail and mail.message_id == agreed["message_id"]))
    if "text" in agreed:
        measured.note("text", case.name, right=bool(mail and _folded(mail.text) == _folded(agreed["text"])))
    if "named_attachments" in agreed:
        wanted = Counter(one["sha256"] for one in agreed["named_attachments"])
        got = Counter(file.sha256 for file in mail.files) if mail else Counter()
        measured.note("attachments", case.name, right=not wanted - got)


def _classify(case: Case, mail: ParsedMail, measured: Measured) -> None:
    is_bounce = mail.outcome is Outcome.BOUNCE
    if case.kind == "bounce":
        measured.note("bounces recognised", case.name, right=is_bounce)
    elif case.kind not in REPORTS:
        measured.note("other mail taken for a bounce", case.name, right=not is_bounce)
    if case.kind == "autoreply":
        measured.note("automatic answers recognised", case.name, right=mail.automatic is not None)


def _is_storable(case: Case, mail: ParsedMail, measured: Measured) -> None:
    words = "".join(
        (mail.subject, mail.text, mail.reply, mail.html or "", *(file.name for file in mail.files))
    )
    refused = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", words)
    measured.note("text a database refuses", case.name, right=refused is None)


def _trims(case: Case, measured: Measured) -> None:
    text = decode_text(case.raw, "utf-8")
    reply = reply_text(text)
    if "reply_text" in case.expected:
        wanted = case.expected["reply_text"]
        elided = {_folded(line) for line in case.expected.get("elided", "").split("\n") if line.strip()}
        left = elided & {_folded(line) for line in reply.split("\n")}
        measured.note("reply, trimmer set: exact", case.name, right=_folded(reply) == _folded(wanted))
        measured.note(
            "reply, trimmer set: lost over 10 % of words", case.name, right=not _lost(wanted, reply)
        )
        measured.note("reply, trimmer set: quoted line left", case.name, right=not left)
    if "must_include" in case.expected:
        kept = all(_folded(one) in _folded(reply) for one in case.expected["must_include"])
        gone = not any(_folded(one) in _folded(reply) for one in case.expected["must_exclude"])
        measured.note("reply, multilingual set: pass", case.name, right=kept and gone)
        measured.note("reply, multilingual set: lost", case.name, right=kept)


def _replies(case: Case, name: str, reply: str, measured: Measured) -> None:
    if "reply_text" in case.expected:
        wanted = case.expected["reply_text"]
        # What stands below the signature mark is no part of an answer, whichever parser is asked.
        plain = re.split(r"(?m)^-- ?$", wanted)[0]
        right = re.sub(r"\s", "", reply) in {re.sub(r"\s", "", one) for one in (wanted, plain)}
        measured.note(name, case.name, right=right)


def _keeps_new_lines(case: Case, mail: ParsedMail, measured: Measured) -> None:
    """The rule of list mail: lines without a mark are new, but for attribution and signature."""
    lines = re.split(r"(?m)^-- ?$", mail.text)[0].split("\n")
    quoted = [number for number, line in enumerate(lines) if line.startswith(">")]
    if not quoted or mail.outcome is not Outcome.MESSAGE:
        return
    above = {number - step for number in quoted for step in (1, 2, 3)}
    new = [
        line.strip()
        for number, line in enumerate(lines)
        if line.strip() and not line.startswith(">") and not (number in above and _announces(lines, number))
    ]
    if not new:
        return
    kept = Counter(line.strip() for line in mail.reply.split("\n"))
    missing = sum((Counter(new) - kept).values())
    name = "reply, mails with quotation: "
    measured.of[name + "new lines kept"] += len(new)
    measured.right[name + "new lines kept"] += len(new) - missing
    measured.note(name + "lost over 10 %", case.name, right=missing <= 0.1 * len(new))
    left = any(line.startswith(">") for line in mail.reply.split("\n"))
    measured.note(name + "quoted line left", case.name, right=not left)


def _announces(lines: list[str], number: int) -> bool:
    paragraph = []
    for line in lines[number:]:
        if line.startswith(">"):
            break
        paragraph.append(line.strip())
    return " ".join(paragraph).strip().endswith((":", "："))


def _lost(wanted: str, got: str) -> bool:
    words = Counter(wanted.split())
    return sum((words - Counter(got.split())).values()) > 0.1 * sum(words.values())


def _folded(text: str) -> str:
    return " ".join(text.split())


def _html_in(case: Case) -> Iterable[str]:
    if case.kind in {"html-sanitise", "html", "reply-html"}:
        text = decode_text(case.raw, None)
        yield text
        # Feeds carry their markup escaped.
        yield html.unescape(text)


class _Watcher(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.active.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {
                "rel",
                "target",
            } or name.startswith("on"):
                self.active.append(f"{tag} {name}")
            scheme = re.match(r"[\s\x00-\x20]*([a-zA-Z][\w+.-]*)\s*:", value or "")
            if name in {"href", "src"} and (not scheme or scheme.group(1).lower() not in SCHEMES):
                self.active.append(f"{tag} {name}={value}")
            if name == "src" or (
                name == "style" and re.search(r"(?i)url|expression|position|\\", value or "")
            ):
                self.active.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.active.append("<!--")

    def handle_decl(self, decl: str) -> None:
        self.active.append("<!")


def active_content(source: str) -> list[str]:
    """What in sanitised HTML could run, load, overlay or is simply not on the allow list."""
    watcher = _Watcher()
    watcher.feed(source)
    watcher.close()
    return watcher.active


def default_folder() -> Path:
    """Where the corpora are: as told, or beside the checkout."""
    return Path(os.environ.get("DESK_CORPORA") or ROOT.parent / "shared" / "corpora") / "mail"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
