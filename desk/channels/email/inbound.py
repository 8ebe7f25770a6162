"""A parsed mail in the form that every channel hands to `receive_message`."""

from __future__ import annotations

from collections.abc import Collection

from desk.channels.email.hints import hints
from desk.channels.email.loops import automatic_kind
from desk.channels.email.parsed import ParsedMail
from desk.channels.email.trust import Judgement
from desk.model.inbound import ChannelKind, InboundMessage, Participant, Verdict

UNKNOWN_SENDER = Participant("")


def inbound_from(
    mail: ParsedMail,
    *,
    source_key: str,
    judgement: Judgement | None = None,
    our_addresses: Collection[str] = (),
    our_loop_id: str | None = None,
) -> InboundMessage:
    """The message in this mail. `source_key` is unique per channel, such as folder/uidvalidity/uid.

    A verdict of PASS holds only for a sender named without doubt; else it is lowered to NONE,
    as it cannot be told whom it is about.
    """
    judgement = judgement or Judgement(Verdict.NONE, "")
    doubtful = mail.identity is None and judgement.verdict is Verdict.PASS
    return InboundMessage(
        channel=ChannelKind.EMAIL,
        source_key=source_key,
        sender=mail.sender or UNKNOWN_SENDER,
        subject=mail.subject,
        text=mail.text,
        reply=mail.reply,
        sent_at=mail.date,
        html=mail.html,
        to=mail.to,
        cc=mail.cc,
        reply_to=mail.reply_to,
        message_id=mail.message_id,
        hints=hints(mail),
        files=mail.files,
        automatic=automatic_kind(mail, our_addresses, our_loop_id=our_loop_id),
        verdict=Verdict.NONE if doubtful else judgement.verdict,
        verdict_source="From does not name one plain address." if doubtful else judgement.source,
        suspicions=mail.suspicions,
    )
