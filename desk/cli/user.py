"""`desk user`: the people who work here, for the first of them and for bad days."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from desk.actions.people.agents import add_agent, change_agent, disable_agent
from desk.actions.people.signing_in import agent_by_email, set_password
from desk.actions.setup.audit import audit
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.model.agent import Agent
from desk.model.errors import Invalid
from desk.model.permission import Role
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
    if not name.strip():
        raise Invalid("The name is empty.")
    given = _given_password() if password_stdin else None
    with _work() as work:
        agent, made = add_agent(work, {"email": email, "name": name.strip(), "role": role, "password": given})
    if made:
        click.echo(f"Password: {made}")
    click.echo(f"{agent['name']} <{agent['email']}> may sign in as {role}.")


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
    """Keep somebody out: sessions and tokens end at once, and open cases go back in line."""
    with _work() as work:
        agent = agent_by_email(work, email)
        disable_agent(work, agent.id)
    click.echo(f"{agent.name} cannot sign in any more.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let somebody in again."""
    with _work() as work:
        agent = agent_by_email(work, email)
        change_agent(work, agent.id, {"active": True})
    click.echo(f"{agent.name} may sign in again.")


@user.command()
@click.argument("email")
@click.option(
    "--end-second-factor", is_flag=True, help="Also forget the second factor, e.g. of a lost phone."
)
@_PASSWORD
def password(email: str, end_second_factor: bool, password_stdin: bool) -> None:
    """Give somebody a new password; their sessions end."""
    chosen = _given_password() if password_stdin else secrets.token_urlsafe(12)
    with _work() as work:
        agent = agent_by_email(work, email)
        if end_second_factor:
            agent.totp_secret = agent.totp_confirmed_at = agent.totp_last_step = None
            agent.recovery_codes = []
            audit(work, "second factor turned off", f"agent:{agent.id}")
        set_password(work, agent, chosen)
    if not password_stdin:
        click.echo(f"Password: {chosen}")
    click.echo(f"{agent.name} has a new password.")


@contextmanager
def _work() -> Iterator[Work]:
    with desk_at_hand("user") as (_, store), store.unit_of_work(COMMAND_LINE) as work:
        yield work


def _given_password() -> str:
    """The first line of standard input. Raises Invalid for an empty one, which would mean to make one."""
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise Invalid("No password came by standard input.")
    return given
