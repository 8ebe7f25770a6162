"""Business calendars: kept by name, changed version by version, so that a clock knows by which it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desk.actions.setup.audit import audit
from desk.model.errors import Invalid, NotFound
from desk.model.events import SetupChanged
from desk.model.permission import Permission
from desk.model.queue import Queue
from desk.model.sla import Calendar, CalendarVersion
from desk.sla.calendars import checked_calendar
from desk.sla.holidays import countries
from desk.store.clocks.calendars import calendars_kept, current_version, is_held, no_default_but, queues_by
from desk.store.unit_of_work import Work

CONTENT = ("zone", "days", "country", "region", "special")


def calendars_shown(work: Work) -> list[dict[str, Any]]:
    """Every calendar as it is now, and the queues that work by it."""
    work.require(Permission.READ_SETUP)
    return [_shown(work, calendar, version) for calendar, version in calendars_kept(work.session)]


def countries_shown(work: Work) -> list[dict[str, Any]]:
    """The countries whose holidays are known, with the codes of their regions."""
    work.require(Permission.READ_SETUP)
    return [{"code": code, "regions": list(regions)} for code, regions in countries().items()]


def add_calendar(work: Work, values: Mapping[str, Any]) -> dict[str, Any]:
    """A new calendar; the first one is the default. Raises Invalid for hours that cannot be."""
    work.require(Permission.EDIT_POLICIES)
    content = checked_calendar(values, work.now)
    calendar = Calendar(name=values["name"], created_at=work.now)
    is_first = not calendars_kept(work.session)
    if is_first or values.get("default"):
        no_default_but(work.session, calendar)
        calendar.is_default = True
    work.session.add(calendar)
    _flush(work, calendar.name)
    version = _add_version(work, calendar, 1, content)
    _set_queues(work, calendar, values.get("queue_ids"))
    return _told(work, calendar, version, "added", values)


def change_calendar(work: Work, calendar_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given. Other hours are a new version, which holds for clocks from now on."""
    work.require(Permission.EDIT_POLICIES)
    calendar = _calendar(work, calendar_id)
    version = current_version(work.session, calendar_id)
    content = checked_calendar({**version.content, **_content(values)}, work.now)
    calendar.name = values.get("name", calendar.name)
    if values.get("default"):
        no_default_but(work.session, calendar)
        calendar.is_default = True
    elif values.get("default") is False and calendar.is_default:
        raise Invalid("Make another calendar the default one instead.", "default")
    _flush(work, calendar.name)
    if content != version.content:
        version.is_current = False
        work.session.flush()
        version = _add_version(work, calendar, version.number + 1, content)
    _set_queues(work, calendar, values.get("queue_ids"))
    return _told(work, calendar, version, "changed", values)


def remove_calendar(work: Work, calendar_id: int) -> None:
    """Delete a calendar. Raises Invalid while queues or clocks hold on to it, or it is the default."""
    work.require(Permission.EDIT_POLICIES)
    calendar = _calendar(work, calendar_id)
    if calendar.is_default:
        raise Invalid(f"{calendar.name} is the default calendar. Make another one the default first.")
    queues = queues_by(work.session).get(calendar.id, [])
    if queues:
        raise Invalid(f"{len(queues)} queues work by {calendar.name}. Give them another calendar first.")
    if is_held(work.session, calendar.id):
        raise Invalid(f"Clocks of cases ran by {calendar.name}; it stays, so that they can be explained.")
    work.session.delete(current_version(work.session, calendar.id))
    work.session.flush()
    work.session.delete(calendar)
    audit(work, "calendar deleted", f"calendars:{calendar_id}", {"name": calendar.name})
    work.record(SetupChanged(table="calendars", row_id=calendar_id))


def _calendar(work: Work, calendar_id: int) -> Calendar:
    found = work.session.get(Calendar, calendar_id, with_for_update=True)
    if found is None:
        raise NotFound(f"There is no calendar {calendar_id}.")
    return found


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in CONTENT if name in values}


def _flush(work: Work, name: str) -> None:
    try:
        work.session.flush()
    except IntegrityError as error:
        raise Invalid(f"There is a calendar “{name}” already.", "name") from error


def _add_version(work: Work, calendar: Calendar, number: int, content: dict[str, Any]) -> CalendarVersion:
    version = CalendarVersion(
        calendar_id=calendar.id, number=number, content=content, at=work.now, agent_id=work.actor.agent_id
    )
    work.session.add(version)
    work.session.flush()
    return version


def _set_queues(work: Work, calendar: Calendar, queue_ids: Sequence[int] | None) -> None:
    """Exactly these queues work by it; those that did so before take the default one."""
    if queue_ids is None:
        return
    wanted = set(queue_ids)
    queues = {queue.id: queue for queue in work.session.scalars(select(Queue).order_by(Queue.id))}
    missing = wanted - queues.keys()
    if missing:
        raise Invalid(f"There is no queue {min(missing)}.", "queue_ids")
    for queue in queues.values():
        if queue.id in wanted:
            queue.calendar_id = calendar.id
        elif queue.calendar_id == calendar.id:
            queue.calendar_id = None


def _shown(work: Work, calendar: Calendar, version: CalendarVersion) -> dict[str, Any]:
    return {
        "id": calendar.id,
        "name": calendar.name,
        "default": calendar.is_default,
        "version": version.number,
        "changed_at": version.at,
        "queue_ids": queues_by(work.session).get(calendar.id, []),
        **{name: version.content[name] for name in CONTENT},
    }


def _told(
    work: Work, calendar: Calendar, version: CalendarVersion, deed: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    work.session.flush()
    audit(work, f"calendar {deed}", f"calendars:{calendar.id}", {**values, "version": version.number})
    work.record(SetupChanged(table="calendars", row_id=calendar.id))
    return _shown(work, calendar, version)
