"""The setup through its doors: every kind of row, who may change it, and what holds on to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.routing.assignments import assign
from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.model.case import Case
from desk.model.transit import JournalEntry
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]

ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("queues", {"name": "Returns", "offer_seconds": 30}, {"description": "What came back"}),
    ("skills", {"name": "Danish"}, {"name": "Danish, written"}),
    ("teams", {"name": "Night watch"}, {"name": "Night shift"}),
    ("categories", {"name": "Delivery"}, {"position": 3}),
    ("canned", {"key": "hello", "title": "Greeting", "text": "Hello {{name}}"}, {"title": "Welcome"}),
    ("macros", {"name": "Done", "steps": [{"do": "resolve", "value": "Solved"}]}, {"name": "All done"}),
    (
        "rules",
        {
            "name": "Invoices",
            "conditions": [{"field": "subject", "operator": "contains", "value": "invoice"}],
        },
        {"priority": "high", "all": False},
    ),
    ("fields", {"key": "order_number", "label": "Order number"}, {"label": "Number of the order"}),
]

TABLES = {"canned": "canned_replies", "rules": "triage_rules", "fields": "custom_fields"}


@pytest.mark.parametrize(("path", "row", "change"), ROWS, ids=[path for path, _, _ in ROWS])
def test_a_manager_adds_changes_and_deletes_a_row_and_it_is_audited(
    as_agent: SignIn, cast: Cast, store: Store, path: str, row: dict[str, Any], change: dict[str, Any]
) -> None:
    sam = as_agent(cast.sam)

    added = sam.api("POST", f"/{path}", row)
    assert added.status_code == 201, added.text
    assert added.json is not None and added.json.items() >= row.items()
    row_id = added.json["id"]
    changed = sam.api("PATCH", f"/{path}/{row_id}", change)
    assert changed.json == {**added.json, **change}
    assert row_id in [r["id"] for r in sam.get(f"/api/v1/{path}").json["rows"]]
    assert sam.api("DELETE", f"/{path}/{row_id}").status_code == 204
    assert row_id not in [r["id"] for r in sam.get(f"/api/v1/{path}").json["rows"]]

    with store.reading(STAGE) as work:
        about = AuditEntry.about == f"{TABLES.get(path, path)}:{row_id}"
        assert len(work.session.scalars(select(AuditEntry).where(about)).all()) == 3
        kinds = work.session.scalars(select(JournalEntry.kind)).all()
        assert kinds.count("SetupChanged") == 3


@pytest.mark.parametrize(("path", "row", "change"), ROWS, ids=[path for path, _, _ in ROWS])
def test_an_agent_changes_no_setup_and_an_auditor_only_reads_it(
    as_agent: SignIn, cast: Cast, path: str, row: dict[str, Any], change: dict[str, Any]
) -> None:
    assert as_agent(cast.ada).api("POST", f"/{path}", row).status_code == 403
    assert as_agent(cast.ada).get(f"/api/v1/{path}").status_code == 403
    assert as_agent(cast.otto).get(f"/api/v1/{path}").status_code == 200
    assert as_agent(cast.otto).api("PATCH", f"/{path}/1", change).status_code == 403


def test_a_queue_with_work_in_it_cannot_be_deleted_and_says_what_to_do(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    with store.unit_of_work(STAGE) as work:
        for subject in ("One", "Two"):
            a_case(work, cast.cleo, subject, queue=cast.billing)

    refused = as_agent(cast.sam).api("DELETE", f"/queues/{cast.billing.id}")

    assert refused.status_code == 422
    assert refused.json is not None and refused.json["error"]["sentence"] == (
        "Billing cannot be deleted: 2 open cases wait in it. Move them or switch the queue off."
    )


@pytest.mark.parametrize(
    ("path", "step", "name"), [("queues", "set_queue", "Lounge"), ("categories", "set_category", "Lounge")]
)
def test_what_a_macro_names_cannot_be_deleted_until_the_macro_is_changed(
    as_agent: SignIn, cast: Cast, path: str, step: str, name: str
) -> None:
    sam = as_agent(cast.sam)
    row = sam.api("POST", f"/{path}", {"name": name}).json["id"]
    macro = sam.api("POST", "/macros", {"name": "Over", "steps": [{"do": step, "value": row}]}).json["id"]

    refused = sam.api("DELETE", f"/{path}/{row}")

    assert refused.status_code == 422
    assert refused.json["error"]["sentence"] == (
        "Lounge cannot be deleted: 1 macro names it. Change the macro first."
    )
    assert sam.api("DELETE", f"/macros/{macro}").status_code == 204
    assert sam.api("DELETE", f"/{path}/{row}").status_code == 204


@pytest.mark.parametrize(
    ("path", "row", "sentence"),
    [
        ("queues", {"name": "  "}, "name: Fill this in."),
        ("queues", {"name": "New", "offer_seconds": 1}, "offer_seconds: Give 5 or more."),
        ("queues", {"name": "New", "offer_seconds": None}, "offer_seconds: Give a whole number."),
        ("queues", {"name": "x" * 200}, "name: Write at most 120 characters."),
        ("rules", {"name": "x", "conditions": []}, "conditions: Fill this in."),
        ("fields", {"key": "My Key", "label": "Mine"}, "key: Begin with a small letter"),
        ("fields", {"key": "size", "label": "Size", "kind": "colour"}, "kind: Give one of 'text', "),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(
    as_agent: SignIn, cast: Cast, path: str, row: dict[str, Any], sentence: str
) -> None:
    refused = as_agent(cast.sam).api("POST", f"/{path}", row)

    assert refused.status_code == 422
    assert refused.json["error"]["sentence"].startswith(sentence)


@pytest.mark.parametrize(
    ("given", "field"), [({"email": "nowhere"}, "email"), ({"password": "short"}, "password")]
)
def test_an_agent_that_cannot_be_is_refused_by_the_name_of_the_field(
    as_agent: SignIn, cast: Cast, given: dict[str, Any], field: str
) -> None:
    row = {"name": "Nia", "email": "nia@shop.example", **given}

    refused = as_agent(cast.ida).api("POST", "/agents", row)

    assert refused.status_code == 422
    assert refused.json["error"]["field"] == field


@pytest.mark.parametrize(
    ("path", "row", "field"),
    [
        ("queues", {"name": "Support"}, "name"),
        ("queues", {"name": "New", "skills": [{"skill_id": 987654}]}, "skill_id"),
        ("queues", {"name": "New", "team_ids": [987654]}, "team_ids"),
        ("queues", {"name": "New", "offer_seconds": 1}, "offer_seconds"),
        ("queues", {"name": "  "}, "name"),
        ("queues", {"name": "New", "colour": "red"}, "colour"),
        ("teams", {"name": "New", "member_ids": [987654]}, "member_ids"),
        ("categories", {"name": "New", "parent_id": 987654}, "parent_id"),
        ("canned", {"key": "No Spaces", "title": "x", "text": "x"}, "key"),
        ("macros", {"name": "x", "steps": [{"do": "set_queue", "value": 987654}]}, "steps"),
        ("rules", {"name": "x", "conditions": []}, "conditions"),
        ("fields", {"key": "size", "label": "Size", "kind": "choice"}, "options"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_the_name_of_its_field(
    as_agent: SignIn, cast: Cast, path: str, row: dict[str, Any], field: str
) -> None:
    refused = as_agent(cast.sam).api("POST", f"/{path}", row)

    assert refused.status_code == 422
    assert refused.json is not None and refused.json["error"]["field"] == field


def test_there_is_always_one_default_queue_and_it_is_on(as_agent: SignIn, cast: Cast) -> None:
    sam = as_agent(cast.sam)
    support, billing = f"/queues/{cast.support.id}", f"/queues/{cast.billing.id}"

    assert sam.api("PATCH", support, {"active": False}).status_code == 422
    assert sam.api("PATCH", support, {"default": False}).status_code == 422
    assert sam.api("DELETE", support).status_code == 422
    assert sam.api("PATCH", billing, {"default": True}).status_code == 200
    assert sam.api("PATCH", support, {"active": False}).status_code == 200
    defaults = [row["name"] for row in sam.get("/api/v1/queues").json["rows"] if row["default"]]
    assert defaults == ["Billing"]


def test_a_change_of_a_team_makes_the_rights_of_its_members_be_looked_at_again(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    path = f"/teams/{cast.support_team.id}"
    changed = as_agent(cast.sam).api("PATCH", path, {"member_ids": [cast.ben.id]})
    assert changed.status_code == 200

    with store.reading(STAGE) as work:
        rows = work.session.scalars(select(JournalEntry).where(JournalEntry.kind == "RightsChanged"))
        assert {row.payload["agent_id"] for row in rows} == {cast.ada.id, cast.ben.id}


def test_the_short_lists_hold_what_every_agent_needs(as_agent: SignIn, cast: Cast) -> None:
    sam = as_agent(cast.sam)
    sam.api("POST", "/canned", {"key": "hello", "title": "Greeting", "text": "Hello"})

    shown = as_agent(cast.ada).get("/api/v1/setup").json

    assert shown is not None
    assert [queue["name"] for queue in shown["queues"]] == ["Billing", "Support"]
    assert {"name": "Ada Lovelace", "id": cast.ada.id, "presence": "offline"} in shown["agents"]
    assert [reply["key"] for reply in shown["canned"]] == ["hello"]
    assert "Solved" in shown["resolution_reasons"]
    assert set(shown) == {
        "queues", "agents", "teams", "categories", "canned", "macros", "views", "channels", "fields", "tags",
        "resolution_reasons",
    }  # fmt: skip


def test_an_admin_lets_somebody_in_and_the_password_is_shown_once(as_agent: SignIn, cast: Cast) -> None:
    ida = as_agent(cast.ida)
    form = {"name": "Nora New", "email": "Nora@desk.example", "team_ids": [cast.support_team.id]}

    added = ida.api("POST", "/agents", form)

    assert added.status_code == 201 and added.json is not None
    row, password = {**added.json}, added.json["password"]
    del row["password"]
    assert row in ida.get("/api/v1/agents").json["rows"]
    assert row["email"] == "nora@desk.example" and row["capacity"] == {"email": 5, "sms": 3, "chat": 2}
    assert Browser(ida.app).sign_in("nora@desk.example", password).status_code == 303
    assert ida.api("POST", "/agents", form).status_code == 422
    assert as_agent(cast.sam).api("POST", "/agents", {**form, "email": "x@desk.example"}).status_code == 403


def test_skills_and_places_of_an_agent_are_kept_as_given(as_agent: SignIn, cast: Cast, store: Store) -> None:
    ida = as_agent(cast.ida)
    skill = ida.api("POST", "/skills", {"name": "billing"}).json
    assert skill is not None
    change = {"skills": [{"skill_id": skill["id"], "level": 4}], "capacity": {"email": 7}}

    row = ida.api("PATCH", f"/agents/{cast.ada.id}", change).json

    assert row is not None and row["skills"] == change["skills"]
    assert row["capacity"] == {"email": 7, "sms": 3, "chat": 2}
    assert row["team_ids"] == [cast.support_team.id]


def test_who_is_shown_out_is_signed_out_and_their_open_cases_go_back_in_line(
    as_agent: SignIn, cast: Cast, store: Store
) -> None:
    ada, ida = as_agent(cast.ada), as_agent(cast.ida)
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, queue=cast.support)
        assign(work, case, cast.ada.id)

    assert ida.api("DELETE", f"/agents/{cast.ada.id}").status_code == 204

    assert ada.get("/api/v1/me").status_code == 401
    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, case.id).assignee_id is None


def test_nobody_disables_themselves_or_the_last_administrator(as_agent: SignIn, cast: Cast) -> None:
    ida = as_agent(cast.ida)

    assert ida.api("DELETE", f"/agents/{cast.ida.id}").status_code == 422
    assert ida.api("PATCH", f"/agents/{cast.ida.id}", {"role": "agent"}).status_code == 422


def test_policies_hold_their_defaults_until_a_manager_changes_them(as_agent: SignIn, cast: Cast) -> None:
    sam = as_agent(cast.sam)

    first = sam.get("/api/v1/policies").json
    assert first is not None and first["reopen_days"] == 14
    changed = sam.api("PATCH", "/policies", {"desk_name": "Shop", "time_zone": "Europe/Berlin"}).json
    assert changed == {**first, "desk_name": "Shop", "time_zone": "Europe/Berlin"}
    assert sam.api("PATCH", "/policies", {"time_zone": "Mars/Base"}).status_code == 422
    assert sam.api("PATCH", "/policies", {"reopen_days": -1}).status_code == 422
    assert as_agent(cast.ada).api("PATCH", "/policies", {"desk_name": "Mine"}).status_code == 403


def test_a_channel_without_a_mailbox_has_nothing_to_connect_to(as_agent: SignIn, cast: Cast) -> None:
    ida = as_agent(cast.ida)
    added = ida.api("POST", "/channels", {"address": "orders@shop.example"}).get_json()
    assert added["state"] == "ok"
    imap = {"host": "imap.shop.example", "username": "orders", "password": "twelve green bottles"}
    changed = ida.api("PATCH", f"/channels/{added['id']}", {"imap": imap}).get_json()
    assert changed["state"] == "connecting"
    assert ida.api("PATCH", f"/channels/{added['id']}", {"imap": None}).get_json()["state"] == "ok"
