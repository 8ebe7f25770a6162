"""Why a mail must not be answered or must not open anything: the brakes against mail loops (RFC 3834)."""

from __future__ import annotations

from collections.abc import Collection

from desk.channels.email.parsed import Outcome, ParsedMail
from desk.model.inbound import Automatic

_OF_REPORTS = {
    Outcome.BOUNCE: "It is a bounce; it belongs to the message that came back.",
    Outcome.DELIVERY_REPORT: "It is a delivery report.",
    Outcome.FEEDBACK_REPORT: "It is a feedback report of a mail provider.",
}


def reason_to_ignore(
    mail: ParsedMail, our_addresses: Collection[str], *, our_loop_id: str | None = None
) -> str | None:
    """Why this mail opens no case, as a sentence; None for what a person or a useful machine wrote.

    `our_addresses` are those of all channels, lower-cased, without reply tokens.
    """
    if reason := _OF_REPORTS.get(mail.outcome):
        return reason
    if our_loop_id and any(our_loop_id in loop_id for loop_id in mail.loop_ids):
        return "We wrote it ourselves: it carries our loop mark."
    if mail.sender and without_token(mail.sender.address) in our_addresses:
        return "It comes from one of our own addresses."
    return None


def automatic_kind(
    mail: ParsedMail, our_addresses: Collection[str], *, our_loop_id: str | None = None
) -> Automatic | None:
    """Why a machine is to be taken for the writer; such mail gets no acknowledgement and starts no clock."""
    ours = our_loop_id and any(our_loop_id in loop_id for loop_id in mail.loop_ids)
    if ours or (mail.sender and without_token(mail.sender.address) in our_addresses):
        return Automatic.OURSELVES
    return mail.automatic


def without_token(address: str) -> str:
    """The address less what stands behind a plus in its local part (RFC 5233)."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
