"""The last guard of the log: neither a secret nor what a person wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from desk import logs
from desk.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield Settings(home=tmp_path, log_format="json")
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line: dict[str, object] = json.loads(capsys.readouterr().err.splitlines()[-1])
    return line


@pytest.mark.parametrize(
    "name", ["password", "api_token", "Authorization", "cookie", "client_secret", "text", "subject", "html"]
)
def test_a_value_that_is_named_like_a_secret_or_like_words_is_hidden(
    settings: Settings, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    logs.configure(settings, "test")
    structlog.get_logger().info("something", **{name: "hush", "case": 7})
    line = said(capsys)
    assert line[name] == logs.HIDDEN
    assert line["case"] == 7


def test_hiding_reaches_into_what_a_value_holds(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(settings, "test")
    structlog.get_logger().info("something", request={"headers": [{"cookie": "hush"}], "case": 7})
    assert said(capsys)["request"] == {"headers": [{"cookie": logs.HIDDEN}], "case": 7}


def test_a_line_of_a_library_has_our_form(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings, "test")
    logging.getLogger("somebody").warning("an old way to say %s", "it")
    line = said(capsys)
    assert (line["event"], line["process"], line["level"]) == ("an old way to say it", "test", "warning")


def test_what_a_library_tells_of_a_text_stays_out(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(settings.model_copy(update={"log_level": "debug"}), "test")
    logging.getLogger("twilio.http_client").info("Data: %s", {"To": "+4420", "Body": "hush"})
    assert capsys.readouterr().err == ""


class Said(list[tuple[str, str]]):
    """A log that remembers."""

    def warning(self, event: str, *, trouble: str) -> None:
        self.append((event, trouble))

    def info(self, event: str) -> None:
        self.append((event, ""))


def test_a_trouble_that_lasts_is_said_when_it_begins_changes_and_is_over() -> None:
    said = Said()
    waits = logs.LastingTrouble(said, "waits")
    away, refused = ConnectionError("Connection refused\nby the host"), ConnectionError("no such user")
    for error in (None, away, away, away, refused, None, None, away):
        waits.now(error)

    assert said == [
        ("waits", "ConnectionError: Connection refused"),
        ("waits", "ConnectionError: no such user"),
        ("waits_no_more", ""),
        ("waits", "ConnectionError: Connection refused"),
    ]


def test_it_is_said_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said()
    monkeypatch.setattr(logs, "AGAIN_SECONDS", 0)
    waits = logs.LastingTrouble(said, "waits")
    waits.met(ConnectionError())
    waits.met(ConnectionError())
    assert said == [("waits", "ConnectionError")] * 2
