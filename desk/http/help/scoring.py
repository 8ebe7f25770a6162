"""How did it go? A page behind the link that was mailed or texted after a case was resolved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from desk.actions.insights.surveys import Answered, score_case, survey_of
from desk.http.entrance import public
from desk.http.ground import ground
from desk.http.help.page import VISITOR, page
from desk.http.help.texts import t
from desk.http.help.visitor import SCORES, take
from desk.http.security import checks_csrf_itself
from desk.model.errors import Conflict
from desk.model.survey import LONGEST_COMMENT
from desk.store.unit_of_work import Work

blueprint = Blueprint("help_scoring", __name__)

_OWN_LINK = "Whoever got the question has the link, and it gives a score to that case alone."


@blueprint.get("/help/score/<token>")
@public(_OWN_LINK)
def asked(token: str) -> Response:
    """The questions: programs that open every link in a mail must not answer them for its reader."""
    take(SCORES)
    with ground().store.reading(VISITOR) as w:
        survey = survey_of(w, token, ground().settings.secret_key)
        said = {"score": survey.score, "effort": survey.effort, "comment": survey.comment or ""}
        if survey.takes_score(w.now):
            return _page(w, token, said, done=False)
        return page(w, "score_over", title=t("score_over"), answered=survey.scored_at is not None)


@blueprint.post("/help/score/<token>")
@public(_OWN_LINK)
@checks_csrf_itself
def said(token: str) -> Response:
    """The answer; without a score the questions come again, and say so."""
    take(SCORES)
    score, effort = _within("score", 5), _within("effort", 7)
    comment = request.form.get("comment", "").replace("\0", "").strip()[:LONGEST_COMMENT]
    given = {"score": score, "effort": effort, "comment": comment}
    secret = ground().settings.secret_key
    if score is None:
        with ground().store.reading(VISITOR) as w:
            survey_of(w, token, secret)
            return _page(w, token, given, done=False, status=422)
    try:
        with ground().store.unit_of_work(VISITOR) as w:
            score_case(w, token, secret, Answered(score, effort, comment))
            return _page(w, token, given, done=True)
    except Conflict:
        with ground().store.reading(VISITOR) as w:
            return page(w, "score_over", title=t("score_over"), answered=True, status=409)


def _page(w: Work, token: str, said: dict[str, Any], *, done: bool, status: int = 200) -> Response:
    title = t("score_thanks") if done else t("score_title")
    return page(
        w, "score", title=title, status=status, token=token, said=said, done=done, missing=status == 422
    )


def _within(name: str, most: int) -> int | None:
    """The number chosen, from 1 to `most`; None where there is none."""
    chosen = request.form.get(name, "")
    return int(chosen) if chosen in {str(one) for one in range(1, most + 1)} else None
