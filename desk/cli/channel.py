"""`desk channel`: the ways customers reach the desk, for whoever runs it."""

from __future__ import annotations

import sys
from typing import Any

import click

from desk.actions.setup.channel_checks import checks_in_desk
from desk.actions.setup.channels import add_channel, change_channel, channel_shown, secrets_of, trial_of
from desk.channels.checking import check_channel
from desk.channels.sms.webhooks import messages_url
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.model.channel import Channel
from desk.model.errors import NotFound
from desk.store.channels import all_channels, find_by_name
from desk.store.unit_of_work import Work
from desk.store.vault import Vault

_PORT = click.IntRange(1, 65535)
_TLS = click.Choice(["tls", "starttls", "plain"])


@click.group()
def channel() -> None:
    """Add, list and test the ways customers reach the desk."""


@channel.group()
def add() -> None:
    """A new channel."""


@add.command()
@click.argument("address")
@click.option("--name", help="How agents know it; the address unless given.")
@click.option(
    "--imap-host", help="Mail server to fetch from; without one, mail is handed over by SMTP or LMTP."
)
@click.option("--imap-port", type=_PORT)
@click.option("--imap-tls", type=_TLS, default="tls", show_default=True)
@click.option("--imap-user", help="Unless given, the address.")
@click.option("--imap-folder", default="INBOX", show_default=True)
@click.option("--after-fetch", default="leave", show_default=True, help="leave, flag, or move:FOLDER.")
@click.option("--smtp-host", help="Mail server that takes our answers.")
@click.option("--smtp-port", type=_PORT)
@click.option("--smtp-tls", type=_TLS, default="starttls", show_default=True)
@click.option("--smtp-user", help="Unless given, the address; empty for a relay that asks for none.")
@click.option("--acknowledge", is_flag=True, help="Tell a new customer that the mail has arrived.")
@click.option("--password-stdin", is_flag=True, help="Read the mailbox's password from standard input.")
def email(address: str, password_stdin: bool, **given: Any) -> None:
    """An email address of ours. Asks for the password of its mailbox where it needs one."""
    needs_password = bool(given["imap_host"]) or bool(given["smtp_host"] and given["smtp_user"] != "")
    password = _password(address, from_stdin=password_stdin) if needs_password else None
    with desk_at_hand("channel") as (settings, store):
        vault = Vault(settings.secret_key)
        with store.unit_of_work(COMMAND_LINE) as work:
            made = add_channel(work, _wanted(address, password, given), vault)
            click.echo(
                f"{made.address} is channel {made.id}. `desk channel test {made.address}` tries it out."
            )


@add.command()
@click.argument("name")
@click.option(
    "--site",
    "sites",
    multiple=True,
    required=True,
    help="Whose pages may show it, e.g. https://shop.example; may be given several times.",
)
@click.option("--colour", help="Of the brand, e.g. #7a4e2d; darkened until white words can be read on it.")
def chat(name: str, sites: tuple[str, ...], colour: str | None) -> None:
    """A chat for the pages of a shop."""
    wanted = {"sites": list(sites)} | ({"colour": colour} if colour else {})
    with desk_at_hand("channel") as (settings, store):
        vault = Vault(settings.secret_key)
        with store.unit_of_work(COMMAND_LINE) as work:
            made = add_channel(work, {"kind": "chat", "name": name, "chat": wanted}, vault)
            secret = secrets_of(made, vault)["identity_secret"]
    click.echo(
        f"{name} is channel {made.id}. Put this into the pages of your shop:\n\n"
        f'<script src="{settings.public_url}/static/widget/loader.js" data-site="{made.address}" async>'
        "</script>\n\n"
        f"Your shop signs who its customers are with this secret, which is not shown again:\n{secret}"
    )


@add.command()
@click.argument("name", default="Contact form")
@click.option("--address", default="help-centre", show_default=True, help="Its short name.")
def form(name: str, address: str) -> None:
    """The contact form of the help centre."""
    with desk_at_hand("channel") as (settings, store), store.unit_of_work(COMMAND_LINE) as work:
        wanted = {"kind": "form", "name": name, "address": address}
        made = add_channel(work, wanted, Vault(settings.secret_key))
        click.echo(f"{made.name} is channel {made.id}. It stands at {settings.public_url}/help/contact.")


