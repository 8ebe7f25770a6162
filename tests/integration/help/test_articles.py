"""Agents write, managers publish, customers see what was published and nothing else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from desk.store.unit_of_work import Store
from tests.integration.help.conftest import Shelf, SignIn
from tests.people import Cast
from tests.security.browser import Browser


def made(browser: Browser, collection_id: int, title: str = "A question", body: str = "") -> dict[str, Any]:
    answer = browser.api("POST", "/articles", {"collection_id": collection_id, "title": title, "body": body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_an_agent_drafts_and_a_manager_publishes(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    draft = made(ada, shelf.delivery.id, "Parcel lost?", "Tell us the number.")
    assert draft["state"] == "draft" and draft["slug"] == "parcel-lost"
    version = {"version": draft["version"]}
    assert ada.api("PUT", f"/articles/{draft['id']}/publication", version).status_code == 403

    shown = sam.api("PUT", f"/articles/{draft['id']}/publication", version)

    assert shown.status_code == 200 and shown.json["state"] == "published" and not shown.json["changed"]


def test_a_draft_of_a_published_article_changes_nothing_for_customers(
    as_agent: SignIn, cast: Cast, shelf: Shelf, store: Store
) -> None:
    ada = as_agent(cast.ada)
    article = ada.api("GET", f"/articles/{shelf.where.id}").json
    change = {"version": article["version"], "body": "Something half written"}

    saved = ada.api("PATCH", f"/articles/{article['id']}", change).json

    assert saved["changed"] and saved["version"] == article["version"] + 1
    with store.reading(cast.actor(cast.sam)) as w:
        assert w.session.get_one(type(shelf.where), article["id"]).shown_body == shelf.where.body


def test_only_who_may_publish_moves_what_is_published(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    change = {"version": shelf.where.version, "collection_id": shelf.machines.id}
    path = f"/articles/{shelf.where.id}"
    assert as_agent(cast.ada).api("PATCH", path, change).status_code == 403
    assert as_agent(cast.sam).api("PATCH", path, change).status_code == 200


def test_who_writes_on_an_old_version_is_told_what_is_new(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    path, version = f"/articles/{shelf.draft.id}", shelf.draft.version
    sam.api("PATCH", path, {"version": version, "body": "Sam was faster."})

    refused = ada.api("PATCH", path, {"version": version, "body": "Ada was late."})

    assert refused.status_code == 409
    assert refused.json["error"]["current"]["body"] == "Sam was faster."
    assert ada.api("GET", path).json["body"] == "Sam was faster."
    assert ada.api("PUT", f"{path}/revisions/1/restoration", {"version": version}).status_code == 409


def test_one_sitting_is_one_revision_and_another_author_begins_a_new_one(
    as_agent: SignIn, cast: Cast, shelf: Shelf
) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    draft = made(ada, shelf.delivery.id)
    path = f"/articles/{draft['id']}"
    for body in ("one", "one two", "one two three"):
        draft = ada.api("PATCH", path, {"version": draft["version"], "body": body}).json
    draft = sam.api("PATCH", path, {"version": draft["version"], "body": "four"}).json

    rows = sam.api("GET", f"{path}/revisions").json["rows"]

    assert [(row["number"], row["body"], row["author"]) for row in rows] == [
        (2, "four", "Sam Beckett"),
        (1, "one two three", "Ada Lovelace"),
    ]


def test_the_address_follows_the_title_until_it_was_published(
    as_agent: SignIn, cast: Cast, shelf: Shelf
) -> None:
    sam = as_agent(cast.sam)
    draft = made(sam, shelf.delivery.id, "", "Words")
    path = f"/articles/{draft['id']}"
    assert draft["title"] == "Untitled"
    for title in ("Ca", "Can I", "Can I change it?"):
        draft = sam.api("PATCH", path, {"version": draft["version"], "title": title}).json
    assert draft["slug"] == "can-i-change-it"
    shown = sam.api("PUT", f"{path}/publication", {"version": draft["version"]}).json
    later = sam.api("PATCH", path, {"version": shown["version"], "title": "Changing it"}).json
    assert later["slug"] == "can-i-change-it"


def test_what_was_published_stays_in_its_revision(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam = as_agent(cast.sam)
    draft = made(sam, shelf.delivery.id, body="first")
    path = f"/articles/{draft['id']}"
    shown = sam.api("PUT", f"{path}/publication", {"version": draft["version"]}).json
    sam.api("PATCH", path, {"version": shown["version"], "body": "second"})

    rows = sam.api("GET", f"{path}/revisions").json["rows"]

    assert [(row["number"], row["body"], row["shown"]) for row in rows] == [
        (2, "second", False),
        (1, "first", True),
    ]


def test_a_revision_can_be_written_again(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    draft = made(ada, shelf.delivery.id, "Old title", "Old words")
    path = f"/articles/{draft['id']}"
    new = sam.api("PATCH", path, {"version": draft["version"], "title": "New", "body": "New words"}).json

    back = sam.api("PUT", f"{path}/revisions/1/restoration", {"version": new["version"]}).json

    assert (back["title"], back["body"], back["revision"]) == ("Old title", "Old words", 3)
    assert sam.api("PUT", f"{path}/revisions/9/restoration", {"version": back["version"]}).status_code == 404


def test_an_archived_article_is_nowhere_and_comes_back_as_a_draft(
    as_agent: SignIn, cast: Cast, shelf: Shelf
) -> None:
    ada, sam = as_agent(cast.ada), as_agent(cast.sam)
    path = f"/articles/{shelf.where.id}"
    assert ada.api("PUT", f"{path}/archive").status_code == 403
    assert sam.api("PUT", f"{path}/archive").json["state"] == "archived"
    assert sam.api("PUT", f"{path}/archive").status_code == 422
    assert shelf.where.id not in [row["id"] for row in sam.api("GET", "/articles").json["rows"]]
    archive = sam.api("GET", "/articles?state=archived").json["rows"]
    assert [row["id"] for row in archive] == [shelf.where.id]
    assert sam.api("PATCH", path, {"version": archive[0]["version"], "body": "x"}).status_code == 409
    assert ada.api("DELETE", f"{path}/archive").json["state"] == "draft"
    assert sam.get(f"/help/articles/{shelf.where.slug}").status_code == 404


def test_the_list_stands_in_order_and_is_searched(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam = as_agent(cast.sam)
    order = {"ids": [shelf.steam.id, shelf.descale.id]}
    assert sam.api("PUT", f"/collections/{shelf.machines.id}/order", order).status_code == 204
    assert sam.api("PUT", "/collections/order", {"ids": [shelf.machines.id]}).status_code == 204

    titles = [row["title"] for row in sam.api("GET", "/articles").json["rows"]]

    assert titles == [
        "No steam comes out",
        "How to descale the machine",
        "Secret recall plan",
        "Where is my order?",
    ]
    found = sam.api("GET", "/articles?q=nozzle STEAM").json["rows"]
    assert [row["id"] for row in found] == [shelf.steam.id]
    strange = sam.api("PUT", f"/collections/{shelf.machines.id}/order", {"ids": [shelf.where.id]})
    assert strange.status_code == 422


def test_a_collection_goes_only_when_it_is_empty(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam, ada = as_agent(cast.sam), as_agent(cast.ada)
    assert sam.api("DELETE", f"/collections/{shelf.machines.id}").status_code == 409
    empty = sam.api("POST", "/collections", {"title": "Delivery"}).json
    assert empty["slug"] == "delivery-2"
    assert ada.api("DELETE", f"/collections/{empty['id']}").status_code == 403
    assert sam.api("DELETE", f"/collections/{empty['id']}").status_code == 204


def test_the_preview_is_what_customers_would_see(as_agent: SignIn, cast: Cast) -> None:
    shown = as_agent(cast.ada).api("POST", "/articles/preview", {"body": "# Hi\n[x](javascript:alert(1))"})
    assert '<h2 id="s-hi">Hi</h2>' in shown.json["html"]
    assert "href" not in shown.json["html"]


def test_an_auditor_reads_and_writes_nothing(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    otto = as_agent(cast.otto)
    assert otto.api("GET", f"/articles/{shelf.draft.id}").status_code == 200
    assert otto.api("PATCH", f"/articles/{shelf.draft.id}", {"version": 1}).status_code == 403


def test_an_empty_or_huge_article_is_refused_in_words(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    sam = as_agent(cast.sam)
    draft = made(sam, shelf.delivery.id, body="  ")
    path = f"/articles/{draft['id']}"
    empty = sam.api("PUT", f"{path}/publication", {"version": draft["version"]})
    assert empty.json["error"]["sentence"] == "The article is empty."
    huge = sam.api("PATCH", path, {"version": draft["version"], "body": "x" * 100_001})
    assert huge.status_code == 422 and huge.json["error"]["field"] == "body"


def test_a_file_is_kept_with_its_true_type(as_agent: SignIn, cast: Cast, shelf: Shelf) -> None:
    ada = as_agent(cast.ada)
    kept = ada.ask(
        "POST",
        f"/api/v1/articles/{shelf.draft.id}/files",
        data={"file": (BytesIO(b"<svg onload='alert(1)'/>"), "drawing.svg")},
    )
    assert kept.status_code == 201 and kept.json["type"] == "text/plain"
    assert kept.json["url"].startswith("/help/files/")
