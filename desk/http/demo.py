"""The demo's own doors: its traffic, its shop, and the mail that left. Not there on any other desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from pydantic import Field, StringConstraints

from desk.channels.chat.identity import Identity, signed_identity
from desk.http.asked import read
from desk.http.entrance import Asked, allow, body, caller, ground, public, query, reading, work
from desk.model.errors import NotFound
from desk.model.filetype import SAFE_INLINE, type_of
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission, system
from desk.store.channels import find_channel
from desk.store.policies import policies, set_policies
from desk.store.sent_mail import latest_sent
from desk.store.texts.sent import find_text_file, latest_texts, want_text, wanted_texts
from desk.store.unit_of_work import Work

blueprint = Blueprint("demo", __name__)
pages = Blueprint("demo_pages", __name__)

MAILS_SHOWN = 50
PHONES_SHOWN = 20
ANYBODY = "+447700900999"
"""The phone of somebody new to the shop, to write on where nobody has got a text yet."""
SIGNED_FOR = timedelta(hours=1)
DEMO = system("demo")


class Traffic(Asked):
    """`rush` is the subject of the question that many are to ask at once; empty for none."""

    on: bool
    rush: str = Field("", max_length=200)


class ShopAsked(Asked):
    """`customer` is the shop's number of who is signed in; empty for somebody who has just signed out."""

    customer: str | None = Field(None, max_length=40)


class PhoneAsked(Asked):
    number: str = Field("", max_length=40)


class TextForm(Asked):
    """What a customer texts; the number is one that is kept free for stories, perhaps by WhatsApp."""

    csrf: str = ""
    number: str = Field(pattern=r"^(whatsapp:)?\+447700900\d{3}$")
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1600)]


@blueprint.get("/demo")
@allow(Permission.SIGNED_IN)
def demo() -> dict[str, Any]:
    """Whether the made-up customers write, or rest while many cases wait, and how much they have written."""
    with reading() as w:
        return _state(w)


@blueprint.put("/demo/traffic")
@allow(Permission.READ_CASES)
@body(Traffic)
def traffic(body: Traffic) -> dict[str, Any]:
    """Let them write, or not."""
    with work() as w:
        _state(w)
        set_policies(w.session, {"demo_traffic": body.on} | ({"demo_rush": body.rush} if body.rush else {}))
        return _state(w)


@pages.get("/demo/mail")
@allow(Permission.READ_CASES)
def mail() -> str:
    """What left the shop, as its customers got it."""
    with reading() as w:
        state = _state(w)
    mails = latest_sent(ground().settings.home, MAILS_SHOWN)
    return render_template(
        "demo_mail.html",
        mails=mails,
        traffic=state["traffic"],
        rests=state["rests"],
        page_name="Mail that left",
    )


@pages.get("/demo/shop")
@public("A shop is open to everybody; this one is made up.")
@query(ShopAsked)
def shop_page(query: ShopAsked) -> str:
    """The made-up shop with the real widget on it, signed in as whom one likes."""
    with ground().store.reading(DEMO) as w:
        _state(w)
        shop = policies(w.session)["demo_shop"]
        token = _signed(w, shop, query.customer)
    return render_template("demo_shop.html", shop=shop, customer=query.customer, token=token)


@pages.get("/demo/phone")
@allow(Permission.READ_CASES)
@query(PhoneAsked)
def phone(query: PhoneAsked) -> str:
    """A customer's phone, to read and to write on: the one asked for, else the last that got a text."""
    with reading() as w:
        state = _state(w)
    texts = latest_texts(ground().settings.home)
    reached = list(dict.fromkeys(one.number for one in reversed(texts) if one.from_shop))
    number = query.number or next(iter(reached), "")
    return render_template(
        "demo_phone.html",
        number=number,
        texts=[one for one in texts if one.number == number],
        wanted=[body for to, body in wanted_texts(ground().settings.home) if to == number],
        anybody=ANYBODY,
        csrf=caller().csrf,
        others=[one for one in reached if one != number][:PHONES_SHOWN],
        traffic=state["traffic"],
        page_name="Texts that left",
    )


@pages.post("/demo/phone")
@allow(Permission.READ_CASES)
def text_from_phone() -> Response:
    """Text the shop as the customer with this phone."""
    with reading() as w:
        _state(w)
    form = read(TextForm, request.form.to_dict())
    want_text(ground().settings.home, form.number, form.body)
    return redirect(f"/demo/phone?{urlencode({'number': form.number})}", 303)  # type: ignore[return-value]


@pages.get("/demo/phone/files/<name>")
@allow(Permission.READ_CASES)
def phone_file(name: str) -> Response:
    """A picture that a phone shows."""
    with reading() as w:
        _state(w)
    content = find_text_file(ground().settings.home, name)
    kind = type_of(content or b"", "")
    if content is None or kind not in SAFE_INLINE:
        raise NotFound("There is no such picture.")
    response = Response(content, mimetype=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _state(work: Work) -> dict[str, Any]:
    """Raises NotFound on a desk that is no demo."""
    kept = policies(work.session)
    if "demo_traffic" not in kept:
        raise NotFound("This desk is not a demo.")
    return {
        "traffic": bool(kept["demo_traffic"]),
        "sent": int(kept.get("demo_sent", 0)),
        "rests": bool(kept.get("demo_rests", False)),
    }


def _signed(work: Work, shop: dict[str, Any], number: str | None) -> str | None:
    """What the shop's server says of the customer who is signed in; None for nobody."""
    person = next((one for one in shop["people"] if one["number"] == number), None)
    channel = find_channel(work.session, ChannelKind.CHAT, shop["site"])
    if person is None or channel is None:
        return None
    secret = ground().vault.open_values(channel.secrets)["identity_secret"]
    identity = Identity(person["number"], person["address"], person["name"])
    return signed_identity(identity, secret, datetime.now(UTC) + SIGNED_FOR)
