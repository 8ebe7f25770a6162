"""`desk completion`: the script that lets a shell complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

import desk.cli


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash:  desk completion bash >> ~/.bashrc
    zsh:   desk completion zsh >> ~/.zshrc
    fish:  desk completion fish > ~/.config/fish/completions/desk.fish
    """
    script = get_completion_class(shell)
    if script is None:
        raise click.ClickException(f"There is no completion for {shell}.")
    click.echo(script(desk.cli.main, {}, "desk", "_DESK_COMPLETE").source())
