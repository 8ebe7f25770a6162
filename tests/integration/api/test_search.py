"""Search finds what is there, and only for those who may know of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.model.agent import Agent
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer, a_message, an_agent
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


@pytest.fixture
def ids(store: Store, cast: Cast) -> dict[str, int]:
    with store.unit_of_work(STAGE) as work:
        lost = a_case(work, cast.cleo, "Lost parcel", queue=cast.support, text="The zebra teapot is missing")
        note = a_message(work, lost, "zebra canary-77", kind=MessageKind.NOTE, agent=cast.ada)
        billed = a_case(work, cast.cleo, "Billed zebra", queue=cast.billing, text="zebra zebra on my bill")
        other = a_customer(work, "Zebedee O'Hara", "zeb_100%@example.net")
        return {"lost": lost.id, "note": note.id, "billed": billed.id, "zebedee": other.id}


def test_messages_are_found_with_the_place_marked_and_no_markup(
    as_agent: SignIn, cast: Cast, ids: dict[str, int]
) -> None:
    found = as_agent(cast.sam).api("GET", "/search?q=teapot&kind=messages").json["messages"]
    assert [(hit["case_id"], hit["position"]) for hit in found] == [(ids["lost"], 1)]
    assert found[0]["snippet"] == [
        {"text": "The zebra ", "hit": False},
        {"text": "teapot", "hit": True},
        {"text": " is missing", "hit": False},
    ]


def test_nobody_finds_what_they_may_not_know_of(as_agent: SignIn, cast: Cast, ids: dict[str, int]) -> None:
    def cases(who: Agent, kind: str) -> set[int]:
        answer = as_agent(who).api("GET", f"/search?q=zebra&kind={kind}").json
        return {hit["case_id"] for hit in answer["messages"]} | {row["id"] for row in answer["cases"]}

    assert cases(cast.ada, "messages") == {ids["lost"]}
    assert cases(cast.ben, "messages") == {ids["billed"]}
    assert cases(cast.ada, "cases") == set()
    assert cases(cast.sam, "all") == {ids["lost"], ids["billed"]}


def test_a_word_only_begun_a_phrase_and_a_word_left_out_are_understood(
    as_agent: SignIn, cast: Cast, ids: dict[str, int]
) -> None:
    sam = as_agent(cast.sam)

    def hits(words: str) -> int:
        return len(sam.api("GET", "/search", query_string={"q": words, "kind": "messages"}).json["messages"])

    assert hits("teap") == 1
    assert hits('"zebra teapot"') == 1
    assert hits('"teapot zebra"') == 0
    assert hits("zebra -teapot") == 2
    assert hits("teapot or bill") == 2
    assert hits("zebra missing") == 1


@pytest.mark.parametrize(
    "words",
    ["'", '"', "\\", "%", "_", "&|!()", ":*", "a:*b", "<script>", "\u0000", "x" * 400, "- -", "or", "'; --"],
)
def test_nothing_that_is_typed_is_an_error(
    as_agent: SignIn, cast: Cast, ids: dict[str, int], words: str
) -> None:
    answer = as_agent(cast.sam).api("GET", "/search", query_string={"q": words})
    assert answer.status_code in (200, 422), answer.json
    assert "\u0000" in words or answer.status_code == 200


def test_a_case_is_found_by_its_number(as_agent: SignIn, cast: Cast, ids: dict[str, int]) -> None:
    for typed in (f"#{ids['lost']}", str(ids["lost"])):
        found = as_agent(cast.ada).api("GET", "/search", query_string={"q": typed}).json["cases"]
        assert [row["id"] for row in found] == [ids["lost"]]
    hidden = as_agent(cast.ada).api("GET", "/search", query_string={"q": str(ids["billed"])}).json["cases"]
    assert hidden == []


def test_customers_are_found_by_parts_of_name_and_address(
    as_agent: SignIn, cast: Cast, ids: dict[str, int]
) -> None:
    ada = as_agent(cast.ada)

    def found(words: str) -> list[int]:
        answer = ada.api("GET", "/search", query_string={"q": words, "kind": "customers"}).json
        return [customer["id"] for customer in answer["customers"]]

    assert found("ebed") == [ids["zebedee"]]
    assert found("O'Hara") == [ids["zebedee"]]
    assert found("zeb_100%") == [ids["zebedee"]]
    assert found("zebx100") == found("%%%") == []
    assert set(found("example")) == {ids["zebedee"], cast.cleo.id}


def test_a_kind_reads_page_by_page(as_agent: SignIn, cast: Cast, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        for number in range(7):
            case = a_case(work, cast.cleo, f"Parcel {number}", queue=cast.support)
            a_message(work, case, "where is the giraffe")
            a_customer(work, f"Giraffe {number}")
    ada = as_agent(cast.ada)
    for kind, words in (("messages", "giraffe"), ("cases", "parcel"), ("customers", "giraffe")):
        met: list[str] = []
        cursor = None
        while True:
            asked = {"q": words, "kind": kind, "limit": "3"} | ({"cursor": cursor} if cursor else {})
            answer = ada.api("GET", "/search", query_string=asked).json
            met += [str(hit.get("id", hit.get("message_id"))) for hit in answer[kind]]
            cursor = answer["next"]
            if cursor is None:
                break
        assert len(met) == len(set(met)) == 7


def test_filters_narrow_and_dates_are_moments(as_agent: SignIn, cast: Cast, ids: dict[str, int]) -> None:
    sam = as_agent(cast.sam)

    def hits(**narrowed: str) -> int:
        asked = {"q": "zebra", "kind": "messages", **narrowed}
        return len(sam.api("GET", "/search", query_string=asked).json["messages"])

    assert hits() == 3
    assert hits(queue_id=str(cast.billing.id)) == 1
    assert hits(status="resolved") == 0
    assert hits(since="2999-01-01") == 0 and hits(until="2999-01-01T00:00:00Z") == 3


def test_an_agent_held_to_their_own_cases_finds_only_their_people(
    as_agent: SignIn, cast: Cast, store: Store, ids: dict[str, int]
) -> None:
    with store.unit_of_work(STAGE) as work:
        eve = an_agent(work, "Eve Held", assigned_only=True)
        a_case(work, cast.cleo, "Mine", assignee=eve)
    answer = as_agent(eve).api("GET", "/search?q=example&kind=customers").json["customers"]
    assert [customer["id"] for customer in answer] == [cast.cleo.id]
    listed = as_agent(eve).api("GET", "/customers").json["rows"]
    assert [customer["id"] for customer in listed] == [cast.cleo.id]
    assert as_agent(eve).api("GET", f"/customers/{ids['zebedee']}").status_code == 404
    assert as_agent(eve).api("GET", f"/customers/{cast.cleo.id}").status_code == 200
