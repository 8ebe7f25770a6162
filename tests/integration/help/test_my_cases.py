"""My cases: a link proves an address once, and opens what its owner wrote and got, and nothing else."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from desk.actions.deliveries import claim_next
from desk.actions.letters import letter_for
from desk.actions.portal import decide_links
from desk.actions.reply import Reply, send_reply
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.customer import Address, AddressKind, Customer
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import AuthorKind, DeliveryState, Message, MessageKind
from desk.model.portal import PortalSession, SignInLink
from desk.model.transit import Outbox
from desk.store.portal import forget_old_links
from desk.store.unit_of_work import Store, Work
from tests.people import (
    STAGE,
    Cast,
    a_case,
    a_channel,
    a_conversation,
    a_customer,
    a_message,
    an_address,
)
from tests.security.browser import Browser, field_of

KEY = "a key for tests"
PAGE = "http://desk.example/help/cases/link/"
EACH_HOUR = 200
NOTHING: dict[str, Any] = {}


@dataclass
class Post:
    """What the workers would do with links: decide, and hand over to nobody but the test."""

    store: Store
    letters: list[email.message.EmailMessage] = field(default_factory=list)

    def goes(self, *, per_hour: int = EACH_HOUR) -> list[str]:
        """The secrets in the mail that leaves now, after links were decided on."""
        with self.store.unit_of_work(STAGE) as work:
            decide_links(work, page=PAGE, per_hour=per_hour)
        found = []
        with self.store.unit_of_work(STAGE) as work:
            for channel in work.session.scalars(select(Channel.id)).all():
                while outgoing := claim_next(work, channel):
                    letter = letter_for(work, outgoing, secret=KEY)
                    mail = email.message_from_bytes(letter.raw, policy=email.policy.default)
                    self.letters.append(mail)  # type: ignore[arg-type]
                    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
                    found += re.findall(rf"{re.escape(PAGE)}(\S+)", text.replace("=\n", ""))
        return found


@pytest.fixture
def post(store: Store, cast: Cast) -> Post:
    return Post(store)


@pytest.fixture
def form(store: Store, cast: Cast) -> Channel:
    with store.unit_of_work(STAGE) as work:
        return a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=cast.support)


def ask(browser: Browser, address: str) -> Any:
    return browser.ask("POST", "/help/cases/link", data={"email": address})


def press(browser: Browser, secret: str, **form: str) -> Any:
    """Open the link and press its button."""
    shown = browser.get(f"/help/cases/link/{secret}")
    assert shown.status_code == 200
    return browser.ask(
        "POST", f"/help/cases/link/{secret}", data={"csrf": field_of(shown.text, "csrf"), **form}
    )


def signed_in(app: Flask, post: Post, address: str) -> Browser:
    browser = Browser(app)
    ask(browser, address)
    (secret,) = post.goes()
    assert press(browser, secret).status_code == 303
    return browser


def a_thread(work: Work, cast: Cast, customer: Customer, *said: str, **more: Any) -> Case:
    """A case with a conversation by mail, in which the customer said this."""
    case = a_case(work, customer, more.pop("subject", "Case of theirs"), queue=cast.support, **more)
    conversation = a_conversation(work, case, work.session.merge(cast.mail))
    for text in said:
        a_message(work, case, text, conversation=conversation)
    return case


@pytest.fixture
def cleos(store: Store, cast: Cast) -> Case:
    """A case of Cleo's, with an answer and a note in it."""
    with store.unit_of_work(STAGE) as work:
        case = a_thread(work, cast, cast.cleo, "My grinder is loud", subject="Renamed by an agent")
        a_message(work, case, "private: she is a thief", kind=MessageKind.NOTE, agent=cast.ada)
        return case


@pytest.fixture
def miras(store: Store, cast: Cast) -> Case:
    with store.unit_of_work(STAGE) as work:
        mira = a_customer(work, "Mira Other", "mira@example.org")
        return a_thread(work, cast, mira, "Secret of Mira")


# the link


def test_a_link_in_a_mail_opens_ones_own_cases(app: Flask, post: Post, cleos: Case) -> None:
    browser = Browser(app)
    asked = ask(browser, " Cleo@Example.org ")
    assert asked.status_code == 303 and asked.headers["Location"] == "/help/cases/link"
    (secret,) = post.goes()
    opened = press(browser, secret)

    assert opened.headers["Location"] == "/help/cases"
    shown = browser.get("/help/cases").text
    assert "My grinder is loud" in shown and "Signed in as cleo@example.org" in shown
    assert "thief" not in shown and "Renamed by an agent" not in shown


def test_the_mail_holds_nothing_that_a_stranger_chose(app: Flask, post: Post, cast: Cast) -> None:
    ask(Browser(app), "cleo@example.org")
    post.goes()
    (mail,) = post.letters
    assert mail["To"] == "cleo@example.org" and mail["From"] == "help@shop.example"
    assert mail["Subject"] == "Your link to your cases"
    assert mail["Auto-Submitted"] and mail["X-Auto-Response-Suppress"] == "All"


