"""The command line: one table of commands, each imported only when it is called.

A command is a file of its own that names a click command; its line in COMMANDS is all that `--help` and
the shell's completion read, so that both answer at once.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

import desk
from desk.model.errors import DeskError


@dataclass(frozen=True)
class Entry:
    """Where a command is found (`module:attribute`), and its line in the help."""

    target: str
    help: str
    hidden: bool = False


COMMANDS: Mapping[str, Entry] = {
    "run": Entry("desk.cli.run:run", "Start the whole desk on this machine and keep it running."),
    "doctor": Entry("desk.cli.doctor:doctor", "Check every part and say what to do."),
    "migrate": Entry("desk.cli.migrate:migrate", "Bring the database's schema up to date."),
    "user": Entry("desk.cli.user:user", "Add, list and disable the people who work here."),
    "token": Entry("desk.cli.token:token", "Create and revoke keys for programs."),
    "channel": Entry("desk.cli.channel:channel", "Add, list and test the ways customers reach the desk."),
    "route": Entry("desk.cli.route:route", "Explain why a case is with its agent, or why it waits."),
    "case": Entry("desk.cli.case:case", "Show a case with its history."),
    "import": Entry("desk.cli.import_mail:import_mail", "Take mail from .eml, mbox and maildir, silently."),
    "purchases": Entry("desk.cli.purchases:purchases", "Take purchases in, and let systems call with them."),
    "entitlements": Entry("desk.cli.entitlements:entitlements", "Take warranties and contracts in."),
    "export": Entry("desk.cli.export:export", "Write what the desk knows as JSON lines."),
    "value": Entry("desk.cli.value:value", "Tell what each customer is worth, without a database."),
    "articles": Entry("desk.cli.articles:articles", "Write articles to Markdown files, and take files in."),
    "parse": Entry("desk.cli.parse:parse", "Show what the desk reads in a mail, without a database."),
    "simulate": Entry(
        "desk.cli.simulate:simulate", "Compare routing policies on made-up days, or on those that were."
    ),
    "topics": Entry("desk.cli.topics:topics", "Find what a file of questions is about, without a database."),
    "questions": Entry("desk.cli.questions:questions", "Read what customers ask, and find its topics now."),
    "proposals": Entry("desk.cli.proposals:proposals", "Propose what to change, and measure the effect."),
    "figures": Entry("desk.cli.figures:figures", "Compare what is kept for figures with the messages."),
    "staff": Entry("desk.cli.staff:staff", "Tell how many agents each half hour takes."),
    "completion": Entry("desk.cli.completion:completion", "Print the completion script of your shell."),
    "web": Entry("desk.cli.web:web", "One process: answer browsers and programs."),
    "worker": Entry("desk.cli.processes:worker", "One process: deliver replies and offer work."),
    "relay": Entry("desk.cli.processes:relay", "One process: tell workers and screens what happened."),
    "clock": Entry("desk.cli.processes:clock", "One process: find what is due."),
    "mailroom": Entry("desk.cli.processes:mailroom", "One process: fetch, take in and read mail."),
    "analyst": Entry("desk.cli.processes:analyst", "One process: read what is asked, and find topics."),
    "traffic": Entry("desk.cli.processes:traffic", "One process: the customers of the demo.", hidden=True),
}


_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})
"""What an operator can mend; any other trouble of the machine keeps its trace."""


class LazyGroup(click.Group):
    """A group that knows its commands by a table; errors of ours end as a sentence, not as a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return load(entry.target) if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in _shown()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        commands = [
            CompletionItem(name, help=entry.help) for name, entry in _shown() if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeskError as error:
            raise click.ClickException(error.sentence) from error
        except OSError as error:
            if error.errno not in _OF_THE_DISK:
                raise
            what = error.filename or "A file"
            raise click.ClickException(f"{what} cannot be read or written: {error.strerror}.") from error


def load(target: str) -> Any:
    """The object that `module:attribute` names; a command, or the body of a process."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _shown() -> Iterator[tuple[str, Entry]]:
    return ((name, entry) for name, entry in COMMANDS.items() if not entry.hidden)


@click.command(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(desk.__version__, prog_name="desk")
def main() -> None:
    """Desk: a contact centre and omnichannel service desk.

    Settings are read from the environment (DESK_…); docs/operating.md lists them.
    """