@add.command()
@click.argument("number")
@click.option("--name", help="How agents know it; the number unless given.")
@click.option("--account-sid", required=True, help="Of the account at Twilio; begins with AC.")
@click.option("--messaging-service-sid", help="Sends through a messaging service; begins with MG.")
@click.option("--country", "countries", multiple=True, help="May be written to; its own unless given.")
@click.option("--daily-limit", type=click.IntRange(1, 1_000_000), help="Segments a day at most.")
@click.option("--token-stdin", is_flag=True, help="Read the account's auth token from standard input.")
def sms(number: str, token_stdin: bool, name: str | None, **given: Any) -> None:
    """A number of ours at Twilio, `+44…` or `whatsapp:+44…`. Asks for the account's auth token."""
    token = sys.stdin.readline().strip() if token_stdin else click.prompt("Auth token", hide_input=True)
    part = {key: value for key, value in given.items() if value} | {"auth_token": token}
    with desk_at_hand("channel") as (settings, store):
        wanted = {"kind": "sms", "address": number, "name": name, "sms": part}
        with store.unit_of_work(COMMAND_LINE) as work:
            made = add_channel(work, wanted, Vault(settings.secret_key))
            paste = messages_url(settings.public_url, made.id)
            click.echo(
                f"{made.address} is channel {made.id}. `desk channel test {made.address}` tries it out."
            )
            click.echo(f"At Twilio, give the number this webhook for messages that come in: {paste}")


@channel.command(name="list")
def listed() -> None:
    """Every channel, and how it stands."""
    with desk_at_hand("channel") as (_, store), store.reading(COMMAND_LINE) as work:
        rows = [channel_shown(one) for one in all_channels(work.session)]
    if not rows:
        click.echo("There is no channel yet. `desk channel add email ADDRESS` makes one.")
    for row in rows:
        trouble = f"  {row['trouble']}" if row["trouble"] else ""
        click.echo(f"{row['id']:>3}  {row['kind']:<6} {row['address']:<40} {row['state']}{trouble}")


@channel.command()
@click.argument("name")
def test(name: str) -> None:
    """Connect to the channel's servers and say what is wrong; nothing is fetched or sent."""
    with desk_at_hand("channel") as (settings, store), store.reading(COMMAND_LINE) as work:
        found = _channel(work, name)
        kind, config = found.kind, trial_of(found, settings)
        secrets = secrets_of(found, Vault(settings.secret_key))
        in_desk = checks_in_desk(work, found)
    checks = [*check_channel(kind, config, secrets), *in_desk]
    for check in checks:
        click.echo(f"{'ok ' if check.ok else 'BAD'} {check.part}: {check.sentence}")
    if not all(check.ok for check in checks):
        sys.exit(1)


@channel.command()
@click.argument("name")
def enable(name: str) -> None:
    """Switch a channel on."""
    _switch(name, enabled=True)


@channel.command()
@click.argument("name")
def disable(name: str) -> None:
    """Switch a channel off; what it carried stays."""
    _switch(name, enabled=False)


def _switch(name: str, *, enabled: bool) -> None:
    with desk_at_hand("channel") as (settings, store), store.unit_of_work(COMMAND_LINE) as work:
        found = _channel(work, name)
        change_channel(work, found.id, {"enabled": enabled}, Vault(settings.secret_key))
        click.echo(f"{found.address} is {'on' if enabled else 'off'}.")


def _channel(work: Work, name: str) -> Channel:
    found = find_by_name(work.session, name)
    if found is None:
        raise NotFound(f"There is no channel {name}. `desk channel list` shows them.")
    return found


def _password(address: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password: str = click.prompt(f"Password of {address}", hide_input=True)
    return password


def _wanted(address: str, password: str | None, given: dict[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {"address": address, "name": given["name"], "acknowledge": given["acknowledge"]}
    if given["imap_host"]:
        wanted["imap"] = {
            "host": given["imap_host"],
            "port": given["imap_port"],
            "tls": given["imap_tls"],
            "username": given["imap_user"] or address,
            "password": password,
            "folder": given["imap_folder"],
            "after_fetch": given["after_fetch"],
        }
    if given["smtp_host"]:
        user = address if given["smtp_user"] is None else given["smtp_user"]
        wanted["smtp"] = {
            "host": given["smtp_host"],
            "port": given["smtp_port"],
            "tls": given["smtp_tls"],
            "username": user,
            "password": password if user else None,
        }
    return wanted
