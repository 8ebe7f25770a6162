"""Reading the texts that the inbox holds: one commit a text, one fate a text."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError

from desk.actions.mail.reading import set_aside
from desk.actions.texts.reading import take_in_text
from desk.model.errors import Conflict, UnreadableMail
from desk.model.inbound import ChannelKind
from desk.model.permission import system
from desk.settings import Settings
from desk.store.failpoints import failpoint
from desk.store.inbox import ATTEMPTS, Claimed, claim, leave_for_later
from desk.store.unit_of_work import Store

BATCH = 20
TEXT_DESK = system("texts")
_PAUSE = timedelta(seconds=2)

log = structlog.get_logger(__name__)


def read_texts(store: Store, _settings: Settings) -> int:
    """Read everything that is due; how many texts were tried."""
    tried = 0
    while True:
        with store.unit_of_work(TEXT_DESK) as work:
            claimed = claim(work.line, now=work.now, limit=BATCH, kind=ChannelKind.SMS)
        if not claimed:
            return tried
        for kept in claimed:
            _read(store, kept)
        tried += len(claimed)
        failpoint("after_receive")


def _read(store: Store, kept: Claimed) -> None:
    if kept.attempts > ATTEMPTS:
        return _set_aside(store, kept, f"The program stopped {ATTEMPTS} times while this text was read.")
    try:
        failpoint("mid_parse")
        with store.unit_of_work(TEXT_DESK) as work:
            take_in_text(work, kept)
    except OperationalError:
        raise
    except UnreadableMail as error:
        # Nothing about it will be clearer at a second try.
        _set_aside(store, kept, error.sentence)
    except Conflict as error:
        _later(store, kept, error.sentence)
    except Exception as error:
        # The edge of the job: whatever it is, it is this text's fate and no other's.
        log.exception("text_not_taken_in", inbox=kept.id)
        reason = f"It could not be taken in ({type(error).__name__})."
        if kept.attempts >= ATTEMPTS:
            _set_aside(store, kept, reason)
        else:
            _later(store, kept, reason)
    return None


def _later(store: Store, kept: Claimed, reason: str) -> None:
    with store.unit_of_work(TEXT_DESK) as work:
        leave_for_later(work.session, kept.id, work.now + _PAUSE * kept.attempts, reason)


def _set_aside(store: Store, kept: Claimed, reason: str) -> None:
    with store.unit_of_work(TEXT_DESK) as work:
        set_aside(work, kept, reason)
    log.warning("text_quarantined", inbox=kept.id, reason=reason)
