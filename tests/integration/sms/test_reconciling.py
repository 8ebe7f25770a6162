"""What no webhook brought is found in the account's own list, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from desk.actions.setup.channels import remove_channel
from desk.demo.twilio_account import Media
from desk.jobs.fetch_media import fetch_media
from desk.jobs.reconcile_texts import reconcile_texts
from desk.model.channel import ChannelState
from desk.model.message import Attachment
from desk.model.texting import TextCursor
from tests.integration.sms.desk_with_a_number import CLEO, DeskWithANumber
from tests.people import STAGE


def look(desk: DeskWithANumber) -> int:
    """The next look, as if five minutes had passed."""
    with desk.store.unit_of_work(STAGE) as work:
        for cursor in work.session.scalars(select(TextCursor)):
            cursor.looked_at = work.now - timedelta(minutes=6)
    return reconcile_texts(desk.store, desk.settings)


def said(desk: DeskWithANumber) -> list[str]:
    return [one.text for case in desk.cases() for one in desk.messages(case.id)]


def test_a_text_that_no_webhook_brought_is_taken_in_once(desk: DeskWithANumber) -> None:
    desk.receive("Brought")
    desk.twilio.lose(CLEO, "Lost")
    assert look(desk) == 1
    assert look(desk) == 0
    desk.read()
    assert said(desk) == ["Brought", "Lost"]


def test_a_late_webhook_of_a_text_that_was_found_brings_no_second(desk: DeskWithANumber) -> None:
    text = desk.twilio.lose(CLEO, "Lost")
    look(desk)
    assert desk.twilio.bring_again(text) == 200
    desk.read()
    assert said(desk) == ["Lost"]


def test_several_workers_look_once(desk: DeskWithANumber) -> None:
    desk.twilio.lose(CLEO, "Lost")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: reconcile_texts(desk.store, desk.settings), range(4)))
    assert sum(found) == 1
    assert len([one for one in desk.twilio.asked if one.endswith("/Messages.json")]) == 1


def test_its_files_are_found_with_it(desk: DeskWithANumber) -> None:
    desk.twilio.lose(CLEO, "Look", (Media("text/plain", b"hello"),))
    look(desk)
    desk.read()
    fetch_media(desk.store, desk.settings)
    with desk.store.reading(STAGE) as work:
        assert [one.type for one in work.session.scalars(select(Attachment))] == ["text/plain"]


def test_what_came_before_the_number_was_ours_stays_away(desk: DeskWithANumber) -> None:
    old = desk.twilio.lose(CLEO, "Long ago")
    old.at = datetime.now(UTC) - timedelta(minutes=8)
    assert look(desk) == 0


def test_while_the_account_is_away_nothing_is_lost(desk: DeskWithANumber) -> None:
    desk.twilio.lose(CLEO, "Lost")
    token, desk.twilio.auth_token = desk.twilio.auth_token, "changed"
    assert look(desk) == 0
    with desk.store.reading(STAGE) as work:
        assert desk.kept_channel(work).state is ChannelState.TROUBLE
    desk.twilio.auth_token = token
    assert look(desk) == 1


def test_a_number_that_was_only_looked_at_can_be_removed(desk: DeskWithANumber) -> None:
    look(desk)
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work:
        remove_channel(work, desk.channel.id)
    with desk.store.reading(STAGE) as work:
        assert work.session.scalars(select(TextCursor)).all() == []
