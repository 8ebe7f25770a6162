"""An answer leaves once, in the thread it belongs to, and its state is true at every moment."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from desk.actions.mail.deliveries import doubt_abandoned, send_again
from desk.actions.messages.reply import add_note, withdraw_reply
from desk.actions.messages.ways import ways_shown
from desk.model.case import CaseStatus
from desk.model.errors import Conflict, Invalid
from desk.model.message import Attachment, DeliveryState, MessageKind
from desk.model.transit import Outbox, OutboxState
from desk.store.unit_of_work import Store
from tests.integration.mail_flow.desk_at_work import HELP, DeskAtWork, a_mail
from tests.people import STAGE
from tests.servers.smtp_sink import Behaviour, Sink


def test_an_answer_reaches_the_customer_in_the_thread_and_their_reply_comes_back(
    desk: DeskAtWork, sink: Sink
) -> None:
    (kept,) = desk.receive(a_mail(message_id="first@example.org"))
    answer = desk.answer(kept.case_id)
    desk.deliver()
    (left,) = sink.kept
    mail = message_from_bytes(left.raw, policy=default)
    assert left.recipients == ("cleo@example.org",)
    assert mail["In-Reply-To"] == "<first@example.org>"
    assert mail["Message-ID"] == f"<{answer.internet_id}>"
    assert mail["Subject"] == f"Re: Where is my order? [#{kept.case_id}]"
    assert desk.messages(kept.case_id, MessageKind.OUTBOUND)[0].state is DeliveryState.SENT
    reply = a_mail(to=mail["Reply-To"], subject="Another matter", text="Thank you!")
    (again,) = desk.receive(reply)
    assert (again.outcome, again.case_id) == ("continued", kept.case_id)
    assert desk.case(kept.case_id).status is CaseStatus.OPEN


def test_a_reply_without_any_id_or_token_is_known_by_in_reply_to(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    answer = desk.answer(kept.case_id)
    (again,) = desk.receive(a_mail(in_reply_to=answer.internet_id, subject="Re: x"))
    assert again.case_id == kept.case_id
    assert desk.messages(kept.case_id)[-1].threading == "It answers a message that we sent."


def test_an_answer_leaves_by_the_channel_the_agent_chose_and_by_no_closed_one(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    ada = desk.cast.actor(desk.cast.ada)
    with desk.store.reading(ada) as work:
        (way,) = ways_shown(work, kept.case_id or 0)
    assert (way["channel_id"], way["to"][0]["address"]) == (desk.cast.mail.id, "cleo@example.org")
    answer = desk.answer(kept.case_id, channel_id=way["channel_id"])
    assert answer.channel_id == desk.cast.mail.id
    with pytest.raises(Invalid, match="switched off, or leads to nobody"):
        desk.answer(kept.case_id, channel_id=999)


def test_what_the_customer_quotes_of_ours_without_a_mark_is_folded_and_kept(
    desk: DeskAtWork, sink: Sink
) -> None:
    asked = "I have waited for a week and nobody tells me anything."
    (kept,) = desk.receive(a_mail(text=asked))
    sent = "Dear Cleo,\nyour parcel came back to us this morning.\nShall we send it to you again?\n\nAda"
    answer = desk.answer(kept.case_id, sent)
    said = f"Yes, please.\n\n{sent}\n\n{asked}"
    desk.receive(a_mail(in_reply_to=answer.internet_id, text=said))
    message = desk.messages(kept.case_id)[-1]
    assert (message.reply, message.text.strip()) == ("Yes, please.", said)
    assert desk.case(kept.case_id).preview == "Yes, please."
    desk.receive(a_mail(in_reply_to=answer.internet_id, text=f"Once more:\n{asked}"))
    assert desk.messages(kept.case_id)[-1].reply.strip() == f"Once more:\n{asked}"


def test_the_same_client_id_again_is_the_same_answer(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    first = desk.answer(kept.case_id, client_id="one")
    assert desk.answer(kept.case_id, client_id="one").id == first.id
    assert len(desk.outgoing()) == 1


def test_an_answer_to_what_the_agent_had_not_read_is_refused_with_the_newer_messages(
    desk: DeskAtWork,
) -> None:
    (kept,) = desk.receive(a_mail(message_id="first@example.org"))
    desk.receive(a_mail(in_reply_to="first@example.org", text="Never mind, it came."))
    with pytest.raises(Conflict) as refused:
        desk.answer(kept.case_id, last_seen_position=1)
    assert [one["reply"] for one in refused.value.current["messages"]] == ["Never mind, it came."]  # type: ignore[attr-defined]
    assert desk.answer(kept.case_id, last_seen_position=2).state is DeliveryState.QUEUED


def test_a_held_answer_can_be_taken_back_and_then_never_leaves(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    before = desk.case(kept.case_id)
    answer = desk.answer(kept.case_id, "Oops.", hold_seconds=30)
    assert answer.state is DeliveryState.HELD
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        assert withdraw_reply(work, answer.id).text == "Oops."
    desk.hasten()
    desk.deliver()
    after = desk.case(kept.case_id)
    assert sink.kept == []
    assert (after.status, after.waiting_since) == (before.status, before.waiting_since)
    assert desk.messages(kept.case_id, MessageKind.OUTBOUND) == []


def test_an_answer_that_has_left_cannot_be_taken_back(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    answer = desk.answer(kept.case_id, hold_seconds=30)
    desk.hasten()
    desk.deliver()
    with (
        desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work,
        pytest.raises(Conflict, match="left already"),
    ):
        withdraw_reply(work, answer.id)


def test_one_refused_recipient_is_shown_and_the_others_get_the_answer(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    from collections import deque

    sink.recipients["gone@example.org"] = deque(["550 5.1.1 No such user"])
    desk.answer(kept.case_id, to=("cleo@example.org", "gone@example.org"))
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    (outgoing,) = desk.outgoing()
    assert message.state is DeliveryState.SENT
    assert "gone@example.org will not get it" in (message.state_sentence or "")
    assert outgoing.recipients["cleo@example.org"]["state"] == "sent"
    assert outgoing.recipients["gone@example.org"]["state"] == "refused"


def test_a_server_that_is_busy_gets_the_answer_later_and_once(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    sink.senders.append("451 4.3.0 Busy")
    desk.answer(kept.case_id)
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    assert message.state is DeliveryState.QUEUED
    assert "trying again" in (message.state_sentence or "")
    desk.hasten()
    desk.deliver()
    assert len(sink.kept) == 1


def test_an_answer_refused_for_good_has_failed_for_all_to_see_and_can_be_sent_again(
    desk: DeskAtWork, sink: Sink
) -> None:
    (kept,) = desk.receive(a_mail())
    sink.verdicts.append("554 5.7.1 We do not like it")
    answer = desk.answer(kept.case_id)
    desk.deliver()
    assert desk.messages(kept.case_id, MessageKind.OUTBOUND)[0].state is DeliveryState.FAILED
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        send_again(work, answer.id)
    desk.deliver()
    assert len(sink.kept) == 1
    assert desk.messages(kept.case_id, MessageKind.OUTBOUND)[0].state is DeliveryState.SENT


def test_silence_after_the_last_dot_is_uncertain_and_the_second_sending_is_flagged(
    desk: DeskAtWork, sink: Sink
) -> None:
    (kept,) = desk.receive(a_mail())
    sink.verdicts.append(Behaviour.KEEP_AND_DIE)
    desk.answer(kept.case_id)
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    assert message.state is DeliveryState.UNCERTAIN
    desk.hasten()
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    assert message.state is DeliveryState.SENT
    assert message.state_sentence == "It may have arrived twice."
    ids = {message_from_bytes(one.raw)["Message-ID"] for one in sink.kept}
    assert (len(sink.kept), len(ids)) == (2, 1)


def test_whoever_carries_a_mail_and_falls_silent_leaves_it_uncertain(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    desk.answer(kept.case_id)
    with desk.store.unit_of_work(STAGE) as work:
        outgoing = work.session.get_one(Outbox, desk.outgoing()[0].id)
        outgoing.state, outgoing.attempts, outgoing.lease_until = OutboxState.SENDING, 1, work.now
    with desk.store.unit_of_work(STAGE) as work:
        assert doubt_abandoned(work) == 1
    desk.hasten()
    desk.deliver()
    (outgoing,) = desk.outgoing()
    assert (outgoing.state, outgoing.perhaps_twice, len(sink.kept)) == (OutboxState.SENT, True, 1)


def test_a_channel_that_cannot_send_says_so_on_the_message_and_keeps_it(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    desk.answer(kept.case_id)
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    assert message.state is DeliveryState.QUEUED
    assert "no SMTP server" in (message.state_sentence or "")


def test_an_attached_file_leaves_with_the_answer_and_a_lost_one_stops_it(
    desk: DeskAtWork, sink: Sink
) -> None:
    (kept,) = desk.receive(a_mail())
    token = _upload(desk.store, desk, b"bill")
    desk.answer(kept.case_id, file_tokens=(token,))
    desk.deliver()
    (attachment,) = message_from_bytes(sink.kept[0].raw, policy=default).iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("bill.pdf", b"bill")
    with pytest.raises(Invalid, match="not there any more"):
        desk.answer(kept.case_id, file_tokens=("no-such-token",))
    lost = _upload(desk.store, desk, b"lost")
    desk.answer(kept.case_id, file_tokens=(lost,))
    next(
        path for path in desk.store.files.root.rglob("*") if path.is_file() and path.read_bytes() == b"lost"
    ).unlink()
    desk.deliver()
    assert desk.messages(kept.case_id, MessageKind.OUTBOUND)[-1].state is DeliveryState.FAILED
    assert len(sink.kept) == 1


def test_an_answer_to_our_own_address_is_refused(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    with pytest.raises(Invalid, match="our own address"):
        desk.answer(kept.case_id, to=(HELP,))


def test_an_answer_follows_reply_to_only_within_the_senders_domain(desk: DeskAtWork) -> None:
    honest, thief = desk.receive(
        a_mail(headers={"Reply-To": "orders@example.org"}),
        a_mail(subject="Another", headers={"Reply-To": "thief@evil.example"}),
    )
    assert desk.answer(honest.case_id).recipients_to[0]["address"] == "orders@example.org"
    assert desk.answer(thief.case_id).recipients_to[0]["address"] == "cleo@example.org"
    assert any("thief@evil.example" in one for one in desk.messages(thief.case_id)[0].suspicions)


def test_a_note_never_leaves(desk: DeskAtWork, sink: Sink) -> None:
    (kept,) = desk.receive(a_mail())
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ada)) as work:
        note = add_note(work, kept.case_id or 0, "The canary sings.", "n1", [desk.cast.sam.id])
        assert not note.visible_to_customer
    desk.answer(kept.case_id)
    desk.deliver()
    assert b"canary" not in sink.kept[0].raw


def _upload(store: Store, desk: DeskAtWork, content: bytes) -> str:
    with store.unit_of_work(STAGE) as work:
        file = Attachment(
            token=f"token-{content.decode()}",
            name=f"{content.decode()}.pdf",
            type="application/pdf",
            size=len(content),
            sha256=work.files.put(content),
            created_at=work.now,
            uploader_id=desk.cast.ada.id,
        )
        work.session.add(file)
    return file.token
