"""Facts leave the desk: noted who took them, then written from one snapshot."""

from __future__ import annotations

from pathlib import Path

from desk.actions.exports import note_export
from desk.model.permission import Actor, Permission
from desk.store.insights.facts.parquet import Told, write_facts
from desk.store.policies import policy
from desk.store.unit_of_work import Store


def export_facts(
    store: Store, actor: Actor, folder: Path, *, names: bool, told: Told = lambda table, rows: None
) -> dict[str, int]:
    """Every table of the star as Parquet in `folder`; rows by table. With `names`, those of people too.

    Who took what stands in the audit log before the first row leaves. Raises Forbidden, Conflict, Invalid.
    """
    with store.unit_of_work(actor) as work:
        note_export(work, "facts", {"names": names})
        zone = policy(work.session, "time_zone", "UTC")
    with store.reading(actor) as work:
        work.require(Permission.EXPORT)
        about = {"written_at": work.now}
        return write_facts(work.connection, folder, zone=zone, names=names, about=about, told=told)
