"""The form with many processes says what the commands and the settings are called today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.cli import COMMANDS
from desk.cli.processes import BODIES
from desk.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text()
BALANCER = (ROOT / "deploy" / "haproxy.cfg").read_text()
OF_THE_DEMO = {"traffic"}


def test_every_process_behind_the_web_is_a_service() -> None:
    services = set(re.findall(r"^  ([a-z]+):$", COMPOSE, re.MULTILINE))
    assert BODIES.keys() - OF_THE_DEMO <= services
    assert {"web", "migrate", "balancer", "postgres", "redis"} <= services


def test_every_command_is_one_of_desk() -> None:
    commands = set(re.findall(r"command: \[([a-z]+)\]", COMPOSE))
    assert {"web", "worker", "migrate"} <= commands <= COMMANDS.keys()


def test_every_setting_is_one() -> None:
    names = {name.removesuffix("_FILE").lower() for name in re.findall(r"DESK_([A-Z_]+):", COMPOSE)}
    assert {"home", "database_url", "secret_key"} <= names <= Settings.model_fields.keys()


@pytest.mark.parametrize("text", [COMPOSE, BALANCER], ids=["compose.yaml", "haproxy.cfg"])
def test_the_web_is_asked_where_it_listens(text: str) -> None:
    ports = set(re.findall(r"(?:127\.0\.0\.1|web):(\d+)(?:/health|\s)", text))
    assert ports == {str(Settings.model_fields["port"].default)}
