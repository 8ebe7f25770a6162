"""The demo's own doors: its traffic, its shop, and the mail that left. Not there on any other desk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from pydantic import Field

from desk.http.entrance import Asked, allow, body, ground, public, query, reading, work
from desk.model.errors import NotFound
from desk.model.permission import Permission, system
from desk.store.policies import policies, set_policies
from desk.store.sent_mail import latest_sent
from desk.store.sent_texts import latest_texts
from desk.store.unit_of_work import Work

blueprint = Blueprint("demo", __name__)
pages = Blueprint("demo_pages", __name__)

MAILS_SHOWN = 50
PHONES_SHOWN = 20
DEMO = system("demo")


class Traffic(Asked):
    on: bool


class PhoneAsked(Asked):
    number: str = Field("", max_length=40)


@blueprint.get("/demo")
@allow(Permission.SIGNED_IN)
def demo() -> dict[str, Any]:
    """Whether the made-up customers write, and how much they have written."""
    with reading() as w:
        return _state(w)


@blueprint.put("/demo/traffic")
@allow(Permission.READ_CASES)
@body(Traffic)
def traffic(body: Traffic) -> dict[str, Any]:
    """Let them write, or not."""
    with work() as w:
        _state(w)
        set_policies(w.session, {"demo_traffic": body.on})
        return _state(w)


@pages.get("/demo/mail")
@allow(Permission.READ_CASES)
def mail() -> str:
    """What left the shop, as its customers got it."""
    with reading() as w:
        state = _state(w)
    mails = latest_sent(ground().settings.home, MAILS_SHOWN)
    return render_template(
        "demo_mail.html", mails=mails, traffic=state["traffic"], page_name="Mail that left"
    )


@pages.get("/demo/shop")
@public("A shop is open to everybody; this one is made up.")
def shop_page() -> str:
    """The made-up shop with the real widget on it."""
    with ground().store.reading(DEMO) as w:
        _state(w)
        shop = policies(w.session)["demo_shop"]
    return render_template("demo_shop.html", shop=shop)


@pages.get("/demo/phone")
@allow(Permission.READ_CASES)
@query(PhoneAsked)
def phone(query: PhoneAsked) -> str:
    """A customer's phone with the texts that left: the one asked for, else the last that got one."""
    with reading() as w:
        state = _state(w)
    texts = latest_texts(ground().settings.home)
    reached = list(dict.fromkeys(one.number for one in reversed(texts) if one.from_shop))
    number = query.number or next(iter(reached), "")
    return render_template(
        "demo_phone.html",
        number=number,
        texts=[one for one in texts if one.number == number],
        others=[one for one in reached if one != number][:PHONES_SHOWN],
        traffic=state["traffic"],
        page_name="Texts that left",
    )


def _state(work: Work) -> dict[str, Any]:
    """Raises NotFound on a desk that is no demo."""
    kept = policies(work.session)
    if "demo_traffic" not in kept:
        raise NotFound("This desk is not a demo.")
    return {"traffic": bool(kept["demo_traffic"]), "sent": int(kept.get("demo_sent", 0))}
