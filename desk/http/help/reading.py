"""Finding and reading: first page, collections, articles, search, and whether an article helped."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request

from desk.actions.knowledge.deflection import note_opened_by
from desk.actions.knowledge.help_reading import (
    answer_shown,
    article_file,
    article_read,
    collection_read,
    home_read,
    moved_to,
    vote,
)
from desk.actions.knowledge.help_searches import keep_opened, keep_search
from desk.http.auth import find_caller
from desk.http.entrance import public
from desk.http.files import file_response
from desk.http.ground import ground
from desk.http.help.machines import about_article, about_home, alternates
from desk.http.help.page import VISITOR, address_of, page, revalidated
from desk.http.help.texts import t
from desk.http.help.visitor import SEARCHES, VOTES, VOTES_ON_ONE, brought_mark, find_mark, mark, take
from desk.http.help.writers import draw, find_writer
from desk.http.security import checks_csrf_itself
from desk.kb.search import LONGEST_QUESTION, find_articles
from desk.model.article import VoteReason
from desk.model.errors import Invalid, NotFound

blueprint = Blueprint("help", __name__)

FOUND_SHOWN = 20
SUGGESTED = 5
DESCRIPTION = 160
MOST_LANGUAGES = 10

_FOR_ALL = "What is published is for everybody."


@blueprint.get("/help")
@public(_FOR_ALL)
def home() -> Response:
    """Collections, what helped others, and the ways to reach a person."""
    with ground().store.reading(VISITOR) as w:
        shown = page(
            w,
            "home",
            title=t("home"),
            home=home_read(w, preferred()),
            canonical=address_of("/help"),
            about=about_home(),
            indexed=True,
        )
    return revalidated(shown)


@blueprint.get("/help/collections/<slug>")
@public(_FOR_ALL)
def collection(slug: str) -> Response:
    """The articles of a collection."""
    with ground().store.reading(VISITOR) as w:
        found, articles = collection_read(w, slug, preferred())
        shown = page(
            w,
            "collection",
            title=found.title,
            collection=found,
            articles=articles,
            beginning=_beginning,
            canonical=address_of(f"/help/collections/{found.slug}"),
            indexed=True,
            description=found.description,
        )
    return revalidated(shown)


@blueprint.get("/help/articles/<slug>")
@public(_FOR_ALL)
def article(slug: str) -> Response:
    """An article, and the question whether it helped."""
    token, words = request.args.get("found", "")[:20], request.args.get("asked", "")[:LONGEST_QUESTION]
    if token or words or "suggested" in request.args:
        return _opened(slug, token, words)
    said = request.args.get("helped")
    with ground().store.reading(VISITOR) as w:
        try:
            found = article_read(w, slug, preferred())
        except NotFound:
            if (now := moved_to(w, slug)) is None:
                raise
            return redirect(f"/help/articles/{now}", code=301)  # type: ignore[return-value]  # a response of Flask's
        shown = page(
            w,
            "article",
            title=found.article.shown_title or "",
            reading=found,
            said=said if said in ("yes", "no") else "",
            reasons=[reason.value for reason in VoteReason],
            commented="commented" in request.args,
            canonical=address_of(f"/help/articles/{found.article.slug}"),
            indexed=True,
            description=_beginning(found.article.shown_text or ""),
            about=about_article(found),
            alternates=alternates(found),
        )
    return revalidated(shown)


@blueprint.post("/help/articles/<slug>/vote")
@public("Whoever reads may say whether it helped.")
@checks_csrf_itself
def voted(slug: str) -> Response:
    """One vote a browser; a comment may follow it."""
    helpful = request.form.get("helpful")
    if helpful not in ("yes", "no"):
        raise Invalid("Say yes or no.", "helpful")
    take(VOTES)
    take(VOTES_ON_ONE, f"{request.remote_addr} {slug}")
    browser = mark()
    comment, reason = request.form.get("comment"), request.form.get("reason") or None
    if reason is not None and (helpful == "yes" or reason not in set(VoteReason)):
        raise Invalid("Choose one of the reasons.", "reason")
    with ground().store.unit_of_work(VISITOR) as w:
        vote(w, slug, browser.word, helpful=helpful == "yes", comment=_kept(comment), reason=reason)
    after = "&commented=1" if comment is not None else ""
    response: Response = redirect(f"/help/articles/{slug}?helped={helpful}{after}#helpful", code=303)  # type: ignore[assignment]  # a response of Flask's
    browser.leave_on(response)
    return response


@blueprint.get("/help/search")
@public(_FOR_ALL)
def search() -> Response:
    """What answers a question, the best first."""
    take(SEARCHES)
    question = _question()
    with ground().store.asking(VISITOR) as w:
        found = find_articles(w.session, question, limit=FOUND_SHOWN, languages=preferred())
    with ground().store.unit_of_work(VISITOR) as w:
        token = keep_search(w, question, len(found.hits)) if question else ""
        return page(w, "search", title=t("search"), question=question, found=found, token=token)


@blueprint.get("/help/suggestions")
@public(_FOR_ALL)
def suggestions() -> Response:
    """Articles for what somebody has typed so far; the last word may be unfinished.

    From a few of those who write on a page of ours they are withheld, and the answer says so.
    """
    take(SEARCHES)
    with ground().store.asking(VISITOR) as w:
        found = find_articles(
            w.session, _question(), limit=SUGGESTED, begun=True, snippets=False, languages=preferred()
        )
    writer = find_writer()
    drawn = draw(writer, [hit.group for hit in found.hits]) if writer is not None and found.hits else None
    rows = [answer_shown(hit.slug, hit.title, hit.collection, hit.language) for hit in found.hits]
    answer = jsonify(rows=[], withheld=True) if drawn else jsonify(rows=rows)
    if writer is not None and drawn is not None:
        writer.leave_mark(answer)
    return answer


@blueprint.get("/help/files/<token>")
@public("Pictures of what is published are for everybody; those of drafts are given to agents alone.")
def file(token: str) -> Response:
    """A file of an article; pictures are shown in place, everything else is a download."""
    found = find_caller()
    actor = found.actor if found is not None and not found.pending else VISITOR
    with ground().store.reading(actor) as w:
        kept, content = article_file(w, token)
    return file_response(kept, content)


def _opened(slug: str, token: str, words: str) -> Response:
    """Note that a search led here, and go on to the page under its own address."""
    take(SEARCHES)
    browser = find_mark()
    with ground().store.unit_of_work(VISITOR) as w:
        keep_opened(w, slug, token=token, words=words)
        for word in {browser.word if browser else "", brought_mark()} - {""}:
            note_opened_by(w, word, slug)
    response: Response = redirect(f"/help/articles/{slug}", code=303)  # type: ignore[assignment]  # a response of Flask's
    if browser is not None:
        browser.leave_on(response)
    return response


def preferred() -> list[str]:
    """The languages that this browser asks for, the dearest first."""
    return [code.lower() for code in request.accept_languages.values()][:MOST_LANGUAGES]


def _question() -> str:
    return " ".join(request.args.get("q", "").replace("\0", " ").split())[:LONGEST_QUESTION]


def _kept(comment: str | None) -> str | None:
    return None if comment is None else comment.replace("\0", "")


def _beginning(text: str) -> str:
    """The first words of an article, for lists and for search engines."""
    line = " ".join(text[: DESCRIPTION * 4].split())
    return line if len(line) <= DESCRIPTION else line[:DESCRIPTION].rpartition(" ")[0] + " …"
