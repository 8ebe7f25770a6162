"""The whole way with real servers: a mailbox is watched, a case is opened, an answer leaves by SMTP."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select

from desk.channels.email.smtp import send
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.wire import Encryption
from desk.jobs.mailroom import Mailroom
from desk.model.channel import ChannelState
from desk.model.message import Message, MessageKind
from desk.model.transit import Inbox, InboxState
from desk.store.channels import get_channel
from desk.store.vault import Vault
from tests.integration.mail_flow.desk_at_work import HELP, SECRET, DeskAtWork, a_mail
from tests.integration.mail_flow.processes import job, until
from tests.people import STAGE
from tests.servers import dovecot as servers
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink

KILLS = (
    "before_raw_commit",
    "after_raw_commit",
    "after_flag",
    "mid_parse",
    "inside_receive",
    "after_receive",
)


@pytest.fixture
def mailbox(desk: DeskAtWork) -> Iterator[Dovecot]:
    """A real mailbox, set up as the channel's."""
    if not servers.is_installed():
        pytest.skip(servers.WHY_MISSING)
    with servers.dovecot() as server:
        imap = {
            "host": "127.0.0.1",
            "port": server.port,
            "tls": "plain",
            "username": "help",
            "after_fetch": "flag",
        }
        with desk.store.unit_of_work(STAGE) as work:
            channel = get_channel(work.session, desk.cast.mail.id, lock=True)
            channel.config = {**channel.config, "imap": imap}
            channel.secrets = Vault(SECRET).seal_values({"imap_password": PASSWORD})
        yield server


def test_a_mail_in_a_mailbox_is_answered_and_the_reply_joins_the_case(
    desk: DeskAtWork, sink: Sink, mailbox: Dovecot
) -> None:
    with _mailroom(desk):
        mailbox.deliver("help", a_mail(message_id="first@example.org"))
        until(lambda: len(desk.cases()) == 1)
        (case,) = desk.cases()
        desk.answer(case.id)
        desk.deliver()
        mail = message_from_bytes(sink.kept[0].raw, policy=default)
        assert mail["In-Reply-To"] == "<first@example.org>"
        mailbox.deliver("help", a_mail(to=mail["Reply-To"], text="Thank you."))
        until(lambda: len(desk.messages(case.id, MessageKind.INBOUND)) == 2)
    with desk.store.reading(STAGE) as work:
        assert get_channel(work.session, desk.cast.mail.id).state is ChannelState.OK
    assert len(desk.cases()) == 1


def test_a_wrong_password_is_said_on_the_channel(desk: DeskAtWork, mailbox: Dovecot) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        channel = get_channel(work.session, desk.cast.mail.id, lock=True)
        channel.secrets = Vault(SECRET).seal_values({"imap_password": "wrong"})
    with _mailroom(desk):
        until(lambda: _channel_state(desk) is ChannelState.TROUBLE)
    with desk.store.reading(STAGE) as work:
        assert "help" in (get_channel(work.session, desk.cast.mail.id).trouble or "")


def test_two_mailrooms_on_one_mailbox_take_every_mail_in_once(desk: DeskAtWork, mailbox: Dovecot) -> None:
    with _mailroom(desk), _mailroom(desk):
        for number in range(40):
            mailbox.deliver("help", a_mail(sender=f"p{number}@people.example", subject=f"No. {number}"))
        until(lambda: len(desk.cases()) == 40)
        time.sleep(0.5)
    assert len(desk.cases()) == 40
    assert _count(desk, Inbox) == 40


def test_the_door_takes_a_mail_and_refuses_a_stranger_to_it(desk: DeskAtWork) -> None:
    settings = desk.settings.model_copy(update={"smtp_in_port": free_port()})
    desk.settings = settings
    with _mailroom(desk) as room:
        assert room.door is not None
        account = SmtpAccount("127.0.0.1", port=room.door.smtp_port, encryption=Encryption.PLAIN)
        send(account, "cleo@example.org", [HELP], a_mail())
        until(lambda: len(desk.cases()) == 1)
        from desk.model.errors import Undeliverable

        with pytest.raises(Undeliverable):
            send(account, "cleo@example.org", ["nobody@shop.example"], a_mail())


@pytest.mark.parametrize("point", KILLS)
def test_a_mailroom_killed_anywhere_leaves_each_mail_exactly_once(
    desk: DeskAtWork, mailbox: Dovecot, point: str
) -> None:
    mailbox.deliver_all(
        "help", [a_mail(sender=f"p{n}@people.example", subject=f"{point} {n}") for n in range(5)]
    )
    died = job("mailroom", desk.settings, f"{point}:1")
    assert died.wait(120) == -signal.SIGKILL
    _forget_leases(desk)
    with _mailroom(desk):
        until(lambda: len(desk.cases()) == 5 and _count(desk, Inbox, InboxState.RECEIVED) == 0)
        time.sleep(0.3)
    assert len(desk.cases()) == 5
    assert _count(desk, Message) == 5


def test_a_backlog_of_a_thousand_mails_is_taken_in_completely(desk: DeskAtWork, mailbox: Dovecot) -> None:
    mailbox.deliver_all(
        "help", [a_mail(sender=f"p{n}@people.example", subject=f"Late {n}") for n in range(1000)]
    )
    with _mailroom(desk):
        until(lambda: _count(desk, Message) == 1000, seconds=400)
    assert len(desk.cases()) == 1000
    subjects = [case.subject for case in desk.cases()]
    assert subjects == [f"Late {n}" for n in range(1000)]


@contextmanager
def _mailroom(desk: DeskAtWork) -> Iterator[Mailroom]:
    room = Mailroom(desk.store, desk.settings)
    room.open()
    try:
        yield room
    finally:
        room.close()


def _forget_leases(desk: DeskAtWork) -> None:
    """What a dead process had claimed is due now, not in a minute."""
    with desk.store.unit_of_work(STAGE) as work:
        for mail in work.session.scalars(select(Inbox).where(Inbox.state == InboxState.RECEIVED)):
            mail.not_before = work.now


def _count(desk: DeskAtWork, table: type[Inbox | Message], state: InboxState | None = None) -> int:
    statement = select(func.count()).select_from(table)
    if state is not None:
        statement = statement.where(Inbox.state == state)
    with desk.store.reading(STAGE) as work:
        return work.session.scalar(statement) or 0


def _channel_state(desk: DeskAtWork) -> ChannelState:
    with desk.store.reading(STAGE) as work:
        return get_channel(work.session, desk.cast.mail.id).state
