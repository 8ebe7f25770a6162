"""Articles at work: suggested beside a case, put into an answer, made of a case, flagged as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.cases.history import note_change
from desk.actions.knowledge.articles import new_article
from desk.kb.drafting import draft_of
from desk.kb.likeness import fused, solved_alike
from desk.kb.plain import plain_text_of
from desk.kb.search import Telling, find_articles
from desk.model.article import DICTIONARIES, Article, Audience
from desk.model.case import Case
from desk.model.customer import Customer
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.events import ArticleChanged
from desk.model.knowledge import LONGEST_NOTE, ArticleFlag, UseKind
from desk.model.message import AuthorKind, MessageKind
from desk.model.permission import Permission
from desk.model.words import distinct_words
from desk.store.knowledge.article_search import Hit, languages_used
from desk.store.knowledge.articles import get_article, published_by_id
from desk.store.knowledge.at_work import (
    drop_use,
    get_flag,
    keep_use,
    served_in_like_cases,
    used_in,
    without_fillers,
)
from desk.store.messages.reading import first_words, said_between
from desk.store.unit_of_work import Work

SUGGESTED = 5
FOUND = 8
CASES_NAMED = 3
WORDS_COMPARED = 40


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article beside a case, and why: words that both hold, solved cases like it."""

    article: Article
    words: Sequence[str] = ()
    cases: Sequence[int] = ()


def suggestions_for(work: Work, case_id: int, public_url: str) -> dict[str, Any]:
    """Articles that may answer the case, and those that have served it already. Raises NotFound."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    work.require(Permission.READ_ARTICLES)
    used = used_in(work.session, case.id)
    served = {article.id for article, _ in used}
    return {
        "used": [_shown(Suggestion(article), public_url) | {"kind": kind.value} for article, kind in used],
        "rows": [_shown(one, public_url) for one in _suggested(work, case) if one.article.id not in served],
    }


def articles_to_insert(work: Work, words: str, public_url: str) -> list[dict[str, Any]]:
    """Published articles by what an agent types; the last word may be unfinished."""
    work.require(Permission.READ_ARTICLES)
    hits = find_articles(work.session, words, limit=FOUND, begun=True, internal=True, snippets=False).hits
    articles = published_by_id(work.session, [hit.id for hit in hits])
    return [_shown(Suggestion(articles[hit.id]), public_url) for hit in hits if hit.id in articles]


def use_article(work: Work, case_id: int, article_id: int, kind: UseKind, public_url: str) -> str:
    """The text to put into the answer; the article counts as used in the case from now on.

    Raises Invalid for an article that customers may not read, Conflict for one that is not published.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    article = get_article(work.session, article_id)
    if not article.is_published or article.shown_body is None:
        raise Conflict("The article is not published, so it cannot be sent to a customer.")
    if article.audience is Audience.INTERNAL:
        raise Invalid("The article is internal. Answer in your own words instead.")
    if keep_use(work.session, article.id, case.id, kind, at=work.now, agent_id=work.actor.agent_id):
        note_change(work, case, "article", _used(work, article, kind), after=article.id)
    if kind is UseKind.TEXT:
        return plain_text_of(article.shown_body, public_url)
    return f"{article.shown_title}\n{_address(article, public_url)}"


def unuse_article(work: Work, case_id: int, article_id: int) -> None:
    """The article did not serve the case after all. Raises NotFound where nobody had said so."""
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    if not drop_use(work.session, article_id, case.id):
        raise NotFound(f"Article {article_id} was not used in case {case_id}.")
    article = get_article(work.session, article_id)
    sentence = f"{work.actor.name} took the article “{article.title[:200]}” off the case"
    note_change(work, case, "article", sentence, before=article.id)


