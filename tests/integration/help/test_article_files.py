"""The help centre as Markdown files: what goes out comes in again, and nothing comes in by halves."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from desk.actions.knowledge.article_files import articles_as_files, import_article
from desk.actions.knowledge.articles import archive_article, attach_file, publish_article, save_article
from desk.cli.articles import _pictures_of
from desk.model.article import Article, ArticleFile
from desk.model.errors import Invalid
from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf
from tests.people import STAGE, Cast

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def taken_in(store: Store, folder: Path) -> dict[str, str]:
    outcomes = {}
    for file in sorted(folder.rglob("*.md")):
        with store.unit_of_work(STAGE) as work:
            outcomes[file.stem] = import_article(
                work, file.stem, file.read_bytes(), _pictures_of(file, folder)
            )
    return outcomes


def written_to(store: Store, folder: Path) -> None:
    with store.reading(STAGE) as work:
        for one in articles_as_files(work):
            (folder / one.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / one.path).write_bytes(one.content)


def test_what_goes_out_comes_in_unchanged_and_a_change_comes_in_alone(
    store: Store, cast: Cast, shelf: Shelf, tmp_path: Path
) -> None:
    with store.unit_of_work(STAGE) as work:
        kept = attach_file(work, shelf.where.id, "map.png", PICTURE)
        body = f"Look here: ![map](/help/files/{kept.token})"
        article = save_article(work, shelf.where.id, {"body": body}, version=shelf.where.version)
        publish_article(work, article.id, version=article.version)
    written_to(store, tmp_path)
    assert set(taken_in(store, tmp_path).values()) == {"same"}

    file = tmp_path / "delivery" / "where-is-my-order.md"
    assert f"../files/{kept.token}.map.png" in file.read_text()
    file.write_text(file.read_text().replace("Look here", "Look there"))
    assert taken_in(store, tmp_path)["where-is-my-order"] == "changed"
    with store.reading(STAGE) as work:
        article = work.session.get_one(Article, shelf.where.id)
        assert article.shown_body is not None and article.shown_body.startswith(
            "Look there: ![map](/help/files/"
        )
        assert not article.has_unpublished_changes
        assert work.session.scalar(select(func.count()).select_from(ArticleFile)) == 1


def test_a_new_file_becomes_an_article_with_its_picture(store: Store, cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "ring.png").write_bytes(PICTURE)
    (tmp_path / "The Ring.md").write_text("![ring](files/ring.png)\n\nTurn it.")
    (tmp_path / "b.md").write_text(
        "---\ntitle: Dry beans\ncollection: Grinding\nstate: published\naudience: internal\n"
        f"owner: {cast.ada.email}\nreview: 2031-02-03\n---\nUse dry ones.\n"
    )
    assert taken_in(store, tmp_path) == {"The Ring": "new", "b": "new"}
    with store.reading(STAGE) as work:
        ring, beans = work.session.scalars(select(Article).order_by(Article.id))
        assert (ring.title, ring.slug, ring.state) == ("The ring", "the-ring", "draft")
        assert "/help/files/" in ring.body
        assert (beans.slug, beans.state, beans.audience, beans.owner_id) == (
            "b", "published", "internal", cast.ada.id
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: x\nstate: great\n---\nx", "no state; draft, published, archived are"),
        ("---\ntitle: x\nlanguage: English\n---\nx", "no language"),
        ("---\ntitle: x\nowner: nobody@desk.example\n---\nx", "Nobody here"),
        ("---\ntitle: x\nreview: soon\n---\nx", "no date"),
        ("---\ntitle: x\ntranslation_of: none\n---\nx", "could translate"),
        ("---\ntitle: x\nstate: published\n---\n", "empty"),
        ("![x](files/none.png)", "is not there"),
        ("![x](../../../../etc/hostname/files/none.png)", ""),
        ("---\nslug: where-is-my-order\n---\nx", "archived"),
        ("x" * 100_001, "characters"),
    ],
)
def test_a_wrong_file_is_named_and_leaves_nothing_behind(
    store: Store, shelf: Shelf, tmp_path: Path, text: str, words: str
) -> None:
    with store.unit_of_work(STAGE) as work:
        archive_article(work, shelf.where.id)
        before = work.session.scalar(select(func.count()).select_from(Article))
    (tmp_path / "wrong.md").write_text(text)
    if words:
        with pytest.raises(Invalid, match=words):
            taken_in(store, tmp_path)
    else:
        taken_in(store, tmp_path)
        before = (before or 0) + 1
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count()).select_from(Article)) == before


def test_bytes_that_are_no_text_are_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "wrong.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="UTF-8"):
        taken_in(store, tmp_path)


def test_a_text_reaches_no_file_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "secret").write_text("secret")
    inner = tmp_path / "in"
    inner.mkdir()
    read = _pictures_of(inner / "a.md", inner)
    assert read("../files/secret") is None and read("files/none") is None
