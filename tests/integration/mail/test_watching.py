"""A mailbox is kept read through everything that its server and its token may do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from desk.channels.email import watch
from desk.channels.email.imap import MailboxAccount, open_mailbox
from desk.channels.email.mailbox import Cursor, FetchedMail
from desk.channels.email.oauth import OAuthClient, TokenSource
from desk.channels.email.watch import MailboxState, catch_up, look_back, watch_mailbox
from desk.channels.email.wire import Encryption
from tests.integration.mail.conftest import AccountFor
from tests.servers.dovecot import WHY_MISSING, Dovecot, dovecot, is_installed
from tests.servers.hostile_imap import HostileImap
from tests.servers.oauth import Provider


def mail(number: int) -> bytes:
    return f"Subject: {number}\r\n\r\nHello {number}\r\n".encode()


@dataclass
class Shelf:
    """A keeper in memory; `dies_at` fails once, as a database does that goes away; `meanwhile` happens once,
    while a mail is kept.
    """

    mails: dict[tuple[int, int], FetchedMail] = field(default_factory=dict)
    at: Cursor = field(default_factory=Cursor)
    states: list[tuple[MailboxState, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dies_at: int | None = None
    meanwhile: Callable[[], object] | None = None

    def cursor(self) -> Cursor:
        return self.at

    def keep(self, mails: Sequence[FetchedMail], cursor: Cursor | None) -> None:
        if self.dies_at is not None and self.dies_at < len(self.mails) + len(mails):
            self.dies_at = None
            raise RuntimeError("the database went away")
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()
        for mail in mails:
            self.mails.setdefault((mail.uidvalidity, mail.uid), mail)
        self.at = cursor or self.at

    def kept_uids(self, uidvalidity: int, since: datetime) -> Container[int]:
        return {uid for validity, uid in self.mails if validity == uidvalidity}

    def report(self, state: MailboxState, sentence: str) -> None:
        self.states.append((state, sentence))

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    @property
    def raws(self) -> list[bytes]:
        return [mail.raw for mail in self.mails.values()]


@contextmanager
def watching(account: MailboxAccount, shelf: Shelf) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(
        target=watch_mailbox, args=(account, shelf, stop), kwargs={"random": lambda: 0.1}
    )
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


def comes_true(holds: Callable[[], bool], within_seconds: float = 60) -> bool:
    ends_at = time.monotonic() + within_seconds
    while time.monotonic() < ends_at:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_old_and_new_mail_is_kept_once_and_in_order(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    shelf = Shelf()
    mail_server.deliver_all(user, [mail(1), mail(2)])
    with watching(account_for(after_fetch="move:Processed"), shelf):
        assert comes_true(lambda: len(shelf.mails) == 2)
        mail_server.deliver(user, mail(3))
        assert comes_true(lambda: len(shelf.mails) == 3)
    assert shelf.raws == [mail(1), mail(2), mail(3)]
    assert (shelf.states, shelf.warnings) == ([(MailboxState.READING, "")], [])
    with mail_server.visit(user) as person:
        assert person.folder_status("Processed")[b"MESSAGES"] == 3


def test_mail_that_comes_while_another_is_kept_does_not_wait_for_the_next_poll(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    shelf = Shelf()
    with watching(account_for(after_fetch="flag"), shelf):
        assert comes_true(lambda: bool(shelf.states))
        # The server tells of it beside its answer to the flag, and so not while we idle.
        shelf.meanwhile = lambda: mail_server.deliver(user, mail(2))
        mail_server.deliver(user, mail(1))
        assert comes_true(lambda: len(shelf.mails) == 2)


def test_after_the_server_process_dies_mail_arrives_all_the_same(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    shelf = Shelf()
    before = {process.pid for process in mail_server.sessions()}
    with watching(account_for(), shelf):
        assert comes_true(lambda: bool(shelf.states))
        [serving] = [process for process in mail_server.sessions() if process.pid not in before]
        serving.kill()
        mail_server.deliver(user, mail(1))
        assert comes_true(lambda: shelf.raws == [mail(1)])
        assert comes_true(lambda: shelf.states[-1][0] is MailboxState.READING)
    assert [state for state, _ in shelf.states] == [
        MailboxState.READING,
        MailboxState.AWAY,
        MailboxState.READING,
    ]


def test_a_keeper_that_dies_in_the_middle_misses_nothing_and_keeps_nothing_twice(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    shelf = Shelf(dies_at=53)
    mail_server.deliver_all(user, [mail(number) for number in range(60)])
    with open_mailbox(account_for(after_fetch="flag")) as mailbox:
        with pytest.raises(RuntimeError):
            catch_up(mailbox, shelf, threading.Event())
        assert catch_up(mailbox, shelf, threading.Event()) == 10
    assert shelf.raws == [mail(number) for number in range(60)]


def test_looking_back_finds_what_was_missed_and_leaves_new_mail_to_the_usual_way(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    shelf = Shelf()
    mail_server.deliver_all(user, [mail(1), mail(2), mail(3)])
    with open_mailbox(account_for()) as mailbox:
        catch_up(mailbox, shelf, threading.Event())
        missed = list(shelf.mails)[1]
        del shelf.mails[missed]
        mail_server.deliver(user, mail(4))
        cursor = shelf.at
        assert look_back(mailbox, shelf, datetime.now(UTC)) == [missed[1]]
        assert shelf.at == cursor
        assert look_back(mailbox, shelf, datetime.now(UTC)) == []
    assert sorted(shelf.raws) == [mail(1), mail(2), mail(3)]
    assert len(shelf.warnings) == 1


def test_a_wrong_password_is_reported_once_and_not_tried_on_and_on(account_for: AccountFor) -> None:
    shelf = Shelf()
    with watching(account_for(password="wrong"), shelf):
        assert comes_true(lambda: bool(shelf.states))
        time.sleep(2)
    [(state, sentence)] = shelf.states
    assert state is MailboxState.MISCONFIGURED
    assert "does not accept the user name and password" in sentence


def test_an_account_that_was_mended_is_read_without_a_restart(
    mail_server: Dovecot, account_for: AccountFor, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_WAIT_FOR_AN_OPERATOR_SECONDS", 0.5)
    shelf = Shelf()
    with watching(account_for(folder="Later"), shelf):
        assert comes_true(lambda: bool(shelf.states))
        with mail_server.visit(user) as person:
            person.create_folder("Later")
        assert comes_true(lambda: shelf.states[-1][0] is MailboxState.READING)


@pytest.fixture
def oauth_server(provider: Provider) -> Iterator[Dovecot]:
    if not is_installed():
        pytest.skip(WHY_MISSING)
    with dovecot(introspection_url=provider.introspection_url) as server:
        yield server


@pytest.fixture
def oauth_account(oauth_server: Dovecot, provider: Provider) -> MailboxAccount:
    return MailboxAccount(
        host="127.0.0.1",
        port=oauth_server.port,
        username="alice",
        tokens=TokenSource(OAuthClient(provider.token_url, "desk", "hush", "refresh-0")),
        encryption=Encryption.PLAIN,
    )


def test_a_token_that_ends_during_idle_is_renewed_and_mail_goes_on(
    oauth_server: Dovecot, oauth_account: MailboxAccount, provider: Provider
) -> None:
    shelf = Shelf()
    with watching(oauth_account, shelf):
        assert comes_true(lambda: bool(shelf.states))
        provider.good_tokens.clear()
        for process in oauth_server.sessions():
            process.kill()
        oauth_server.deliver("alice", mail(1))
        assert comes_true(lambda: shelf.raws == [mail(1)])
    assert provider.granted == 2


def test_a_withdrawn_permission_is_told_once_and_ends_the_watch(
    oauth_server: Dovecot, oauth_account: MailboxAccount, provider: Provider
) -> None:
    shelf = Shelf()
    with watching(oauth_account, shelf) as thread:
        assert comes_true(lambda: bool(shelf.states))
        provider.good_tokens.clear()
        provider.refusal = (400, "invalid_grant")
        for process in oauth_server.sessions():
            process.kill()
        thread.join(60)
        assert not thread.is_alive()
    assert [state for state, _ in shelf.states][-1] is MailboxState.NEEDS_SIGN_IN
    assert [state for state, _ in shelf.states].count(MailboxState.NEEDS_SIGN_IN) == 1
    assert len(provider.asked) == 2


def test_a_server_that_lets_us_in_and_hangs_up_is_called_less_and_less(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.hangs_up_at_idle = True
    stop = threading.Event()
    threading.Timer(7.5, stop.set).start()
    watch_mailbox(hostile_account, Shelf(), stop, random=lambda: 0.99)
    # At once, after two more seconds, and after four more.
    assert sum(command.startswith("LOGIN") for command in hostile.commands) == 3
