"""A throw-away Dovecot on loopback, run without privileges, with a mailbox for every name."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from imapclient import IMAPClient

from tests.servers.ports import free_port

PASSWORD = "secret"
START_SECONDS = 60.0

WHY_MISSING = "dovecot is not installed (apt-get install --no-install-recommends dovecot-imapd)"

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail/%u
mail_max_userip_connections = 100
mailbox_idle_check_interval = 1 secs
{tls}
{oauth}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""

_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server; every user name signs in with `PASSWORD` and has an empty mailbox at first."""

    home: Path
    port: int
    tls_port: int
    pid: int

    def deliver(
        self, user: str, raw: bytes, *, folder: str = "INBOX", received_at: datetime | None = None
    ) -> None:
        """Put a mail into a mailbox, as a mail server does."""
        with self.visit(user) as imap:
            imap.append(folder, raw, msg_time=received_at)

    def deliver_all(self, user: str, mails: list[bytes]) -> None:
        with self.visit(user) as imap:
            for raw in mails:
                imap.append("INBOX", raw)

    def drop(self, user: str, raw: bytes) -> None:
        """Put a mail straight into the maildir, as a local delivery agent does; the mailbox must exist."""
        maildir = self.home / "mail" / user
        name = f"{time.time_ns()}.{uuid.uuid4().hex}.localhost"
        arriving = maildir / "tmp" / name
        arriving.write_bytes(raw)
        owner = maildir.stat()
        os.chown(arriving, owner.st_uid, owner.st_gid)
        arriving.rename(maildir / "new" / name)

    @contextmanager
    def visit(self, user: str) -> Iterator[IMAPClient]:
        """A person's own mail program, looking at the same mailbox."""
        with IMAPClient("127.0.0.1", self.port, ssl=False) as imap:
            imap.login(user, PASSWORD)
            yield imap

    def renumber(self, user: str, folder: str) -> None:
        """Delete a folder and make it anew, which gives it another UIDVALIDITY."""
        with self.visit(user) as imap:
            imap.delete_folder(folder)
            # The new number is the second of creation.
            time.sleep(1.1)
            imap.create_folder(folder)

    def sessions(self) -> list[psutil.Process]:
        """The processes that serve signed-in connections."""
        return [child for child in psutil.Process(self.pid).children() if _name_of(child) == "imap"]


@contextmanager
def dovecot(
    *, certificate: tuple[Path, Path] | None = None, introspection_url: str | None = None
) -> Iterator[Dovecot]:
    """Start a server on free ports; gone, with all its mail, at the end."""
    home = Path(tempfile.mkdtemp(prefix="desk-dovecot-"))
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    process: subprocess.Popen[bytes] | None = None
    try:
        port, tls_port = free_port(), free_port() if certificate else 0
        configuration = _configured(home, account, port, tls_port, certificate, introspection_url)
        user, group = (account.pw_uid, account.pw_gid) if os.getuid() == 0 else (None, None)
        process = subprocess.Popen(["dovecot", "-F", "-c", str(configuration)], user=user, group=group)
        _await_greeting(port, home / "log", process)
        yield Dovecot(home, port, tls_port, process.pid)
    finally:
        if process:
            _stopped(process)
        shutil.rmtree(home, ignore_errors=True)


def _name_of(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return str(process.name())
    return ""


def is_installed() -> bool:
    return shutil.which("dovecot") is not None


def _configured(
    home: Path,
    account: pwd.struct_passwd,
    port: int,
    tls_port: int,
    certificate: tuple[Path, Path] | None,
    introspection_url: str | None,
) -> Path:
    for name in ("run", "state", "mail"):
        (home / name).mkdir()
    tls = "ssl = no"
    if certificate:
        for file, name in zip(certificate, ("certificate.pem", "key.pem"), strict=True):
            shutil.copy(file, home / name)
        tls = f"ssl = yes\nssl_cert = <{home}/certificate.pem\nssl_key = <{home}/key.pem"
    if introspection_url:
        (home / "oauth2.conf").write_text(
            "introspection_mode = post\n"
            f"introspection_url = {introspection_url}\n"
            "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
        )
    configuration = home / "dovecot.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            home=home,
            user=account.pw_name,
            group=_group_of(account),
            uid=account.pw_uid,
            gid=account.pw_gid,
            port=port,
            tls_port=tls_port,
            password=PASSWORD,
            tls=tls,
            oauth=_OAUTH.format(home=home) if introspection_url else "",
        )
    )
    for path in (home, *home.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    return configuration


def _group_of(account: pwd.struct_passwd) -> str:
    return grp.getgrgid(account.pw_gid).gr_name


def _await_greeting(port: int, log: Path, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                if line.recv(64).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")


def _stopped(process: subprocess.Popen[bytes]) -> None:
    """There is nothing to save, and a test may have stopped a child that would not hear a goodbye."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    for child in family:
        with suppress(psutil.NoSuchProcess):
            child.kill()
