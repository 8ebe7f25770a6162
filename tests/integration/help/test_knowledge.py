"""Articles beside cases: why they are suggested, what becomes of a use, a draft out of a case, a flag."""

from __future__ import annotations

from typing import Any

import pytest

from desk.model.article import Audience
from desk.model.case import Case, CaseStatus
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store, Work
from tests.integration.help.conftest import Shelf, SignIn, an_article
from tests.people import STAGE, Cast, a_case, a_message

LEAK = "Hello, water drips out below the grinder of my Modello, what can I do about the puddle?"
TURN = "Please turn the ring of the grinder to the left until it clicks, then it is dry."


@pytest.fixture
def leak(store: Store, cast: Cast, shelf: Shelf) -> Case:
    """A case whose words stand in no article, though it is solved again and again."""
    with store.unit_of_work(STAGE) as work:
        return a_case(work, cast.cleo, "Puddle", queue=cast.support, text=LEAK)


def solved_with(work: Work, cast: Cast, text: str, article_id: int, ada: Any) -> int:
    case = a_case(work, cast.cleo, "Help", queue=cast.support, text=text, status=CaseStatus.OPEN)
    work.session.commit()
    assert ada.api("PUT", f"/cases/{case.id}/articles/{article_id}", {"kind": "text"}).status_code == 200
    work.session.merge(case).status = CaseStatus.RESOLVED
    work.session.commit()
    return case.id


def suggested(browser: Any, case: Case) -> list[dict[str, Any]]:
    answer = browser.api("GET", f"/cases/{case.id}/articles")
    assert answer.status_code == 200, answer.text
    return list(answer.json["rows"])


def test_an_article_is_suggested_by_the_words_of_the_case(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, "No steam", queue=cast.support, text="The nozzle of mine is clogged.")
    first = suggested(as_agent(cast.ada), case)[0]
    assert first["id"] == shelf.steam.id
    assert {"steam", "nozzle"} <= set(first["words"])
    assert first["url"].endswith(f"/help/articles/{shelf.steam.slug}")
    assert shelf.draft.id not in [one["id"] for one in suggested(as_agent(cast.ada), case)]


def test_an_article_is_suggested_by_the_solved_cases_like_this_one(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store, leak: Case
) -> None:
    ada = as_agent(cast.ada)
    assert shelf.descale.id not in [one["id"] for one in suggested(ada, leak)]
    with store.unit_of_work(STAGE) as work:
        first = solved_with(work, cast, "Hello, there drips water below my grinder", shelf.descale.id, ada)
        second = solved_with(work, cast, "A puddle of water below the grinder", shelf.descale.id, ada)
        solved_with(work, cast, "Hello, what does delivery to Spain cost?", shelf.where.id, ada)

    found = {one["id"]: one for one in suggested(ada, leak)}

    assert found[shelf.descale.id]["cases"] == [second, first]
    assert found[shelf.descale.id]["cases_total"] == 2
    assert shelf.where.id not in found or not found[shelf.where.id]["cases_total"]


def test_cases_that_an_agent_may_not_know_of_are_no_reason(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store, leak: Case
) -> None:
    ada = as_agent(cast.ada)
    with store.unit_of_work(STAGE) as work:
        solved = solved_with(work, cast, LEAK, shelf.descale.id, ada)
        work.session.get_one(Case, solved).queue_id = cast.billing.id
    assert shelf.descale.id not in [one["id"] for one in suggested(ada, leak)]
    assert shelf.descale.id in [one["id"] for one in suggested(as_agent(cast.sam), leak)]


def test_an_inserted_article_is_tied_to_the_case_and_the_case_to_the_article(
    as_agent: SignIn, cast: Cast, shelf: Shelf, leak: Case
) -> None:
    ada = as_agent(cast.ada)
    path = f"/cases/{leak.id}/articles/{shelf.where.id}"
    link = ada.api("PUT", path, {"kind": "link"}).json["text"]
    assert link == f"Where is my order?\n{ada.home}/help/articles/{shelf.where.slug}"
    text = ada.api("PUT", path, {"kind": "text"}).json["text"]
    assert text == "Look at the tracking page first."

    beside = ada.api("GET", f"/cases/{leak.id}/articles").json
    assert [(one["id"], one["kind"]) for one in beside["used"]] == [(shelf.where.id, "text")]
    assert shelf.where.id not in [one["id"] for one in beside["rows"]]
    uses = ada.api("GET", f"/articles/{shelf.where.id}").json["uses"]
    assert (uses["cases"], uses["solved"]) == (1, 0)
    assert [one["case_id"] for one in uses["latest"]] == [leak.id]
    lines = [row["sentence"] for row in ada.api("GET", f"/cases/{leak.id}/history").json["rows"]]
    assert lines == ["Ada Lovelace linked to the article “Where is my order?”"]

    assert ada.api("DELETE", path).status_code == 204
    assert ada.api("DELETE", path).status_code == 404
    assert ada.api("GET", f"/articles/{shelf.where.id}").json["uses"]["cases"] == 0


