"""Trying a mail channel out: does the mailbox open, does the way out open, and if not, why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.channels.checked import Checked
from desk.channels.email.accounts import mailbox_account, smtp_account
from desk.channels.email.imap import MailboxAccount, explain, open_mailbox
from desk.channels.email.smtp import SmtpSession
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.smtp_line import explain as explain_smtp
from desk.model.errors import Misconfigured

SECONDS = 15


def check_email(config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[Checked]:
    """The mailbox, where the channel has one, and the way out."""
    tried = (_receiving(config, secrets), _sending(config, secrets))
    return [check for check in tried if check is not None]


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


def _receiving(config: Mapping[str, Any], secrets: Mapping[str, str]) -> Checked | None:
    """None for a channel whose mail is handed over by an MTA."""
    try:
        mailbox = mailbox_account(config, secrets)
    except Misconfigured as trouble:
        return Checked("imap", False, trouble.sentence)
    return check_mailbox(mailbox) if mailbox else None


def _sending(config: Mapping[str, Any], secrets: Mapping[str, str]) -> Checked:
    try:
        return check_sending(smtp_account(config, secrets))
    except Misconfigured as trouble:
        return Checked("smtp", False, trouble.sentence)
