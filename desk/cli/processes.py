"""The processes that work behind the web: each a command, so that any supervisor can run it."""

from __future__ import annotations

import click

from desk.cli.process import run_process

BODIES = {
    "worker": "desk.jobs.worker:run",
    "relay": "desk.jobs.relay:run",
    "clock": "desk.jobs.clock:run",
    "mailroom": "desk.jobs.mailroom:run",
    "analyst": "desk.jobs.analyst:run",
    "traffic": "desk.demo:run",
}
"""Each body is `run(settings, stop)` and returns soon after `stop` is set."""


def _process(name: str, help_text: str) -> click.Command:
    @click.command(name, help=f"{help_text}\n\nRuns until SIGTERM, then finishes what it holds.")
    @click.option("--supervisor", type=int, hidden=True, help="Number of the process to end with.")
    def command(supervisor: int | None) -> None:
        run_process(name, BODIES[name], supervisor=supervisor)

    return command


worker = _process(
    "worker", "Deliver messages, read texts and offer work, at a bell and when a sweep finds it."
)
relay = _process("relay", "Hand the journal on, to workers as doorbells and to screens as ids.")
clock = _process("clock", "Find what is due: offers that lapse, snoozes that end, chats that fall silent.")
mailroom = _process("mailroom", "Fetch mail from mailboxes, take it in at the SMTP door, and read it.")
analyst = _process("analyst", "Read what customers ask, find its topics, and see which of them rise.")
traffic = _process("traffic", "Write as the customers of the demo.")
