"""Every deed on a case, over HTTP: allowed to one, refused to the other, and told in the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.messages.files import keep_upload
from desk.model.agent import Agent, Macro
from desk.model.case import Case, CaseStatus, Category, CustomField
from desk.model.message import MessageKind
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_message
from tests.security.browser import Browser
from tests.statements import statements

SignIn = Callable[[Agent], Browser]


@pytest.fixture
def ada(as_agent: SignIn, cast: Cast) -> Browser:
    return as_agent(cast.ada)


@pytest.fixture
def case(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE) as work:
        return a_case(work, cast.cleo, "Where is my tea?", queue=cast.support, text="Hello?").id


def sentences(browser: Browser, case_id: int) -> list[str]:
    return [line["sentence"] for line in browser.api("GET", f"/cases/{case_id}/history").json["rows"]]


def test_the_case_view_is_whole_and_four_statements(
    ada: Browser, case: int, cast: Cast, store: Store
) -> None:
    ada.api("GET", f"/cases/{case}")
    with statements(store.engine) as asked:
        shown = ada.api("GET", f"/cases/{case}").json

    assert len(asked) <= 4, asked.seen
    assert shown["case"]["subject"] == "Where is my tea?" and shown["case"]["name"] == "Cleo Patterson"
    assert shown["case"]["unread"] and "reply" in shown["case"]["can"]
    assert [message["text"] for message in shown["messages"]] == ["Hello?"]
    assert shown["customer"]["id"] == cast.cleo.id
    assert (shown["position"], shown["older"], shown["drafts"]) == (
        1,
        False,
        dict.fromkeys(("note", "email", "sms", "chat")),
    )
    assert (
        shown["case"]["routing"]["sentence"]
        == "Still waiting: 1 agent works this queue; Ada Lovelace is offline"
    )


def test_a_list_is_three_statements(ada: Browser, case: int, store: Store) -> None:
    ada.api("GET", "/cases?view=all")
    with statements(store.engine) as asked:
        rows = ada.api("GET", "/cases?view=all&tab=open").json["rows"]

    assert len(asked) <= 3
    assert [row["id"] for row in rows] == [case]


DEEDS: list[tuple[str, str, Any, str]] = [
    ("PATCH", "", {"priority": "high"}, "Ada Lovelace set the priority to high"),
    ("PATCH", "", {"subject": "Tea"}, "Ada Lovelace changed the subject to “Tea”"),
    ("PATCH", "", {"tags": ["gift"]}, "Ada Lovelace added “gift”"),
    ("PATCH", "", {"level": 2}, "Ada Lovelace raised the case to level 2"),
    ("PUT", "/resolution", {"reason": "Sent again"}, "Ada Lovelace resolved the case: Sent again"),
    ("PUT", "/hold", {}, "Ada Lovelace put the case on hold"),
    ("PUT", "/waiting", {}, "Ada Lovelace set the case to wait for the customer"),
    ("PUT", "/snooze", {"until": "2999-01-01T08:00Z"},
     "Ada Lovelace snoozed the case until 2999-01-01 08:00 UTC"),
]  # fmt: skip


@pytest.mark.parametrize("method, path, body, sentence", DEEDS)
def test_a_deed_is_done_by_an_agent_told_in_history_and_refused_to_others(
    as_agent: SignIn, cast: Cast, case: int, method: str, path: str, body: Any, sentence: str
) -> None:
    for who, status in ((cast.ben, 404), (cast.otto, 403)):
        assert as_agent(who).api(method, f"/cases/{case}{path}", body).status_code == status
    ada = as_agent(cast.ada)
    before = ada.api("GET", f"/cases/{case}").json["case"]["version"]

    answer = ada.api(method, f"/cases/{case}{path}", body)

    assert answer.status_code == 200, answer.json
    assert answer.json["version"] > before
    assert sentences(ada, case) == [sentence]


def test_what_was_done_can_be_undone(ada: Browser, case: int) -> None:
    for put, delete, state in (
        ("/resolution", "/resolution", "resolved"),
        ("/hold", "/hold", "on_hold"),
        ("/waiting", "/resolution", "waiting"),
        ("/snooze", "/snooze", "snoozed"),
    ):
        body = {"until": "2999-01-01T08:00:00Z"} if put == "/snooze" else {}
        assert ada.api("PUT", f"/cases/{case}{put}", body).json["status"] == state
        assert ada.api("DELETE", f"/cases/{case}{delete}").json["status"] == "open"


def test_a_closed_case_is_not_reopened_by_hand(ada: Browser, case: int, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, case).status = CaseStatus.CLOSED

    refused = ada.api("DELETE", f"/cases/{case}/resolution")
    assert refused.status_code == 422
    assert "closed" in refused.json["error"]["sentence"]
    assert "reply" not in ada.api("GET", f"/cases/{case}").json["case"]["can"]


def test_an_old_version_is_refused_with_the_case_as_it_is(ada: Browser, case: int) -> None:
    version = ada.api("GET", f"/cases/{case}").json["case"]["version"]
    assert ada.api("PATCH", f"/cases/{case}", {"version": version, "subject": "One"}).status_code == 200

    refused = ada.api("PATCH", f"/cases/{case}", {"version": version, "subject": "Two"})

    assert refused.status_code == 409
    assert refused.json["error"]["current"]["case"]["subject"] == "One"


@pytest.mark.parametrize(
    "body, field",
    [
        ({"status": "closed"}, "status"),
        ({"customer_id": 1}, "customer_id"),
        ({"subject": " "}, "subject"),
        ({"priority": None}, "priority"),
        ({"category_id": 10**15}, "category_id"),
        ({"queue_id": 10**15}, "queue_id"),
        ({"level": 3}, "level"),
        ({"tags": ["x" * 41]}, "tags.0"),
        ({"fields": {"nothing": "x"}}, "fields.nothing"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(ada: Browser, case: int, body: Any, field: str) -> None:
    refused = ada.api("PATCH", f"/cases/{case}", body)
    assert (refused.status_code, refused.json["error"]["field"]) == (422, field)
    assert sentences(ada, case) == []


def test_fields_of_the_desk_hold_what_fits_them(ada: Browser, case: int, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.add(CustomField(key="size", label="Size", kind="choice", options=["S", "M"]))
        work.session.add(CustomField(key="count", label="Count", kind="number"))
        work.session.add(Category(name="Delivery"))
    for wrong in ({"size": "XL"}, {"count": "3"}, {"count": True}):
        assert ada.api("PATCH", f"/cases/{case}", {"fields": wrong}).status_code == 422

    kept = ada.api("PATCH", f"/cases/{case}", {"fields": {"size": "M", "count": 3}})
    assert kept.json["fields"] == {"size": "M", "count": 3}
    assert sentences(ada, case) == ["Ada Lovelace changed “Count”, “Size”"]


def test_assigning_is_told_with_both_names(as_agent: SignIn, cast: Cast, case: int) -> None:
    ada = as_agent(cast.ada)
    given = ada.api("PUT", f"/cases/{case}/assignee", {"agent_id": cast.ada.id})
    assert given.json["assignee_id"] == cast.ada.id
    assert ada.api("GET", "/counters").json["mine"] == 1
    assert ada.api("PUT", f"/cases/{case}/assignee", {"agent_id": cast.otto.id}).status_code == 422
    assert ada.api("PUT", f"/cases/{case}/assignee", {"agent_id": None}).json["assignee_id"] is None
    assert as_agent(cast.ben).api("PUT", f"/cases/{case}/assignee", {"agent_id": None}).status_code == 404
    assert any("Ada Lovelace" in sentence for sentence in sentences(ada, case))


def test_reading_is_each_readers_own(as_agent: SignIn, cast: Cast, case: int) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    assert ada.api("PUT", f"/cases/{case}/read", {"position": 99}).status_code == 204
    assert not ada.api("GET", f"/cases/{case}").json["case"]["unread"]
    assert sam.api("GET", f"/cases/{case}").json["case"]["unread"]
    assert ada.api("DELETE", f"/cases/{case}/read").status_code == 204
    assert ada.api("GET", f"/cases/{case}").json["case"]["unread"]
    assert as_agent(cast.ben).api("PUT", f"/cases/{case}/read", {"position": 1}).status_code == 404


def test_a_watcher_keeps_seeing_the_case(as_agent: SignIn, cast: Cast, case: int) -> None:
    ada = as_agent(cast.ada)
    assert ada.api("PUT", f"/cases/{case}/watch", {}).json["watching"]
    ada.api("PATCH", f"/cases/{case}", {"queue_id": cast.billing.id})
    assert ada.api("GET", f"/cases/{case}").status_code == 200
    ada.api("DELETE", f"/cases/{case}/watch")
    assert ada.api("GET", f"/cases/{case}").status_code == 404


def test_links_show_on_both_cases_to_those_who_may_know_of_them(
    as_agent: SignIn, cast: Cast, case: int, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_case(work, cast.cleo, "Other", queue=cast.support).id
        hidden = a_case(work, cast.cleo, "Hidden", queue=cast.billing).id
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)

    assert ada.api("POST", f"/cases/{case}/links", {"case_id": other, "kind": "related"}).status_code == 200
    assert ada.api("POST", f"/cases/{case}/links", {"case_id": other, "kind": "related"}).status_code == 409
    assert ada.api("POST", f"/cases/{case}/links", {"case_id": hidden, "kind": "related"}).status_code == 404
    assert ada.api("POST", f"/cases/{case}/links", {"case_id": case, "kind": "related"}).status_code == 422
    links = sam.api("POST", f"/cases/{case}/links", {"case_id": hidden, "kind": "related"}).json["links"]
    assert [link["case_id"] for link in links] == [other, hidden]
    assert [link["case_id"] for link in ada.api("GET", f"/cases/{other}").json["case"]["links"]] == [case]
    seen = ada.api("GET", f"/cases/{case}").json["case"]["links"]
    assert [link["case_id"] for link in seen] == [other]
    assert ada.api("DELETE", f"/links/{links[1]['id']}").status_code == 404
    assert ada.api("DELETE", f"/links/{seen[0]['id']}").json["links"] == []


def test_a_merge_and_a_split_can_be_taken_back(ada: Browser, cast: Cast, store: Store, case: int) -> None:
    with store.unit_of_work(STAGE) as work:
        other = a_case(work, cast.cleo, "Tea again", queue=cast.support, text="Still waiting")
        second = a_message(work, other, "And one thing more")
    merged = ada.api("PUT", f"/cases/{other.id}/merge", {"into": case}).json
    assert merged["case"]["id"] == case
    assert ada.api("GET", f"/cases/{other.id}").json["case"]["merged_into_id"] == case
    assert ada.api("PATCH", f"/cases/{other.id}", {"priority": "low"}).status_code == 409
    assert ada.api("DELETE", f"/merges/{merged['merge_id']}").json["id"] == other.id

    split = ada.api("POST", f"/cases/{other.id}/split", {"message_ids": [second.id], "subject": "More"})
    assert split.status_code == 201 and split.json["case"]["subject"] == "More"
    assert ada.api("DELETE", f"/splits/{split.json['split_id']}").json["id"] == other.id
    texts = [m["text"] for m in ada.api("GET", f"/cases/{other.id}").json["messages"] if m["kind"] != "event"]
    assert texts == ["Still waiting", "And one thing more"]


def test_a_draft_is_its_writers_alone(as_agent: SignIn, cast: Cast, case: int) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    draft = {"text": "Dear Cleo", "files": [], "to": ["cleo@example.org"]}
    assert ada.api("PUT", f"/cases/{case}/drafts/email", draft).status_code == 204
    assert ada.api("PUT", f"/cases/{case}/drafts/email", {**draft, "text": "Dear"}).status_code == 204

    shown = ada.api("GET", f"/cases/{case}").json
    assert shown["drafts"]["email"]["text"] == "Dear" and shown["case"]["draft"]
    assert sam.api("GET", f"/cases/{case}").json["drafts"]["email"] is None
    assert ada.api("PUT", f"/cases/{case}/drafts/other", draft).status_code == 404
    unknown = {"text": "", "files": ["abcdefghijklmnopqrstuv"]}
    assert ada.api("PUT", f"/cases/{case}/drafts/note", unknown).status_code == 422
    assert ada.api("DELETE", f"/cases/{case}/drafts/email").status_code == 204
    assert not ada.api("GET", f"/cases/{case}").json["case"]["draft"]


def test_bulk_changes_what_it_can_and_says_what_it_cannot(
    ada: Browser, cast: Cast, store: Store, case: int
) -> None:
    with store.unit_of_work(STAGE) as work:
        done = a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.RESOLVED).id
        hidden = a_case(work, cast.cleo, queue=cast.billing).id
    change = {"add_tags": ["tea"], "status": "resolved", "reason": "Sent"}

    answer = ada.api("POST", "/cases/bulk", {"ids": [case, done, hidden], "change": change}).json

    assert [changed["id"] for changed in answer["changed"]] == [case]
    assert answer["changed"][0]["tags"] == ["tea"] and answer["changed"][0]["status"] == "resolved"
    assert [(refused["id"]) for refused in answer["refused"]] == [done, hidden]
    assert answer["refused"][1]["sentence"] == f"There is no case {hidden}."
    assert ada.api("GET", f"/cases/{done}").json["case"]["tags"] == []
    assert sentences(ada, done) == []
    too_many = {"ids": list(range(1, 502)), "change": change}
    assert ada.api("POST", "/cases/bulk", too_many).status_code == 422


def test_a_macro_does_all_its_steps_and_fills_its_text(
    ada: Browser, store: Store, case: int, cast: Cast
) -> None:
    with store.unit_of_work(STAGE) as work:
        steps = [
            {"do": "add_tag", "value": "late"},
            {"do": "set_priority", "value": "urgent"},
            {"do": "assign_me", "value": None},
            {"do": "reply_text", "value": "Dear {{customer.first_name}}, {{case.subject}} {{case.fields}}"},
        ]
        macro = Macro(name="Late tea", steps=steps)
        broken = Macro(
            name="Broken", steps=[{"do": "add_tag", "value": "x"}, {"do": "set_queue", "value": 10**15}]
        )
        work.session.add_all([macro, broken])

    answer = ada.api("POST", f"/cases/{case}/macros/{macro.id}").json

    assert answer["text"] == "Dear Cleo, Where is my tea? {{case.fields}}"
    assert answer["case"]["tags"] == ["late"] and answer["case"]["priority"] == "urgent"
    assert answer["case"]["assignee_id"] == cast.ada.id
    assert ada.api("POST", f"/cases/{case}/macros/{broken.id}").status_code == 422
    assert ada.api("GET", f"/cases/{case}").json["case"]["tags"] == ["late"]


def test_history_reads_page_by_page(ada: Browser, case: int) -> None:
    for priority in ("low", "high", "urgent"):
        ada.api("PATCH", f"/cases/{case}", {"priority": priority})
    first = ada.api("GET", f"/cases/{case}/history?limit=2").json
    rest = ada.api("GET", f"/cases/{case}/history?limit=2&cursor={first['next']}").json
    told = [line["sentence"] for line in first["rows"] + rest["rows"]]
    assert told == [f"Ada Lovelace set the priority to {name}" for name in ("urgent", "high", "low")]
    assert {line["who"] for line in first["rows"]} == {"Ada Lovelace"} and rest["next"] is None


def test_saved_views_are_ones_own_unless_shared(as_agent: SignIn, cast: Cast, case: int) -> None:
    ada, sam, ben = as_agent(cast.ada), as_agent(cast.sam), as_agent(cast.ben)
    form = {"name": "Late", "shared": False, "filter": {"priority": "high"}}
    own = ada.api("POST", "/views", form).json
    assert ada.api("POST", "/views", {**form, "shared": True}).status_code == 403
    assert ben.api("GET", f"/cases?view=saved:{own['id']}").status_code == 404
    assert ben.api("PATCH", f"/views/{own['id']}", {"name": "Mine"}).status_code == 404
    assert ada.api("GET", f"/cases?view=saved:{own['id']}").json["rows"] == []
    ada.api("PATCH", f"/cases/{case}", {"priority": "high"})
    rows = ada.api("GET", f"/cases?view=saved:{own['id']}").json["rows"]
    assert [row["id"] for row in rows] == [case]

    shared = sam.api("POST", "/views", {**form, "shared": True}).json
    assert [view["id"] for view in ben.api("GET", "/views").json["rows"]] == [shared["id"]]
    assert ben.api("DELETE", f"/views/{shared['id']}").status_code == 403
    assert sam.api("DELETE", f"/views/{shared['id']}").status_code == 204
    wrong = {"name": "X", "filter": {"status": "secret"}}
    assert ada.api("POST", "/views", wrong).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    ["view=nobody", "view=queue", "view=queue:x", "tab=none", "limit=0", "limit=201", "cursor=x",
     "status=gone", "sort=password", "view=mine&view=all", "queue_id=1%20OR%201=1"],
)  # fmt: skip
def test_a_list_that_cannot_be_meant_is_refused(ada: Browser, case: int, wrong: str) -> None:
    assert ada.api("GET", f"/cases?{wrong}").status_code == 422


def test_a_private_note_is_shown_to_agents(ada: Browser, cast: Cast, store: Store, case: int) -> None:
    with store.unit_of_work(STAGE) as work:
        held = work.session.get_one(Case, case)
        a_message(work, held, "Between us", kind=MessageKind.NOTE, agent=cast.ada, at=work.now + timedelta(1))
    assert ada.api("GET", f"/cases/{case}").json["messages"][-1]["kind"] == "note"


def test_an_agent_writes_first_and_twice_is_once(as_agent: SignIn, cast: Cast, store: Store) -> None:
    ada = as_agent(cast.ada)
    letter = {
        "channel_id": cast.mail.id, "to": ["new@example.net"], "cc": [], "subject": "Your tea",
        "text": "It is late.", "queue_id": None, "client_id": "first-letter",
    }  # fmt: skip
    begun = ada.api("POST", "/cases", letter)
    assert begun.status_code == 201, begun.json
    case = begun.json["case"]
    assert (case["assignee_id"], case["queue_id"], case["status"]) == (
        cast.ada.id,
        cast.support.id,
        "waiting",
    )
    assert begun.json["customer"]["addresses"][0]["value"] == "new@example.net"
    assert begun.json["messages"][-1]["text"] == "It is late."
    assert ada.api("POST", "/cases", letter).json["case"]["id"] == case["id"]
    wrong: Mapping[str, object]
    for wrong in ({"channel_id": 10**15}, {"to": []}, {"to": ["nobody"]}, {"to": ["help@shop.example"]}):
        assert ada.api("POST", "/cases", {**letter, "client_id": "other", **wrong}).status_code == 422
    assert as_agent(cast.otto).api("POST", "/cases", letter).status_code == 403
    with store.reading(STAGE) as work:
        assert len(work.session.scalars(select(Case.id)).all()) == 1


def test_the_first_letter_carries_its_files(as_agent: SignIn, cast: Cast, store: Store) -> None:
    ada = as_agent(cast.ada)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        token = keep_upload(work, "plan.txt", b"brew slowly").token
    letter = {"channel_id": cast.mail.id, "to": ["new@example.net"], "subject": "Plan", "text": "Here."}
    lost = ada.api("POST", "/cases", letter | {"client_id": "a", "files": ["gone"]})
    assert lost.json["error"]["field"] == "files"
    of_another = as_agent(cast.ben).api("POST", "/cases", letter | {"client_id": "b", "files": [token]})
    assert of_another.json["error"]["field"] == "files", "a file is only of who uploaded it"
    templated = letter | {"client_id": "c", "template": {"sid": "HX1"}}
    assert ada.api("POST", "/cases", templated).json["error"]["field"] == "template"
    with store.reading(STAGE) as work:
        assert not work.session.scalars(select(Case.id)).all()
    begun = ada.api("POST", "/cases", letter | {"client_id": "d", "files": [token]}).json
    assert [file["name"] for file in begun["messages"][-1]["files"]] == ["plan.txt"]