def test_who_may_not_know_of_the_case_is_not_told_of_it_on_the_article(
    as_agent: SignIn, cast: Cast, shelf: Shelf, leak: Case
) -> None:
    as_agent(cast.ada).api("PUT", f"/cases/{leak.id}/articles/{shelf.where.id}", {"kind": "link"})
    ben = as_agent(cast.ben)
    assert ben.api("GET", f"/articles/{shelf.where.id}").json["uses"]["latest"] == []
    assert ben.api("PUT", f"/cases/{leak.id}/articles/{shelf.where.id}", {"kind": "link"}).status_code == 404
    assert as_agent(cast.otto).api("GET", f"/cases/{leak.id}/articles").status_code == 200
    assert as_agent(cast.otto).api("PUT", f"/cases/{leak.id}/articles/1", {"kind": "link"}).status_code == 403


def test_what_customers_may_not_read_is_never_put_into_an_answer(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store, leak: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        article = an_article(work, shelf.machines, "Puddle below the grinder", "Recall 7 applies: drips.")
        article.audience = Audience.INTERNAL
    ada = as_agent(cast.ada)
    first = suggested(ada, leak)[0]
    assert (first["id"], first["audience"], first["url"]) == (article.id, "internal", None)
    refused = ada.api("PUT", f"/cases/{leak.id}/articles/{article.id}", {"kind": "text"})
    assert refused.status_code == 422 and "internal" in refused.json["error"]["sentence"]
    draft = ada.api("PUT", f"/cases/{leak.id}/articles/{shelf.draft.id}", {"kind": "text"})
    assert draft.status_code == 409
    assert ada.api("GET", f"/cases/{leak.id}/articles").json["used"] == []


def test_a_draft_out_of_a_case_holds_question_and_answer_and_nobody(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store, leak: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        case = work.session.merge(leak)
        a_message(work, case, "Never tell them about the recall.", kind=MessageKind.NOTE, agent=cast.ada)
        a_message(work, case, f"Dear Cleo,\n{TURN}\nBest\nAda", kind=MessageKind.OUTBOUND, agent=cast.ada)
    ada = as_agent(cast.ada)

    made = ada.api("POST", f"/cases/{leak.id}/article", {"collection_id": shelf.machines.id})

    assert made.status_code == 201, made.text
    assert made.json["state"] == "draft" and made.json["title"] == "Puddle"
    assert TURN in made.json["body"] and "what can I do about the puddle?" in made.json["body"]
    assert not any(word in made.json["body"] for word in ("recall", "Cleo", "Ada"))
    assert [(one["case_id"], one["kind"]) for one in made.json["uses"]["latest"]] == [(leak.id, "source")]


def test_a_case_without_an_answer_makes_no_article(
    as_agent: SignIn, cast: Cast, shelf: Shelf, leak: Case
) -> None:
    refused = as_agent(cast.ada).api(
        "POST", f"/cases/{leak.id}/article", {"collection_id": shelf.machines.id}
    )
    assert refused.status_code == 422 and "answer" in refused.json["error"]["sentence"]


def test_a_flag_waits_on_the_article_until_it_is_settled(
    as_agent: SignIn, cast: Cast, shelf: Shelf, leak: Case
) -> None:
    ada = as_agent(cast.ada)
    path = f"/articles/{shelf.descale.id}"
    assert ada.api("POST", f"{path}/flags", {"note": "  "}).status_code == 422
    kept = ada.api("POST", f"{path}/flags", {"note": "It takes 40 minutes.", "case_id": leak.id})
    assert kept.status_code == 201
    (flag,) = ada.api("GET", path).json["flags"]
    assert (flag["note"], flag["by"], flag["case_id"]) == ("It takes 40 minutes.", "Ada Lovelace", leak.id)
    assert ada.api("PUT", f"/flags/{flag['id']}/settlement").status_code == 204
    assert ada.api("GET", path).json["flags"] == []
    assert ada.api("PUT", "/flags/999999/settlement").status_code == 404


def test_agents_search_finds_internal_articles_and_customers_do_not(
    as_agent: SignIn, stranger: Any, cast: Cast, shelf: Shelf, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        article = an_article(work, shelf.machines, "Zebra recall", "What to say about the zebra.")
        article.audience = Audience.INTERNAL
    found = as_agent(cast.ada).api("GET", "/articles/found?q=zebr").json["rows"]
    assert [one["id"] for one in found] == [article.id]
    assert stranger.get("/help/suggestions?q=zebra").json["rows"] == []
    assert stranger.get(f"/help/articles/{article.slug}").status_code == 404
    assert "zebra recall" not in stranger.get("/help/search?q=zebra").text.lower()
