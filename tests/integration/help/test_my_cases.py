"""My cases: what its owner wrote and got is shown and can be answered, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from desk.actions.messages.reply import Reply, send_reply
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.inbound import Verdict
from desk.model.message import AuthorKind, DeliveryState, Message, MessageKind
from desk.store.unit_of_work import Store, Work
from tests.integration.help.guests import Post, signed_in
from tests.people import STAGE, Cast, a_case, a_channel, a_conversation, a_customer, a_message
from tests.security.browser import Browser, field_of


def test_a_case_shows_what_was_said_and_no_note(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        answer = Reply(text="We send a new burr. Ada", client_id="one")
        send_reply(work, cleos.id, answer)
    browser = signed_in(app, post, "cleo@example.org")
    shown = browser.get(f"/help/cases/{cleos.id}").text
    assert "My grinder is loud" in shown and "We send a new burr. Ada" in shown
    assert "thief" not in shown and "Renamed by an agent" not in shown
    assert "no-store" in browser.get(f"/help/cases/{cleos.id}").headers["Cache-Control"]


def test_the_case_of_somebody_else_is_as_one_that_is_not_there(
    app: Flask, post: Post, cleos: Case, miras: Case
) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    other, nothing = browser.get(f"/help/cases/{miras.id}"), browser.get("/help/cases/999999999")
    assert other.status_code == nothing.status_code == 404
    assert other.data == nothing.data
    assert "Secret of Mira" not in browser.get("/help/cases").text
    form = {"csrf": field_of(browser.get("/help/cases").text, "csrf"), "message": "Let me in"}
    answers = [browser.ask("POST", f"/help/cases/{number}", data=form) for number in (miras.id, 999_999_999)]
    assert [a.status_code for a in answers] == [404, 404] and answers[0].data == answers[1].data


Planted = Callable[[Work, Cast, Case], Message]


def _to_a_supplier(work: Work, cast: Cast, case: Case) -> Message:
    """Ada asks somebody else, in the same conversation."""
    conversation = work.session.get_one(Message, _first(work, case)).conversation_id
    sent = a_message(work, case, "SUPPLIER PRICE", kind=MessageKind.OUTBOUND, agent=cast.ada)
    sent.conversation_id = conversation
    sent.recipients_to = [{"address": "supplier@example.com", "name": ""}]
    return sent


def _from_a_supplier(work: Work, cast: Cast, case: Case) -> Message:
    said = a_message(work, case, "SUPPLIER ANSWER", address="supplier@example.com")
    said.author_kind = AuthorKind.THIRD_PARTY
    said.conversation_id = work.session.get_one(Message, _first(work, case)).conversation_id
    return said


def _held(work: Work, cast: Cast, case: Case) -> Message:
    sent = _to_a_supplier(work, cast, case)
    sent.recipients_to, sent.state = [{"address": "cleo@example.org", "name": ""}], DeliveryState.HELD
    return sent


def _of_another(work: Work, cast: Cast, case: Case) -> Message:
    """A message that came into the case with the conversation of another customer."""
    mira = a_customer(work, "Mira", "mira2@example.org")
    other = a_conversation(work, a_case(work, mira), work.session.merge(cast.mail))
    return a_message(work, case, "MIRA SAYS", conversation=other, address="mira2@example.org")


def _hidden(work: Work, cast: Cast, case: Case) -> Message:
    said = a_message(work, case, "STRANGER SAYS", address="stranger@example.com")
    said.visible_to_customer = False
    said.conversation_id = work.session.get_one(Message, _first(work, case)).conversation_id
    return said


def _event(work: Work, cast: Cast, case: Case) -> Message:
    event = a_message(work, case, "EVENT WORDS", kind=MessageKind.EVENT)
    event.conversation_id = work.session.get_one(Message, _first(work, case)).conversation_id
    event.visible_to_customer = True
    return event


def _first(work: Work, case: Case) -> int:
    return work.session.scalars(
        select(Message.id).where(Message.case_id == case.id).order_by(Message.position).limit(1)
    ).one()


@pytest.mark.parametrize("plant", [_to_a_supplier, _from_a_supplier, _held, _of_another, _hidden, _event])
def test_what_was_not_said_to_the_customer_is_not_shown(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case, plant: Planted
) -> None:
    with store.unit_of_work(STAGE) as work:
        words = plant(work, cast, work.session.merge(cleos)).text
    browser = signed_in(app, post, "cleo@example.org")
    assert "My grinder is loud" in browser.get(f"/help/cases/{cleos.id}").text
    assert "My grinder is loud" in browser.get("/help/cases").text
    for path in ("/help/cases", f"/help/cases/{cleos.id}"):
        assert words not in browser.get(path).text


def test_a_message_in_copy_to_the_customer_is_shown(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        said = _from_a_supplier(work, cast, work.session.merge(cleos))
        said.recipients_cc = [{"address": "CLEO@example.org", "name": "Cleo"}]
    shown = signed_in(app, post, "cleo@example.org").get(f"/help/cases/{cleos.id}").text
    assert "SUPPLIER ANSWER" in shown


def test_a_case_with_nothing_to_read_is_not_there(app: Flask, post: Post, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case = a_case(work, cast.cleo, "Watch this one", queue=cast.support)
        a_message(work, case, "a note", kind=MessageKind.NOTE, agent=cast.ada)
    browser = signed_in(app, post, "cleo@example.org")
    assert "There is nothing here yet." in browser.get("/help/cases").text
    assert browser.get(f"/help/cases/{case.id}").status_code == 404


def test_a_file_is_given_to_who_may_read_its_message(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case, miras: Case
) -> None:
    from desk.model.message import Attachment

    tokens = {}
    with store.unit_of_work(STAGE) as work:
        rows = work.session.scalars(select(Message).where(Message.case_id.in_((cleos.id, miras.id))))
        for message in rows.all():
            name = {MessageKind.NOTE: "note"}.get(
                message.kind, "own" if message.case_id == cleos.id else "miras"
            )
            tokens[name] = f"{name}-" + "x" * 20
            file = Attachment(
                token=tokens[name],
                name="<a>.html",
                type="text/html",
                size=9,
                sha256=work.files.put(b"<script>1"),
                created_at=work.now,
                message_id=message.id,
            )
            work.session.add(file)
    browser = signed_in(app, post, "cleo@example.org")
    given = browser.get(f"/help/cases/{cleos.id}/files/{tokens['own']}")
    assert given.status_code == 200 and given.mimetype == "text/plain"
    assert given.headers["Content-Disposition"].startswith("attachment")
    for token in (tokens["note"], tokens["miras"], "nothing"):
        assert browser.get(f"/help/cases/{cleos.id}/files/{token}").status_code == 404
    assert browser.get(f"/help/cases/{miras.id}/files/{tokens['miras']}").status_code == 404
    stranger = Browser(app)
    assert stranger.get(f"/help/cases/{cleos.id}/files/{tokens['own']}").status_code == 303


# answering


def reply(browser: Browser, case_id: int, text: str, **more: str) -> Any:
    shown = browser.get(f"/help/cases/{case_id}").text
    form = {"csrf": field_of(shown, "csrf"), "key": field_of(shown, "key"), "message": text}
    return browser.ask("POST", f"/help/cases/{case_id}", data=form | more)


def test_an_answer_from_the_page_goes_on_with_the_case(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case, form: Channel
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, cleos.id).status = CaseStatus.WAITING
    browser = signed_in(app, post, "cleo@example.org")

    answer = reply(browser, cleos.id, "It is still loud.", key="one")
    again = reply(browser, cleos.id, "It is still loud.", key="one")

    assert answer.headers["Location"] == again.headers["Location"] == f"/help/cases/{cleos.id}?arrived=1#end"
    assert browser.get(f"/help/cases/{cleos.id}?arrived=1").text.count("It is still loud.") == 1
    with store.reading(STAGE) as work:
        case = work.session.get_one(Case, cleos.id)
        said = work.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert case.status is CaseStatus.OPEN
        assert (said.case_id, said.channel_id, said.verdict) == (cleos.id, form.id, Verdict.PASS)
        assert said.author_kind is AuthorKind.CUSTOMER and "signed in" in (said.threading or "")


def test_an_answer_to_a_closed_case_begins_one_that_follows_it(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case, form: Channel
) -> None:
    with store.unit_of_work(STAGE) as work:
        work.session.get_one(Case, cleos.id).status = CaseStatus.CLOSED
    browser = signed_in(app, post, "cleo@example.org")
    answer = reply(browser, cleos.id, "It came back.")
    with store.reading(STAGE) as work:
        new = work.session.scalars(select(Case).where(Case.follows_id == cleos.id)).one()
    assert answer.headers["Location"] == f"/help/cases/{new.id}?begun=1#end"
    assert new.subject == "My grinder is loud"
    assert "It came back." in browser.get(f"/help/cases/{new.id}").text


def test_an_answer_needs_words_and_the_page_it_was_written_on(
    app: Flask, post: Post, store: Store, cleos: Case, form: Channel
) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    assert reply(browser, cleos.id, "   ").status_code == 422
    assert reply(browser, cleos.id, "Forged", csrf="wrong").status_code == 403
    assert "Forged" not in browser.get(f"/help/cases/{cleos.id}").text


def test_without_a_form_channel_one_answers_by_mail(app: Flask, post: Post, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    shown = browser.get(f"/help/cases/{cleos.id}").text
    assert "Answer by email" in shown and "<textarea" not in shown


def test_the_answer_to_the_page_leaves_from_where_the_case_was_by_mail(
    app: Flask, post: Post, store: Store, cast: Cast, form: Channel
) -> None:
    with store.unit_of_work(STAGE) as work:
        second = a_channel(work, "service@shop.example")
        case = a_case(work, cast.cleo, "By the second mailbox", queue=cast.support)
        a_message(work, case, "Hello service", conversation=a_conversation(work, case, second))
    reply(signed_in(app, post, "cleo@example.org"), case.id, "And one more thing.")
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        sent = send_reply(work, case.id, Reply(text="Gladly. Ada", client_id="two"))
        assert sent.channel_id == second.id
        assert [one["address"] for one in sent.recipients_to] == ["cleo@example.org"]
