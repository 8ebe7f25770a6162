"""What can be wrong with an account, each told in a sentence that says what to do."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from desk.channels.email.imap import MailboxAccount, open_mailbox
from desk.channels.email.oauth import NeedsSignIn, OAuthClient, TokenSource, google, microsoft
from desk.channels.email.smtp import SmtpSession
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.wire import Encryption
from desk.model.errors import Misconfigured, TryAgain, Unavailable
from tests.integration.mail.conftest import AccountFor
from tests.servers.certificates import Authority, self_signed
from tests.servers.dovecot import Dovecot, dovecot, is_installed
from tests.servers.hostile_imap import HostileImap
from tests.servers.oauth import Provider
from tests.servers.smtp_sink import smtp_sink


def test_a_wrong_password_is_for_a_person_to_mend(account_for: AccountFor) -> None:
    with pytest.raises(Misconfigured, match="does not accept the user name and password"):
        open_mailbox(account_for(password="wrong"))


def test_a_server_that_cannot_let_anybody_in_now_is_not_a_wrong_password(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    hostile.login_answer = "NO [UNAVAILABLE] directory is down"
    with pytest.raises(Unavailable, match="at the moment"):
        open_mailbox(hostile_account)


def test_a_missing_folder_is_named(account_for: AccountFor) -> None:
    with pytest.raises(Misconfigured, match="has no folder 'Suport'"):
        open_mailbox(account_for(folder="Suport"))


def test_an_unknown_host_is_named() -> None:
    account = MailboxAccount(host="imap.nowhere.invalid", username="a", password="b")
    with pytest.raises(Unavailable, match=r"'imap\.nowhere\.invalid' is unknown"):
        open_mailbox(account)


def test_a_port_where_nobody_listens_is_named(account_for: AccountFor) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Nothing listens at 127.0.0.1:{port}"):
            open_mailbox(account_for(port=port))


def test_a_server_without_tls_is_not_spoken_to_in_the_clear(
    hostile: HostileImap, hostile_account: MailboxAccount
) -> None:
    stripped = MailboxAccount(
        host="127.0.0.1",
        port=hostile.port,
        username="a",
        password="b",
        encryption=Encryption.STARTTLS,
    )
    with pytest.raises(Misconfigured, match="does not offer STARTTLS"):
        open_mailbox(stripped)
    assert not any(command.startswith("LOGIN") for command in hostile.commands)


@pytest.mark.parametrize("encryption", [Encryption.TLS, Encryption.STARTTLS])
@pytest.mark.parametrize(
    ("flaw", "sentence"),
    [
        ("other name", "was made for another"),
        ("expired", "has expired"),
        ("self-signed", "signed by nobody but itself"),
        ("unknown authority", "an authority this machine does not know"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_by_both_protocols(
    authority: Authority, flaw: str, sentence: str, encryption: Encryption
) -> None:
    if not is_installed():
        pytest.skip("dovecot is not installed")
    certificate = {
        "other name": lambda: authority.certificate_for("mail.other.test"),
        "expired": lambda: authority.certificate_for("127.0.0.1", days=-5),
        "self-signed": lambda: self_signed(authority.folder, "127.0.0.1"),
        "unknown authority": lambda: authority.certificate_for("127.0.0.1"),
    }[flaw]()
    ca_file = None if flaw == "unknown authority" else authority.ca_file
    implicit = encryption is Encryption.TLS
    with dovecot(certificate=certificate) as server:
        account = MailboxAccount(
            host="127.0.0.1",
            port=server.tls_port if implicit else server.port,
            username="a",
            password="secret",
            encryption=encryption,
            ca_file=ca_file,
        )
        with pytest.raises(Misconfigured, match=sentence):
            open_mailbox(account)
    with smtp_sink(certificate=certificate, implicit_tls=implicit) as sink:
        smtp = SmtpAccount("127.0.0.1", port=sink.port, encryption=encryption, ca_file=ca_file)
        with SmtpSession(smtp) as session, pytest.raises(Misconfigured, match=sentence):
            session.check()
        assert sink.kept == []


def test_smtp_without_tls_is_not_spoken_to_in_the_clear() -> None:
    with smtp_sink() as sink:
        account = SmtpAccount("127.0.0.1", port=sink.port, encryption=Encryption.STARTTLS)
        with SmtpSession(account) as session, pytest.raises(Misconfigured, match="does not offer STARTTLS"):
            session.check()


def test_a_relay_that_takes_no_password_is_named_with_what_to_do() -> None:
    with smtp_sink() as sink:
        account = SmtpAccount("127.0.0.1", "a", "b", port=sink.port, encryption=Encryption.PLAIN)
        with SmtpSession(account) as session, pytest.raises(Misconfigured, match="Clear the user name"):
            session.check()


def test_what_was_said_before_tls_is_forgotten(authority: Authority) -> None:
    """Plaintext injected behind the answer to STARTTLS must not count as said by the server."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.certificate_for("127.0.0.1"))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.sendall(b"220 ready\r\n")
            line.recv(1000)
            line.sendall(b"250-x\r\n250 STARTTLS\r\n")
            line.recv(1000)
            line.sendall(b"220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n")
            with context.wrap_socket(line, server_side=True) as secure:
                assert secure.recv(1000).startswith(b"ehlo")
                secure.sendall(b"250 x\r\n")
                secure.recv(1000)

    server = threading.Thread(target=serve)
    server.start()
    account = SmtpAccount(
        "127.0.0.1",
        username="a",
        password="b",
        port=listener.getsockname()[1],
        ca_file=authority.ca_file,
    )
    with SmtpSession(account) as session, pytest.raises(Misconfigured, match="lets nobody sign in"):
        session.check()
    server.join()
    listener.close()


