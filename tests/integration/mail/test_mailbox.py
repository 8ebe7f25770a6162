"""Reading mailboxes on a real Dovecot: nothing twice, nothing lost, whoever else uses them."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from imapclient import SocketTimeout

from desk.channels.email import imap
from desk.channels.email import mailbox as reading
from desk.channels.email.imap import MailboxAccount, OpenMailbox, open_mailbox
from desk.channels.email.mailbox import (
    Cursor,
    FetchedMail,
    end_of,
    fetch,
    missing_uids,
    new_mail,
    settle,
    wait_for_mail,
)
from desk.channels.email.wire import Encryption
from desk.model.errors import Unavailable
from tests.integration.mail.conftest import AccountFor
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.hostile_imap import HostileImap


def mail(number: int) -> bytes:
    return f"From: cleo@example.test\r\nSubject: {number}\r\n\r\nHello {number}\r\n".encode()


def read(mailbox: OpenMailbox, cursor: Cursor) -> tuple[list[FetchedMail], Cursor]:
    mails = list(new_mail(mailbox, cursor))
    for one in mails:
        cursor = one.cursor_after(cursor)
    return mails, cursor


def test_each_mail_comes_once_with_its_bytes_and_stays_unread(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    with open_mailbox(account_for()) as mailbox:
        mail_server.deliver_all(user, [mail(1), mail(2)])
        first, cursor = read(mailbox, Cursor())
        again, _ = read(mailbox, cursor)
        mail_server.deliver(user, mail(3))
        later, _ = read(mailbox, cursor)
    assert [one.raw for one in first] == [mail(1), mail(2)]
    assert again == []
    assert [one.raw for one in later] == [mail(3)]
    with mail_server.visit(user) as person:
        person.select_folder("INBOX")
        assert person.search("SEEN") == []


def test_the_last_mail_does_not_come_again_though_a_range_to_the_end_always_holds_it(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    mail_server.deliver(user, mail(1))
    with open_mailbox(account_for()) as mailbox:
        [only], _ = read(mailbox, Cursor())
        beyond = Cursor(only.uidvalidity, 500)
        assert list(new_mail(mailbox, beyond)) == []


def test_a_renumbered_mailbox_gives_its_recent_mail_again_and_not_its_old_mail(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    now = datetime.now(UTC)
    with mail_server.visit(user) as person:
        person.create_folder("Support")
    with open_mailbox(account_for(folder="Support")) as mailbox:
        mail_server.deliver(user, mail(0), folder="Support")
        _, cursor = read(mailbox, Cursor())
    mail_server.renumber(user, "Support")
    for number in range(50):
        mail_server.deliver(user, mail(number), folder="Support", received_at=now - timedelta(days=30))
    for number in (101, 102, 103):
        mail_server.deliver(user, mail(number), folder="Support")
    with open_mailbox(account_for(folder="Support")) as mailbox:
        found, after = read(mailbox, cursor)
        nothing, _ = read(mailbox, after)
    assert [one.raw for one in found] == [mail(101), mail(102), mail(103)]
    assert after.uidvalidity != cursor.uidvalidity
    assert nothing == []


def test_people_may_read_move_and_delete_meanwhile(
    mail_server: Dovecot, account_for: AccountFor, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MAILS_A_BATCH", 2)
    mail_server.deliver_all(user, [mail(number) for number in range(6)])
    with open_mailbox(account_for()) as mailbox, mail_server.visit(user) as person:
        arriving = new_mail(mailbox, Cursor())
        first = next(arriving)
        person.select_folder("INBOX")
        person.add_flags([first.uid + 1], ["\\Seen"])
        person.delete_messages([first.uid + 3])
        person.expunge([first.uid + 3])
        rest = list(arriving)
    assert [one.raw for one in (first, *rest)] == [mail(0), mail(1), mail(2), mail(4), mail(5)]


def test_two_readers_of_one_mailbox_see_all_of_it_and_neither_fails(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    mail_server.deliver_all(user, [mail(number) for number in range(200)])
    with mail_server.visit(user) as person:
        person.create_folder("Processed")
    found: list[tuple[int, int]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with open_mailbox(account_for(after_fetch="move:Processed")) as mailbox:
                cursor = Cursor()
                for one in new_mail(mailbox, cursor):
                    found.append((one.uidvalidity, one.uid))
                    settle(mailbox, [one.uid])
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert errors == []
    assert len(set(found)) == 200
    with mail_server.visit(user) as person:
        assert person.folder_status("Processed")[b"MESSAGES"] >= 200


def test_fetched_mail_moves_to_a_folder_that_is_made_when_it_is_missing(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    mail_server.deliver(user, mail(1))
    with open_mailbox(account_for(after_fetch="move:Processed")) as mailbox:
        [only], _ = read(mailbox, Cursor())
        assert settle(mailbox, [only.uid]) is None
    with mail_server.visit(user) as person:
        assert person.folder_status("Processed")[b"MESSAGES"] == 1
        assert person.folder_status("INBOX")[b"MESSAGES"] == 0


def test_without_move_only_our_own_mail_is_expunged(
    mail_server: Dovecot, account_for: AccountFor, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server.deliver_all(user, [mail(1), mail(2)])
    with open_mailbox(account_for(after_fetch="move:Processed")) as mailbox:
        [first, second], _ = read(mailbox, Cursor())
        with mail_server.visit(user) as person:
            person.select_folder("INBOX")
            person.delete_messages([second.uid])
        monkeypatch.setattr(
            mailbox.imap, "_cached_capabilities", tuple(set(mailbox.imap.capabilities()) - {b"MOVE"})
        )
        assert settle(mailbox, [first.uid]) is None
    with mail_server.visit(user) as person:
        assert person.folder_status("Processed")[b"MESSAGES"] == 1
        person.select_folder("INBOX")
        assert person.search("DELETED") == [second.uid]


def test_fetched_mail_can_be_flagged_and_a_failing_flag_is_only_a_sentence(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    mail_server.deliver(user, mail(1))
    mailbox = open_mailbox(account_for(after_fetch="flag"))
    [only], _ = read(mailbox, Cursor())
    assert settle(mailbox, [only.uid]) is None
    with mail_server.visit(user) as person:
        person.select_folder("INBOX")
        assert person.search(["KEYWORD", "$DeskFetched"]) == [only.uid]
    mailbox.abandon()
    assert "127.0.0.1" in (settle(mailbox, [only.uid]) or "")


def test_a_gap_is_found_and_closed(mail_server: Dovecot, account_for: AccountFor, user: str) -> None:
    mail_server.deliver_all(user, [mail(1), mail(2), mail(3)])
    with open_mailbox(account_for()) as mailbox:
        kept, _ = read(mailbox, Cursor())
        known = {kept[0].uid, kept[2].uid}
        uidvalidity, missing = missing_uids(mailbox, datetime.now(UTC), known)
        assert missing == [kept[1].uid]
        assert [one.raw for one in fetch(mailbox, missing, uidvalidity)] == [mail(2)]


def test_a_mailbox_can_start_behind_its_old_mail(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    mail_server.deliver_all(user, [mail(1), mail(2)])
    with open_mailbox(account_for()) as mailbox:
        cursor = end_of(mailbox, datetime.now(UTC))
        mail_server.deliver(user, mail(3))
        assert [one.raw for one in new_mail(mailbox, cursor)] == [mail(3)]


def test_a_mail_over_the_limit_comes_as_its_header(
    mail_server: Dovecot, account_for: AccountFor, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_MAIL", 200)
    large = mail(1) + b"x" * 300
    mail_server.deliver_all(user, [large, mail(2)])
    with open_mailbox(account_for()) as mailbox:
        [first, second], _ = read(mailbox, Cursor())
    assert (first.whole, first.size, first.raw) == (False, len(large), mail(1).split(b"Hello")[0])
    assert (second.whole, second.raw) == (True, mail(2))


@pytest.mark.parametrize("encryption", [Encryption.TLS, Encryption.STARTTLS])
def test_mail_is_read_and_announced_over_an_encrypted_line(
    mail_server: Dovecot, account_for: AccountFor, user: str, authority: Authority, encryption: Encryption
) -> None:
    port = mail_server.tls_port if encryption is Encryption.TLS else mail_server.port
    account = account_for(encryption=encryption, port=port, ca_file=authority.ca_file)
    with open_mailbox(account) as mailbox:
        timer = threading.Timer(0.5, mail_server.deliver, (user, mail(1)))
        timer.start()
        assert wait_for_mail(mailbox, threading.Event(), 20)
        assert [one.raw for one in new_mail(mailbox, Cursor())] == [mail(1)]
        timer.join()


def test_waiting_ends_soon_after_a_mail_arrives_in_the_maildir(
    mail_server: Dovecot, account_for: AccountFor, user: str
) -> None:
    with open_mailbox(account_for()) as mailbox:
        timer = threading.Timer(0.5, mail_server.drop, (user, mail(1)))
        timer.start()
        assert wait_for_mail(mailbox, threading.Event(), 20)
        timer.join()


def test_waiting_ends_when_its_time_is_over_or_we_stop(account_for: AccountFor) -> None:
    stop = threading.Event()
    with open_mailbox(account_for()) as mailbox:
        assert not wait_for_mail(mailbox, stop, 1)
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        assert not wait_for_mail(mailbox, stop, 60)
        assert time.monotonic() - began < 60


def test_a_server_process_killed_in_idle_is_noticed_at_once_without_spinning(
    mail_server: Dovecot, account_for: AccountFor
) -> None:
    before = {process.pid for process in mail_server.sessions()}
    mailbox = open_mailbox(account_for())
    [serving] = [process for process in mail_server.sessions() if process.pid not in before]
    threading.Timer(3, serving.kill).start()
    began, cpu = time.monotonic(), time.thread_time()
    with pytest.raises(Unavailable, match="connection"):
        wait_for_mail(mailbox, threading.Event(), 60)
    assert time.monotonic() - began < 60
    assert time.thread_time() - cpu < 0.05 * (time.monotonic() - began)
    mailbox.abandon()


def test_a_server_that_hangs_is_noticed_at_the_heartbeat(
    mail_server: Dovecot, account_for: AccountFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_PATIENCE", SocketTimeout(connect=5, read=2))
    before = {process.pid for process in mail_server.sessions()}
    mailbox = open_mailbox(account_for())
    [serving] = [process for process in mail_server.sessions() if process.pid not in before]
    threading.Timer(0.5, serving.suspend).start()
    try:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="did not answer in time"):
            wait_for_mail(mailbox, threading.Event(), 60, heartbeat=3)
        assert time.monotonic() - began < 60
    finally:
        serving.resume()
        mailbox.abandon()


def test_an_arrival_in_the_same_packet_as_the_answer_to_idle_is_not_overlooked(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.burst = b"* 1 EXISTS\r\n"
    with open_mailbox(hostile_account) as mailbox:
        began = time.monotonic()
        assert wait_for_mail(mailbox, threading.Event(), 60)
        assert time.monotonic() - began < 60


def test_a_goodbye_in_idle_is_an_end(hostile: HostileImap, hostile_account: MailboxAccount) -> None:
    hostile.burst = b"* BYE shutting down\r\n"
    mailbox = open_mailbox(hostile_account)
    with pytest.raises(Unavailable):
        wait_for_mail(mailbox, threading.Event(), 60)
    mailbox.abandon()


def test_a_server_without_idle_is_asked(hostile: HostileImap, hostile_account: MailboxAccount) -> None:
    hostile.capabilities = "IMAP4REV1"
    with open_mailbox(hostile_account) as mailbox:
        assert wait_for_mail(mailbox, threading.Event(), 0.1)
    assert not any(command.startswith("IDLE") for command in hostile.commands)


def test_one_mail_that_the_server_cannot_hand_over_does_not_hold_up_the_others(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.mails = {uid: mail(uid) for uid in range(1, 6)}
    hostile.refused = {3}
    with open_mailbox(hostile_account) as mailbox:
        found, cursor = read(mailbox, Cursor())
    assert [one.raw for one in found if not one.trouble] == [mail(uid) for uid in (1, 2, 4, 5)]
    assert [(one.uid, one.whole) for one in found if one.trouble] == [(3, False)]
    assert cursor.uid == 5


def test_mail_that_vanished_between_listing_and_fetching_is_left_out(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.mails = {uid: mail(uid) for uid in range(1, 4)}
    hostile.vanished = {2}
    with open_mailbox(hostile_account) as mailbox:
        assert [one.uid for one in new_mail(mailbox, Cursor())] == [1, 3]


def test_a_connection_lost_in_the_middle_is_unavailable_and_nothing_is_skipped(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.mails = {1: mail(1)}
    hostile.goodbye = True
    mailbox = open_mailbox(hostile_account)
    with pytest.raises(Unavailable, match="ended the connection"):
        list(new_mail(mailbox, Cursor()))
    mailbox.abandon()


@pytest.mark.parametrize("announced", [10**12, 5])
def test_a_literal_that_lies_about_its_length_ends_the_connection(
    hostile: HostileImap, hostile_account: MailboxAccount, announced: int
) -> None:
    hostile.mails = {1: mail(1)}
    hostile.announced = {1: announced}
    mailbox = open_mailbox(hostile_account)
    with pytest.raises(Unavailable):
        list(new_mail(mailbox, Cursor()))
    mailbox.abandon()


def test_a_thousand_mails_arrive_in_order(mail_server: Dovecot, account_for: AccountFor, user: str) -> None:
    mails = [mail(number) for number in range(1000)]
    mail_server.deliver_all(user, mails)
    with open_mailbox(account_for()) as mailbox:
        assert [one.raw for one in new_mail(mailbox, Cursor())] == mails
