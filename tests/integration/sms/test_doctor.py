"""The doctor finds a number whose calls nobody could tell from forgeries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from desk.cli.doctor import Health, _mailboxes
from desk.store.channels import get_channel
from tests.integration.sms.desk_with_a_number import DeskWithANumber
from tests.people import STAGE


def found(desk: DeskWithANumber) -> list[str]:
    with Session(desk.store.engine) as session:
        return [one.what for one in _mailboxes(session) if one.health is Health.ILL]


def test_a_number_without_its_token_is_ill(desk: DeskWithANumber) -> None:
    assert found(desk) == []
    with desk.store.unit_of_work(STAGE) as work:
        get_channel(work.session, desk.channel.id).secrets = None
    assert found(desk) == ["channel Texts: no auth token, so nothing is taken in or sent"]
