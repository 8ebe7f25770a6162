"""Mail servers for these tests, started once where that is possible."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from desk.channels.email.imap import MailboxAccount
from desk.channels.email.wire import Encryption
from tests.servers.certificates import Authority, new_authority
from tests.servers.dovecot import PASSWORD, WHY_MISSING, Dovecot, dovecot, is_installed
from tests.servers.hostile_imap import HostileImap, hostile_imap
from tests.servers.oauth import Provider, oauth_provider
from tests.servers.smtp_sink import Sink, smtp_sink

AccountFor = Callable[..., MailboxAccount]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def mail_server(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot with a certificate for 127.0.0.1."""
    if not is_installed():
        pytest.skip(WHY_MISSING)
    with dovecot(certificate=authority.certificate_for("127.0.0.1")) as server:
        yield server


@pytest.fixture
def user() -> str:
    """A name with an empty mailbox of its own."""
    return f"u{uuid.uuid4().hex[:12]}"


@pytest.fixture
def account_for(mail_server: Dovecot, user: str, authority: Authority) -> AccountFor:
    def account(**changes: object) -> MailboxAccount:
        plain = {
            "host": "127.0.0.1",
            "port": mail_server.port,
            "username": user,
            "password": PASSWORD,
            "encryption": Encryption.PLAIN,
        }
        return MailboxAccount(**{**plain, **changes})  # type: ignore[arg-type]

    return account


@pytest.fixture
def hostile() -> Iterator[HostileImap]:
    with hostile_imap() as server:
        yield server


@pytest.fixture
def hostile_account(hostile: HostileImap) -> MailboxAccount:
    return MailboxAccount(
        host="127.0.0.1", port=hostile.port, username="a", password="b", encryption=Encryption.PLAIN
    )


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oauth_provider() as provider:
        yield provider


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink
