"""Trying a mail channel out: does the mailbox open, does the way out open, and if not, why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.channels.email.imap import MailboxAccount, explain, open_mailbox
from desk.channels.email.smtp import SmtpSession
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.smtp_line import explain as explain_smtp

SECONDS = 15


@dataclass(frozen=True, slots=True)
class Checked:
    """One part of a channel, tried: whether it works, and a sentence either way."""

    part: Literal["imap", "smtp"]
    ok: bool
    sentence: str


def check_mailbox(account: MailboxAccount) -> Checked:
    """Connect, verify, sign in and open the folder; nothing is fetched."""
    try:
        open_mailbox(account).close()
    except Exception as error:  # whatever a server does ends in a sentence
        return Checked("imap", False, explain(error, account))
    return Checked("imap", True, f"{account.folder} on {account.host} opens.")


def check_sending(account: SmtpAccount) -> Checked:
    """Connect, verify and sign in; nothing is sent."""
    session = SmtpSession(account, timeout=SECONDS)
    try:
        session.check()
    except Exception as error:  # whatever a server does ends in a sentence
        return Checked("smtp", False, explain_smtp(error, account))
    finally:
        session.close()
    return Checked("smtp", True, f"{account.host}:{account.port} takes mail from us.")
