"""`desk articles`: the help centre as Markdown files, out and in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from desk.actions.exports import note_export
from desk.actions.knowledge.article_files import articles_as_files, import_article
from desk.cli.servers import COMMAND_LINE, desk_at_hand
from desk.model.article import LONGEST_BODY
from desk.model.errors import DeskError, Invalid

LARGEST = 4 * LONGEST_BODY + 64 * 1024
"""A file of more bytes cannot hold an article; it is not even read."""
MARKDOWN = (".md", ".markdown")


@click.group()
def articles() -> None:
    """Write the help centre's articles to Markdown files, and take files in."""


@articles.command("export")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
def export(path: Path) -> None:
    """Write every article that is not archived below PATH, one file each, a folder a collection."""
    count = 0
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{path} cannot be written to: {error.strerror}.") from error
    with desk_at_hand("articles") as (_, store):
        with store.unit_of_work(COMMAND_LINE) as work:
            note_export(work, "articles", {})
        with store.reading(COMMAND_LINE) as work:
            for one in articles_as_files(work):
                target = path / one.path
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(one.content)
                except OSError as error:
                    raise Invalid(f"{target} cannot be written: {error.strerror}.") from error
                count += target.suffix == ".md"
    click.echo(f"{count} articles written to {path}.")


@articles.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_(path: Path) -> None:
    """Take in a Markdown file, or every one below a folder: new articles, and changes of those known by slug.

    Each file is taken in whole or not at all, and each has its line. Run again, it changes nothing.
    """
    if path.is_file() and path.suffix.lower() not in MARKDOWN:
        raise Invalid(f"{path} is no Markdown file: its name does not end in .md.")
    files = [path] if path.is_file() else sorted(path.rglob("*.md"))
    if not files:
        raise Invalid(f"There is no file that ends in .md below {path}.")
    refused = 0
    root = path.parent if path.is_file() else path
    with desk_at_hand("articles") as (_, store):
        # What others translate comes first, whatever the order of the names.
        for file in sorted(files, key=_is_translation):
            try:
                content = _read(file)
                with store.unit_of_work(COMMAND_LINE) as work:
                    outcome = import_article(work, file.stem, content, _pictures_of(file, root))
            except DeskError as error:
                outcome, refused = f"refused: {error.sentence}", refused + 1
            click.echo(f"{file}: {outcome}")
    if refused:
        raise Invalid(f"{refused} of {len(files)} files were not taken in; their lines say why.")


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST:
        raise Invalid(f"The file is too large: an article has up to {LONGEST_BODY:,} characters.")
    return file.read_bytes()


def _is_translation(file: Path) -> bool:
    with file.open("rb") as opened:
        return b"\ntranslation_of:" in opened.read(4096)


def _pictures_of(file: Path, root: Path) -> Callable[[str], bytes | None]:
    """Reads what a text names beside itself, and nothing outside the folder that is imported."""

    def picture(path: str) -> bytes | None:
        target = (file.parent / path).resolve()
        inside = target.is_relative_to(root.resolve()) or target.is_relative_to(file.parent.resolve())
        return target.read_bytes() if inside and target.is_file() else None

    return picture
