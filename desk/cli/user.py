"""`desk user`: the people who work here, for the first of them and for bad days."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import select

from desk.actions.audit import audit
from desk.actions.signing_in import agent_by_email, end_sessions_of, set_password
from desk.cli.servers import desk_at_hand
from desk.model.agent import Agent
from desk.model.errors import Conflict, Invalid
from desk.model.permission import Role, system
from desk.store.unit_of_work import Work

_PASSWORD = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; otherwise one is made."
)


@click.group()
def user() -> None:
    """Add, list and disable the people who work here."""


@user.command()
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value)
@_PASSWORD
def add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Let somebody in. Prints the password, unless you gave it."""
    address = email.strip().lower()
    if address.count("@") != 1 or not name.strip():
        raise Invalid(f"“{email}” is not an address, or the name is empty.")
    with _work() as work:
        if work.session.scalar(select(Agent.id).where(Agent.email == address)):
            raise Conflict(f"{address} works here already. `desk user list` shows everybody.")
        agent = Agent(name=name.strip(), email=address, role=Role(role), created_at=work.now)
        work.session.add(agent)
        work.session.flush()
        audit(work, "agent added", f"agent:{agent.id}", {"role": role})
        _give_password(work, agent, from_stdin=password_stdin)
    click.echo(f"{agent.name} <{agent.email}> may sign in as {role}.")


@user.command("list")
def list_users() -> None:
    """Everybody who works here, and who did."""
    with _work() as work:
        for agent in work.session.scalars(select(Agent).order_by(Agent.email)):
            state = "" if agent.is_active else "  disabled"
            factor = "  second factor" if agent.totp_confirmed_at else ""
            click.echo(f"{agent.id:>5}  {agent.role:<8} {agent.email:<40} {agent.name}{factor}{state}")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep somebody out: their sessions and tokens end at once."""
    with _work() as work:
        agent = agent_by_email(work, email)
        agent.disabled_at = agent.disabled_at or datetime.now(UTC)
        end_sessions_of(work, agent.id)
    click.echo(f"{agent.name} cannot sign in any more.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let somebody in again."""
    with _work() as work:
        agent = agent_by_email(work, email)
        agent.disabled_at = None
        audit(work, "agent enabled", f"agent:{agent.id}")
    click.echo(f"{agent.name} may sign in again.")


@user.command()
@click.argument("email")
@click.option(
    "--end-second-factor", is_flag=True, help="Also forget the second factor, e.g. of a lost phone."
)
@_PASSWORD
def password(email: str, end_second_factor: bool, password_stdin: bool) -> None:
    """Give somebody a new password; their sessions end."""
    with _work() as work:
        agent = agent_by_email(work, email)
        if end_second_factor:
            agent.totp_secret = agent.totp_confirmed_at = agent.totp_last_step = None
            agent.recovery_codes = []
            audit(work, "second factor turned off", f"agent:{agent.id}")
        _give_password(work, agent, from_stdin=password_stdin)
    click.echo(f"{agent.name} has a new password.")


@contextmanager
def _work() -> Iterator[Work]:
    with desk_at_hand("user") as (_, store), store.unit_of_work(system("command line")) as work:
        yield work


def _give_password(work: Work, agent: Agent, *, from_stdin: bool) -> None:
    given = sys.stdin.readline().rstrip("\r\n") if from_stdin else None
    made = secrets.token_urlsafe(12)
    set_password(work, agent, given if given is not None else made)
    if given is None:
        click.echo(f"Password: {made}")
