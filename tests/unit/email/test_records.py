"""The DNS is asked once for a name, and not at all once it has fallen silent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from desk.channels.email.records import BATCH_SECONDS, LONGEST_RECORD, PAUSE_SECONDS, TextRecords
from desk.model.errors import Unavailable


@dataclass
class Nameserver:
    """Answers with `record`, or lets everybody wait; its clock moves only while it is asked."""

    record: bytes | None = b"v=DKIM1; p=x"
    silent: bool = False
    lasts: float = 300
    now: float = 0
    takes: float = 0.1
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str, seconds: float) -> tuple[bytes | None, float]:
        self.asked.append(name)
        self.now += seconds if self.silent else self.takes
        if self.silent:
            raise Unavailable("The DNS did not answer.")
        return self.record, self.lasts

    def records(self) -> TextRecords:
        return TextRecords(ask=self.ask, clock=lambda: self.now)


@pytest.mark.parametrize("record", [b"v=DKIM1; p=x", None])
def test_an_answer_is_kept_as_long_as_it_holds(record: bytes | None) -> None:
    server = Nameserver(record)
    records = server.records()
    assert [records.find("a.example"), records.find("a.example")] == [record, record]
    assert len(server.asked) == 1
    server.now += 301
    records.find("a.example")
    assert len(server.asked) == 2


def test_a_silent_server_costs_a_batch_at_most_its_seconds_and_the_next_ones_nothing() -> None:
    server = Nameserver(silent=True)
    records = server.records()
    for batch in range(3):
        records.begin()
        for number in range(20):
            with pytest.raises(Unavailable):
                records.find(f"{batch}.{number}.example")
    assert server.now <= BATCH_SECONDS
    server.now, server.silent = server.now + PAUSE_SECONDS, False
    assert records.find("a.example") == b"v=DKIM1; p=x"


def test_a_slow_server_is_not_waited_for_beyond_the_seconds_of_a_batch() -> None:
    server = Nameserver(takes=1.4)
    records = server.records()
    records.begin()
    for number in range(20):
        try:
            records.find(f"{number}.example")
        except Unavailable:
            break
    assert len(server.asked) == 3
    records.begin()
    assert records.find("later.example") == b"v=DKIM1; p=x"


def test_a_record_too_long_to_be_a_key_is_none() -> None:
    assert Nameserver(b"x" * (LONGEST_RECORD + 1)).records().find("a.example") is None
