"""`desk token`: keys for programs, made and taken back."""

from __future__ import annotations

from datetime import timedelta

import click

from desk.actions.people.signing_in import agent_by_email
from desk.actions.people.tokens import make_token, revoke_token, tokens
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.model.permission import Permission


@click.group()
def token() -> None:
    """Create and revoke keys for programs."""


@token.command()
@click.argument("name")
@click.option("--for", "email", required=True, help="Address of the agent on whose behalf the program acts.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="A right the token has; may be given several times.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="The token expires after so many days.")
def create(name: str, email: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token and print it, this once."""
    with desk_at_hand("token") as (_, store), store.unit_of_work(COMMAND_LINE) as work:
        agent = agent_by_email(work, email)
        expires_at = work.now + timedelta(days=days) if days else None
        made = make_token(work, name=name, agent_id=agent.id, scopes=scopes, expires_at=expires_at)
    click.echo(made.secret)


@token.command()
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
def revoke(token_id: int) -> None:
    """Take a token back, by the number that `desk token list` shows."""
    with desk_at_hand("token") as (_, store), store.unit_of_work(COMMAND_LINE) as work:
        revoke_token(work, token_id)
    click.echo(f"Token {token_id} opens nothing any more.")


@token.command("list")
def list_tokens() -> None:
    """The tokens that were not revoked."""
    with desk_at_hand("token") as (_, store), store.reading(COMMAND_LINE) as work:
        for found in tokens(work):
            until = f"until {found.expires_at:%Y-%m-%d}" if found.expires_at else "for good"
            click.echo(f"{found.id:>5}  {found.prefix}…  {found.name}  {until}  {', '.join(found.scopes)}")