def test_nothing_that_is_kept_opens_anything(app: Flask, post: Post, store: Store, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    session = browser.cookie("desk-help-cases")
    secret = re.findall(rf"{re.escape(PAGE)}(\S+)", post.letters[0].get_body(("plain",)).get_content())[0]  # type: ignore[union-attr]
    with store.reading(STAGE) as work:
        tables = [work.session.scalars(select(noun)).all() for noun in (SignInLink, PortalSession, Outbox)]
        kept = str(
            [{name: str(value) for name, value in vars(row).items()} for rows in tables for row in rows]
        )
    assert "cleo@example.org" in kept
    assert session and secret and session not in kept and secret not in kept


@pytest.mark.parametrize("address", ["nobody@example.org", "not an address", "", "a" * 400 + "@x.example"])
def test_an_unknown_address_is_told_the_same_and_gets_nothing(
    app: Flask, post: Post, cast: Cast, address: str
) -> None:
    known, unknown = Browser(app), Browser(app)
    answers = [ask(known, "cleo@example.org"), ask(unknown, address)]
    assert {(a.status_code, a.headers["Location"], a.data) for a in answers} == {
        (303, "/help/cases/link", answers[0].data)
    }
    pages = {known.get("/help/cases/link").data, unknown.get("/help/cases/link").data}
    assert len(pages) == 1
    assert len(post.goes()) == 1
    assert [mail["To"] for mail in post.letters] == ["cleo@example.org"]


def test_an_address_gets_one_link_in_ten_minutes(app: Flask, post: Post, store: Store, cast: Cast) -> None:
    for _ in range(4):
        ask(Browser(app), "cleo@example.org")
    assert len(post.goes()) == 1
    ask(Browser(app), "CLEO@example.org")
    assert post.goes() == []
    with store.unit_of_work(STAGE) as work:
        work.session.execute(update(SignInLink).values(asked_at=SignInLink.asked_at - timedelta(minutes=11)))
    ask(Browser(app), "cleo@example.org")
    assert len(post.goes()) == 1


def test_many_wanted_at_once_are_not_mailed(app: Flask, post: Post, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        for number in range(5):
            a_customer(work, f"C{number}", f"c{number}@example.org")
    for number in range(5):
        ask(Browser(app), f"c{number}@example.org")
    assert len(post.goes(per_hour=3)) == 3
    assert post.goes(per_hour=3) == []


def test_a_place_cannot_ask_without_end(app: Flask, post: Post, cast: Cast) -> None:
    answers = [ask(Browser(app), f"x{n}@example.org") for n in range(22)]
    assert [a.status_code for a in answers] == [303] * 20 + [429] * 2
    assert answers[-1].headers["Retry-After"]


def test_looking_at_a_link_does_not_use_it_up(app: Flask, post: Post, cleos: Case) -> None:
    ask(Browser(app), "cleo@example.org")
    (secret,) = post.goes()
    scanner, browser = Browser(app), Browser(app)
    for _ in range(3):
        scanner.get(f"/help/cases/link/{secret}")
    assert press(browser, secret).status_code == 303
    assert "My grinder is loud" in browser.get("/help/cases").text


def test_a_link_opens_once(app: Flask, post: Post, cleos: Case) -> None:
    ask(Browser(app), "cleo@example.org")
    (secret,) = post.goes()
    assert press(Browser(app), secret).status_code == 303
    second = Browser(app)
    refused = press(second, secret)
    assert refused.status_code == 422 and "This link has ended" in refused.text
    assert second.cookie("desk-help-cases") is None


def test_a_link_ends_after_a_quarter_of_an_hour(app: Flask, post: Post, store: Store, cast: Cast) -> None:
    ask(Browser(app), "cleo@example.org")
    (secret,) = post.goes()
    with store.unit_of_work(STAGE) as work:
        link = work.session.scalars(select(SignInLink)).one()
        assert link.expires_at - link.asked_at == timedelta(minutes=15)
        link.expires_at = datetime.now(UTC)
    assert press(Browser(app), secret).status_code == 422


def test_a_link_that_was_not_mailed_opens_nothing(app: Flask, store: Store, cast: Cast) -> None:
    from desk.actions.portal import link_secret

    ask(Browser(app), "nobody@example.org")
    with store.unit_of_work(STAGE) as work:
        decide_links(work, page=PAGE, per_hour=EACH_HOUR)
        secret = link_secret(KEY, work.session.scalars(select(SignInLink)).one().nonce)
    assert press(Browser(app), secret).status_code == 422


@pytest.mark.parametrize("secret", ["x", "A" * 43, "..%5c", "%00", "é"])
def test_a_guessed_link_opens_nothing(app: Flask, cast: Cast, secret: str) -> None:
    assert press(Browser(app), secret).status_code == 422


def test_the_button_works_only_in_the_browser_that_showed_it(app: Flask, post: Post, cleos: Case) -> None:
    ask(Browser(app), "cleo@example.org")
    (secret,) = post.goes()
    shown = Browser(app).get(f"/help/cases/link/{secret}")
    other = Browser(app)
    form = {"csrf": field_of(shown.text, "csrf")}
    assert other.ask("POST", f"/help/cases/link/{secret}", data=form).status_code == 403
    foreign = other.ask(
        "POST", f"/help/cases/link/{secret}", data=form, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert press(other, secret).status_code == 303


def test_a_link_that_waited_too_long_is_not_sent(app: Flask, store: Store, cast: Cast) -> None:
    ask(Browser(app), "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        decide_links(work, page=PAGE, per_hour=EACH_HOUR)
        work.session.execute(update(SignInLink).values(expires_at=work.now))
        outgoing = work.session.scalars(select(Outbox)).one()
        with pytest.raises(Invalid, match="ended before it could be sent"):
            letter_for(work, outgoing, secret=KEY)


# proof


def address_of(store: Store, value: str) -> Address:
    with store.reading(STAGE) as work:
        return work.session.scalars(select(Address).where(Address.value == value)).one()


def test_signing_in_proves_a_claimed_address(app: Flask, post: Post, store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        noa = a_customer(work, "Noa", "noa@example.org", verified=False)
        a_thread(work, cast, noa, "Hello from Noa")
    browser = signed_in(app, post, "noa@example.org")
    assert address_of(store, "noa@example.org").is_verified
    assert "Hello from Noa" in browser.get("/help/cases").text


def test_a_claim_beside_other_addresses_opens_nothing_until_a_person_confirms_it(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    with store.unit_of_work(STAGE) as work:
        an_address(work, cast.cleo, "typed-by-mistake@example.org", verified=False)
    browser = signed_in(app, post, "typed-by-mistake@example.org")
    shown = browser.get("/help/cases").text
    assert "A person must confirm" in shown and "grinder" not in shown
    assert browser.get(f"/help/cases/{cleos.id}").status_code == 404
    assert not address_of(store, "typed-by-mistake@example.org").is_verified


def test_an_address_that_is_taken_away_shows_nothing_any_more(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        work.session.execute(update(Address).values(verified_at=None))
    assert browser.get(f"/help/cases/{cleos.id}").status_code == 404


# what is seen


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


# the session


def test_signing_out_ends_the_session_at_the_server(app: Flask, post: Post, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    held = browser.cookie("desk-help-cases") or ""
    csrf = field_of(browser.get("/help/cases").text, "csrf")
    assert browser.ask("POST", "/help/cases/leave", data={"csrf": "x"}).status_code == 403
    assert browser.ask("POST", "/help/cases/leave", data={"csrf": csrf}).status_code == 303
    thief = Browser(app)
    thief.keep_cookie(held, "desk-help-cases")
    assert "Send me the link" in thief.get("/help/cases").text


def test_a_session_lasts_a_week(app: Flask, post: Post, store: Store, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        session = work.session.scalars(select(PortalSession)).one()
        assert session.expires_at - session.opened_at == timedelta(days=7)
        session.expires_at = datetime.now(UTC)
    assert browser.get(f"/help/cases/{cleos.id}").headers["Location"] == "/help/cases"


def test_a_customers_session_is_none_of_an_agents(app: Flask, post: Post, cleos: Case) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    browser.keep_cookie(browser.cookie("desk-help-cases") or "", "desk")
    assert browser.api("GET", "/cases").status_code == 401
    led = browser.get("/desk")
    assert led.status_code == 302 and led.headers["Location"].startswith("/sign-in")


def test_a_stranger_is_led_to_the_door(stranger: Browser, cleos: Case) -> None:
    for path in (f"/help/cases/{cleos.id}", "/help/cases/999999999"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/help/cases")
        refused = stranger.ask("POST", path, data={"message": "x"})
        assert (refused.status_code, refused.headers["Location"]) == (303, "/help/cases")


def test_there_is_no_look_up_by_number_and_address(stranger: Browser, cleos: Case) -> None:
    to_the_case = stranger.get(f"/help/cases/{cleos.id}?email=cleo@example.org")
    assert (to_the_case.status_code, to_the_case.headers["Location"]) == (303, "/help/cases")
    to_the_list = stranger.get(f"/help/cases?case={cleos.id}&email=cleo@example.org")
    assert to_the_list.status_code == 200 and "grinder" not in to_the_list.text
    assert 'name="email"' in to_the_list.text, "a stranger is asked for an address, and shown nothing"


def test_what_has_ended_is_forgotten(app: Flask, post: Post, store: Store, cleos: Case) -> None:
    signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        forget_old_links(work.session, datetime.now(UTC) + timedelta(days=8))
        assert not work.session.scalars(select(SignInLink)).all()
        assert not work.session.scalars(select(PortalSession)).all()


def test_an_address_that_goes_takes_its_sessions_along(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    browser = signed_in(app, post, "cleo@example.org")
    with store.unit_of_work(STAGE) as work:
        kind = Address.kind == AddressKind.EMAIL
        work.session.delete(work.session.scalars(select(Address).where(kind)).one())
    assert "Send me the link" in browser.get("/help/cases").text


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
