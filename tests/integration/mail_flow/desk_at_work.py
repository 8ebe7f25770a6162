"""A desk with its mailroom and post in this very process, driven step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from functools import cached_property

from sqlalchemy import select

from desk.actions.mail.keeping import keep_handed_over, keep_mail
from desk.actions.messages.reply import Reply, send_reply
from desk.channels.email.fence import Fence
from desk.channels.email.mailbox import Cursor, FetchedMail
from desk.jobs.deliver import deliver_due
from desk.jobs.intake import MAILROOM, Intake
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.conversation import Conversation
from desk.model.message import Message, MessageKind
from desk.model.transit import Inbox, Outbox
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.people import Cast

SECRET = "a secret of the test"
HELP = "help@shop.example"


def a_mail(
    *,
    sender: str = "Cleo Patterson <cleo@example.org>",
    to: str = HELP,
    subject: str = "Where is my order?",
    text: str = "I have waited for a week.",
    message_id: str | None = None,
    in_reply_to: str | None = None,
    references: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
    dated: bool = True,
) -> bytes:
    """One mail as it comes off the wire; ids without brackets."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if dated:
        mail["Date"] = format_datetime(datetime.now(UTC))
    if message_id != "":
        mail["Message-ID"] = f"<{message_id}>" if message_id else make_msgid(domain="example.org")
    if in_reply_to:
        mail["In-Reply-To"] = f"<{in_reply_to}>"
    if references:
        mail["References"] = " ".join(f"<{one}>" for one in references)
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(text)
    return bytes(mail)


@dataclass
class DeskAtWork:
    """The desk, its cast, and hands to move mail with."""

    store: Store
    cast: Cast
    settings: Settings
    fence: Fence
    _uid: int = field(default=0)

    @cached_property
    def intake(self) -> Intake:
        return Intake(self.store, self.settings, self.fence)

    def keep(self, *mails: bytes, channel: Channel | None = None) -> list[int]:
        """The bytes are ours; nobody has read them yet."""
        fetched = []
        for raw in mails:
            self._uid += 1
            fetched.append(
                FetchedMail(uid=self._uid, uidvalidity=1, internal_date=None, size=len(raw), raw=raw)
            )
        with self.store.unit_of_work(MAILROOM) as work:
            cursor = Cursor(1, self._uid)
            kept = keep_mail(work, (channel or self.cast.mail).id, "INBOX", fetched, cursor)
        return [one.id for one in kept.new]

    def read(self) -> None:
        """Read everything that is due."""
        while self.intake.drain():
            pass

    def receive(self, *mails: bytes, channel: Channel | None = None) -> list[Inbox]:
        """Keep, read, and see what became of each."""
        ids = self.keep(*mails, channel=channel)
        self.read()
        return [self.inbox(one) for one in ids]

    def hand_over(self, raw: bytes, *recipients: str, sender: str = "cleo@example.org") -> None:
        """As a mail server at the door would."""
        with self.store.unit_of_work(MAILROOM) as work:
            keep_handed_over(work, sender, recipients, raw)
        self.read()

    def inbox(self, inbox_id: int) -> Inbox:
        with self.store.reading(MAILROOM) as work:
            return work.session.get_one(Inbox, inbox_id)

    def cases(self) -> list[Case]:
        with self.store.reading(MAILROOM) as work:
            return list(work.session.scalars(select(Case).order_by(Case.id)))

    def case(self, case_id: int | None) -> Case:
        with self.store.reading(MAILROOM) as work:
            return work.session.get_one(Case, case_id)

    def messages(self, case_id: int | None, kind: MessageKind | None = None) -> list[Message]:
        with self.store.reading(MAILROOM) as work:
            found = work.session.scalars(
                select(Message).where(Message.case_id == case_id).order_by(Message.position)
            )
            return [one for one in found if kind is None or one.kind is kind]

    def conversations(self, case_id: int | None) -> list[Conversation]:
        with self.store.reading(MAILROOM) as work:
            of_case = select(Conversation).where(Conversation.case_id == case_id)
            return list(work.session.scalars(of_case.order_by(Conversation.id)))

    def outgoing(self) -> list[Outbox]:
        with self.store.reading(MAILROOM) as work:
            return list(work.session.scalars(select(Outbox).order_by(Outbox.id)))

    def answer(self, case_id: int | None, text: str = "It is on its way.", **more: object) -> Message:
        """Ada answers."""
        assert case_id is not None
        given = {"client_id": f"c{datetime.now(UTC).timestamp()}", **more}
        with self.store.unit_of_work(self.cast.actor(self.cast.ada)) as work:
            return send_reply(work, case_id, Reply(text=text, **given))  # type: ignore[arg-type]

    def deliver(self) -> int:
        """Hand over what is due."""
        return deliver_due(self.store, self.settings)

    def hasten(self) -> None:
        """Whatever waits for a later try is due now."""
        with self.store.unit_of_work(MAILROOM) as work:
            for outgoing in work.session.scalars(select(Outbox)):
                outgoing.not_before = work.now
