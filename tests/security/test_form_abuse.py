"""What strangers try by the contact form, by the API and in a chat: to be somebody, to mail somebody."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.transit import Outbox
from desk.store.unit_of_work import Store
from tests.integration.api.test_contacts import MIA, hand_in, token
from tests.integration.help.guests import Post, ask, cleos, form, post, press, signed_in
from tests.people import STAGE
from tests.security.browser import Browser, field_of

__all__ = ["cleos", "form", "post", "token"]

AMBIGUOUS = (
    "alice@bank.example <evil@x.example>",
    '"alice@bank.example" <evil@x.example>',
    "a@b.example, c@d.example",
    "friends: a@b.example, c@d.example;",
    "=?utf-8?q?a=40b.example?=",
    "a@b.example\r\nBcc: c@d.example",
    "a@b@c.example",
)
"""What one reader takes for the one address, and another for the other."""


def write(browser: Browser, **more: str) -> Any:
    key = field_of(browser.get("/help/contact").text, "key")
    told = {"key": key, "email": "mia@example.org", "name": "Mia", "subject": "", "message": "Hello"}
    return browser.ask("POST", "/help/contact", data=told | more)


def cases(store: Store) -> list[Case]:
    with store.reading(STAGE) as work:
        return list(work.session.scalars(select(Case).order_by(Case.id)))


def test_who_writes_has_one_address_or_is_refused(
    app: Flask, form: Channel, token: str, store: Store
) -> None:
    """C3: by the form, by the API, and in a chat."""
    for place, address in enumerate(AMBIGUOUS):
        browser = Browser(app, address=f"203.0.113.{place}")
        assert write(browser, email=address).status_code == 422, address
        assert ask(browser, address).status_code in (200, 303, 422)
        handed_in = hand_in(app, token, MIA | {"from": {"email": address}}, key=f"key {place}")
        assert handed_in.status_code == 422, address
        with pytest.raises(Invalid):
            normal_email(address)
    assert cases(store) == []


def test_the_number_of_a_case_in_a_form_leads_nowhere(
    app: Flask, form: Channel, token: str, store: Store, cleos: Case, post: Post
) -> None:
    """C1: nor does the address of whose case it is; and its owner does not read what was written."""
    subject = f"Re: [#{cleos.id}] My grinder is loud"
    assert write(Browser(app), email="cleo@example.org", subject=subject, message="FORGED").status_code == 303
    handed_in = hand_in(app, token, MIA | {"subject": subject, "from": {"email": "cleo@example.org"}})
    assert handed_in.json["case_id"] != cleos.id
    assert [one.id for one in cases(store)].count(cleos.id) == 1 and len(cases(store)) == 3
    shown = signed_in(app, post, "cleo@example.org")
    assert "FORGED" not in "".join(shown.get(f"/help/cases/{one.id}").text for one in cases(store))


def test_strangers_make_the_desk_mail_nobody(
    app: Flask, form: Channel, token: str, post: Post, store: Store
) -> None:
    """C5: no victim gets a word by the form, by the API, or by asking for a link in their name."""
    with store.unit_of_work(STAGE) as work:
        work.session.merge(form).acknowledge = True
    for number in range(12):
        victim, browser = f"victim{number}@example.net", Browser(app, address=f"198.51.100.{number}")
        assert write(browser, email=victim, subject="BUY NOW", message="BUY NOW").status_code == 303
        hand_in(app, token, MIA | {"from": {"email": victim}}, key=f"key {number}")
    for _ in range(3):
        assert ask(Browser(app), "nobody-we-know@example.net").status_code in (200, 303)
    assert post.goes() == [] and post.letters == []
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_who_only_looks_uses_up_no_link_and_an_altered_one_opens_nothing(
    app: Flask, post: Post, cleos: Case
) -> None:
    """C7: readers of mail open every link before its owner does; others try the next one."""
    hers = Browser(app)
    ask(hers, "cleo@example.org")
    (secret,) = post.goes()
    scanner = Browser(app, address="198.51.100.7")
    for method in ("GET", "HEAD", "GET"):
        assert scanner.ask(method, f"/help/cases/link/{secret}").status_code == 200
    last = "A" if secret[-1] != "A" else "B"
    for altered in (secret[:-1] + last, secret[:-1], secret + "A", secret.swapcase()):
        assert press(scanner, altered).status_code == 422, altered
    assert "My grinder is loud" not in scanner.get(f"/help/cases/{cleos.id}").text
    assert press(hers, secret).status_code == 303
    assert "My grinder is loud" in hers.get(f"/help/cases/{cleos.id}").text
