"""What somebody wrote under an address that they typed is not shown to whoever owns it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import Message
from desk.store.unit_of_work import Store
from tests.integration.help.guests import Post, ask, cleos, form, post, press, signed_in
from tests.people import STAGE, Cast, a_channel, a_conversation, a_message, an_address
from tests.security.browser import Browser, field_of

__all__ = ["cleos", "form", "post"]

SECRET = "My card ends in 4242"


def write(browser: Browser, text: str = SECRET, email: str = "cleo@example.org") -> None:
    key = field_of(browser.get("/help/contact").text, "key")
    told = {"key": key, "email": email, "name": "Mia", "subject": f"About: {text}", "message": text}
    assert browser.ask("POST", "/help/contact", data=told).status_code == 303


def seen(browser: Browser, store: Store) -> str:
    """All that My cases shows: the list and every case of the desk."""
    with store.reading(STAGE) as work:
        numbers = work.session.scalars(select(Case.id)).all()
    return "".join(browser.get(path).text for path in ("/help/cases", *(f"/help/cases/{n}" for n in numbers)))


def test_a_mistyped_address_does_not_show_its_owner_what_was_written(
    app: Flask, post: Post, store: Store, cleos: Case, form: Channel
) -> None:
    write(Browser(app))
    shown = seen(signed_in(app, post, "cleo@example.org"), store)
    assert "My grinder is loud" in shown, "her own mail is there"
    assert SECRET not in shown
    assert "through a form: 1." in shown


def test_who_opens_the_link_in_the_browser_they_wrote_in_sees_their_words(
    app: Flask, post: Post, store: Store, cleos: Case, form: Channel
) -> None:
    hers, another = Browser(app), Browser(app)
    write(hers, "Written by Cleo")
    write(another)
    ask(hers, "cleo@example.org")
    (secret,) = post.goes()
    assert press(hers, secret).status_code == 303
    write(hers, "Written while signed in")
    shown = seen(hers, store)
    assert "Written by Cleo" in shown and "Written while signed in" in shown
    assert SECRET not in shown
    with store.reading(STAGE) as work:
        of_hers = select(Message).where(Message.text == "Written by Cleo")
        proven = work.session.scalars(of_hers).one()
    assert (proven.verdict, proven.verdict_source) == (
        Verdict.PASS,
        "Written in the browser that opened a link mailed to this address.",
    )


def test_a_browser_proves_only_what_it_wrote_under_the_address_it_proved(
    app: Flask, post: Post, store: Store, cleos: Case, form: Channel
) -> None:
    """An attacker writes under Cleo's address, proves their own, and holds the key of the form."""
    attacker = Browser(app)
    write(attacker)
    write(attacker, "Of the attacker", email="eve@example.org")
    ask(attacker, "eve@example.org")
    (secret,) = post.goes()
    press(attacker, secret)
    shown = seen(attacker, store)
    assert "Of the attacker" in shown
    assert SECRET not in shown and "My grinder is loud" not in shown
    assert SECRET not in seen(signed_in(app, post, "cleo@example.org"), store)


def test_words_that_nobody_proved_to_be_theirs_are_not_shown(
    app: Flask, post: Post, store: Store, cast: Cast, cleos: Case
) -> None:
    """Handed in by a shop, disowned by the domain, or of an address that is only claimed to be hers."""
    with store.unit_of_work(STAGE) as work:
        an_address(work, cast.cleo, "other@example.org", verified=False)
        case = work.session.get_one(Case, cleos.id)
        mail = a_conversation(work, case, work.session.merge(cast.mail))
        handed_in = a_conversation(work, case, a_channel(work, "shop", kind=ChannelKind.API))
        a_message(work, case, f"1 {SECRET}", conversation=handed_in)
        a_message(work, case, f"2 {SECRET}", conversation=mail, verdict=Verdict.FAIL)
        a_message(work, case, f"3 {SECRET}", conversation=mail, address="other@example.org")
        claimed, proven = "other@example.org", Verdict.PASS
        a_message(work, case, f"4 {SECRET}", conversation=mail, address=claimed, verdict=proven)
        a_message(work, case, "5 is hers", conversation=mail, address="Cleo@example.org")
    shown = seen(signed_in(app, post, "cleo@example.org"), store)
    assert SECRET not in shown and "5 is hers" in shown