def article_from_case(work: Work, case_id: int, collection_id: int, public_url: str) -> Article:
    """A draft out of the customer's question and our answer; notes and files never get into it.

    Raises Invalid while the case holds no answer of ours.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    said = said_between(work.session, case.id)
    question = next((one for one in said if one.kind is MessageKind.INBOUND), None)
    answers = [
        one for one in said if one.kind is MessageKind.OUTBOUND and one.author_kind is AuthorKind.AGENT
    ]
    if question is None or not answers:
        raise Invalid("An article needs a question and an answer; this case does not hold both yet.")
    customer = work.session.get_one(Customer, case.customer_id)
    draft = draft_of(
        case.subject,
        question.reply or question.text,
        [one.text for one in answers],
        [customer.name, *(one.author_name for one in said)],
        public_url,
    )
    language = (customer.language or "en").partition("-")[0].lower()
    article = new_article(
        work,
        collection_id=collection_id,
        title=draft.title,
        body=draft.body,
        language=language if language in DICTIONARIES else "en",
    )
    keep_use(work.session, article.id, case.id, UseKind.SOURCE, at=work.now, agent_id=work.actor.agent_id)
    note_change(work, case, "article", _used(work, article, UseKind.SOURCE), after=article.id)
    return article


def flag_article(work: Work, article_id: int, note: str, *, case_id: int | None = None) -> ArticleFlag:
    """A colleague says what is wrong with an article. Raises Invalid without words."""
    work.require(Permission.EDIT_ARTICLES)
    article = get_article(work.session, article_id)
    said = note.strip()
    if not said:
        raise Invalid("Say what is wrong, so that somebody can put it right.", "note")
    if len(said) > LONGEST_NOTE:
        raise Invalid(f"Make it shorter: up to {LONGEST_NOTE:,} letters are possible.", "note")
    seen_in = case_for(work, case_id, to=Permission.READ_CASES).id if case_id is not None else None
    flag = ArticleFlag(
        article_id=article.id, note=said, at=work.now, agent_id=work.actor.agent_id, case_id=seen_in
    )
    work.session.add(flag)
    work.session.flush()
    work.record(ArticleChanged(article_id=article.id))
    return flag


def settle_flag(work: Work, flag_id: int) -> ArticleFlag:
    """It is put right, or was right. Raises NotFound; settled twice is settled."""
    work.require(Permission.EDIT_ARTICLES)
    flag = get_flag(work.session, flag_id)
    if flag.settled_at is None:
        flag.settled_at, flag.settled_by = work.now, work.actor.agent_id
        work.record(ArticleChanged(article_id=flag.article_id))
    return flag


def _suggested(work: Work, case: Case) -> list[Suggestion]:
    """By the case's words and by what solved cases like it, in one order."""
    asked = f"{case.subject}\n{first_words(work.session, case.id)}"
    telling = Telling.of(work.session, asked, internal=True)
    hits = [hit for hit in telling.articles(work.session, 2 * SUGGESTED) if _says_something(hit, telling)]
    solved = _solved_by(work, case, asked)
    by_cases = sorted(solved, key=lambda article_id: (-sum(solved[article_id].values()), article_id))
    best = fused([hit.id for hit in hits], by_cases)[:SUGGESTED]
    articles = published_by_id(work.session, best)
    words = {hit.id: [telling.words[place] for place in hit.found] for hit in hits}
    return [
        Suggestion(articles[one], words.get(one, []), sorted(solved.get(one, ()), reverse=True))
        for one in best
        if one in articles
    ]


def _says_something(hit: Hit, telling: Telling) -> bool:
    """A number alone that both hold is chance."""
    return any(not telling.words[place].isdigit() for place in hit.found)


def _solved_by(work: Work, case: Case, asked: str) -> dict[int, dict[int, float]]:
    """Article to the solved cases like this one in which it was used, each with its likeness."""
    words = [word for word in distinct_words(asked) if len(word) > 2 and not word.isdigit()]
    words = without_fillers(work.session, words[: 2 * WORDS_COMPARED], sorted(languages_used(work.session)))
    words = words[:WORDS_COMPARED]
    served = served_in_like_cases(work.session, work.actor, words, but=case.id)
    alike = solved_alike(words, {one.case_id: one.words for one in served})
    found: dict[int, dict[int, float]] = {}
    for one in served:
        if one.case_id in alike:
            found.setdefault(one.article_id, {})[one.case_id] = alike[one.case_id]
    return found


def _shown(one: Suggestion, public_url: str) -> dict[str, Any]:
    article = one.article
    can_send = article.is_published and article.audience is Audience.PUBLIC
    return {
        "id": article.id,
        "title": article.shown_title or article.title,
        "language": article.language,
        "audience": article.audience.value,
        "published": article.is_published,
        "url": _address(article, public_url) if can_send else None,
        "words": list(one.words),
        "cases": list(one.cases[:CASES_NAMED]),
        "cases_total": len(one.cases),
    }


def _address(article: Article, public_url: str) -> str:
    return f"{public_url.rstrip('/')}/help/articles/{article.slug}"


def _used(work: Work, article: Article, kind: UseKind) -> str:
    how = {UseKind.LINK: "linked to", UseKind.TEXT: "answered with", UseKind.SOURCE: "drafted"}[kind]
    return f"{work.actor.name} {how} the article “{article.title[:200]}”"
