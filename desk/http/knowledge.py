"""Articles beside a case: suggested, put into answers, made of a case, flagged as wrong."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint
from pydantic import Field

from desk.actions.knowledge.article_views import article_shown, flag_shown
from desk.actions.knowledge.at_work import (
    article_from_case,
    articles_to_insert,
    flag_article,
    settle_flag,
    suggestions_for,
    unuse_article,
    use_article,
)
from desk.actions.knowledge.contradictions import dismiss_contradiction, restore_contradiction
from desk.actions.knowledge.help_searches import drop_synonyms, keep_synonyms
from desk.actions.knowledge.upkeep import upkeep_shown
from desk.http.entrance import Asked, allow, body, ground, query, reading, work
from desk.model.knowledge import LONGEST_NOTE, UseKind
from desk.model.permission import Permission
from desk.store.knowledge.help_searches import synonyms_kept

blueprint = Blueprint("knowledge", __name__)


class SynonymsAsked(Asked):
    words: list[str] = Field(min_length=1, max_length=40)


class UpkeepAsked(Asked):
    days: int = Field(90, ge=1, le=180)


class WordsAsked(Asked):
    q: str = Field("", max_length=200)


class UseAsked(Asked):
    kind: Literal["link", "text"]


class DraftAsked(Asked):
    collection_id: int = Field(ge=1)


class FlagAsked(Asked):
    """`case_id` is the case in which it was noticed."""

    note: str = Field(min_length=1, max_length=LONGEST_NOTE)
    case_id: int | None = Field(None, ge=1)


@blueprint.get("/cases/<int:case_id>/articles")
@allow(Permission.READ_CASES)
def suggested(case_id: int) -> dict[str, Any]:
    """Articles that may answer the case, with the reason; and those that have served it."""
    with reading() as w:
        return suggestions_for(w, case_id, ground().settings.public_url)


@blueprint.get("/articles/found")
@allow(Permission.READ_ARTICLES)
@query(WordsAsked)
def found(query: WordsAsked) -> dict[str, Any]:
    """Published articles by words, as search in the help centre finds them, internal ones too."""
    with reading() as w:
        return {"rows": articles_to_insert(w, query.q, ground().settings.public_url)}


@blueprint.put("/cases/<int:case_id>/articles/<int:article_id>")
@allow(Permission.WORK_CASES)
@body(UseAsked)
def used(case_id: int, article_id: int, body: UseAsked) -> dict[str, Any]:
    """Use an article in a case; answers with the text for the composer."""
    with work() as w:
        text = use_article(w, case_id, article_id, UseKind(body.kind), ground().settings.public_url)
        return {"text": text}


@blueprint.delete("/cases/<int:case_id>/articles/<int:article_id>")
@allow(Permission.WORK_CASES)
def unused(case_id: int, article_id: int) -> None:
    """It did not serve the case after all."""
    with work() as w:
        unuse_article(w, case_id, article_id)


@blueprint.post("/cases/<int:case_id>/article")
@allow(Permission.EDIT_ARTICLES)
@body(DraftAsked)
def drafted(case_id: int, body: DraftAsked) -> tuple[dict[str, Any], int]:
    """A draft out of the case's question and answer, with what is private masked."""
    with work() as w:
        made = article_from_case(w, case_id, body.collection_id, ground().settings.public_url)
        return article_shown(w, made.id), 201


@blueprint.post("/articles/<int:article_id>/flags")
@allow(Permission.EDIT_ARTICLES)
@body(FlagAsked)
def flagged(article_id: int, body: FlagAsked) -> tuple[dict[str, Any], int]:
    """Say what is wrong with an article."""
    with work() as w:
        return flag_shown(flag_article(w, article_id, body.note, case_id=body.case_id), w.actor.name), 201


@blueprint.put("/flags/<int:flag_id>/settlement")
@allow(Permission.EDIT_ARTICLES)
def settled(flag_id: int) -> None:
    """It is put right, or was right."""
    with work() as w:
        settle_flag(w, flag_id)


@blueprint.put("/article-contradictions/<int:contradiction_id>/dismissal")
@allow(Permission.EDIT_ARTICLES)
def dismissed(contradiction_id: int) -> None:
    """The two articles do not contradict each other; holds until either changes."""
    with work() as w:
        dismiss_contradiction(w, contradiction_id)


@blueprint.delete("/article-contradictions/<int:contradiction_id>/dismissal")
@allow(Permission.EDIT_ARTICLES)
def restored(contradiction_id: int) -> None:
    """They do after all."""
    with work() as w:
        restore_contradiction(w, contradiction_id)


@blueprint.get("/upkeep")
@allow(Permission.EDIT_ARTICLES)
@query(UpkeepAsked)
def upkeep(query: UpkeepAsked) -> dict[str, Any]:
    """What of the help centre waits for somebody: flags, reviews, old articles, vain searches."""
    with reading() as w:
        return upkeep_shown(w, days=query.days)


@blueprint.get("/synonyms")
@allow(Permission.READ_ARTICLES)
def synonyms() -> dict[str, Any]:
    """Words and phrases that search takes for one another, group by group."""
    with reading() as w:
        return {"rows": [{"id": one.id, "words": one.words} for one in synonyms_kept(w.session)]}


@blueprint.post("/synonyms")
@allow(Permission.PUBLISH_ARTICLES)
@body(SynonymsAsked)
def synonyms_added(body: SynonymsAsked) -> tuple[dict[str, Any], int]:
    """Another group of them."""
    with work() as w:
        kept = keep_synonyms(w, body.words)
        return {"id": kept.id, "words": kept.words}, 201


@blueprint.put("/synonyms/<int:group_id>")
@allow(Permission.PUBLISH_ARTICLES)
@body(SynonymsAsked)
def synonyms_changed(group_id: int, body: SynonymsAsked) -> dict[str, Any]:
    """Other words in the group."""
    with work() as w:
        kept = keep_synonyms(w, body.words, group_id)
        return {"id": kept.id, "words": kept.words}


@blueprint.delete("/synonyms/<int:group_id>")
@allow(Permission.PUBLISH_ARTICLES)
def synonyms_dropped(group_id: int) -> None:
    """They do not mean the same after all."""
    with work() as w:
        drop_synonyms(w, group_id)
