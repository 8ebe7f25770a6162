"""The command line answers at once, and its table tells the truth."""

from __future__ import annotations

import errno
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from desk.cli import COMMANDS, LazyGroup, load, main
from desk.model.errors import Misconfigured

SHOWN = [name for name, entry in COMMANDS.items() if not entry.hidden]


def test_help_lists_every_command_with_its_line() -> None:
    said = CliRunner().invoke(main, ["--help"]).output
    for name in SHOWN:
        assert f"  {name} " in said
        assert COMMANDS[name].help.split(".")[0][:30] in said


def test_help_imports_none_of_the_commands() -> None:
    program = (
        "import sys\nfrom desk.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print('heavy:', sorted({'sqlalchemy', 'flask', 'redis', 'psycopg', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"traffic"}))
def test_every_command_is_where_the_table_says_and_has_help(name: str) -> None:
    command = load(COMMANDS[name].target)
    assert isinstance(command, click.Command)
    assert command.help


def test_an_error_of_ours_is_a_sentence_and_no_trace() -> None:
    @click.command(cls=LazyGroup, invoke_without_command=True)
    def group() -> None:
        raise Misconfigured("The sky is not set up.")

    ended = CliRunner().invoke(group, [])
    assert ended.exit_code == 1
    assert ended.output == "Error: The sky is not set up.\n"


def test_a_full_disk_is_a_sentence_and_no_trace() -> None:
    @click.command(cls=LazyGroup, invoke_without_command=True)
    def group() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/desk/run.lock")

    ended = CliRunner().invoke(group, [])
    assert ended.exit_code == 1
    assert ended.output == "Error: /srv/desk/run.lock cannot be read or written: No space left on device.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_shell(shell: str) -> None:
    said = CliRunner().invoke(main, ["completion", shell]).output
    assert "_DESK_COMPLETE" in said


@pytest.mark.parametrize("option", ["--imap-port", "--smtp-port"])
def test_a_port_that_cannot_be_is_refused_before_anything_starts(option: str) -> None:
    ended = CliRunner().invoke(main, ["channel", "add", "email", "help@shop.example", option, "99999"])
    assert ended.exit_code == 2
    assert "65535" in ended.output


@pytest.mark.parametrize(
    "words",
    [
        ["token", "create", "x", "--for", "ada@desk.example", "--scope", "export", "--days", "999999999"],
        ["token", "revoke", "99999999999999999999"],
        ["case", "show", "99999999999999999999"],
    ],
    ids=" ".join,
)
def test_a_number_beyond_all_bounds_is_refused_before_anything_starts(words: list[str]) -> None:
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 2
    assert "is not in the range" in ended.output