def test_smtp_says_when_the_password_is_wrong_and_takes_the_right_one(authority: Authority) -> None:
    with smtp_sink(certificate=authority.certificate_for("127.0.0.1"), password="secret") as sink:

        def account(password: str) -> SmtpAccount:
            return SmtpAccount(
                "127.0.0.1", username="a", password=password, port=sink.port, ca_file=authority.ca_file
            )

        with SmtpSession(account("secret")) as session:
            session.check()
        with SmtpSession(account("wrong")) as session, pytest.raises(Misconfigured, match="does not accept"):
            session.check()


def client(provider: Provider, refresh_token: str = "refresh-0") -> OAuthClient:
    return OAuthClient(provider.token_url, "desk", "hush", refresh_token)


@pytest.fixture
def oauth_server(provider: Provider) -> Iterator[Dovecot]:
    if not is_installed():
        pytest.skip("dovecot is not installed")
    with dovecot(introspection_url=provider.introspection_url) as server:
        yield server


def oauth_account(server: Dovecot, tokens: TokenSource) -> MailboxAccount:
    return MailboxAccount(
        host="127.0.0.1",
        port=server.port,
        username="alice",
        tokens=tokens,
        encryption=Encryption.PLAIN,
    )


def test_a_mailbox_opens_with_a_token_and_asks_for_no_second_one(
    oauth_server: Dovecot, provider: Provider
) -> None:
    account = oauth_account(oauth_server, TokenSource(client(provider)))
    for _ in range(2):
        open_mailbox(account).close()
    assert provider.granted == 1


def test_a_token_that_ended_early_is_renewed_once(oauth_server: Dovecot, provider: Provider) -> None:
    account = oauth_account(oauth_server, TokenSource(client(provider)))
    open_mailbox(account).close()
    provider.good_tokens.clear()
    open_mailbox(account).close()
    assert provider.granted == 2


def test_fresh_tokens_that_are_refused_need_a_person_and_are_not_tried_on(
    oauth_server: Dovecot, provider: Provider
) -> None:
    provider.issue_good_tokens = False
    with pytest.raises(NeedsSignIn, match="Sign in to this mailbox again"):
        open_mailbox(oauth_account(oauth_server, TokenSource(client(provider))))
    assert provider.granted == 2


def test_a_withdrawn_permission_needs_a_person(provider: Provider) -> None:
    provider.refusal = (400, "invalid_grant")
    with pytest.raises(NeedsSignIn, match="Sign in to it again"):
        TokenSource(client(provider)).token()


def test_a_refused_client_is_misconfigured_and_a_broken_provider_is_only_away(provider: Provider) -> None:
    provider.refusal = (401, "invalid_client")
    with pytest.raises(Misconfigured, match="invalid_client"):
        TokenSource(client(provider)).token()
    provider.refusal = (503, "temporarily_unavailable")
    with pytest.raises(Unavailable, match="HTTP 503"):
        TokenSource(client(provider)).token()


def test_a_token_is_renewed_before_it_ends_and_a_rotated_permission_is_kept(provider: Provider) -> None:
    provider.rotate, provider.life_seconds = True, 200
    kept: list[str] = []
    tokens = TokenSource(client(provider), keep_refresh_token=kept.append)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-2"]
    assert kept == ["refresh-1", "refresh-2"]
    assert [form["refresh_token"] for form in provider.asked] == ["refresh-0", "refresh-1"]


def test_secrets_are_sent_over_https_only_and_shown_nowhere() -> None:
    with pytest.raises(Misconfigured, match="only fetched over HTTPS"):
        TokenSource(OAuthClient("http://tokens.example.test/", "desk", "hush", "r")).token()
    for preset in (google("desk", "hush", "r3fresh"), microsoft("desk", "hush", "r3fresh", "our/tenant")):
        assert preset.token_url.startswith("https://")
        assert "hush" not in repr(preset)
        assert "r3fresh" not in repr(preset)
    assert "our%2Ftenant" in microsoft("desk", "hush", "r", "our/tenant").token_url


def test_smtp_signs_in_with_a_token_renews_it_and_gives_up_on_a_second_refusal(
    provider: Provider, authority: Authority
) -> None:
    with smtp_sink(oauth=True, certificate=authority.certificate_for("127.0.0.1")) as sink:
        sink.tokens = provider.good_tokens
        account = SmtpAccount(
            "127.0.0.1",
            username="alice",
            tokens=TokenSource(client(provider)),
            port=sink.port,
            ca_file=authority.ca_file,
        )
        for _ in range(2):
            with SmtpSession(account) as session:
                session.check()
            provider.good_tokens.clear()
        assert (provider.granted, sink.refused_sign_ins) == (2, 1)
        provider.issue_good_tokens = False
        with SmtpSession(account) as session, pytest.raises(NeedsSignIn):
            session.check()


def test_mail_waits_while_the_provider_of_tokens_is_away(provider: Provider, authority: Authority) -> None:
    provider.refusal = (503, "away")
    with smtp_sink(oauth=True, certificate=authority.certificate_for("127.0.0.1")) as sink:
        account = SmtpAccount(
            "127.0.0.1",
            username="alice",
            tokens=TokenSource(client(provider)),
            port=sink.port,
            ca_file=authority.ca_file,
        )
        with SmtpSession(account) as session, pytest.raises(TryAgain):
            session.check()


def test_an_account_has_exactly_one_way_to_sign_in() -> None:
    with pytest.raises(Misconfigured, match="either a password or OAuth"):
        MailboxAccount(host="imap.example.test", username="a")
    with pytest.raises(Misconfigured, match="not 'delete'"):
        MailboxAccount(host="imap.example.test", username="a", password="b", after_fetch="delete")
