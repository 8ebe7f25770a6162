"""Saved views: a filter with a name, one agent's own or shared with all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.model.agent import SavedView
from desk.model.errors import Forbidden, NotFound
from desk.model.events import SetupChanged
from desk.model.permission import Permission
from desk.store.cases.saved_views import find_view, views_of_agent
from desk.store.unit_of_work import Work


def views_shown(work: Work) -> list[dict[str, Any]]:
    """The actor's own views and the shared ones, by name."""
    return [view_shown(view) for view in views_of_agent(work.session, work.actor.agent_id)]


def save_view(work: Work, name: str, narrowed: Mapping[str, Any], *, shared: bool) -> SavedView:
    """A new view of the actor's. Sharing one takes the right to."""
    if work.actor.agent_id is None:
        raise Forbidden("Only an agent has views.")
    if shared:
        work.require(Permission.SHARE_VIEWS)
    view = SavedView(agent_id=work.actor.agent_id, name=name, filter=dict(narrowed), shared=shared)
    work.session.add(view)
    work.session.flush()
    _tell(work, view)
    return view


def change_view(work: Work, view_id: int, changes: Mapping[str, Any]) -> SavedView:
    """Rename, narrow, share or keep to oneself."""
    view = _view_to_change(work, view_id)
    if changes.get("shared"):
        work.require(Permission.SHARE_VIEWS)
    for name in ("name", "filter", "shared"):
        if name in changes:
            setattr(view, name, changes[name])
    _tell(work, view)
    return view


def drop_view(work: Work, view_id: int) -> None:
    """The view is gone, for everybody it was shared with as well."""
    view = _view_to_change(work, view_id)
    work.session.delete(view)
    _tell(work, view)


def view_for(work: Work, view_id: int) -> SavedView:
    """A view that the actor may use. Raises NotFound."""
    view = find_view(work.session, view_id, work.actor.agent_id)
    if view is None:
        raise NotFound(f"There is no view {view_id}.")
    return view


def view_shown(view: SavedView) -> dict[str, Any]:
    """The view as a screen knows it."""
    return {"id": view.id, "name": view.name, "shared": view.shared, "filter": view.filter}


def _view_to_change(work: Work, view_id: int) -> SavedView:
    """One's own, or a shared one for those who may share. Raises NotFound, Forbidden."""
    view = view_for(work, view_id)
    if view.agent_id != work.actor.agent_id:
        work.require(Permission.SHARE_VIEWS)
    return view


def _tell(work: Work, view: SavedView) -> None:
    work.record(SetupChanged(table="views", row_id=view.id))
