"""The audit log: a chain that shows what was changed in it, and who did what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text, update

from desk.actions.setup.audit import audit
from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.store.audit import first_broken
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast
from tests.security.browser import Browser, give_password

AsAgent = Callable[[Agent], Browser]


@pytest.fixture
def chain(store: Store, cast: Cast) -> list[int]:
    """Five lines, in two transactions."""
    for numbers in (range(2), range(2, 5)):
        with store.unit_of_work(cast.actor(cast.ida), address="192.0.2.1") as w:
            for number in numbers:
                audit(w, "queue changed", f"queue:{number}", {"before": number, "after": "ü"})
    with store.reading(STAGE) as w:
        return list(w.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def broken(store: Store) -> int | None:
    with store.reading(STAGE) as w:
        return first_broken(w.session)


def test_an_untouched_chain_is_whole(store: Store, chain: list[int]) -> None:
    assert broken(store) is None


@pytest.mark.parametrize(
    "change",
    [
        {"who": "nobody"},
        {"what": "x"},
        {"about": "x"},
        {"address": "x"},
        {"detail": {}},
        {"digest": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_line_changed_in_the_database_shows(
    store: Store, chain: list[int], change: dict[str, object]
) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.execute(update(AuditEntry).where(AuditEntry.id == chain[2]).values(**change))

    assert broken(store) == chain[2]


def test_a_moment_that_was_moved_shows(store: Store, chain: list[int]) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.execute(
            text("UPDATE audit_log SET at = at - interval '1 second' WHERE id = :id"), {"id": chain[1]}
        )

    assert broken(store) == chain[1]


def test_a_line_taken_out_shows_at_the_next(store: Store, chain: list[int]) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.execute(delete(AuditEntry).where(AuditEntry.id == chain[1]))

    assert broken(store) == chain[2]


def test_a_deed_that_is_rolled_back_leaves_no_line(store: Store, chain: list[int], cast: Cast) -> None:
    with pytest.raises(RuntimeError), store.unit_of_work(STAGE) as w:
        audit(w, "never happened", "x")
        raise RuntimeError

    assert broken(store) is None
    with store.reading(STAGE) as w:
        assert len(w.session.scalars(select(AuditEntry.id)).all()) == len(chain)


def test_signing_in_and_being_refused_are_in_the_log(
    stranger: Browser, as_agent: AsAgent, store: Store, cast: Cast
) -> None:
    give_password(store, cast.ada)
    stranger.sign_in(cast.ada.email, "wrong")
    stranger.sign_in("who@else.example", "wrong")
    stranger.sign_in(cast.ada.email)
    rows = as_agent(cast.otto).api("GET", "/audit").json["rows"]
    lines = [(row["what"], row["about"], row["ok"]) for row in reversed(rows)][-4:-1]

    ada = f"agent:{cast.ada.id}"
    assert lines == [
        ("sign-in refused", ada, False),
        ("sign-in refused", "nobody", False),
        ("signed in", ada, True),
    ]
    assert [row["about_name"] for row in reversed(rows)][-4:-1] == ["Ada Lovelace", None, "Ada Lovelace"]
    assert "who@else" not in str(rows)
    assert {row["from"] for row in rows[1:4]} == {"203.0.113.5"}


def test_the_log_is_read_page_by_page(as_agent: AsAgent, chain: list[int], cast: Cast) -> None:
    ida = as_agent(cast.ida)
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ida.api("GET", f"/audit?limit=2{f'&cursor={cursor}' if cursor else ''}").json
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next"]

    assert [number for number in reversed(seen) if number in chain] == chain
    assert len(seen) == len(set(seen))


def test_the_log_is_searched_as_a_whole_by_every_word(
    as_agent: AsAgent, cast: Cast, store: Store, chain: list[int]
) -> None:
    with store.unit_of_work(cast.actor(cast.ida), address="192.0.2.7") as w:
        audit(w, "agent changed", f"agent:{cast.sam.id}", {"role": "100%"})
        audit(w, "sign-in refused", f"agent:{cast.ada.id}")
    otto = as_agent(cast.otto)

    def found(**asked: object) -> list[str]:
        rows = otto.get("/api/v1/audit", query_string={"limit": 200, **asked}).json["rows"]
        return [row["about"] for row in rows if not row["what"].startswith("signed")]

    assert found(q="QUEUE changed", limit=200) == [f"queue:{number}" for number in (4, 3, 2, 1, 0)]
    assert found(q="queue ü 192.0.2.1", cursor=chain[2]) == ["queue:1", "queue:0"]
    assert found(q="100%") == [f"agent:{cast.sam.id}"]
    assert found(q="1_0%") == []
    assert found(q=cast.ada.name, refused=True) == [f"agent:{cast.ada.id}"]
