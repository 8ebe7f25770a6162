"""What is looked at again when its turn to leave comes: whoever said no meanwhile is not written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desk.actions.insights.surveys import hold_survey
from desk.actions.proactive.post import hold_proactive
from desk.model.transit import PROACTIVE, PROACTIVE_TEXT, SURVEY, SURVEY_TEXT, Outbox
from desk.store.unit_of_work import Work

_HOLDS: Mapping[str, Callable[[Work, int], bool]] = {
    PROACTIVE: hold_proactive,
    PROACTIVE_TEXT: hold_proactive,
    SURVEY: hold_survey,
    SURVEY_TEXT: hold_survey,
}


def held_back(work: Work, outgoing: Outbox) -> bool:
    """Whether it does not leave now: withdrawn for good, or put off to a better hour."""
    hold = _HOLDS.get(outgoing.kind)
    return hold is not None and hold(work, outgoing.id)
