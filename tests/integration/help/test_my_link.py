"""The link to my cases: it proves an address once, is told to nobody else, and ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from desk.actions.knowledge.portal import decide_links
from desk.actions.mail.letters import letter_for
from desk.model.case import Case
from desk.model.customer import Address
from desk.model.errors import Invalid
from desk.model.portal import PortalSession, SignInLink
from desk.model.transit import Outbox
from desk.store.unit_of_work import Store
from tests.integration.help.guests import EACH_HOUR, KEY, PAGE, Post, a_thread, ask, press, signed_in
from tests.people import STAGE, Cast, a_customer, an_address
from tests.security.browser import Browser, field_of


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
    from desk.actions.knowledge.portal import link_secret

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
