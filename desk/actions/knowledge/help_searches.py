"""Searches of the help centre, kept without a person; and the synonyms that managers teach it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from desk.actions.setup.audit import audit
from desk.kb.synonyms import LONGEST_PHRASE, group_of
from desk.model.errors import Invalid
from desk.model.knowledge import LONGEST_SEARCH, HelpSearch, SearchDoor, Synonyms
from desk.model.masking import masked
from desk.model.permission import Permission
from desk.store.knowledge.articles import find_published
from desk.store.knowledge.help_searches import get_synonyms, note_opened
from desk.store.unit_of_work import Work

MOST_WORDS = 20
LONGEST_WORD = 80


def keep_search(work: Work, words: str, found: int) -> str:
    """Note what was searched for, with what could name a person masked; the token that an opening shows."""
    token = secrets.token_urlsafe(12)
    work.session.add(HelpSearch(token=token, words=_plain(words), found=found, at=work.now))
    return token


def keep_opened(work: Work, slug: str, *, token: str = "", words: str = "") -> None:
    """An article was opened out of a search: one that was kept (`token`), or one while typing (`words`)."""
    article = find_published(work.session, slug)
    if article is None:
        return
    if token:
        note_opened(work.session, token, article.id)
    elif plain := _plain(words):
        kept = HelpSearch(
            token=secrets.token_urlsafe(12), words=plain, found=1, at=work.now, door=SearchDoor.TYPING
        )
        kept.article_id = article.id
        work.session.add(kept)


def keep_synonyms(work: Work, words: Sequence[str], group_id: int | None = None) -> Synonyms:
    """Words that search takes for one another from now on. Raises Invalid for fewer than two, NotFound."""
    work.require(Permission.PUBLISH_ARTICLES)
    group = group_of(words)
    if len(group) < 2:
        raise Invalid("Give at least two words or phrases that mean the same.", "words")
    if len(group) > MOST_WORDS:
        raise Invalid(f"Up to {MOST_WORDS} words and phrases fit into one group.", "words")
    long = next((one for one in group if len(one) > LONGEST_WORD or len(one.split()) > LONGEST_PHRASE), None)
    if long is not None:
        raise Invalid(f"“{long[:LONGEST_WORD]}” is too long: up to {LONGEST_PHRASE} words.", "words")
    if group_id is None:
        kept = Synonyms(words=group)
        work.session.add(kept)
    else:
        kept = get_synonyms(work.session, group_id)
        kept.words = group
    work.session.flush()
    audit(work, "synonyms kept", f"synonyms:{kept.id}", {"words": group})
    return kept


def drop_synonyms(work: Work, group_id: int) -> None:
    """They do not mean the same after all. Raises NotFound."""
    work.require(Permission.PUBLISH_ARTICLES)
    kept = get_synonyms(work.session, group_id)
    audit(work, "synonyms dropped", f"synonyms:{kept.id}", {"words": kept.words})
    work.session.delete(kept)


def _plain(words: str) -> str:
    return " ".join(masked(words).split())[:LONGEST_SEARCH]
